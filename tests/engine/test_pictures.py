"""When pictures of what a network does are taken, and that training goes on as if they had not been."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.events import EpochEnded, Event
from engine.experiment import Experiment
from engine.pictures import Examined, Mistaken, Plane, Region
from engine.training import pictures
from engine.training.control import Control
from engine.training.loop import train
from engine.training.pictures import epochs_between
from tests.engine.conftest import experiment
from tests.engine.resuming import assert_same, run

MOONS = {"data__name": "moons", "data__samples": 300, "data__noise": 0.3, "batch_size": 50, "steps": None, "epochs": 6}


@pytest.fixture
def after_each_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures cost nothing, and somebody sees all of them."""
    monkeypatch.setattr(pictures, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(pictures, "REGION_SHARE", 1e9)
    monkeypatch.setattr(pictures, "MISTAKES_SHARE", 1e9)


def population(members: int = 2, **settings: object) -> list[Experiment]:
    return [experiment(seed=seed, **{**MOONS, **settings}) for seed in range(members)]


def of_kind(events: list[Event], *kinds: type) -> list[Event]:
    return [event for event in events if isinstance(event, kinds)]


def test_a_plane_is_looked_at_at_both_ends_and_after_epochs(after_each_epoch: None) -> None:
    events = list(train(population()))
    assert isinstance(events[1], Plane)
    regions = of_kind(events, Region)
    assert [(region.step, region.epoch) for region in regions] == [(5 * epoch, epoch) for epoch in range(7)]
    assert not np.array_equal(regions[0].strengths, regions[-1].strengths)
    order = [type(event).__name__ for event in events if isinstance(event, EpochEnded | Mistaken | Region | Examined)]
    assert order[1:4] == ["EpochEnded", "Mistaken", "Region"]
    assert order[-3:] == ["EpochEnded", "Region", "Examined"]


def test_mistakes_are_those_that_were_scored(after_each_epoch: None) -> None:
    events = list(train(population(data__validation=0.3, ensemble__members=2)[:1]))
    scored = {event.step: event.validation for event in of_kind(events, EpochEnded)}
    told = of_kind(events, Mistaken)
    assert [event.epoch for event in told] == [1, 2, 3, 4, 5]
    for event in told:
        for confusion, worst, score in zip(event.confusion, event.worst, scored[event.step], strict=True):
            assert confusion.sum() == 90
            assert np.trace(confusion) / 90 == pytest.approx(score.accuracy)
            assert len(worst) == pictures.WORST
            assert [one.probability for one in worst] == sorted(one.probability for one in worst)


@pytest.mark.parametrize(
    "settings", [{"data__validation": 0}, {"data__name": "diabetes", "data__samples": 1000, "data__noise": 0.1}]
)
def test_without_classes_or_a_validation_part_there_are_no_mistakes(after_each_epoch: None, settings: dict[str, object]) -> None:
    events = list(train(population(1, **settings)))
    assert not of_kind(events, Mistaken)
    assert bool(of_kind(events, Plane, Region)) == ("data__name" not in settings)


@pytest.mark.parametrize("settings", [{}, {"model__batch_norm": True, "model__dropout": 0.3, "stop__patience": 1}])
def test_pictures_change_nothing_to_the_last_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]
) -> None:
    without = run(population(**settings), tmp_path / "without")
    monkeypatch.setattr(pictures, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(pictures, "REGION_SHARE", 1e9)
    monkeypatch.setattr(pictures, "MISTAKES_SHARE", 1e9)
    assert_same(run(population(**settings), tmp_path / "with"), without)
    halfway = run(population(**settings), tmp_path / "resumed", stop_at=12)
    assert_same(run(population(**settings), tmp_path / "resumed", halfway, resume=True), without)


def test_who_steps_by_hand_sees_what_each_step_has_done() -> None:
    control = Control(paused=True)
    steps = []
    for event in train(population(1), control=control):
        if isinstance(event, Region):
            steps.append(event.step)
            control.stop() if event.step == 3 else control.step()
    assert steps == [0, 1, 2, 3, 3]  # the last one is that of the end


def test_a_short_training_is_looked_at_at_its_end_alone() -> None:
    events = list(train(population(1)))
    assert [event.step for event in of_kind(events, Region, Mistaken)] == [30]


def test_pictures_are_as_far_apart_as_their_cost_and_the_eye_allow() -> None:
    assert epochs_between(seconds=0.001, epoch=1.0, share=0.01) == 1
    assert epochs_between(seconds=0.001, epoch=0.01, share=0.01) == 25  # four times a second
    assert epochs_between(seconds=0.01, epoch=0.01, share=0.01) == 100  # a hundredth of the time
    assert epochs_between(seconds=5.0, epoch=1.0, share=0.01) == 500
