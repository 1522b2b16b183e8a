"""A user's own code in the loop: when it is called, what it is given, what it can do, and what happens when it breaks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.errors import CallbackError, ConfigurationError
from engine.events import EpochEnded, Event, Finished, Frame, Intervened, MemberEnded
from engine.experiment import Experiment
from engine.training import Callback, Run, loop
from engine.training.callback_paths import make_callbacks
from engine.training.control import Control
from engine.training.loop import Training, train
from engine.training.prepare import prepare
from engine.vocabulary import Status
from tests.engine.conftest import experiment, trained
from tests.engine.resuming import assert_same, run


@pytest.fixture
def told_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_FRAMES", 0.0)


HERE = "tests.engine.test_callbacks"


def told(*experiments: Experiment) -> list[Event]:
    return list(train(experiments))


def train_with(callback: Callback, *experiments: Experiment) -> list[Event]:
    return list(Training(prepare(experiments), Control(), callbacks=[("mine", callback)]).events())


def outcome(events: Sequence[Event], member: int = 0):
    assert isinstance(events[-1], Finished)
    return events[-1].outcomes[member]


def losses(events: Sequence[Event]) -> np.ndarray:
    return np.concatenate([event.loss for event in events if isinstance(event, Frame)])


class Notes(Callback):
    """Writes down every call."""

    def __init__(self) -> None:
        self.calls: list[tuple] = []

    def on_run_begin(self, run: Run) -> None:
        self.calls.append(("run begin", run.step, run.epoch))

    def on_run_end(self, run: Run) -> None:
        self.calls.append(("run end", run.step))

    def on_epoch_begin(self, run: Run) -> None:
        self.calls.append(("epoch begin", run.epoch, run.step))

    def on_epoch_end(self, run: Run, scores: EpochEnded) -> None:
        assert run.scores is scores
        self.calls.append(("epoch end", run.epoch, run.step, scores.step))

    def on_step_begin(self, run: Run) -> None:
        self.calls.append(("step begin", run.step))

    def on_gradients(self, run: Run) -> None:
        self.calls.append(("gradients", run.step))

    def on_step_end(self, run: Run) -> None:
        self.calls.append(("step end", run.step))


def test_hooks_are_called_in_order() -> None:
    notes = Notes()
    train_with(notes, experiment(steps=5, batch_size=40))  # three steps in an epoch

    def step(number: int) -> list[tuple]:
        return [("step begin", number), ("gradients", number), ("step end", number)]

    assert notes.calls == [
        ("run begin", 0, 1),
        ("epoch begin", 1, 0), *step(1), *step(2), *step(3), ("epoch end", 1, 3, 3),
        ("epoch begin", 2, 3), *step(4), *step(5), ("epoch end", 2, 5, 5),
        ("run end", 5),
    ]  # fmt: skip


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_methods_that_do_nothing_change_nothing(optimizer: str) -> None:
    e = experiment(model__dropout=0.2, optimizer=optimizer)
    np.testing.assert_array_equal(losses(train_with(Callback(), e)), losses(told(e)))


class Look(Callback):
    """Recomputes what a step did from what it is given."""

    def __init__(self) -> None:
        self.before: list[Tensor] = []
        self.seen = 0

    def on_step_begin(self, run: Run) -> None:
        self.before = [layer.weights.clone() for layer in run.layers]
        assert run.step == 1 or run.losses is not None

    def on_gradients(self, run: Run) -> None:
        assert run.members == len(run.experiments) == 2
        below, *above = run.layers
        for lower, upper in zip([below, *above], above, strict=False):
            expected = lower.activations.mT @ upper.gradients
            torch.testing.assert_close(upper.weight_gradients, expected, rtol=0, atol=1e-12)

    def on_step_end(self, run: Run) -> None:
        for layer, before, experiment_of in zip(run.layers, self.before, [run.experiments] * 9, strict=False):
            rates = torch.tensor([e.lr for e in experiment_of], dtype=torch.float64).view(-1, 1, 1)
            torch.testing.assert_close(layer.weights, before - rates * layer.weight_gradients, rtol=0, atol=1e-12)
        assert run.losses.shape == (2,)
        self.seen += 1


def test_tensors_are_those_of_the_step() -> None:
    look = Look()
    train_with(look, experiment(optimizer="sgd", steps=20), experiment(optimizer="sgd", lr=0.02, seed=1, steps=20))
    assert look.seen == 20


class Halve(Callback):
    """Changes gradients in place."""

    def on_gradients(self, run: Run) -> None:
        for parameter in run.parameters:
            parameter.grad.mul_(0.5)


def halving() -> Callback:
    """The same, set on the callback itself."""
    callback = Callback()
    callback.on_gradients = Halve().on_gradients  # type: ignore[method-assign]
    return callback


@pytest.mark.parametrize("make", [Halve, halving])
def test_gradients_can_be_changed_before_the_update(make: Callable[[], Callback]) -> None:
    """Half the gradient under plain descent is half the rate."""
    halved = train_with(make(), experiment(optimizer="sgd", lr=0.1))
    np.testing.assert_allclose(losses(halved), losses(told(experiment(optimizer="sgd", lr=0.05))), rtol=0, atol=1e-12)


# --- what a callback can ask for ---------------------------------------------


class StopAt(Callback):
    def __init__(self, step: int, member: int | None = None, reason: str = "") -> None:
        self.step, self.member, self.reason = step, member, reason

    def on_step_end(self, run: Run) -> None:
        if run.step == self.step:
            run.stop(self.reason, member=self.member)


@pytest.mark.parametrize(("reason", "words"), [("", "callback"), ("enough", "callback: enough")])
def test_stop_ends_the_training_after_this_step(reason: str, words: str) -> None:
    events = train_with(StopAt(11, reason=reason), experiment(steps=100))
    assert [(e.step, e.epoch, e.reason) for e in events if isinstance(e, MemberEnded)] == [(11, 2, words)]
    ended = outcome(events)
    assert (ended.status, ended.step, ended.reason, ended.restored_step) == (Status.DONE, 11, words, None)
    plain = outcome(told(experiment(steps=11)))
    assert ended.validation == plain.validation
    assert ended.test == plain.test


def test_one_member_can_be_ended_by_itself() -> None:
    members = [experiment(steps=40), experiment(steps=40, seed=1), experiment(steps=40, seed=2)]
    events = train_with(StopAt(11, member=1), *members)
    assert [outcome(events, k).step for k in range(3)] == [40, 11, 40]
    alone = outcome(told(members[1].with_settings({"steps": 11})))
    assert outcome(events, 1).test.cost == pytest.approx(alone.test.cost, rel=1e-9)
    assert outcome(events, 2).test.cost == pytest.approx(outcome(told(members[2])).test.cost, rel=1e-9)


def test_a_member_that_would_have_diverged_later_is_done() -> None:
    wild = experiment(optimizer="sgd", lr=1000.0, model__activation="identity", cost="quadratic", dtype="float32", steps=200)
    calm = wild.with_settings({"lr": 0.01})
    assert 2 < outcome(told(wild)).step < 200
    events = train_with(StopAt(2, member=0), wild, calm)
    assert outcome(events, 0).status is Status.DONE
    assert outcome(events, 0).step == 2
    assert outcome(events, 1).step == 200


class StopBeforeItBegins(Callback):
    def on_run_begin(self, run: Run) -> None:
        run.stop("no")


def test_a_training_can_be_ended_before_its_first_step() -> None:
    events = train_with(StopBeforeItBegins(), experiment())
    assert outcome(events).step == 0
    assert not any(isinstance(event, Frame) for event in events)


class LowerRate(Callback):
    def on_epoch_end(self, run: Run, scores: EpochEnded) -> None:
        if run.epoch == 2:
            run.set("lr", 0.001)


def test_settings_can_be_changed_and_that_is_told() -> None:
    events = train_with(LowerRate(), experiment(lr=0.1, steps=24))
    (intervened,) = [event for event in events if isinstance(event, Intervened)]
    assert intervened.step == 16
    assert [(c.path, c.before, c.after) for c in intervened.changes] == [("lr", 0.1, 0.001)]
    rates = np.concatenate([event.lr[:, 0] for event in events if isinstance(event, Frame)])
    assert rates.tolist() == [0.1] * 16 + [0.001] * 8


class RateOfTheEpoch(Callback):
    def on_epoch_begin(self, run: Run) -> None:
        run.set("lr", 0.1 / run.epoch)


def test_what_is_set_at_the_begin_of_an_epoch_holds_from_its_first_step() -> None:
    events = train_with(RateOfTheEpoch(), experiment(lr=0.5, steps=24))
    rates = np.concatenate([event.lr[:, 0] for event in events if isinstance(event, Frame)])
    assert rates.tolist() == [0.1] * 8 + [0.1 / 2] * 8 + [0.1 / 3] * 8


class SetAtStepBegin(Callback):
    def on_step_begin(self, run: Run) -> None:
        if run.step == 5:
            run.set("lr", 0.5)


def test_what_is_set_at_the_begin_of_a_step_holds_from_the_following_one() -> None:
    events = train_with(SetAtStepBegin(), experiment(lr=0.1, steps=8))
    rates = np.concatenate([event.lr[:, 0] for event in events if isinstance(event, Frame)])
    assert rates.tolist() == [0.1] * 5 + [0.5] * 3


class StopsBeforeTheSecondEpoch(Callback):
    def on_epoch_begin(self, run: Run) -> None:
        if run.epoch == 2:
            run.stop("enough")


def test_a_training_can_be_ended_before_the_first_step_of_an_epoch() -> None:
    events = train_with(StopsBeforeTheSecondEpoch(), experiment(steps=24))
    assert (outcome(events).step, outcome(events).reason) == (8, "callback: enough")
    assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [1]


class HalvesTheRate(Callback):
    """Halves the rate after every sixth step: twice would be seen."""

    def __init__(self) -> None:
        self.rate = 0.8

    def on_step_end(self, run: Run) -> None:
        if run.step % 6 == 0:
            self.rate /= 2
            run.set("lr", self.rate)

    def state(self) -> object:
        return self.rate

    def restore(self, state: object) -> None:
        assert isinstance(state, float)
        self.rate = state


@pytest.mark.usefixtures("told_at_every_step")
def test_what_callbacks_changed_is_not_changed_twice_when_a_training_goes_on_or_is_made_again(tmp_path: Path) -> None:
    """Of the changes that were told, somebody's are made again; a callback makes its own."""
    settings = {"dtype": "float32", "steps": None, "epochs": 4, "lr": 0.8, "callbacks": [f"{HERE}:HalvesTheRate"]}
    e, changes = experiment(**settings), {9: {"l2": 0.01}, 18: {"lr": 0.3}}
    whole = run([e], tmp_path / "whole", changes=changes)
    assert [(told.step, told.origin) for told in whole.intervened] == [
        (6, "callback"), (9, ""), (12, "callback"), (18, "callback"), (18, ""), (24, "callback"), (30, "callback"),
    ]  # fmt: skip
    made_again = run([e], tmp_path / "again", interventions=whole.intervened)
    assert made_again.intervened == whole.intervened
    assert_same(made_again, whole)
    parts = run([e], tmp_path / "parts", changes=changes, stop_at=10)
    run([e], tmp_path / "parts", parts, resume=True, interventions=whole.intervened)
    assert parts.intervened == whole.intervened
    assert_same(parts, whole)


