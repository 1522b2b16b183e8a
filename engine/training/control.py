"""Steering a training from another thread."""

from __future__ import annotations

import threading
from enum import Enum, auto


class _Mode(Enum):
    RUN = auto()
    PAUSE = auto()
    STEP = auto()  # run to the end of this step, then pause
    EPOCH = auto()  # run to the end of this epoch, then pause
    STOP = auto()


class Control:
    """The handle by which any thread pauses, resumes, steps or stops a training.

    The training thread calls `before_step` and `after_epoch`; all other methods are for the other threads and return at once.
    """

    def __init__(self, *, paused: bool = False) -> None:
        self._changed = threading.Condition()
        self._mode = _Mode.PAUSE if paused else _Mode.RUN
        self._interrupted = False
        self._waiting = False

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
            self._changed.notify_all()

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
    def running_freely(self) -> bool:
        """Whether the next step may be made without asking: the fast path of the loop."""
        return self._mode is _Mode.RUN or self._mode is _Mode.EPOCH

    def before_step(self) -> bool:
        """Wait while paused; return whether to make the step. Called by the training thread alone."""
        with self._changed:
            self._waiting = self._mode is _Mode.PAUSE
            self._changed.wait_for(lambda: self._mode is not _Mode.PAUSE)
            self._waiting = False
            if self._mode is _Mode.STEP:
                self._mode = _Mode.PAUSE
            return self._mode is not _Mode.STOP

    def after_epoch(self) -> None:
        """Pause here if one epoch was asked for. Called by the training thread alone."""
        with self._changed:
            if self._mode is _Mode.EPOCH:
                self._mode = _Mode.PAUSE

    def _set(self, mode: _Mode) -> None:
        with self._changed:
            if self._mode is not _Mode.STOP:  # an end that was asked for stays asked for
                self._mode = mode
            self._changed.notify_all()
