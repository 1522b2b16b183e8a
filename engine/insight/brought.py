"""Which findings bring about which others, so that the cause is told before what follows from it. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Iterable

from engine.insight.finding import Finding

FIRST = 1
"""The step whose measurement is of the first weights."""
_STUCK = frozenset(("not-learning", "class-collapse", "update-ratio-out-of-range", "learning-rate-too-low"))
_LOST = _STUCK | {"dead-units", "signal-dies", "vanishing-gradient", "saturated-layer"}
_BLOWN_UP = frozenset(("not-finite", "learning-rate-too-high", "update-ratio-out-of-range", "signal-explodes"))

BRINGS = {
    "inputs-not-standardized": _BLOWN_UP | _STUCK | {"saturated-layer", "dead-units", "signal-dies"},
    "unbalanced-classes": frozenset(("class-collapse",)),
    "output-does-not-fit-cost": frozenset(("not-learning", "learning-rate-too-low")),
    "symmetric-initialization": _STUCK | {"layers-learn-at-different-speeds", "vanishing-gradient"},
    "signal-explodes": (_BLOWN_UP - {"signal-explodes"}) | {"exploding-gradient", "dead-units", "saturated-layer"},
    "signal-dies": _STUCK | {"dead-units", "vanishing-gradient"},
    "saturated-layer": _STUCK | {"layers-learn-at-different-speeds"},
    "vanishing-gradient": _STUCK | {"layers-learn-at-different-speeds"},
    "exploding-gradient": _BLOWN_UP | {"layers-learn-at-different-speeds"},
    "underfitting": _LOST | {"weights-collapse"},
    "weights-collapse": _LOST,
    "learning-rate-too-high": (_LOST | _BLOWN_UP | {"exploding-gradient", "noisy-batches"}) - {"learning-rate-too-high"},
    "dead-units": _STUCK | {"vanishing-gradient", "signal-dies"},
    "not-learning": frozenset(("class-collapse",)),
    "overfitting": frozenset(("stop-earlier",)),
}
"""By the keys of rules."""
_OF_FIRST_WEIGHTS = frozenset(("signal-explodes", "signal-dies", "saturated-layer", "vanishing-gradient", "exploding-gradient"))
"""What brings others about only where the first weights have it: later on it is something else that has brought it."""


def brings(cause: Finding, finding: Finding) -> bool:
    """Whether the one may have brought the other about, both being open and of the same member.

    What the first weights have is not the work of anything that came later.
    """
    if cause.closed is not None or finding.closed is not None or cause.member != finding.member:
        return False
    if finding.rule not in BRINGS.get(cause.rule, ()):
        return False
    if cause.rule in _OF_FIRST_WEIGHTS and cause.opened > FIRST:
        return False
    return finding.opened > FIRST or cause.opened <= FIRST


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that are not closed first, of them the most serious first, causes before what they bring about.

    A cause counts as as serious as the worst of that. Of what is left the earliest comes first.
    """
    found = tuple(findings)

    def place(finding: Finding) -> tuple[bool, int, int, int, str]:
        rank = min([finding.severity.rank, *(each.severity.rank for each in found if brings(finding, each))])
        causes = sum(brings(each, finding) for each in found)
        return finding.closed is not None, rank, causes, finding.opened, finding.rule

    return tuple(sorted(found, key=place))