# --- what breaks -------------------------------------------------------------


class Breaks(Callback):
    def __init__(self, hook: str) -> None:
        def broken(run: Run, *scores: EpochEnded) -> None:
            raise KeyError("it")

        setattr(self, hook, broken)


@pytest.mark.parametrize("hook", [name for name in vars(Callback) if name.startswith("on_")])
def test_an_error_names_callback_hook_and_error(hook: str) -> None:
    e = experiment(callbacks=[f"{HERE}:Breaks(hook={hook!r})"])
    words = rf"callback {HERE}:Breaks\(hook='{hook}'\): {hook} raised KeyError: 'it'"
    with pytest.raises(CallbackError, match=words) as caught:
        told(e)
    assert isinstance(caught.value.__cause__, KeyError)


class BreaksAtStepSeven(Callback):
    def on_step_end(self, run: Run) -> None:
        if run.step == 7:
            raise KeyError("it")


def test_what_was_measured_before_a_callback_failed_is_told() -> None:
    events: list[Event] = []
    with pytest.raises(CallbackError):
        events.extend(train([experiment(callbacks=[f"{HERE}:BreaksAtStepSeven"])]))
    steps = [step for event in events if isinstance(event, Frame) for step in event.steps.tolist()]
    assert steps == [1, 2, 3, 4, 5, 6, 7]


