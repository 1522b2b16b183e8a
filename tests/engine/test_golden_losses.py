"""Losses that a change of the code must reproduce. Made with `python -m tests.engine.test_golden_losses`, on the CPU."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.events import Frame
from engine.experiment import Experiment
from engine.training.loop import train
from tests.engine.conftest import experiment

FILE = Path(__file__).parents[1] / "golden" / "losses.json"

EXPERIMENTS = {
    "plain": experiment(),
    "everything": experiment(
        model__activation="tanh", model__init="orthogonal", model__dropout=0.2, model__batch_norm=True, l1=1e-3, l2=1e-3,
        optimizer="nadam", schedule="cosine", batch_size=32,
    ),
    "regression": experiment(data__name="diabetes", model__activation="softsign", cost="huber", optimizer="momentum"),
    "maxout": experiment(data__name="spirals", data__noise=0.2, data__samples=100, model__activation="maxout(pieces=3)"),
}  # fmt: skip


def losses(e: Experiment) -> list[float]:
    return np.concatenate([f.loss[:, 0] for f in train([e]) if isinstance(f, Frame)]).tolist()


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_losses_are_as_they_were(name: str) -> None:
    golden = json.loads(FILE.read_text())[name]
    assert losses(EXPERIMENTS[name]) == pytest.approx(golden, rel=1e-9)


if __name__ == "__main__":
    FILE.write_text(json.dumps({name: losses(e) for name, e in EXPERIMENTS.items()}, indent=1) + "\n")
