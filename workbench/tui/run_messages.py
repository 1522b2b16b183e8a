"""What the workers and dialogs of the list of runs tell its screen."""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message

from workbench.history import FilterError, Listing, RunRecord, SampledCurves
from workbench.tui.history_rows import RunRow


class ListRead(Message):
    """The runs that fit the filter were found; those in sight were read."""

    def __init__(self, asked: int, listing: Listing, rows: Mapping[int, RunRow], same: frozenset[str]) -> None:
        super().__init__()
        self.asked = asked
        self.listing = listing
        self.rows = rows
        self.same = same


class ListAnswered(Message):
    """All was said of the list that was asked for."""

    def __init__(self, asked: int) -> None:
        super().__init__()
        self.asked = asked


class RowsRead(Message):
    """Runs that came into sight were read."""

    def __init__(self, rows: Mapping[int, RunRow]) -> None:
        super().__init__()
        self.rows = rows


class FilterWrong(Message):
    """The filter cannot be understood."""

    def __init__(self, asked: int, error: FilterError) -> None:
        super().__init__()
        self.asked = asked
        self.error = error


class PreviewRead(Message):
    """The curves of a run were read from afar."""

    def __init__(self, record: RunRecord, curves: SampledCurves) -> None:
        super().__init__()
        self.record = record
        self.curves = curves


class RunsChanged(Message):
    """Runs were named, tagged, put away, deleted or brought back."""

    def __init__(self, ids: tuple[int, ...] = (), how: str = "") -> None:
        super().__init__()
        self.ids = ids
        self.how = how
        """What was done that takes them out of the list: a key of `UNDOING`; empty if nothing."""