class SetsNonsense(Callback):
    def on_step_end(self, run: Run) -> None:
        run.set("lr", -1.0)


def test_an_impossible_change_is_the_callbacks_error() -> None:
    with pytest.raises(CallbackError, match="on_step_end raised ConfigurationError: lr: must be greater than 0"):
        train_with(SetsNonsense(), experiment())


class HasNoPlainState(Callback):
    def state(self) -> object:
        return object()


def test_a_state_that_json_cannot_hold_is_refused(tmp_path: Path) -> None:
    e = experiment(callbacks=[f"{HERE}:HasNoPlainState"])
    with pytest.raises(CallbackError, match="HasNoPlainState: state raised TypeError"):
        list(train([e], checkpoints=lambda: tmp_path))


# --- how they are found ------------------------------------------------------


class NotOne:
    """Not made from Callback."""


class Refuses(Callback):
    def __init__(self) -> None:
        raise RuntimeError("not today")


class Takes(Callback):
    def __init__(self, patience: int = 1, name: str = "", when: tuple[int, ...] = ()) -> None:
        self.taken = patience, name, when


def test_arguments_are_literals() -> None:
    texts = [f"{HERE}:Takes", f" {HERE} : Takes ( patience = 3, name='a, (b)', when=(1, 2) ) "]
    (first, plain), (second, given) = make_callbacks(texts)
    assert [first, second] == texts
    assert isinstance(plain, Takes)
    assert isinstance(given, Takes)
    assert plain.taken == (1, "", ())
    assert given.taken == (3, "a, (b)", (1, 2))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no_such_module:Thing", "cannot import 'no_such_module': ModuleNotFoundError"),
        (f"{HERE}:Nothing", "there is no 'Nothing' in .*test_callbacks.py"),
        (f"{HERE}:NotOne", "'NotOne' must be a class made from engine.training.Callback"),
        (f"{HERE}:told", "'told' must be a class made from engine.training.Callback"),
        (f"{HERE}:Refuses", "Refuses could not be made: RuntimeError: not today"),
        (f"{HERE}:Takes(pace=3)", "Takes could not be made: TypeError: .*'pace'"),
        (f"{HERE}:Takes(3)", "arguments are written as"),
        (f"{HERE}:Takes(patience=open('x'))", "arguments are written as"),
        (f"{HERE}:Takes(**{{'patience': 3}})", "arguments are written as"),
        (f"{HERE}:Takes(patience=3) or f(a=1)", "arguments are written as"),
        (f"{HERE}:Takes(patience=3)(name='x')", "arguments are written as"),
        (f"{HERE}:Takes(patience=", "must be written as module:Class"),
        ("Takes", "must be written as module:Class"),
        ("os.system('x'):Takes", "must be written as module:Class"),
    ],
)
def test_what_is_no_callback_is_said_before_training(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        next(iter(train([experiment(callbacks=[text])])))
    assert caught.value.problems[0].path.startswith("callbacks")


def test_modules_of_the_working_directory_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "only_here.py").write_text(
        "from engine.training import Callback\nclass Mine(Callback):\n    def on_run_begin(self, run): run.stop('mine')\n"
    )
    monkeypatch.chdir(tmp_path)
    path = list(sys.path)
    events = told(experiment(callbacks=["only_here:Mine"]))
    assert outcome(events).reason == "callback: mine"
    assert sys.path == path
    sys.modules.pop("only_here")


