"""Settings that are changed while a network is trained: what they do, that they can be replayed, what is refused."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.events import Change, Event, Finished, Frame, Intervened, Started
from engine.experiment import Experiment
from engine.training import TUNABLE, loop
from engine.training.control import Answer, Control, Settings
from engine.training.loop import train
from tests.engine.conftest import experiment
from tests.engine.resuming import assert_same, run

E = {"dtype": "float32", "steps": None, "epochs": 5}  # iris: 120 training examples, 8 steps in an epoch


@pytest.fixture(autouse=True)
def told_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_FRAMES", 0.0)


def changed(experiments: Sequence[Experiment], changes: Mapping[int, Settings]) -> list[Event]:
    """Train, and change settings when steps are told of; before the first step for step 0."""
    control = Control()
    events = []
    for event in train(experiments, control=control):
        events.append(event)
        step = 0 if isinstance(event, Started) else int(event.steps[-1]) if isinstance(event, Frame) else None
        if step in changes:
            control.change(changes[step])
    return events


def numbers(events: Sequence[Event], what: str, member: int = 0) -> list[float]:
    return np.concatenate([getattr(event, what)[:, member] for event in events if isinstance(event, Frame)]).tolist()


def interventions(events: Sequence[Event]) -> list[Intervened]:
    return [event for event in events if isinstance(event, Intervened)]


# --- what they do ------------------------------------------------------------


def test_a_changed_rate_holds_from_the_next_step_on_and_the_schedule_multiplies_it() -> None:
    events = changed([experiment(**E, lr=0.1, schedule="step(every=2, factor=0.5)")], {11: {"lr": 0.8}})
    assert interventions(events) == [Intervened(11, (Change("lr", 0.1, 0.8),))]
    assert numbers(events, "lr") == [0.1] * 11 + [0.8] * 5 + [0.4] * 16 + [0.2] * 8


def test_a_changed_rate_is_the_one_that_is_used() -> None:
    """Two halves of plain descent in plain PyTorch words: the loss of each step is that of a training at that rate."""
    slow, fast = experiment(**E, optimizer="sgd", lr=0.01), experiment(**E, optimizer="sgd", lr=0.1)
    events = changed([slow], {0: {"lr": 0.1}})
    assert numbers(events, "loss") == numbers(list(train([fast])), "loss")


@pytest.mark.parametrize("path", ["l1", "l2", "model.dropout"])
def test_changed_before_the_first_step_is_set_from_the_start(path: str) -> None:
    plain = experiment(**E)
    events = changed([plain], {0: {path: 0.25}})
    assert numbers(events, "loss") == numbers(list(train([plain.with_settings({path: 0.25})])), "loss")
    assert numbers(events, "loss") != numbers(list(train([plain])), "loss")


def test_dropout_can_begin_and_end() -> None:
    """Until it begins and in the first step with it off again nothing differs but by what was learned meanwhile."""
    plain, always = experiment(**E), experiment(**E, model__dropout=0.5)
    losses = numbers(changed([plain], {5: {"model.dropout": 0.5}}), "loss")
    assert losses[:5] == numbers(list(train([plain])), "loss")[:5]
    assert losses[5] != numbers(list(train([plain])), "loss")[5]
    off = numbers(changed([always], {0: {"model.dropout": 0.0}}), "loss")
    assert off == numbers(list(train([plain])), "loss")


def test_a_changed_batch_size_holds_from_the_next_batch_on() -> None:
    """Every example is still seen once an epoch, and the length is worked out anew."""
    e = experiment(**E, schedule="cosine")
    events = changed([e], {3: {"batch_size": 9}})
    finished = events[-1]
    assert isinstance(finished, Finished)
    # 48 of the first epoch's 120 examples in three steps, the other 72 in eight; then 14 steps an epoch.
    total = 3 + 8 + 4 * 14
    assert finished.outcomes[0].step == total
    rates = numbers(events, "lr")
    np.testing.assert_allclose(rates[3:], [0.001 * (1 + np.cos(np.pi * t / total)) / 2 for t in range(3, total)], rtol=1e-12)


def test_full_batches_can_begin_within_an_epoch() -> None:
    events = changed([experiment(**E)], {3: {"batch_size": 120}})
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.outcomes[0].step == 3 + 1 + 4


def test_changes_hold_for_all_members() -> None:
    members = [experiment(**E, seed=k, lr=0.01 * (k + 1), l2=0.1 * k) for k in range(3)]
    events = changed(members, {4: {"lr": 0.05, "l2": 0.2}})
    assert interventions(events) == [Intervened(4, (Change("lr", 0.01, 0.05), Change("l2", 0.0, 0.2)))]
    for member in range(3):
        assert numbers(events, "lr", member)[4:] == [0.05] * 36
        alone = changed([members[member]], {4: {"lr": 0.05, "l2": 0.2}})
        np.testing.assert_allclose(numbers(events, "loss", member), numbers(alone, "loss"), rtol=1e-4)


def test_what_is_so_already_is_not_told() -> None:
    assert not interventions(changed([experiment(**E, lr=0.1)], {4: {"lr": 0.1, "l1": 0.0}}))


# --- replayed ----------------------------------------------------------------

CHANGES = {
    3: {"lr": 0.05, "model.dropout": 0.4},
    4: {"batch_size": 9},
    11: {"lr": 0.02},
    16: {"l1": 0.01, "l2": 0.02},
    30: {"model.dropout": 0.0, "batch_size": 50},
    31: {"lr": 0.001},
}


@pytest.mark.parametrize("members", [1, 3])
def test_a_replayed_run_is_the_run_bit_for_bit(members: int, tmp_path: Path) -> None:
    experiments = [experiment(**E, seed=k, lr=0.01 * (k + 1), model__batch_norm=True) for k in range(members)]
    live = run(experiments, tmp_path / "live", changes=CHANGES)
    assert [event.step for event in live.intervened] == list(CHANGES)
    replayed = run(experiments, tmp_path / "replayed", interventions=live.intervened)
    assert replayed.intervened == live.intervened
    assert_same(replayed, live)


def test_a_run_that_was_changed_and_interrupted_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    """Changes after the checkpoint are made again; those before it are in it."""
    e = experiment(**E, model__batch_norm=True, optimizer="momentum")
    whole = run([e], tmp_path / "whole", changes=CHANGES)
    told = run([e], tmp_path / "parts", changes=CHANGES, stop_at=20)
    run([e], tmp_path / "parts", told, resume=True, interventions=whole.intervened)
    assert told.intervened == whole.intervened
    assert_same(told, whole)


def test_interventions_that_do_not_fit_are_refused_before_training() -> None:
    wrong = [Intervened(3, (Change("batch_size", 16.0, 5000.0),))]
    with pytest.raises(ValueError, match="5000 is more than the 120 training examples"):
        next(iter(train([experiment(**E)], interventions=wrong)))


# --- refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lr": 0.0}, "lr: must be greater than 0"),
        ({"lr": float("nan")}, "lr: must be a finite number"),
        ({"model.dropout": 1.0}, "model.dropout: must be less than 1"),
        ({"l1": -1.0}, "l1: must be greater than or equal to 0"),
        ({"batch_size": 0}, "batch_size: "),
        ({"batch_size": 2.5}, "batch_size: "),
        ({"batch_size": float("inf")}, "batch_size: "),
        ({"batch_size": float("nan")}, "batch_size: "),
        ({"batch_size": None}, "batch_size: must be a number"),
        ({"batch_size": "full"}, "batch_size: must be a number; full batches have 120"),
        ({"lr": None}, "lr: must be a number"),
        ({"lr": "fast"}, "lr: must be a valid number"),
        ({"l1": [1]}, "l1: must be a valid number"),
        ({"batch_size": 121}, "batch_size: 121 is more than the 120 training examples"),
        ({"batch_size": 17}, "batch_size: 17 leaves a last batch of one"),
        ({"model.width": 9}, "model.width: cannot be changed while training goes on; these can: lr, "),
        ({"lr": 0.1, "l2": -1.0}, "l2: "),
    ],
)
def test_an_impossible_change_is_refused_where_it_is_asked_for(change: Settings, words: str) -> None:
    control = Control()
    events = train([experiment(**E, model__batch_norm=True)], control=control)
    next(events)
    with pytest.raises(ValueError, match=words):
        control.change(change)
    assert not interventions(list(events))


def test_a_number_in_words_is_the_number() -> None:
    events = changed([experiment(**E, lr=0.1)], {3: {"lr": "0.2"}, 5: {"batch_size": 9.0}})
    assert interventions(events) == [
        Intervened(3, (Change("lr", 0.1, 0.2),)),
        Intervened(5, (Change("batch_size", 16, 9),)),
    ]


def test_a_batch_size_must_fit_what_is_left_of_the_epoch_under_batch_norm() -> None:
    """After two of eight steps 88 examples are left: three batches of 29 would leave one."""
    e = experiment(**E, model__batch_norm=True)
    assert 120 % 29 != 1
    words = "29 leaves a last batch of one of the 88 training examples left in this epoch, .*; use 28"
    with pytest.raises(ValueError, match=words):
        changed([e], {2: {"batch_size": 29}})
    total = 2 + 4 + 4 * 5  # 88 examples in batches of 28, then whole epochs of them
    finished = changed([e], {2: {"batch_size": 28}})[-1]
    assert isinstance(finished, Finished)
    assert finished.outcomes[0].step == total
    assert changed([e], {3: {"batch_size": 29}}), "72 are left then, which fits"


def test_a_batch_size_that_no_longer_fits_when_its_turn_comes_waits_until_it_does() -> None:
    """Asked for after one step, when it would have fit; due after two, when it would leave a batch of one."""
    e = experiment(**E, model__batch_norm=True)
    again = [Intervened(2, (Change("batch_size", 16, 29),)), Intervened(2, (Change("lr", 0.1, 0.2),))]
    events = list(train([e], interventions=again))
    assert [(told.step, told.changes[0].path) for told in interventions(events)] == [(3, "batch_size"), (3, "lr")]


def test_what_would_have_no_effect_is_refused() -> None:
    control = Control()
    events = train([experiment(**E, optimizer="rprop")], control=control)
    next(events)
    with pytest.raises(ValueError, match="rprop finds its own step sizes"):
        control.change({"lr": 0.1})
    blocks = experiment(**E).with_settings({"model.blocks": "dense(5, dropout=0.1)"})
    events = train([blocks], control=control)
    next(events)
    with pytest.raises(ValueError, match="no layer of this network has the model's dropout"):
        control.change({"model.dropout": 0.5})


def test_without_a_training_there_is_nothing_to_change() -> None:
    control = Control()
    with pytest.raises(ValueError, match="no training goes on"):
        control.change({"lr": 0.1})
    list(train([experiment(**E)], control=control))
    with pytest.raises(ValueError, match="no training goes on"):
        control.change({"lr": 0.1})


def test_every_tunable_setting_is_a_setting() -> None:
    e = experiment(**E)
    for path in TUNABLE:
        assert e.with_settings({path: 0.5 if path != "batch_size" else 5}) != e


# --- from another thread -----------------------------------------------------


def test_changes_are_made_even_while_paused() -> None:
    control = Control(paused=True)
    heard: list[Event] = []
    told = threading.Event()

    def listen() -> None:
        for event in train([experiment(**E)], control=control):
            heard.append(event)
            if isinstance(event, Started | Intervened):
                told.set()

    thread = threading.Thread(target=listen)
    thread.start()
    assert told.wait(60)
    told.clear()
    control.change({"lr": 0.5})
    assert told.wait(60)
    assert not any(isinstance(event, Frame) for event in heard)
    assert control.paused
    control.resume()
    thread.join(60)
    assert not thread.is_alive()
    assert heard[1] == Intervened(0, (Change("lr", 0.001, 0.5),))
    assert set(numbers(heard, "lr")) == {0.5}


def test_a_stop_goes_before_changes_and_forgets_them() -> None:
    control = Control()
    control.begin(lambda settings: settings)
    control.change({"lr": 0.5})
    assert control.before_step() is Answer.CHANGE
    assert not control.running_freely
    assert control.take_changes() == [{"lr": 0.5}]
    assert control.running_freely
    control.change({"lr": 0.6})
    control.stop()
    assert control.before_step() is Answer.STOP
    control.end()
    assert control.take_changes() == []


def test_a_change_does_not_let_a_paused_training_go() -> None:
    """After a change the pause still holds: one step by hand is one step."""
    control = Control(paused=True)
    control.begin(lambda settings: settings)
    control.change({"lr": 0.5})
    assert control.before_step() is Answer.CHANGE
    control.take_changes()
    control.step()
    assert control.before_step() is Answer.STEP
    assert control.paused
