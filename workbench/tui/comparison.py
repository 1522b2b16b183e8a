"""The table of a comparison: a row for each run or group, its settings that differ, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.content import Content

from engine.vocabulary import Status
from workbench.compare import Difference
from workbench.compare_figures import Figure, delta
from workbench.compare_state import MOST, Comparison, Entry, changes, counted, setting_text, setting_titles, together
from workbench.plots.numbers import ABSENT
from workbench.plots.overlay import COLOURS
from workbench.tui.run_detail import layers_text
from workbench.tui.words import SIGNS

BASELINE, HIDDEN = "★", "-"
"""Signs in the first column."""
RANKED = "▾"
"""Stands behind the figure by which runs are in order."""
SAME = "·"
"""Stands for a setting that is that of the baseline."""
SERIES = ("$primary", "$accent", "$secondary", "$success", "$error", "$foreground")
"""Colours of the curves, as in the styles of the picture."""
LEADING = 2
"""So many figures stand before the settings."""
_WIDEST = 36


@dataclass(frozen=True, slots=True)
class CompareColumn:
    """A column of the table: its heading, and its text in each row."""

    key: str
    title: str
    cells: tuple[Content, ...]

    @property
    def width(self) -> int:
        """That of the widest text."""
        return min(max(len(self.title), *(cell.cell_length for cell in self.cells)), _WIDEST)


def columns(comparison: Comparison) -> tuple[CompareColumn, ...]:
    """All columns, the fixed ones first; none without runs."""
    if not comparison.entries:
        return ()
    figures = [_figure(comparison, figure) for figure in comparison.figures]
    titles = setting_titles(comparison.differences)
    settings = [_setting(comparison, each, titles[each.path]) for each in comparison.differences]
    texts = [column for column in (_text(comparison, *each) for each in _TEXTS) if column is not None]
    first = (_state(comparison), _name(comparison))
    return (*first, *texts, *figures[:LEADING], *settings, *figures[LEADING:])


def _state(comparison: Comparison) -> CompareColumn:
    def cell(entry: Entry) -> Content:
        if entry.key == comparison.baseline:
            return Content.styled(BASELINE, "bold $accent")
        return Content.styled(HIDDEN if entry.key in comparison.hidden else " ", "$muted")

    return CompareColumn("state", "", tuple(map(cell, comparison.entries)))


def _name(comparison: Comparison) -> CompareColumn:
    def cell(entry: Entry) -> Content:
        hidden = entry.key in comparison.hidden
        sign = Content.styled(entry.sign, "$muted" if hidden else f"bold {SERIES[entry.number % COLOURS]}")
        return Content.assemble(sign, (f" {entry.label}", "$muted" if hidden else ""))

    title = "runs" if comparison.by_seed else "run"
    return CompareColumn("run", f"  {title}", tuple(map(cell, comparison.entries)))


def _figure(comparison: Comparison, figure: Figure) -> CompareColumn:
    base = comparison.base
    against = base.summary(figure) if base is not None else None

    def cell(entry: Entry) -> Content:
        found = entry.summary(figure)
        if found is None:
            return Content.styled(ABSENT, "$muted")
        difference = delta(figure, found, against) if entry is not base else None
        text = Content(found.text(figure.kind))
        if difference is None:
            return text
        style = {1: "$success", -1: "$error", 0: "$muted"}[difference.verdict]
        return Content.assemble(text, (f" {difference.text(figure)}", style))

    title = f"{figure.title} {RANKED}" if figure.field == comparison.ranked else figure.title
    return CompareColumn(figure.field, title, tuple(map(cell, comparison.entries)))


def _setting(comparison: Comparison, difference: Difference, title: str) -> CompareColumn:
    base = comparison.base
    kept = difference.values[comparison.entries.index(base)] if base is not None else None

    def cell(number: int, entry: Entry) -> Content:
        text = setting_text(difference, number)
        if base is None or entry is base:
            return Content(text)
        return Content.styled(SAME, "$muted") if difference.values[number] == kept else Content.styled(text, "bold $accent")

    cells = tuple(cell(number, entry) for number, entry in enumerate(comparison.entries))
    return CompareColumn(f"={difference.path}", title, cells)


def _count(comparison: Comparison) -> list[str]:
    return [str(len(entry.runs)) for entry in comparison.entries] if comparison.by_seed else []


def _statuses(comparison: Comparison) -> list[str]:
    """How runs ended, unless all are done."""
    found = [[record.status for record in entry.records] for entry in comparison.entries]
    if all(set(statuses) == {Status.DONE} for statuses in found):
        return []
    return [counted(f"{SIGNS.get(status, ' ')} {status}".strip() for status in statuses) for statuses in found]


def _together(comparison: Comparison) -> list[str]:
    labels = {} if comparison.by_seed else together(comparison)
    return [labels.get(entry.key, "") for entry in comparison.entries] if labels else []


def _reasons(comparison: Comparison) -> list[str]:
    found = [", ".join(dict.fromkeys(record.reason or ABSENT for record in entry.records)) for entry in comparison.entries]
    return found if any(text != ABSENT for text in found) else []


_TEXTS: tuple[tuple[str, str, Callable[[Comparison], list[str]]], ...] = (
    ("n", "n", _count),
    ("status", "status", _statuses),
    ("together", "together", _together),
    ("reason", "ended early", _reasons),
)


def _text(comparison: Comparison, key: str, title: str, texts: Callable[[Comparison], list[str]]) -> CompareColumn | None:
    """A column of plain words; None where it would say nothing."""
    found = texts(comparison)
    return CompareColumn(key, title, tuple(map(Content, found))) if found else None


def about(comparison: Comparison, marked: int, width: int) -> Content:
    """The lines below the table: how the current run differs from the baseline; what signs mean and what was left out."""
    notes: list[Content] = []
    if marked > MOST:
        notes.append(Content.styled(f"the first {MOST} of {marked} marked runs are compared; x unmarks one", "$warning"))
    entry, base = comparison.entry(comparison.current), comparison.base
    if base is not None:
        notes.append(Content.styled(f"{BASELINE} baseline {base.label}; ✓ better, ✗ worse", "$muted"))
    if comparison.hidden:
        notes.append(Content.styled(f"{len(comparison.hidden)} hidden", "$muted"))
    lines = [_current(comparison, entry, width), *([Content("   ").join(notes)] if notes else [])]
    return Content("\n").join(lines)


def _current(comparison: Comparison, entry: Entry | None, width: int) -> Content:
    """What there is to say of the current entry."""
    if entry is None:
        return Content("")
    layers = (f"  {layers_text(entry.runs[0].record)}", "$muted")
    start = Content.assemble((entry.sign, f"bold {SERIES[entry.number % COLOURS]}"), f" {entry.label}", layers)
    if comparison.base is None:
        return Content.assemble(start, ("   enter pins it: the others are then held against it", "$muted"))
    if entry is comparison.base:
        return Content.assemble(start, ("   is the baseline; enter lets it go", "$muted"))
    found = changes(comparison, entry)
    return Content.assemble(start, ("   " + ("; ".join(found) or "the same settings"), "")).truncate(width, ellipsis=True)
