"""Findings as all parts of the workbench show them: their order, their signs, their names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from engine.insight.brought import worst_first as worst_first
from engine.insight.finding import Finding, Severity

if TYPE_CHECKING:
    from engine.insight.rules import Rule

SIGNS = {Severity.SERIOUS: "▲", Severity.WARNING: "△", Severity.NOTE: "○"}
"""A sign for each severity, so that colour is not needed."""
GONE = "✓"
"""The sign of a finding that is closed."""
FEW_LAYERS = 4


def with_finding(findings: Iterable[Finding], new: Finding) -> tuple[Finding, ...]:
    """The findings of a member with one as it now stands, in their order."""
    others = (each for each in findings if (each.rule, each.opened) != (new.rule, new.opened))
    return worst_first((*others, new))


def sign(finding: Finding) -> str:
    """Of its severity, or that it is gone."""
    return SIGNS[finding.severity] if finding.closed is None else GONE


def brief(rules: Sequence[str], severity: str | None, *, named: bool = True) -> str:
    """The worst of some findings, and how many there are besides: `▲ vanishing-gradient +1`; empty if there are none.

    Without names the worst severity and how many there are: `▲ 2`.
    """
    if not rules or severity is None:
        return ""
    if not named:
        return f"{SIGNS[Severity(severity)]} {len(rules)}"
    more = f" +{len(rules) - 1}" if len(rules) > 1 else ""
    return f"{SIGNS[Severity(severity)]} {rules[0]}{more}"


def listed(text: str) -> tuple[tuple[str, ...], str | None]:
    """The rules and the worst severity that the field `finding` of a run tells; see `workbench.history.fields.FINDINGS`."""
    pairs = [each.split(" ") for each in text.split("\n")] if text else []
    return tuple(rule for _, rule in pairs), pairs[0][0] if pairs else None


def span(finding: Finding) -> str:
    """From which step on it was there, or until which."""
    if finding.closed is None:
        return f"since step {finding.opened:,}"
    return f"from step {finding.opened:,} to {finding.closed:,}"


def places(layers: Sequence[str]) -> str:
    """Some layers in words: all of a few, the first and the last of many."""
    return ", ".join(layers) if len(layers) <= FEW_LAYERS else f"{len(layers)} layers, {layers[0]} to {layers[-1]}"


def rule_of(key: str) -> Rule | None:
    """The rule of that key; None where this version has none. Loads NumPy."""
    from engine.insight.rules import RULES

    return RULES.get(key)


def title(key: str) -> str:
    """What a rule calls what it finds, such as "Vanishing gradient"."""
    rule = rule_of(key)
    return rule.title if rule is not None else key.replace("-", " ").capitalize()
