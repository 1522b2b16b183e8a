"""Early stopping and targets: the rule, what is restored, and that members do not mind each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from engine.errors import ConfigurationError
from engine.events import EpochEnded, Event, Finished, Frame, MemberEnded, Outcome, Score
from engine.experiment import Experiment
from engine.parts import Stop
from engine.training.control import Control
from engine.training.loop import Training, train
from engine.training.prepare import prepare
from engine.training.snapshots import learned
from engine.training.stopping import Stopping
from engine.vocabulary import Status
from tests.engine.conftest import experiment, trained

E = {"steps": None, "epochs": 30}  # iris: 8 steps in an epoch


def told(*experiments: Experiment) -> list[Event]:
    return list(train(experiments))


def outcomes(events: Sequence[Event]) -> tuple[Outcome, ...]:
    assert isinstance(events[-1], Finished)
    return events[-1].outcomes


def ended(events: Sequence[Event]) -> list[MemberEnded]:
    return [event for event in events if isinstance(event, MemberEnded)]


def figures(events: Sequence[Event], part: str, figure: str, member: int = 0) -> list[float]:
    scores = [getattr(event, part)[member] for event in events if isinstance(event, EpochEnded)]
    return [getattr(score, figure) for score in scores]


def by_the_rule(values: list[float], patience: int, min_delta: float, *, rising: bool) -> tuple[int, int] | None:
    """The epochs at which a training stops and that is best, from 1: the rule in other words."""
    best_at, best = 0, -math.inf if rising else math.inf
    for epoch, value in enumerate(values, start=1):
        gain = value - best if rising else best - value
        if gain > min_delta:
            best_at, best = epoch, value
        if epoch - best_at >= patience:
            return epoch, best_at
    return None


@pytest.mark.parametrize(
    ("monitor", "patience", "min_delta", "settings"),
    [
        ("validation_cost", 1, 0.0, {"lr": 0.1}),
        ("validation_cost", 3, 0.0, {"lr": 0.1, "model__batch_norm": True}),
        ("validation_cost", 3, 0.05, {}),
        ("train_cost", 2, 0.02, {"lr": 0.01}),
        ("validation_accuracy", 2, 0.0, {}),
        ("train_accuracy", 3, 0.01, {"model__dropout": 0.3}),
        ("validation_r2", 2, 0.0, {"data__name": "diabetes", "lr": 0.05}),
    ],
)
def test_it_stops_where_the_rule_says_with_the_weights_of_the_best_epoch(
    monitor: str, patience: int, min_delta: float, settings: dict
) -> None:
    part, _, figure = monitor.partition("_")
    free = told(experiment(**E, **settings))
    expected = by_the_rule(figures(free, part, figure), patience, min_delta, rising=figure != "cost")
    assert expected is not None
    stop_epoch, best_epoch = expected
    assert 1 <= best_epoch < stop_epoch < 30
    stopped = told(experiment(**E, **settings, stop__monitor=monitor, stop__patience=patience, stop__min_delta=min_delta))
    per_epoch = max(event.step for event in free if isinstance(event, EpochEnded)) // 30
    outcome = outcomes(stopped)[0]
    assert ended(stopped) == [MemberEnded(0, stop_epoch * per_epoch, stop_epoch, "early stopping")]
    assert (outcome.status, outcome.reason) == (Status.DONE, "early stopping")
    assert (outcome.step, outcome.restored_step) == (stop_epoch * per_epoch, best_epoch * per_epoch)
    assert outcome.validation is not None
    assert outcome.validation.cost == figures(free, "validation", "cost")[best_epoch - 1]
    assert len(figures(stopped, part, figure)) == stop_epoch


def test_without_restoring_the_last_weights_stay() -> None:
    settings = {"lr": 0.1, "stop__patience": 2, "stop__restore_best": False}
    stopped = told(experiment(**E, **settings))
    (end,) = ended(stopped)
    outcome = outcomes(stopped)[0]
    assert outcome.restored_step is None
    assert outcome.validation is not None
    assert outcome.validation.cost == figures(stopped, "validation", "cost")[-1]
    plain = trained([experiment(**{**E, "epochs": end.epoch}, lr=0.1)])
    kept = trained([experiment(**E, **settings)])
    for ours, theirs in zip(learned(kept.network), learned(plain.network), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize(
    ("monitor", "target", "data"),
    [("train_cost", 0.5, "iris"), ("validation_accuracy", 0.9, "iris"), ("train_r2", 0.5, "diabetes")],
)
def test_a_target_ends_the_training_at_the_first_epoch_that_reaches_it(monitor: str, target: float, data: str) -> None:
    part, _, figure = monitor.partition("_")
    settings = {"lr": 0.01, "data__name": data}
    values = figures(told(experiment(**E, **settings)), part, figure)
    reached = [value <= target if figure == "cost" else value >= target for value in values]
    assert not reached[0]
    first = reached.index(True) + 1
    stopped = told(experiment(**E, **settings, stop__monitor=monitor, stop__target=target))
    (end,) = ended(stopped)
    assert (end.epoch, end.reason) == (first, "target")
    assert outcomes(stopped)[0].reason == "target"
    assert outcomes(stopped)[0].restored_step is None
    assert figures(stopped, part, figure) == values[:first]


def test_a_target_that_is_never_reached_changes_nothing() -> None:
    stopped = told(experiment(**E, stop__monitor="train_cost", stop__target=-1.0))
    assert not ended(stopped)
    assert outcomes(stopped)[0].step == 240
    assert outcomes(stopped)[0].reason == ""


MEMBERS = [
    experiment(**E, seed=k, lr=lr, stop__patience=2, model__dropout=0.2, model__batch_norm=True, l2=0.001 * k)
    for k, lr in enumerate((0.3, 0.002, 0.05, 0.3))
]


def test_members_end_one_by_one_as_each_would_alone() -> None:
    together = told(*MEMBERS)
    assert len({outcome.step for outcome in outcomes(together)}) > 1
    for member, e in enumerate(MEMBERS):
        (alone,) = outcomes(told(e))
        ours = outcomes(together)[member]
        assert (ours.status, ours.step, ours.reason, ours.restored_step) == (
            alone.status, alone.step, alone.reason, alone.restored_step,
        )  # fmt: skip
        for part in ("train", "validation", "test"):
            assert getattr(ours, part).cost == pytest.approx(getattr(alone, part).cost, rel=1e-9)
            assert getattr(ours, part).accuracy == getattr(alone, part).accuracy


def test_what_members_ended_with_is_put_back_when_all_is_over() -> None:
    together = trained(MEMBERS)
    for member, e in enumerate(MEMBERS):
        alone = trained([e])
        for ours, theirs in zip(learned(together.network), learned(alone.network), strict=True):
            torch.testing.assert_close(ours[member], theirs[0], rtol=0, atol=1e-10)


def test_training_ends_with_the_last_member_and_nothing_is_told_of_those_that_ended() -> None:
    events = told(*MEMBERS)
    ends = {end.member: end.step for end in ended(events)}
    frames = [event for event in events if isinstance(event, Frame)]
    assert max(ends.values()) == max(outcome.step for outcome in outcomes(events)) or len(ends) < len(MEMBERS)
    for member, last in ends.items():
        for frame in frames:
            beyond = frame.steps > last
            assert np.isfinite(frame.loss[~beyond, member]).all()
            assert np.isnan(frame.loss[beyond, member]).all()
            assert np.isnan(frame.layers[frame.layer_steps > last, member]).all()


def test_scores_after_an_epoch_are_of_the_weights_that_ended_members_kept() -> None:
    events = told(*MEMBERS)
    first = min(ended(events), key=lambda end: end.step)
    outcome = outcomes(events)[first.member]
    assert outcome.validation is not None
    later = [event for event in events if isinstance(event, EpochEnded) and event.epoch > first.epoch]
    assert later
    assert {event.validation[first.member].cost for event in later} == {outcome.validation.cost}


def test_a_figure_that_is_never_finite_restores_nothing() -> None:
    """No epoch is better than another then, and the last weights stay."""
    stopping = Stopping(Stop(patience=2), 1)
    for epoch, cost in ((1, math.nan), (2, math.inf)):
        event = EpochEnded(epoch, epoch * 8, 0.0, (Score(1.0),), (Score(cost),))
        assert stopping.look(event, [0]) == []
        assert stopping.reason_to_end(event, 0) == ("early stopping" if epoch == 2 else "")
    assert stopping.step_to_restore(0) is None


def test_a_diverged_member_is_diverged_and_not_stopped() -> None:
    wild = {"optimizer": "sgd", "lr": 1000.0, "model__activation": "identity", "cost": "quadratic", "dtype": "float32"}
    events = told(experiment(**E, **wild, stop__patience=1), experiment(**E, **{**wild, "lr": 0.01}, stop__patience=1))
    first, second = outcomes(events)
    assert first.status is Status.DIVERGED
    assert second.status is Status.DONE
    assert all(end.member == 1 for end in ended(events))


def test_a_member_that_had_ended_is_done_whatever_the_others_do() -> None:
    control = Control()
    seen = []
    for event in Training(prepare(MEMBERS), control).events():
        if isinstance(event, MemberEnded):
            seen.append(event.member)
            control.stop()
    assert isinstance(event, Finished)
    assert len(seen) < len(MEMBERS)
    for member, outcome in enumerate(event.outcomes):
        assert outcome.status is (Status.DONE if member in seen else Status.STOPPED)
        assert outcome.validation is not None


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        ({"data__name": "diabetes", "stop__monitor": "train_accuracy", "stop__patience": 2}, "stop.monitor", "watch train_cost"),
        ({"stop__monitor": "validation_r2", "stop__target": 0.5}, "stop.monitor", "a classification has no r2"),
        ({"data__name": "diabetes", "stop__monitor": "validation_accuracy", "checkpoint__best": True}, "stop.monitor",
         "a regression has no accuracy"),
    ],
)  # fmt: skip
def test_a_figure_that_the_data_does_not_have_is_refused(settings: dict, path: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        next(iter(train([experiment(**E, **settings)])))
    assert caught.value.problems[0].path == path


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"data__validation": 0.0, "stop__patience": 2}, "needs data.validation above 0; or watch train_cost"),
        ({"data__validation": 0.0, "checkpoint__best": True}, "needs data.validation above 0"),
        ({"stop__monitor": "train_accuracy", "stop__target": 98.0}, "98 is no accuracy"),
    ],
)
def test_what_contradicts_itself_needs_no_data_to_be_refused(settings: dict, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        experiment(**E, **settings)


def test_a_figure_that_nobody_goes_by_need_not_be_there() -> None:
    events = told(experiment(**{**E, "epochs": 1}, stop__monitor="validation_r2", data__validation=0.0))
    assert outcomes(events)[0].status is Status.DONE
