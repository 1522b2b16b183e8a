"""What is wrong with each of the runs that are compared, a line for each. No widget."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from engine.insight.finding import Finding, Severity
from engine.vocabulary import Status
from workbench.compare_state import Comparison, Entry
from workbench.findings import GONE, SIGNS, title, worst_first
from workbench.plots.overlay import COLOURS
from workbench.tui.comparison import SERIES

STYLES = {Severity.SERIOUS: "$error", Severity.WARNING: "$warning", Severity.NOTE: "$foreground"}
NOTHING = f"{GONE} nothing is known to be wrong"
NOT_YET = "not judged yet"
NOT_LOOKED = "not looked through to its end: workbench diagnose does that"


def found_lines(comparison: Comparison, width: int, most: int) -> Content:
    """The runs with what was found in them; where there are more than `most`, the current one and the baseline at least."""
    shown = _chosen(comparison, most)
    wide = max((len(entry.label) for entry in shown), default=0)
    lines = [_line(entry, wide).truncate(width, ellipsis=True) for entry in shown]
    left = len(comparison.entries) - len(shown)
    if left:
        lines.append(Content.styled(f"  and {left} more: of those what is wrong with the one under the cursor", "$muted"))
    return Content("\n").join(lines)


def _chosen(comparison: Comparison, most: int) -> Sequence[Entry]:
    """As many as there is room for, in their order; one line is for how many are left out."""
    entries = comparison.entries
    if len(entries) <= most:
        return entries
    first = sorted(entries, key=lambda entry: entry.key not in (comparison.current, comparison.baseline))[: max(most - 1, 1)]
    return [entry for entry in entries if entry in first]


def _line(entry: Entry, wide: int) -> Content:
    """How many findings of each severity, then their names; of several runs in how many of them each is."""
    start = Content.assemble((entry.sign, f"bold {SERIES[entry.number % COLOURS]}"), f" {entry.label:<{wide}}  ")
    found = [finding for run in entry.runs for finding in run.findings]
    lasting = [finding for finding in worst_first(found) if finding.closed is None]
    gone = {finding.rule for finding in found} - {finding.rule for finding in lasting}
    worst = {finding.rule: finding.severity for finding in reversed(lasting)}  # of each rule that of the worst
    counts = [(f"{SIGNS[each]} {list(worst.values()).count(each)}", each) for each in SIGNS if each in worst.values()]
    names = ", ".join(_named(rule, entry) for rule in dict.fromkeys(finding.rule for finding in lasting))
    parts: list[Content | tuple[str, str] | str] = [(f"{text}  ", STYLES[severity]) for text, severity in counts]
    if names:
        parts.append(names)
    else:
        parts.append(_nothing(entry, found))
    if gone:
        parts.append((f"   {GONE} gone: {', '.join(map(title, sorted(gone)))}", "$muted"))
    return Content.assemble(start, *parts)


def _named(rule: str, entry: Entry) -> str:
    having = sum(any(each.rule == rule and each.closed is None for each in run.findings) for run in entry.runs)
    return f"{title(rule)} ({having} of {len(entry.runs)})" if len(entry.runs) > 1 else title(rule)


def _nothing(entry: Entry, found: Sequence[Finding]) -> tuple[str, str]:
    """What is to be said where nothing is known to be wrong, which is not the same as that nothing is."""
    if found or all(record.diagnosed for record in entry.records):
        return (NOTHING, "$success")
    running = any(record.status == Status.RUNNING for record in entry.records)
    return (NOT_YET if running else NOT_LOOKED, "$muted")
