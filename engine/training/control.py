"""Steering a training from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from enum import Enum, auto

TUNABLE = ("lr", "model.dropout", "l1", "l2", "batch_size")
"""The settings that can be changed while training goes on, by their paths in an experiment."""

Settings = Mapping[str, float]
"""New values of some of `TUNABLE`."""


class _Mode(Enum):
    RUN = auto()
    PAUSE = auto()
    STEP = auto()  # run to the end of this step, then pause
    EPOCH = auto()  # run to the end of this epoch, then pause
    STOP = auto()


class Answer(Enum):
    """What the training thread is to do before the next step. False if that is to end."""

    STEP = auto()  # make it
    CHANGE = auto()  # make the changes that were asked for, then ask again
    STOP = auto()  # end

    def __bool__(self) -> bool:
        return self is not Answer.STOP


class Control:
    """The handle by which any thread pauses, resumes, steps, stops or changes a training.

    The training thread calls the methods under "in the training thread"; all others are for the other threads and return at
    once.
    """

    def __init__(self, *, paused: bool = False) -> None:
        self._changed = threading.Condition()
        self._mode = _Mode.PAUSE if paused else _Mode.RUN
        self._interrupted = False
        self._waiting = False
        self._asked: list[Settings] = []
        self._check: Callable[[Settings], Settings] | None = None
        self.running_freely = not paused
        """Whether the next step may be made without asking: the fast path of the loop."""

    def pause(self) -> None:
        """Wait before the next step."""
        self._set(_Mode.PAUSE)

    def resume(self) -> None:
        """Go on until something else is asked for."""
        self._set(_Mode.RUN)

    def step(self) -> None:
        """Make one step, then pause."""
        self._set(_Mode.STEP)

    def epoch(self) -> None:
        """Go on to the end of the epoch, then pause."""
        self._set(_Mode.EPOCH)

    def stop(self, *, interrupted: bool = False) -> None:
        """End the training before its next step; `interrupted` if nobody chose this end (a signal).

        The first stop counts; a later one changes nothing.
        """
        with self._changed:
            if self._mode is not _Mode.STOP:
                self._interrupted = interrupted
            self._mode = _Mode.STOP
            self._tell()

    def change(self, settings: Settings) -> None:
        """Change some of `TUNABLE` before the next step, even while training is paused. They hold for all members.

        Args:
            settings: new values by path, such as `{"lr": 0.01}`.

        Raises:
            ValueError: a setting cannot be changed or not to this value, or no training goes on; nothing is changed then.
        """
        with self._changed:
            if self._check is None:
                raise ValueError("no training goes on whose settings could be changed")
            self._asked.append(self._check(settings))
            self._tell()

    @property
    def paused(self) -> bool:
        """Whether training is waiting, or will wait before its next step."""
        return self._mode is _Mode.PAUSE

    @property
    def waiting(self) -> bool:
        """Whether the training thread stands still right now."""
        return self._waiting

    @property
    def stopped(self) -> bool:
        """Whether the end was asked for."""
        return self._mode is _Mode.STOP

    @property
    def interrupted(self) -> bool:
        """Whether that end was an interruption."""
        return self.stopped and self._interrupted

    @property
    def by_hand(self) -> bool:
        """Whether steps are made one at a time."""
        return self._mode is not _Mode.RUN and self._mode is not _Mode.EPOCH

    # --- in the training thread ----------------------------------------------

    def begin(self, check: Callable[[Settings], Settings]) -> None:
        """A training begins whose settings can be changed.

        `check` gives the numbers that new values are, and raises ValueError for those that do not fit the training.

        Several trainings may follow one another under one control.
        """
        with self._changed:
            self._check = check

    def end(self) -> None:
        """The training is over."""
        with self._changed:
            self._check = None
            self._asked.clear()
            self._tell()

    def wait_while_paused(self) -> bool:
        """Wait while paused; return whether the end was asked for. For what comes before the first step."""
        with self._changed:
            self._waiting = self._mode is _Mode.PAUSE
            self._changed.wait_for(lambda: self._mode is not _Mode.PAUSE)
            self._waiting = False
            return self._mode is _Mode.STOP

    def before_step(self) -> Answer:
        """Wait while paused, and say what to do then."""
        with self._changed:
            self._waiting = self._mode is _Mode.PAUSE
            self._changed.wait_for(lambda: self._asked or self._mode is not _Mode.PAUSE)
            self._waiting = False
            if self._mode is _Mode.STOP:
                return Answer.STOP
            if self._asked:
                return Answer.CHANGE
            if self._mode is _Mode.STEP:
                self._mode = _Mode.PAUSE
            return Answer.STEP

    def take_changes(self) -> list[Settings]:
        """The changes that were asked for since this was last called, in their order."""
        with self._changed:
            asked, self._asked = self._asked, []
            self._tell()
        return asked

    def after_epoch(self) -> None:
        """Pause here if one epoch was asked for."""
        with self._changed:
            if self._mode is _Mode.EPOCH:
                self._mode = _Mode.PAUSE
                self._tell()

    def _set(self, mode: _Mode) -> None:
        with self._changed:
            if self._mode is not _Mode.STOP:  # an end that was asked for stays asked for
                self._mode = mode
            self._tell()

    def _tell(self) -> None:
        """Something is different now; called with the lock held."""
        self.running_freely = not self._asked and (self._mode is _Mode.RUN or self._mode is _Mode.EPOCH)
        self._changed.notify_all()
