"""What is wrong with runs, on the command line: as lines for people and as objects for programs."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence

from engine.events import FindingRaised
from engine.insight.finding import Evidence, Finding
from workbench.findings import places, sign, span, title, worst_first

Fields = dict[str, object]
EVIDENCE_SHOWN = 16
LEAST_WIDTH = 40


def finding_fields(finding: Finding) -> Fields:
    """A finding as the fields of a JSON object."""
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "opened": finding.opened,
        "updated": finding.updated,
        "closed": finding.closed,
        "words": finding.words,
        "layers": list(finding.layers),
        "evidence": [
            {"quantity": str(each.quantity), "layer": each.layer, "value": each.value, "bound": each.bound, "step": each.step}
            for each in finding.evidence
        ],
        "remedies": [{"title": each.title, "changes": dict(each.changes)} for each in finding.remedies],
    }


class Tidings:
    """Says what is newly found or gone while a training goes on, not each time that its numbers change."""

    def __init__(self) -> None:
        self._known: set[tuple[int | None, str, int]] = set()

    def lines(self, told: Sequence[tuple[FindingRaised, Sequence[int]]], members: int) -> list[str]:
        """A line for each rule of which something was opened or closed.

        Args:
            told: Findings, each with the runs of its population, in their order.
            members: Runs that are trained together.
        """
        news: dict[tuple[str, bool], list[tuple[int | None, Finding]]] = {}
        for event, run_ids in told:
            finding = event.finding
            run = run_ids[finding.member] if run_ids else None
            key = (run, finding.rule, finding.opened)
            is_gone = finding.closed is not None
            if is_gone == (key in self._known):
                news.setdefault((finding.rule, is_gone), []).append((run, finding))
                (self._known.discard if is_gone else self._known.add)(key)
        return [_line(each, members) for each in news.values()]


def _line(found: Sequence[tuple[int | None, Finding]], members: int) -> str:
    run, finding = found[0]
    which = ""
    if members > 1:
        which = f" (run {run})" if len(found) == 1 else f" ({len(found)} of {members} runs, first run {run})"
    what = finding.words if finding.closed is None else f"gone at step {finding.closed:,}"
    return f"{sign(finding)} {title(finding.rule)}{which}: {what}"


def print_findings(findings: Mapping[int, Sequence[Finding]]) -> None:
    """Print what was found in runs, by rule: what lasted, with the best remedy, then what was gone."""
    if len(findings) > 1:
        _print_of_several(findings)
        return
    for run, found in findings.items():
        for finding in worst_first(found):
            if finding.closed is not None:
                print(f"{sign(finding)} {title(finding.rule)}: gone, {span(finding)}")
                continue
            print(_filled(f"{sign(finding)} {title(finding.rule)}, {span(finding)}: {finding.words}", rest="  "))
            if finding.remedies:
                what = f"  remedy: {finding.remedies[0].title}"
                print(_filled(f"{what}; `workbench fix {run} --finding {finding.rule}` tries it", rest="  "))
        if found:
            print()


def _print_of_several(findings: Mapping[int, Sequence[Finding]]) -> None:
    from workbench.compare_state import id_ranges

    having: dict[str, set[int]] = {}
    lasting = [(finding, run) for run, found in findings.items() for finding in found if finding.closed is None]
    for finding, run in lasting:
        having.setdefault(finding.rule, set()).add(run)
    for worst in worst_first({finding.rule: finding for finding, _ in reversed(lasting)}.values()):
        runs = sorted(having[worst.rule])
        where = f"in {len(runs)} of {len(findings)} runs ({id_ranges(runs)})"
        print(_filled(f"{sign(worst)} {title(worst.rule)} {where}: {worst.words}", rest="  "))
    if having:
        print()


def print_finding(finding: Finding, run: int) -> None:
    """Print all of a finding: since when, where, evidence, what it means, what can be done."""
    from workbench.findings import rule_of

    where = f", {places(finding.layers)}" if finding.layers else ""
    print(f"{sign(finding)} {title(finding.rule)} ({finding.severity}), {span(finding)}{where}")
    print(_filled(f"  {finding.words}", rest="  "))
    if finding.evidence:
        _print_evidence(finding.evidence)
    rule = rule_of(finding.rule)
    if rule is not None:
        print(_filled(f"  {rule.explanation}", rest="  "))
    if finding.remedies:
        print(f"  Remedies (workbench fix {run} --finding {finding.rule} --remedy N):")
        for number, remedy in enumerate(finding.remedies, 1):
            changes = ", ".join(f"{path}={value}" for path, value in remedy.changes)
            print(f"    {number}. {remedy.title} ({changes})")
    print()


def _print_evidence(evidence: Sequence[Evidence]) -> None:
    """A table; of many numbers the first and the last ones."""
    from workbench.cli.output import make_table, print_table
    from workbench.plots import format_number

    layered = any(each.layer for each in evidence)
    layers = ["layer"] if layered else []
    table = make_table(["  evidence", *layers, "value", "bound", "step"], numbers=["value", "bound", "step"])
    half = EVIDENCE_SHOWN // 2
    shown = [*evidence[:half], None, *evidence[-half:]] if len(evidence) > EVIDENCE_SHOWN else evidence
    for each in shown:
        if each is None:
            table.add_row("  …")
            continue
        where = [each.layer] if layered else []
        name = f"  {str(each.quantity).replace('_', ' ')}"
        table.add_row(name, *where, format_number(each.value), format_number(each.bound), f"{each.step:,}")
    print()
    print_table(table)
    print()


def _filled(text: str, *, rest: str) -> str:
    """The text in lines that fit a terminal, the later ones behind `rest`; as it is where there is none."""
    if not sys.stdout.isatty():
        return text
    width = max(shutil.get_terminal_size().columns, LEAST_WIDTH)
    return textwrap.fill(text, width, subsequent_indent=rest, break_on_hyphens=False)
