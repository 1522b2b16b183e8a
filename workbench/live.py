"""What is known of a run now: a fold over its events, for a run that goes on as for one that is read from the history."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from engine.events import (
    EpochEnded,
    Event,
    Failed,
    FindingRaised,
    Finished,
    Frame,
    MemberEnded,
    Outcome,
    Resumed,
    Score,
    Started,
)
from engine.vocabulary import STATISTICS, Status
from workbench.asides import Asides
from workbench.crowd import ENDED, Crowd
from workbench.track import Array, Track
from workbench.view import RunView

__all__ = ["LiveRun", "RunView"]

POINTS = 4096
"""At most so many recorded steps, measurements and epochs are kept."""

MEMORY = 128 * 2**20
"""Bytes that the layers' statistics of all members may take; big populations keep fewer measurements."""

RECENT = 256
"""Recorded steps over which the speed is taken, if they span no more than `RECENT_SECONDS`."""

RECENT_SECONDS = 5.0

PREPARING = "preparing"
"""The status of a view before `Started`."""

_SCORES = tuple(f"{part}_{figure}" for part in ("train", "validation") for figure in ("cost", "accuracy", "r2", "mae"))
_SCALARS = ("loss", "l1", "l2", "lr")


class LiveRun:
    """Collects the events of one population.

    One thread calls `apply`; any thread calls `view`. Neither keeps the other waiting: views share the arrays, in which rows
    are added behind what a view sees and never changed, and no view copies the measurements of the layers while it is made.
    Memory does not grow with the length of the run.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = 0
        self._started: Started | None = None
        self._finished: Finished | None = None
        self._failed: Failed | None = None
        self._step = self._epoch = 0
        self._seconds = 0.0
        self._records, self._measured, self._epochs = _tracks(members=1, layers=0)
        self._recent = np.empty((0, 2))  # [records, (step, seconds)]
        self._begun = (0.0, 0.0)  # the step and the seconds of training from which this one began
        self._asides = Asides(1)
        self._ended: dict[int, MemberEnded] = {}
        self._kept: dict[int, dict[str, Any]] = {}  # the series of members that have ended
        self._judged: int | None = None  # the latest measurement of the layers that was looked at
        self._views: dict[int, RunView] = {}

    def apply(self, event: Event) -> None:
        """Take in the next event. Called by one thread alone; `Started` comes first, save for `Failed`."""
        with self._lock:
            match event:
                case Started():
                    self._begin(event)
                case Frame():
                    self._frame(event)
                case EpochEnded():
                    self._epoch_ended(event)
                case MemberEnded():
                    self._kept[event.member] = _copied(self._series(event.member))
                    self._ended[event.member] = event
                case Resumed():
                    self._resumed(event)
                case Finished():
                    self._finished, self._seconds = event, event.seconds
                    self._asides.finished(event)
                case Failed():
                    self._failed = event
                case FindingRaised():
                    self._asides.found(event.finding)
                case _:
                    self._asides.apply(event)
            self._version += 1
            self._views.clear()

    def judge(self) -> None:
        """Note that all that was told so far has been looked at for what goes wrong. Called by the thread that applies events."""
        with self._lock:
            latest = self._measured.pieces("steps")
            judged = next((int(steps[-1]) for steps in reversed(latest) if len(steps)), None)
            if judged != self._judged:
                self._judged = judged
                self._version += 1
                self._views.clear()

    def view(self, member: int = 0) -> RunView:
        """What is known of a member, counted from 0. The same object until the next event."""
        with self._lock:
            if member not in self._views:
                self._views[member] = self._view(member)
            return self._views[member]

    # --- with the lock held --------------------------------------------------

    def _begin(self, started: Started) -> None:
        self._started = started
        self._records, self._measured, self._epochs = _tracks(len(started.experiments), len(started.layers))
        self._asides = Asides(len(started.experiments))

    def _resumed(self, event: Resumed) -> None:
        self._step, self._epoch, self._seconds = event.step, event.epoch, event.seconds
        self._begun, self._recent = (float(event.step), event.seconds), np.empty((0, 2))
        self._asides.resumed = event

    def _frame(self, frame: Frame) -> None:
        scalars = {name: getattr(frame, name) for name in _SCALARS}
        self._records.extend({"steps": frame.steps, "seconds": frame.seconds, **scalars})
        if len(frame.layer_steps):
            self._measured.extend({"steps": frame.layer_steps, "layers": frame.layers})
        self._step, self._seconds = int(frame.steps[-1]), float(frame.seconds[-1])
        recent = np.column_stack([frame.steps[-RECENT:], frame.seconds[-RECENT:]])
        self._recent = np.concatenate([self._recent, recent])[-RECENT:]

    def _epoch_ended(self, event: EpochEnded) -> None:
        parts = {"train": event.train, "validation": event.validation}
        scores = {name: _figures(parts[part], figure) for name in _SCORES for part, _, figure in [name.partition("_")]}
        counters = {"epochs": np.array([event.epoch]), "epoch_steps": np.array([event.step])}
        self._epochs.extend(counters | scores)
        self._asides.epoch_ended(event)
        self._epoch, self._step, self._seconds = event.epoch, event.step, event.seconds

    def _speed(self, step: int) -> float | None:
        """Steps per second of training, lately or, after the end, on the whole."""
        if self._finished is not None or self._failed is not None:
            return step / self._seconds if self._seconds > 0 else None
        if len(self._recent) == 0:
            return None
        latest_step, latest = self._recent[-1]
        earlier = self._recent[self._recent[:, 1] < latest]
        begin_step, begin = self._begun if len(earlier) == 0 else earlier[np.argmax(earlier[:, 1] >= latest - RECENT_SECONDS)]
        return float((latest_step - begin_step) / (latest - begin)) if latest > begin else None

    def _view(self, member: int) -> RunView:
        started = self._started
        if started is not None and not 0 <= member < len(started.experiments):
            raise IndexError(f"member {member} of a population of {len(started.experiments)}")
        outcome = self._finished.outcomes[member] if self._finished is not None else None
        ended = self._ended.get(member)
        step = outcome.step if outcome is not None else ended.step if ended is not None else self._step
        speed = self._speed(step)
        total = started.total_steps if started is not None else 0
        over = outcome is not None or self._failed is not None
        return RunView(
            status=self._status(outcome),
            message=self._failed.message if self._failed is not None else None,
            experiment=started.experiments[member] if started is not None else None,
            data=started.data if started is not None else None,
            layers=started.layers if started is not None else (),
            parameters=started.parameters if started is not None else 0,
            device=started.device if started is not None else "",
            threads=started.threads if started is not None else 0,
            step=step,
            total_steps=total,
            epoch=ended.epoch if ended is not None else self._epoch,
            steps_per_epoch=started.steps_per_epoch if started is not None else 0,
            seconds=self._seconds,
            steps_per_second=speed,
            seconds_left=(total - self._step) / speed if speed and not over else None,
            **(self._kept.get(member) or self._series(member)),
            **self._asides.of_all(member),
            judged=self._judged,
            ended=ended,
            ends=tuple(self._ended.values()),
            outcome=outcome,
            measuring=self._finished.measuring if self._finished is not None else None,
            members=len(started.experiments) if started is not None else 0,
            crowd=self._crowd(member),
            version=self._version,
        )

    def _series(self, member: int) -> dict[str, Any]:
        """What comes to an end with the member, as arguments of `RunView`."""
        return {
            "steps": self._records.column("steps"),
            "step_seconds": self._records.column("seconds"),
            **{name: self._records.column(name, member) for name in _SCALARS},
            "epochs": self._epochs.column("epochs"),
            "epoch_steps": self._epochs.column("epoch_steps"),
            **{name: self._epochs.column(name, member) for name in _SCORES},
            "layer_steps": self._measured.column("steps"),
            "measured": self._measured.pieces("layers", member),
            "latest": self._measured.latest("layers", member),
            **self._asides.of_member(member),
        }

    def _crowd(self, member: int) -> Crowd | None:
        """All members beside each other, if there are several. Nothing but the latest rows is copied."""
        if self._started is None or len(self._started.experiments) < 2:
            return None
        pieces = {name: self._records.pieces(name) for name in _SCALARS} | {name: self._epochs.pieces(name) for name in _SCORES}
        steps, epoch_steps = self._records.column("steps"), self._epochs.column("epoch_steps")
        ends = [ENDED if each.reason else each.status.value for each in self._finished.outcomes] if self._finished else None
        return Crowd(member, steps, epoch_steps, pieces, frozenset(self._ended), tuple(ends) if ends is not None else None)

    def _status(self, outcome: Outcome | None) -> str:
        if self._failed is not None:
            return Status.FAILED.value
        if outcome is not None:
            return outcome.status.value
        return PREPARING if self._started is None else Status.RUNNING.value


def _tracks(members: int, layers: int) -> tuple[Track, Track, Track]:
    """Empty tracks of the recorded steps, of the measurements of layers and of the epochs."""
    number, time, figure = np.zeros((), np.int64), np.zeros(()), np.full(members, np.nan)
    stats = np.full((members, layers, len(STATISTICS)), np.nan, np.float32)
    measurements = max(64, min(POINTS, MEMORY // max(stats.nbytes, 1)))
    return (
        Track(POINTS, {"steps": number, "seconds": time, **dict.fromkeys(_SCALARS, figure)}),
        Track(measurements, {"steps": number, "layers": stats}),
        Track(POINTS, {"epochs": number, "epoch_steps": number, **dict.fromkeys(_SCORES, figure)}),
    )


def _figures(scores: tuple[Score, ...] | tuple[Score | None, ...], figure: str) -> Array:
    """One figure of every member as a row of its own: [1, P], not-a-number where there is none."""
    values = [getattr(score, figure) if score is not None else None for score in scores]
    return np.array([values], np.float64)


def _copied(series: dict[str, Any]) -> dict[str, Any]:
    """The same, apart from the arrays of the whole population, which go on growing."""

    def copy(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(copy, value))
        if not isinstance(value, np.ndarray):
            return value
        own = value.copy()
        own.flags.writeable = False
        return own

    return {name: copy(value) for name, value in series.items()}
