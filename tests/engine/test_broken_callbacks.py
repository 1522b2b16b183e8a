"""What is told of a callback that breaks, and what is kept of its run."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from engine.errors import CallbackError, ConfigurationError
from engine.events import Checkpointed, Event, Finished
from engine.training import Callback, Run
from engine.training.callback_paths import make_callbacks
from engine.training.control import Control
from engine.training.loop import Training, train
from engine.training.prepare import prepare
from engine.vocabulary import Status
from tests.engine.conftest import experiment

HERE = "tests.engine.test_broken_callbacks"


def told_until_it_breaks(callback: Callback) -> tuple[list[Event], CallbackError]:
    events: list[Event] = []
    with pytest.raises(CallbackError) as caught:
        events.extend(Training(prepare([experiment(steps=5)]), Control(), callbacks=[("mine", callback)]).events())
    return events, caught.value


class Raises(Callback):
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def on_step_end(self, run: Run) -> None:
        self.raise_it()

    def raise_it(self) -> None:
        raise self.error


LINE = Raises.raise_it.__code__.co_firstlineno + 1


class CallsTheLibrary(Callback):
    def on_step_end(self, run: Run) -> None:
        Path("/nowhere/at/all").read_text()


def test_the_line_in_the_callbacks_own_file_is_named() -> None:
    _, error = told_until_it_breaks(Raises(KeyError("it")))
    assert str(error) == f"callback mine: on_step_end raised KeyError: 'it' (test_broken_callbacks.py:{LINE})"
    _, error = told_until_it_breaks(CallsTheLibrary())
    line = CallsTheLibrary.on_step_end.__code__.co_firstlineno + 1
    assert str(error).endswith(f"'/nowhere/at/all' (test_broken_callbacks.py:{line})")


def test_an_error_outside_of_the_callbacks_file_names_no_line() -> None:
    class TakesNothing(Callback):
        def on_step_end(self) -> None: ...  # type: ignore[override]

    _, error = told_until_it_breaks(TakesNothing())
    assert str(error).endswith("takes 1 positional argument but 2 were given")


def test_leaving_the_program_is_an_error_like_another() -> None:
    _, error = told_until_it_breaks(Raises(SystemExit(3)))
    assert f"on_step_end raised SystemExit: 3 (test_broken_callbacks.py:{LINE})" in str(error)


def test_ctrl_c_in_the_main_thread_is_no_error_of_the_callback() -> None:
    with pytest.raises(KeyboardInterrupt):
        list(Training(prepare([experiment(steps=5)]), Control(), callbacks=[("mine", Raises(KeyboardInterrupt()))]).events())


def test_a_keyboard_interrupt_in_another_thread_is_one() -> None:
    errors: list[CallbackError] = []
    thread = threading.Thread(target=lambda: errors.append(told_until_it_breaks(Raises(KeyboardInterrupt()))[1]))
    thread.start()
    thread.join()
    assert f"on_step_end raised KeyboardInterrupt (test_broken_callbacks.py:{LINE})" in str(errors[0])


class BreaksAtTheEnd(Callback):
    def on_run_end(self, run: Run) -> None:
        raise KeyError("it")


def test_scores_and_weights_are_kept_of_a_run_whose_end_breaks(tmp_path: Path) -> None:
    e = experiment(steps=5, callbacks=[f"{HERE}:BreaksAtTheEnd"])
    events: list[Event] = []
    with pytest.raises(CallbackError, match="on_run_end raised KeyError"):
        events.extend(train([e], checkpoints=lambda: tmp_path))
    assert isinstance(events[-1], Finished)
    plain = list(train([experiment(steps=5)]))[-1]
    assert isinstance(plain, Finished)
    assert events[-1].outcomes == plain.outcomes
    assert plain.outcomes[0].status is Status.DONE
    assert [event.step for event in events if isinstance(event, Checkpointed)] == [5]


class LeavesWhenItIsMade(Callback):
    def __init__(self) -> None:
        sys.exit("not today")


def test_a_callback_that_leaves_when_it_is_made_is_said() -> None:
    with pytest.raises(ConfigurationError, match=r"could not be made: SystemExit: not today \(test_broken_callbacks.py:\d+\)"):
        make_callbacks([f"{HERE}:LeavesWhenItIsMade"])


def test_a_module_that_leaves_when_it_is_imported_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_script.py").write_text("import sys\nsys.exit(0)\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="cannot import 'a_script': SystemExit: 0"):
        make_callbacks(["a_script:Mine"])
