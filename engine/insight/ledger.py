"""The findings of a population: opened, kept up to date, closed.

Axes of the arrays: T measurements, P members, L layers (1 for the whole network).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.insight.brought import worst_first
from engine.insight.finding import Evidence, Finding, Remedy
from engine.insight.latch import Flags, Latched, Steps
from engine.insight.rules.changes import remedies
from engine.insight.rules.rule import Case, Floats, Look, Rule
from engine.insight.subject import Subject

WORTH_TELLING = 1.1
"""A finding that stays open is told again when the training has gone on by a tenth."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a rule saw in some measurements, and what of it has opened."""

    rule: Rule
    steps: Steps  # [T]
    look: Look
    latched: Latched
    level: Callable[[Steps], Floats]  # steps [T] -> [T, P, 1] training cost as a share of the chance level


class Ledger:
    """Keeps the findings of all members."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._open: dict[tuple[str, int], Finding] = {}
        self._closed: dict[int, list[Finding]] = {}
        self._told: dict[tuple[str, int, int], Finding] = {}  # as they were told last
        self._remedies: dict[tuple[str, int, str], tuple[Remedy, ...]] = {}

    # --- taking in -----------------------------------------------------------

    def take(self, told: Told) -> None:
        """Open, update and close the findings of one rule."""
        on: Flags = np.logical_or.reduce(told.latched.on, axis=-1)  # [T, P]
        was: Flags = np.logical_or.reduce(told.latched.before, axis=-1)  # [P]
        for member in np.flatnonzero(on.any(0) | was).tolist():
            self._of_member(told, member, on[:, member], bool(was[member]))

    def _of_member(self, told: Told, member: int, on: NDArray[np.bool_], was: bool) -> None:
        turns = np.flatnonzero(np.diff(on, prepend=was)).tolist()
        begins = [0, *turns] if was else turns
        for place in range(0, len(begins), 2):
            begin = begins[place]
            end = begins[place + 1] if place + 1 < len(begins) else None
            if not (was and place == 0):
                self._begin(told, member, begin)
            self._go_on(told, member, begin, len(on) if end is None else end)
            if end is not None:
                self.close(told.rule.key, member, int(told.steps[end]))

    def _begin(self, told: Told, member: int, row: int) -> None:
        layers = told.latched.on[row, member]
        opened = int(told.latched.since[row, member][layers].min())
        key = told.rule.key, member
        self._open[key] = Finding(key[0], told.rule.severity, opened, opened, "", member=member)

    def _go_on(self, told: Told, member: int, begin: int, end: int) -> None:
        """Bring a finding up to date by the last of the rows that show it."""
        on = told.latched.on[begin:end, member]
        shown = np.flatnonzero((told.look.bad[begin:end, member] & on).any(-1))
        if len(shown) == 0:
            return
        row = begin + int(shown[-1])
        layers = np.flatnonzero(told.latched.on[row, member] & told.look.bad[row, member]).tolist()
        whole = told.latched.on.shape[-1] == 1 and told.rule.shows is None
        names = () if whole else tuple(self._subject.layers[layer].name for layer in layers)
        figures = {
            figure.quantity: tuple(
                float(np.broadcast_to(figure.values[row, member], told.latched.on.shape[-1:])[at]) for at in layers
            )
            for figure in told.look.figures
        }
        step = int(told.steps[row])
        level = float(told.level(told.steps[row : row + 1])[0, member, 0])
        case = Case(self._subject, member, step, level, names, figures)
        evidence = tuple(
            Evidence(figure.quantity, value, figure.bound_of(value), step, name)
            for figure in told.look.figures
            if np.isfinite(figure.bound)
            for at, name, value in zip(layers, names or ("",), figures[figure.quantity], strict=True)
            if figure.is_beyond(row, member, at)
        )
        self._update(told.rule, case, evidence)

    def _update(self, rule: Rule, case: Case, evidence: Sequence[Evidence]) -> None:
        key = rule.key, case.member
        self._open[key] = replace(
            self._open[key],
            severity=rule.severity_of(case),
            updated=case.step,
            words=rule.words(case),
            layers=case.layers,
            evidence=tuple(evidence),
            remedies=self._remedies_of(rule, case),
        )

    def state(self, rule: Rule, case: Case, evidence: Sequence[Evidence]) -> None:
        """Open a finding that needs no second look, or bring it up to date."""
        key = rule.key, case.member
        if key not in self._open:
            self._open[key] = Finding(rule.key, rule.severity, case.step, case.step, "", member=case.member)
        self._update(rule, case, evidence)

    def close(self, rule: str, member: int, step: int) -> None:
        """Close a finding, if it is open."""
        finding = self._open.pop((rule, member), None)
        if finding is not None:
            self._closed.setdefault(member, []).append(replace(finding, closed=step))

    def _remedies_of(self, rule: Rule, case: Case) -> tuple[Remedy, ...]:
        """Remedies are tried out on the experiment, which takes a while: once for members that differ in the seed alone."""
        changes = list(rule.changes(case))
        key = rule.key, self._subject.kinds[case.member], repr(changes)
        if key not in self._remedies:
            self._remedies[key] = remedies(case.experiment, changes)
        return self._remedies[key]

    # --- telling -------------------------------------------------------------

    def news(self, *, all_of_it: bool = False) -> tuple[Finding, ...]:
        """What is new since the last call: opened, closed, worse or better, in other layers, or simply older by a tenth.

        In the order in which they were opened: what was closed is told before what came back after it.
        """
        current = [*(finding for closed in self._closed.values() for finding in closed), *self._open.values()]
        fresh = []
        for finding in sorted(current, key=lambda each: (each.opened, each.closed is None)):
            key = finding.rule, finding.member, finding.opened
            known = self._told.get(key)
            if known is None or (known != finding and (all_of_it or _is_worth_telling(known, finding))):
                self._told[key] = finding
                fresh.append(finding)
        return tuple(fresh)

    def of(self, member: int) -> tuple[Finding, ...]:
        """All of a member, the open ones first, of these the most serious first."""
        found = [*(finding for (_, whose), finding in self._open.items() if whose == member), *self._closed.get(member, ())]
        return worst_first(found)


def _is_worth_telling(known: Finding, finding: Finding) -> bool:
    return (known.closed, known.severity, known.layers) != (
        finding.closed,
        finding.severity,
        finding.layers,
    ) or finding.updated > WORTH_TELLING * known.updated
