"""A diagnosis that is told, not made: the same findings at the same steps, for tests of all that handles them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.events import Event, FindingRaised, Frame, Started
from engine.insight.finding import Evidence, Finding, Remedy, Severity

RELU = Remedy("ReLU with He initialization", (("model.activation", "relu"), ("model.init", "he_normal")))
SLOWER = Remedy("Learning rate 0.0001", (("lr", "0.0001"),))


def finding(opened: int = 20, updated: int | None = None, **changes: object) -> Finding:
    """A vanishing gradient with evidence of every kind."""
    last = updated or opened
    evidence = (
        Evidence("gradient_std", 2e-6, 1e-2, last, "hidden 1"),
        Evidence("gradient_std", float("inf"), 1e-2, last, "hidden 2"),
        Evidence("validation_cost", float("nan"), -float("inf"), last),
    )
    usual = Finding(
        rule="vanishing-gradient",
        severity=Severity.SERIOUS,
        opened=opened,
        updated=last,
        words="The gradient in hidden 1 is 2e-06 of that in the output.",
        layers=("hidden 1", "hidden 2"),
        evidence=evidence,
        remedies=(RELU, SLOWER),
    )
    return replace(usual, **changes)


DEAD = finding(
    40, rule="dead-units", severity=Severity.WARNING, words="Half of the units are dead.", evidence=(), remedies=(SLOWER,)
)


class Told:
    """Raises findings as frames reach their steps: each of them when it was opened, updated and closed."""

    script: Mapping[int, tuple[Finding, ...]] = {
        20: (finding(20),),
        40: (finding(20, 40), DEAD),
        60: (finding(20, 60), replace(DEAD, closed=60)),
    }

    def __init__(self) -> None:
        self._step = 0
        self._members = 1
        self._found: dict[tuple[str, int, int], Finding] = {}
        self.seen: list[Event] = []

    def apply(self, event: Event) -> tuple[FindingRaised, ...]:
        """What the script has for the steps of a frame."""
        self.seen.append(event)
        if isinstance(event, Started):
            self._members = len(event.experiments)
        if not isinstance(event, Frame):
            return ()
        before, self._step = self._step, int(event.steps[-1])
        raised = [
            replace(each, member=member)
            for step, found in self.script.items()
            if before < step <= self._step
            for each in found
            for member in range(self._members)
        ]
        self._found |= {(each.rule, each.opened, each.member): each for each in raised}
        return tuple(map(FindingRaised, raised))

    def take(self, events: Sequence[Event]) -> tuple[FindingRaised, ...]:
        """The same of several events."""
        return tuple(raised for event in events for raised in self.apply(event))

    def findings(self, member: int = 0) -> tuple[Finding, ...]:
        """As they now stand."""
        return tuple(each for each in self._found.values() if each.member == member)
