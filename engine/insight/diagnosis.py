"""What goes wrong in a training, named while it goes on: a fold over its events."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from engine.events import EpochEnded, Event, Failed, FindingRaised, Finished, Frame, Started
from engine.insight.conclusion import conclude
from engine.insight.course import Blocks, Epochs
from engine.insight.finding import Finding
from engine.insight.latch import Latch, Latched, Steps
from engine.insight.ledger import Ledger, Told
from engine.insight.pace import Pace
from engine.insight.rules import RULES, facts, fit, gradients, signal, steps, units
from engine.insight.rules.fit import Scored
from engine.insight.rules.going import Going
from engine.insight.rules.measured import LayerMeasurements
from engine.insight.rules.rule import Case, Floats, Look
from engine.insight.subject import Subject
from engine.pictures import Examined, Mistaken

__all__ = ["RULES", "Diagnosis"]

OF_LAYERS = units.LOOKS | signal.LOOKS | gradients.LOOKS | steps.LAYER_LOOKS
"""Rules on measurements of the layers, by their keys; those on blocks of steps and on epochs are in `steps` and `fit`."""

MOST_KEPT = 300
"""Events that wait at the most; so many are looked at whatever it costs.

A look takes the longer the more there are. If they came faster than its time was made up for, ever more of them would be kept.
"""


class Diagnosis:
    """Finds what is wrong with the members of one population.

    What it finds does not depend on how the records of a training are cut into frames, nor on when it looks: events are kept,
    and looked at when that is worth its time or they are many, when somebody asks, and at the end. All methods are called by
    one thread.

    Args:
        clock: seconds; by which it is told how much time has gone by.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._pace = Pace(clock)
        self._kept: list[Event] = []
        self._seen: _Seen | None = None

    def apply(self, event: Event) -> tuple[FindingRaised, ...]:
        """Take in the next event; returns what is newly opened, changed or closed. `Started` comes first."""
        if isinstance(event, Started):
            return self.take([event])
        if not self._keep(event) or not (_is_over(event) or self._pace.is_due or len(self._kept) >= MOST_KEPT):
            return ()
        return self.take([])

    def take(self, events: Sequence[Event]) -> tuple[FindingRaised, ...]:
        """Take in the next events and look at all of them at once, however long ago the last look was."""
        for event in events:
            self._keep(event)
        over = bool(self._kept) and _is_over(self._kept[-1])
        self._look()
        return self._news(all_of_it=over)

    @property
    def up_to_date(self) -> bool:
        """Whether all that was told has been looked at."""
        return not self._kept

    def _keep(self, event: Event) -> bool:
        """Keep an event to be looked at; return whether there is something in it to look at."""
        if isinstance(event, Started):
            self._seen, self._kept = _Seen(event), []
        elif self._seen is not None and isinstance(event, Frame | EpochEnded | Mistaken | Examined | Finished | Failed):
            self._kept.append(event)
            return True
        return False

    def findings(self, member: int = 0) -> tuple[Finding, ...]:
        """All findings of a member: those that are open first, of these the most serious first."""
        if self._seen is None:
            return ()
        self._look()
        return self._seen.ledger.of(member)

    def _look(self) -> None:
        """Look at all events that were kept."""
        if self._seen is None or not self._kept:
            return
        events, self._kept = self._kept, []
        with self._pace.looking():
            self._seen.take(events)

    def _news(self, *, all_of_it: bool) -> tuple[FindingRaised, ...]:
        if self._seen is None:
            return ()
        return tuple(FindingRaised(finding) for finding in self._seen.ledger.news(all_of_it=all_of_it))


