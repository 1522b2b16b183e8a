"""What docs/callbacks.md says is so."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from engine.events import EpochEnded, MemberEnded, Score
from engine.training import Callback, Run
from engine.training.callbacks import LayerView
from engine.training.control import Control
from engine.training.loop import Training
from engine.training.prepare import prepare
from tests.engine.conftest import experiment

GUIDE = (Path(__file__).parents[2] / "docs" / "callbacks.md").read_text(encoding="utf-8")
MEMBERS = [experiment(seed=seed, steps=None, epochs=20, lr=0.05) for seed in range(2)]


def events_with(callback: Callback) -> list[Any]:
    return list(Training(prepare(MEMBERS), Control(), callbacks=[("mine", callback)]).events())


def example(name: str) -> Callback:
    (source,) = [text for text in re.findall(r"```python\n(.*?)```", GUIDE, flags=re.DOTALL) if f"class {name}" in text]
    names: dict[str, Any] = {}
    exec(source, names)
    made = names[name]()
    assert isinstance(made, Callback)
    return made


def test_the_examples_do_what_they_are_named_after() -> None:
    clipped = example("ClipGradients")

    class Look(Callback):
        def on_gradients(self, run: Run) -> None:
            clipped.on_gradients(run)
            for layer in run.layers:
                assert layer.weight_gradients.flatten(1).norm(dim=1).max() <= 1 + 1e-9

    events_with(Look())
    ended = [event for event in events_with(example("StopWhenGoodEnough")) if isinstance(event, MemberEnded)]
    assert [event.reason for event in ended] == ["callback: good enough"] * 2


def test_the_tables_name_all_that_there_is() -> None:
    training = Training(prepare(MEMBERS), Control())
    needed = {f"`run.{name}`" for name in dir(training.run) if not name.startswith(("_", "take_", "has_", "set", "stop"))}
    needed |= {f"`{name}`" for name in dir(LayerView) if not name.startswith("_")}
    needed |= {f"`{field.name}`" for kind in (EpochEnded, Score) for field in dataclasses.fields(kind)}
    assert {name for name in needed if name not in GUIDE} == set()


@pytest.mark.parametrize(
    ("blocks", "weights", "activations"),
    [
        ("dense(6)", (2, 64, 6), (2, 16, 6)),
        ("conv(4), flatten, dense(6)", (2, 4, 1, 3, 3), (2, 16, 4, 8, 8)),
    ],
)
def test_shapes_are_as_they_are_told(blocks: str, weights: tuple[int, ...], activations: tuple[int, ...]) -> None:
    class Look(Callback):
        def on_step_begin(self, run: Run) -> None:
            assert run.step > 1 or run.layers[0].activations is run.layers[0].gradients is run.losses is None

        def on_step_end(self, run: Run) -> None:
            first = run.layers[0]
            assert first.weights.shape == first.weight_gradients.shape == weights
            assert first.activations.shape == first.gradients.shape == activations
            assert run.losses.shape == (2,)

    members = [experiment(data__name="digits", model__blocks=blocks, seed=seed, steps=2) for seed in range(2)]
    list(Training(prepare(members), Control(), callbacks=[("mine", Look())]).events())