def test_a_module_that_breaks_on_import_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_here.py").write_text("1 / 0")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="cannot import 'broken_here': ZeroDivisionError"):
        told(experiment(callbacks=["broken_here:Mine"]))


def test_the_documented_example_does_what_it_says() -> None:
    """ClipGradients of the module's docstring, against torch's clipping of each layer by itself."""
    from engine.training import callbacks

    source = callbacks.__doc__.split("```")[1]
    scope: dict = {}
    exec(source, scope)

    class Check(Callback):
        def on_gradients(self, run: Run) -> None:
            before = [layer.weight_gradients.clone() for layer in run.layers]
            scope["ClipGradients"](norm=0.01).on_gradients(run)
            for layer, old in zip(run.layers, before, strict=True):
                weight = torch.nn.Parameter(torch.zeros_like(old))
                weight.grad = old.clone()
                torch.nn.utils.clip_grad_norm_([weight], 0.01)
                torch.testing.assert_close(layer.weight_gradients, weight.grad, rtol=1e-4, atol=1e-6)
                assert layer.weight_gradients.norm() <= 0.01 + 1e-9

    train_with(Check(), experiment(steps=5))


def test_trainings_without_callbacks_are_told_so() -> None:
    assert not Training(prepare([experiment()]), Control()).callbacks
    assert trained([experiment(callbacks=[f"{HERE}:Takes"])]).experiments[0].callbacks == (f"{HERE}:Takes",)
