"""Which runs are compared: read, shown or hidden, pinned, unmarked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import ClassVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from engine.vocabulary import Status
from workbench.compare_curves import RunCurves
from workbench.compare_state import MOST, Comparison, compared, figure_named, ranked
from workbench.history import HistoryError
from workbench.preferences import ComparePreferences
from workbench.tui.messages import CurvesRead, ReadingFailed, TogetherFound
from workbench.tui.reading import read_curves, read_together
from workbench.tui.screens.fresh import Fresh
from workbench.tui.screens.run import RunScreen
from workbench.tui.widgets.compare_table import CompareTable

REREAD_SECONDS = 2.0
"""How often runs that are still going on are read again."""


class Marking(Fresh):
    """A screen with the table of the marked runs; what is drawn of them is left to it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "hide", "Hide"),
        Binding("s", "alone", "Alone", show=False),
        Binding("r", "rank", "Rank", show=False),
        Binding("o", "open", "Open run", show=False),
        Binding("t", "mark_together", "Mark those trained together", show=False),
        Binding("x", "unmark", "Unmark", show=False),
        Binding("z", "unmark_all", "Unmark all", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.comparison = Comparison()
        self.runs: tuple[RunCurves, ...] = ()
        self._numbers: dict[int, int] = {}  # by which each run keeps its sign
        self._hidden: frozenset[int] = frozenset()  # ids of runs
        self._baseline: int | None = None
        self._ranked = ""  # field of a figure

    def draw(self) -> None:
        """Bring the picture up to date."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.query_one(CompareTable).focus()
        self.call_after_refresh(self.read)  # the thread that reads and the first paint would hold each other up
        self.set_interval(REREAD_SECONDS, self._read_on)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        if not self.fresh:
            self.query_one(CompareTable).focus()
            self.read()

    @property
    def preferred(self) -> ComparePreferences:
        """How runs are compared."""
        return self.session.preferences.compare

    # --- reading ------------------------------------------------------------------

    @work(thread=True, exclusive=True, group="curves")
    def read(self) -> None:
        """Read the marked runs; they come as messages, more of them each time."""
        known = {run.record.id: run for run in self.runs}
        try:
            for runs in read_curves(self.session.db, self.session.marked[:MOST], known):
                self.post_message(CurvesRead(runs))
        except HistoryError as error:
            self.post_message(ReadingFailed(str(error)))

    def _read_on(self) -> None:
        if self.is_current and any(run.record.status == Status.RUNNING for run in self.runs):
            self.read()

    def on_curves_read(self, message: CurvesRead) -> None:
        marked = self.session.marked[:MOST]
        self.runs = tuple(run for run in message.runs if run.record.id in marked)
        self._numbers = _numbered(self._numbers, marked)
        self.set_class(not self.runs, "-nothing")
        self.show()

    def show(self) -> None:
        """Bring table and picture up to date."""
        table = self.query_one(CompareTable)
        by_seed = self.preferred.by_seed
        entries = ranked(compared(self.runs, self._numbers, by_seed=by_seed), self._ranked)
        key_of = {record.id: entry.key for entry in entries for record in entry.records}
        hidden = frozenset(entry.key for entry in entries if all(record.id in self._hidden for record in entry.records))
        there = entries[min(max(table.cursor_row, 0), len(entries) - 1)].key if entries else None
        current = key_of.get(table.current or -1, there)
        baseline = key_of.get(self._baseline or -1)
        self.comparison = Comparison(entries, hidden, baseline, current, by_seed, self._ranked)
        table.show(self.comparison)
        self.draw()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        current = self.query_one(CompareTable).current
        if current is not None and current != self.comparison.current:
            self.comparison = replace(self.comparison, current=current)
            self.draw()

    # --- what the keys do ---------------------------------------------------------

    def action_hide(self) -> None:
        """Leave the run out of the picture, or show it again."""
        entry = self.comparison.entry(self.comparison.current)
        if entry is not None:
            ids = {record.id for record in entry.records}
            self._hidden = self._hidden - ids if entry.key in self.comparison.hidden else self._hidden | ids
            self.show()

    def action_alone(self) -> None:
        """Show the run alone with the baseline, or all again."""
        kept = (self.comparison.current, self.comparison.baseline)
        others = {record.id for entry in self.comparison.entries if entry.key not in kept for record in entry.records}
        self._hidden = frozenset() if self._hidden == others else frozenset(others)
        self.show()

    def action_rank(self) -> None:
        """Put the best runs first, by the figure of the last axis, or all in the order in which they were marked."""
        self._rank_by("" if self._ranked else figure_named(self.preferred.figure, self.comparison).field)

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        """A click on the heading of a figure puts the best runs first by it; another one undoes that."""
        field = str(event.column_key.value)
        if field in {figure.field for figure in self.comparison.figures}:
            self._rank_by("" if field == self._ranked else field)

    def _rank_by(self, field: str) -> None:
        self._ranked = field
        self.show()

    def on_compare_table_pinned(self) -> None:
        current = self.comparison.current
        self._baseline = None if current == self.comparison.baseline else current
        self.show()

    def action_open(self) -> None:
        """Open the run: its curves and layers."""
        if self.comparison.current is not None:
            self.app.push_screen(RunScreen(self.comparison.current))

    def action_mark_together(self) -> None:
        """Mark all runs that were trained together with this one."""
        if self.comparison.current is not None:
            self.find_together(self.comparison.current)

    @work(thread=True, exclusive=True, group="together")
    def find_together(self, run_id: int) -> None:
        """Look for the runs of a population; they come as a message."""
        try:
            self.post_message(TogetherFound(read_together(self.session.db, run_id)))
        except HistoryError as error:
            self.post_message(ReadingFailed(str(error)))

    def on_together_found(self, message: TogetherFound) -> None:
        if set(message.run_ids) <= set(self.session.marked):
            alone = len(message.run_ids) == 1
            self.notify(
                "No other run was trained together with this one." if alone else "All that were trained with it are here."
            )
            return
        self.session.mark(message.run_ids)
        self.read()

    def action_unmark(self) -> None:
        """Take the run out of the comparison."""
        entry = self.comparison.entry(self.comparison.current)
        if entry is not None:
            self.session.unmark([record.id for record in entry.records])
            self.read()

    def action_unmark_all(self) -> None:
        """Forget all marks."""
        self.session.marked = ()
        self._hidden, self._baseline = frozenset(), None
        self.read()


def _numbered(numbers: Mapping[int, int], run_ids: Sequence[int]) -> dict[int, int]:
    """A number for each run: the one it has, or the lowest that is free."""
    kept = {run_id: numbers[run_id] for run_id in run_ids if run_id in numbers}
    taken = set(kept.values())
    free = (number for number in count() if number not in taken)
    return {run_id: kept[run_id] if run_id in kept else next(free) for run_id in run_ids}
