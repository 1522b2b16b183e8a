"""What is wrong with a run as lines of text: a line for each finding, and all of the one that is looked at. No widget."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from engine.insight.finding import Finding, Severity
from workbench.findings import places, rule_of, sign, span, title
from workbench.live import RunView
from workbench.plots.lines import Piece, Row
from workbench.plots.rows import fit, message_rows
from workbench.tui.layer_health import judged_late
from workbench.tui.remedies import changes_text

TITLE, MUTED, CHOSEN, GONE = "finding--title", "finding--muted", "finding--chosen", "finding--gone"
BY_SEVERITY = {
    Severity.SERIOUS: "finding--serious",
    Severity.WARNING: "finding--warning",
    Severity.NOTE: "finding--note",
}
STYLES = frozenset({TITLE, MUTED, CHOSEN, GONE, *BY_SEVERITY.values()})
"""Names of all styles that the lines have."""
CURSOR = "▸"
HINT = "J K another   F fix it   ! explain it"
NOTHING = "✓ Nothing is known to be wrong."
NOT_YET = "Nothing has been measured yet."
NOT_JUDGED = "Not judged yet."
_INDENT = 4


@dataclass(frozen=True, slots=True)
class Findings:
    """The lines, and which finding each of them is about."""

    rows: tuple[Row, ...] = ()
    about: tuple[int | None, ...] = ()

    def at(self, y: int) -> int | None:
        """The finding of a line; None where there is none."""
        return self.about[y] if 0 <= y < len(self.about) else None


def nothing_words(view: RunView) -> str:
    """What is said of a run in which nothing was found, as far as it was looked for."""
    if not len(view.steps):
        return NOT_YET
    if view.judged is None:
        return NOT_JUDGED
    return f"✓ Nothing is known to be wrong up to step {view.judged:,}." if judged_late(view) else NOTHING


def finding_lines(findings: Sequence[Finding], chosen: int, width: int, height: int, *, nothing: str = NOTHING) -> Findings:
    """Draw findings in `width` x `height` characters, so that the chosen one is in sight.

    Args:
        findings: In their order.
        chosen: The place of the one of which all is told.
        width: Characters.
        height: Lines.
        nothing: What is said where there are none.
    """
    if not findings:
        head = fit([("What is wrong", TITLE)], width)
        return Findings(message_rows(head, nothing, width, height, MUTED if nothing in (NOT_YET, NOT_JUDGED) else GONE))
    lasting = sum(each.closed is None for each in findings)
    past = f", {len(findings) - lasting} that went away" if lasting < len(findings) else ""
    head = fit([("What is wrong", TITLE), (f"  {lasting or 'nothing'} now{past}   ", MUTED), (HINT, MUTED)], width)
    lines: list[tuple[Row, int]] = []
    for place, finding in enumerate(findings):
        own = [_summary(finding, place == chosen, width)]
        if place == chosen:
            own += _details(finding, width)
        lines += [(row, place) for row in own]
    room = max(height - 1, 0)
    first = next((number for number, (_, place) in enumerate(lines) if place == chosen), 0)
    last = max((number for number, (_, place) in enumerate(lines) if place == chosen), default=0)
    begin = min(max(0, last - room + 1), first)
    shown = lines[begin : begin + room]
    blank = [fit([], width)] * (room - len(shown))
    return Findings((head, *(row for row, _ in shown), *blank)[:height], (None, *(place for _, place in shown)))


def _summary(finding: Finding, is_chosen: bool, width: int) -> Row:
    style = BY_SEVERITY[finding.severity] if finding.closed is None else GONE
    where = f"  {places(finding.layers)}" if finding.layers else ""
    return fit(
        [
            (CURSOR if is_chosen else " ", CHOSEN),
            (f"{sign(finding)} ", style),
            (title(finding.rule), CHOSEN if is_chosen else style),
            (f"{where}  {span(finding)}", MUTED),
        ],
        width,
    )


def _details(finding: Finding, width: int) -> list[Row]:
    """The numbers, what they mean, and what can be done."""
    rule = rule_of(finding.rule)
    rows = [*_wrapped(finding.words, "", width)]
    if rule is not None:
        rows += _wrapped(rule.explanation, MUTED, width)
    for number, remedy in enumerate(finding.remedies, start=1):
        rows.append(
            fit([(f"{' ' * _INDENT}{number}. ", CHOSEN), (remedy.title, ""), (f"  {changes_text(remedy)}", MUTED)], width)
        )
    return rows


def _wrapped(text: str, style: str, width: int) -> list[Row]:
    pieces: list[Piece] = [(f"{' ' * _INDENT}{line}", style) for line in textwrap.wrap(text, max(width - _INDENT, 20))]
    return [fit([piece], width) for piece in pieces]