class _Seen:
    """All that is known of a population by now."""

    def __init__(self, started: Started) -> None:
        self.subject = Subject(started)
        self.ledger = Ledger(self.subject)
        members, layers = self.subject.members, len(self.subject.layers)
        self.blocks, self.epochs = Blocks(self.subject), Epochs(self.subject)
        self._first: Floats | None = None  # [K, P, L]
        self._broken = np.full(members, np.iinfo(np.int64).max)  # the first step whose cost was not finite
        self._was_too_high = np.zeros((1, members, 1), np.bool_)  # [B, P, 1] of the blocks that were looked at last
        whole = (*steps.LOOKS, *fit.LOOKS, "class-collapse")
        shapes = {**dict.fromkeys(OF_LAYERS, (members, layers)), **dict.fromkeys(whole, (members, 1))}
        self._latches = {key: Latch(RULES[key].opens_after, RULES[key].closes_after, shape) for key, shape in shapes.items()}
        self._state_facts()

    def _state_facts(self) -> None:
        for key, look in facts.LOOKS.items():
            evidence = look(self.subject)
            if not evidence:
                continue
            figures = {each.quantity: (each.value,) for each in evidence}
            layers = tuple(each.layer for each in evidence if each.layer)
            for member in range(self.subject.members):
                self.ledger.state(RULES[key], Case(self.subject, member, 0, layers=layers, figures=figures), evidence)

    def take(self, events: list[Event]) -> None:
        """Take in some events, in their order within each kind."""
        frames = [event for event in events if isinstance(event, Frame) and len(event.steps)]
        blocks, epochs = len(self.blocks.ends), len(self.epochs.steps)
        with np.errstate(all="ignore"):  # what is not finite compares as neither good nor bad
            if frames:
                frame = _joined(frames)
                self.blocks.take(frame)
            self.epochs.take([event for event in events if isinstance(event, EpochEnded)], self.blocks.reference)
            if frames and len(frame.layer_steps):
                self._look_at_layers(frame)
            if len(self.blocks.ends) > blocks:
                self._look_at_blocks(blocks)
            if len(self.epochs.steps) > epochs:
                self._look_at_epochs(epochs)
            for event in events:
                self._look_at_the_rest(event)

    def _look_at_layers(self, frame: Frame) -> None:
        values = np.ascontiguousarray(np.moveaxis(frame.layers, -1, 0), np.float64)
        broken = ~np.isfinite(frame.loss)
        for member in np.flatnonzero(broken.any(0)).tolist():
            self._broken[member] = min(self._broken[member], int(frame.steps[np.argmax(broken[:, member])]))
        values[:, frame.layer_steps[:, None] >= self._broken] = np.nan
        if self._first is None:
            self._first = values[:, 0].copy()
        measured = LayerMeasurements(
            self.subject, frame.layer_steps, values, self._first, self.blocks.level_at(frame.layer_steps)
        )
        for key, look in OF_LAYERS.items():
            self._judge(key, frame.layer_steps, look(measured))

    def _look_at_blocks(self, seen: int) -> None:
        going, ends = Going(self.blocks, self.epochs), self.blocks.ends.rows[seen:].astype(np.int64)
        for key, look in steps.LOOKS.items():
            seen_now = _from(look(going), seen)
            if key == steps.TOO_LOW:
                seen_now = steps.unless(self._was_too_high, seen_now)
            latched = self._judge(key, ends, seen_now)
            if key == steps.TOO_HIGH:
                now = np.zeros((len(ends), self.subject.members, 1), np.bool_) if latched is None else latched.on
                before = np.broadcast_to(self._was_too_high[-1:], (1, self.subject.members, 1))
                self._was_too_high = np.logical_or.accumulate(np.concatenate([before, now]))[1:]

    def _look_at_epochs(self, seen: int) -> None:
        scored, ends = Scored(self.blocks, self.epochs), self.epochs.steps.rows[seen:].astype(np.int64)
        for key, look in fit.LOOKS.items():
            self._judge(key, ends, _from(look(scored), seen))

    def _look_at_the_rest(self, event: Event) -> None:
        if isinstance(event, Mistaken):
            self._look_at_answers(event.confusion, event.step)
        elif isinstance(event, Examined):  # the last word on it
            step = int(self.epochs.steps.rows[-1]) if len(self.epochs.steps) else self.subject.started.total_steps
            self._look_at_answers(event.confusion, step)
            self._look_at_answers(event.confusion, step)
        elif isinstance(event, Finished):
            conclude(self.subject, self.blocks, self.ledger, event, self._at_first())

    def _at_first(self) -> LayerMeasurements | None:
        """The first measurement of the layers, if there is one."""
        if self._first is None:
            return None
        step = np.ones(1, np.int64)
        return LayerMeasurements(self.subject, step, self._first[:, None], self._first, self.blocks.level_at(step))

    def _look_at_answers(self, confusion: NDArray[np.int64], step: int) -> None:
        look = fit.look_collapse(confusion, step, self.subject.started.total_steps)
        self._judge("class-collapse", np.array([step]), look)

    def _judge(self, key: str, at: Steps, look: Look) -> Latched | None:
        """Pass what a rule sees through its latch into the ledger."""
        latched = self._latches[key].take(at, look.bad, look.good)
        if latched is not None:
            self.ledger.take(Told(RULES[key], at, look, latched, self.blocks.level_at))
        return latched


def _is_over(event: Event) -> bool:
    return isinstance(event, Finished | Failed)


def _from(look: Look, row: int) -> Look:
    """Without the measurements that were looked at before."""
    figures = tuple(
        replace(figure, values=figure.values[row:], beyond=None if figure.beyond is None else figure.beyond[row:])
        for figure in look.figures
    )
    return Look(look.bad[row:], look.good[row:], figures)


def _joined(frames: list[Frame]) -> Frame:
    """Several frames as one."""
    if len(frames) == 1:
        return frames[0]
    return Frame(*(np.concatenate([getattr(frame, each.name) for frame in frames]) for each in fields(Frame)))
