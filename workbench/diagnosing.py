"""Looking for what is wrong: in the events of a training that goes on, and in those of a stored run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from engine.events import EpochEnded, Event, FindingRaised, Finished, Frame, MemberEnded, Started
from engine.insight.finding import Finding
from engine.pictures import Examined, Mistaken
from workbench.findings import worst_first

MOST_APART = 64
"""Members of a population that goes on are looked at one by one, if they are no more than this."""


class Diagnoses(Protocol):
    """What finds it: `engine.insight.diagnosis.Diagnosis`, or something in its place in a test."""

    def apply(self, event: Event) -> tuple[FindingRaised, ...]:
        """Take in the next event of a population; return what is newly found, changed or gone."""
        ...

    def findings(self, member: int = 0) -> tuple[Finding, ...]:
        """All that was found of a member."""
        ...


class Diagnosing:
    """Has a diagnosis of one population made, as long as that works: what fails in it must not end a training."""

    def __init__(self, make: Callable[[], Diagnoses] | None = None) -> None:
        self.problem: Exception | None = None
        self._make = make or new_diagnosis
        self._whole: Diagnoses | None = None
        self._apart: tuple[Diagnoses, ...] = ()  # one for each member, where the training went on from a checkpoint

    def apply(self, event: Event) -> tuple[FindingRaised, ...]:
        """Take in the next event; return what is newly found, changed or gone. Nothing any more after a problem."""
        if self.problem is not None or isinstance(event, FindingRaised):
            return ()
        try:
            if self._apart:
                return tuple(raised for member in range(len(self._apart)) for raised in self._applied(event, member))
            if self._whole is None:
                self._whole = self._make()
            return self._whole.apply(event)
        except Exception as error:
            self.problem = error
            return ()

    def catch_up(self, runs: Sequence[Iterable[Event]]) -> tuple[FindingRaised, ...]:
        """Begin anew with what the stored runs of the members have told so far; return what was found in it.

        Of very many members nothing is read: what goes wrong from here on is found all the same.
        """
        if self.problem is not None or len(runs) > MOST_APART:
            return ()
        try:
            self._apart = tuple(_fed(self._make(), events) for events in runs)
            return tuple(_of(finding, member) for member, each in enumerate(self._apart) for finding in each.findings())
        except Exception as error:
            self.problem = error
            return ()

    def _applied(self, event: Event, member: int) -> tuple[FindingRaised, ...]:
        own = of_member(event, member)
        return tuple(_of(raised.finding, member) for raised in self._apart[member].apply(own)) if own is not None else ()


def diagnosed(events: Iterable[Event], make: Callable[[], Diagnoses] | None = None) -> tuple[Finding, ...]:
    """All that is found in the events of a run that is told again, the worst first."""
    return worst_first(_fed((make or new_diagnosis)(), events).findings())


def of_member(event: Event, member: int) -> Event | None:
    """What an event of a population says of one member, as that of a population of one; None where it is of another member.

    Events of which a diagnosis makes nothing are left as they are.
    """
    one = slice(member, member + 1)
    match event:
        case Started():
            return replace(event, experiments=event.experiments[one])
        case Frame():
            scalars = {name: getattr(event, name)[:, one] for name in ("loss", "l1", "l2", "lr", "layers")}
            return replace(event, **scalars)
        case EpochEnded():
            return replace(event, train=event.train[one], validation=event.validation[one])
        case Mistaken() | Examined():
            return replace(event, confusion=event.confusion[one], worst=event.worst[one])
        case MemberEnded():
            return replace(event, member=0) if event.member == member else None
        case Finished():
            return replace(event, outcomes=event.outcomes[one])
        case _:
            return event


def new_diagnosis() -> Diagnoses:
    """The engine's, with all its rules. Loads NumPy."""
    from engine.insight.diagnosis import Diagnosis

    return Diagnosis()


def _fed(diagnosis: Diagnoses, events: Iterable[Event]) -> Diagnoses:
    """The diagnosis with all of these events, but for what was found in them before."""
    for event in events:
        if not isinstance(event, FindingRaised):
            diagnosis.apply(event)
    return diagnosis


def _of(finding: Finding, member: int) -> FindingRaised:
    return FindingRaised(replace(finding, member=member))
