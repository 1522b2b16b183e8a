"""All rules by their keys, in the order in which they are listed: from the data to the fit."""

from __future__ import annotations

from engine.insight.rules import facts, fit, gradients, signal, steps, units
from engine.insight.rules.rule import Rule

__all__ = ["RULES", "Rule"]

RULES: dict[str, Rule] = {
    rule.key: rule
    for family in (facts.RULES, units.RULES, signal.RULES, gradients.RULES, steps.RULES, fit.RULES)
    for rule in family
}
