"""What is unhealthy in a layer: a sign for the table, and the reason in words. Plain data, no widget."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.events import LayerInfo
from engine.insight.finding import Evidence, Finding
from engine.vocabulary import STATISTICS, WEIGHT_STATISTICS, Statistic
from workbench.findings import rule_of
from workbench.live import RunView
from workbench.plots import format_number, format_share

SMALL, LARGE, ALARM, NOT_FINITE = "↓", "↑", "!", "×"
"""Signs beside a number: too small, too large, a share too high, no number at all."""

_GATED = ("rnn", "gru", "lstm")
"""Kinds of layers that have activations within."""
_SHARES = (Statistic.SATURATED, Statistic.DEAD, Statistic.NEAR_ZERO)
_SLOW = "layers-learn-at-different-speeds"
"""Tells how many times faster another layer is: what is too small is this one's."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something unhealthy in a layer, beside the statistic that shows it."""

    statistic: Statistic
    sign: str
    words: str
    short: str
    """The same where there is little room."""


def marks(view: RunView) -> tuple[tuple[Mark, ...], ...]:
    """Of each layer what is found to be wrong with it now, the most serious first."""
    if not len(view.steps):
        return ((),) * len(view.layers)
    return tuple((*_not_finite(view, layer), *_found(view.findings, info.name)) for layer, info in enumerate(view.layers))


def judged_late(view: RunView) -> bool:
    """Whether something was measured after what was last looked at for what goes wrong."""
    return view.judged is not None and len(view.layer_steps) > 0 and view.judged < int(view.layer_steps[-1])


def lacks(info: LayerInfo, statistic: Statistic, value: float) -> bool:
    """Whether a layer has nothing of which this could be measured."""
    if statistic in WEIGHT_STATISTICS:
        return info.weights == 0 and math.isnan(value)
    flat = bool(info.activation) or info.kind in _GATED
    return statistic in (Statistic.SATURATED, Statistic.DEAD) and not flat and value == 0


def _not_finite(view: RunView, layer: int) -> list[Mark]:
    """One mark for all numbers that should be there and are infinite or not-a-number."""
    row = view.latest[layer]
    bad = [
        statistic
        for statistic, value in zip(STATISTICS, row.tolist(), strict=True)
        if not math.isfinite(value) and not lacks(view.layers[layer], statistic, value)
    ]
    return [Mark(bad[0], NOT_FINITE, "its numbers are no longer finite: it has diverged", "diverged")] if bad else []


def _found(findings: Sequence[Finding], layer: str) -> Iterator[Mark]:
    """Findings that are not closed, in the layer of this name, about something that is measured of layers."""
    for finding in findings:
        rule = rule_of(finding.rule) if finding.closed is None and layer in finding.layers else None
        if rule is None or rule.shows is None:
            continue
        name = rule.title[:1].lower() + rule.title[1:]
        evidence = next((each for each in finding.evidence if each.layer == layer), None)
        words = name if evidence is None else f"{name}: {evidence.quantity} {_value(evidence, rule.shows)}"
        yield Mark(rule.shows, _sign(finding.rule, rule.shows, evidence), words, name)


def _value(evidence: Evidence, statistic: Statistic) -> str:
    return format_share(evidence.value) if statistic in _SHARES else format_number(evidence.value)


def _sign(rule: str, statistic: Statistic, evidence: Evidence | None) -> str:
    if statistic in _SHARES or evidence is None:
        return ALARM
    return SMALL if rule == _SLOW or evidence.value < evidence.bound else LARGE
