"""Looking for what is wrong: in the events of a training that goes on, and in those of a stored run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from engine.events import EpochEnded, Event, Failed, FindingRaised, Finished, Frame, Started
from engine.insight.finding import Finding
from engine.insight.pace import Pace
from engine.pictures import Examined, Mistaken
from workbench.findings import worst_first


class Diagnoses(Protocol):
    """What finds it: `engine.insight.diagnosis.Diagnosis`, or something in its place in a test.

    What keeps events to look at them later says by `up_to_date` whether it keeps none.
    """

    def apply(self, event: Event) -> tuple[FindingRaised, ...]:
        """Take in the next event of a population; return what is newly found, changed or gone."""
        ...

    def take(self, events: Sequence[Event]) -> tuple[FindingRaised, ...]:
        """Take in the next events, and look at all of them at once."""
        ...

    def findings(self, member: int = 0) -> tuple[Finding, ...]:
        """All that was found of a member."""
        ...


class Diagnosing:
    """Has a diagnosis of one population made, as long as that works: what fails in it must not end a training."""

    def __init__(self, make: Callable[[], Diagnoses] | None = None, pace: Pace | None = None) -> None:
        self.problem: Exception | None = None
        self._make = make or new_diagnosis
        self._whole: Diagnoses | None = None
        self._apart: tuple[Diagnoses, ...] = ()  # one for each member, where the training went on from a checkpoint
        self._kept: list[Event] = []  # which these have not been given yet
        self._pace = pace or Pace()  # of all of these together
        self._lasting: dict[tuple[int, str], int] = {}  # when what was open before was opened, by member and rule
        self._begun_late = False  # what was told before was not looked at

    @property
    def whole(self) -> bool:
        """Whether all that was told so far was looked at."""
        return self.problem is None and not self._begun_late

    @property
    def up_to_date(self) -> bool:
        """Whether all that was told until now has been looked at, and nothing is kept for later."""
        if self.problem is not None or (self._whole is None and not self._apart):
            return False
        return not self._kept and bool(getattr(self._whole, "up_to_date", True))

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """What fails within is the end of the diagnosis, and of nothing else."""
        try:
            yield
        except Exception as error:
            self.problem = self.problem or error.with_traceback(None)  # which would keep what was being read

    def apply(self, event: Event) -> tuple[FindingRaised, ...]:
        """Take in the next event; return what is newly found, changed or gone. Nothing any more after a problem."""
        if self.problem is not None or isinstance(event, FindingRaised):
            return ()
        raised: list[FindingRaised] = []
        with self.guarded():
            raised += self._of_members(event) if self._apart else self._of_all(event)
        return tuple(raised)

    def catch_up(self, runs: Iterable[Iterable[Event]], members: int) -> tuple[tuple[Finding, ...], ...] | None:
        """Begin anew with what the stored runs of the members have told so far.

        Returns:
            All that was found in them, by members; None where not all of them could be looked at.
        """
        with self.guarded():
            apart = tuple(_fed(self._make(), events) for events in runs)
            found = tuple(
                tuple(replace(finding, member=number) for finding in each.findings()) for number, each in enumerate(apart)
            )
            if len(apart) == members:
                self._apart = apart
                return found
        return None

    def adopt(self, findings: Iterable[Finding]) -> None:
        """Take what was found before for granted: what is open is not found anew, and stays open until it is found to be gone."""
        self._lasting = {(each.member, each.rule): each.opened for each in findings if each.closed is None}
        self._begun_late = True

    def _of_all(self, event: Event) -> tuple[FindingRaised, ...]:
        if self._whole is None:
            self._whole = self._make()
        return tuple(self._as_before(raised) for raised in self._whole.apply(event))

    def _of_members(self, event: Event) -> tuple[FindingRaised, ...]:
        """Members that are looked at one by one share their time: all of them are looked at, or none."""
        self._kept.append(event)
        if not (self._pace.is_due or isinstance(event, Finished | Failed)):
            return ()
        events, self._kept = self._kept, []
        with self._pace.looking():
            return tuple(
                FindingRaised(replace(raised.finding, member=member))
                for member, each in enumerate(self._apart)
                for raised in each.take([of_member(event, member) for event in events])
            )

    def _as_before(self, raised: FindingRaised) -> FindingRaised:
        """The same finding, opened when it was where it was open before."""
        key = raised.finding.member, raised.finding.rule
        opened = self._lasting.get(key)
        if opened is None:
            return raised
        if raised.finding.closed is not None:
            del self._lasting[key]
        return FindingRaised(replace(raised.finding, opened=opened))


def diagnosed(events: Iterable[Event], make: Callable[[], Diagnoses] | None = None) -> tuple[Finding, ...]:
    """All that is found in the events of a run that is told again, the worst first."""
    return worst_first(_fed((make or new_diagnosis)(), events).findings())


def of_member(event: Event, member: int) -> Event:
    """What an event of a population says of one member, as that of a population of one.

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
