"""What is wrong with a run and what can be done about it, as text with the numbers by which it is chosen. No widget."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from engine.insight.finding import Evidence, Finding, Remedy
from workbench.findings import places, sign, span, title
from workbench.plots import format_number

if TYPE_CHECKING:
    from workbench.remedy import Plan

EVIDENCE_SHOWN = 16
"""Of more numbers the first and the last ones are told."""
_NUMBERS = ("value", "bound", "step")
_QUANTITY_LEAST = 16


def offered(plans: Sequence[Plan], rule: str) -> tuple[Plan, ...]:
    """The remedies in the order in which they are listed and numbered: those for a rule first.

    What comes to the same training as another one before it is listed once.
    """
    once: dict[object, Plan] = {}
    for plan in sorted(plans, key=lambda plan: plan.finding.rule != rule):
        once.setdefault(plan.experiments, plan)
    return tuple(once.values())


def changes_text(remedy: Remedy) -> str:
    """The settings that a remedy changes: `l1=0, l2=0`."""
    return ", ".join(f"{path}={value}" for path, value in remedy.changes)


def _with_changes(remedy: Remedy) -> str:
    return f"{remedy.title} ({changes_text(remedy)})"


def own_text(finding: Finding, run: int, plans: Sequence[Plan] | None, width: int) -> str:
    """What was found in this very run: where, on which evidence, and what helps, in lines of at most so many characters.

    Args:
        finding: What was found.
        run: In which run.
        plans: All that can be done for the run; None: that is not known yet.
        width: Characters.
    """
    where = f", in {places(finding.layers)}" if finding.layers else ""
    head = f"{sign(finding)} {title(finding.rule)} in run {run}, {span(finding)}{where}"
    parts = [_filled(head, width), _filled(finding.words, width, "  ")]
    if finding.evidence:
        parts.append("\n".join(evidence_lines(finding.evidence, width)))
    parts.append(_what_helps(finding, run, plans, width))
    return "\n\n".join(parts)


def _what_helps(finding: Finding, run: int, plans: Sequence[Plan] | None, width: int) -> str:
    head = f"What helps in run {run}"
    if finding.closed is not None:
        return f"{head}\n  nothing needs to be done: it is gone"
    if plans is None:
        return f"{head}\n  looking it up …"
    own = [(number, plan) for number, plan in enumerate(offered(plans, finding.rule), 1) if plan.finding.rule == finding.rule]
    if not own and finding.remedies:  # what was found just now is not recorded yet
        return "\n".join([head, *(_filled(f"- {_with_changes(each)}", width, "  ", "    ") for each in finding.remedies)])
    if not own:
        return f"{head}\n  no remedy is known"
    texts = (f"{number}. {_with_changes(plan.remedy)}" for number, plan in own)
    return "\n".join([f"{head}  (F lists them with these numbers)", *(_filled(text, width, "  ", "     ") for text in texts)])


def evidence_lines(evidence: Sequence[Evidence], width: int) -> list[str]:
    """A table of quantity, layer, value, bound and step; what belongs to the same quantity stands below each other."""
    half = EVIDENCE_SHOWN // 2
    shown = [*evidence[:half], *evidence[-half:]] if len(evidence) > EVIDENCE_SHOWN else list(evidence)
    rows = [(each.layer, format_number(each.value), format_number(each.bound), f"{each.step:,}") for each in shown]
    names = ("layer" if any(each.layer for each in shown) else "", *_NUMBERS)
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    room = max(_QUANTITY_LEAST, width - 2 - sum(each + 2 for each in widths if each))
    quantities = [str(each.quantity).replace("_", " ") for each in shown]
    room = min(room, max(map(len, (*quantities, "evidence"))))

    def line(quantity: str, cells: Sequence[str]) -> str:
        layer, *numbers = (f"{cell:>{wide}}" for cell, wide in zip(cells, widths, strict=True))
        return "  ".join([f"  {quantity:<{room}}", *([layer.strip().ljust(widths[0])] if widths[0] else []), *numbers]).rstrip()

    lines = [line("evidence", names)]
    for quantity, group in groupby(zip(quantities, rows, strict=True), key=lambda each: each[0]):
        told = zip_longest(textwrap.wrap(quantity, room), (row for _, row in group))
        lines += [line(text or "", row or ("", "", "", "")) for text, row in told]
    if len(evidence) > len(shown):
        lines.append(f"  … and {len(evidence) - len(shown)} more numbers")
    return lines


def _filled(text: str, width: int, indent: str = "", rest: str | None = None) -> str:
    more = indent if rest is None else rest
    return textwrap.fill(text, max(width, 20), initial_indent=indent, subsequent_indent=more, break_on_hyphens=False)
