"""Reading the history. Loads nothing but the standard library, save for `History.events`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.vocabulary import STATISTICS
from workbench.history.columns import SCORE_NUMBERS, STEP_NUMBERS
from workbench.history.errors import HistoryError
from workbench.history.lists import SELECT_RUNS, Ordering, as_record, order_clause, selection
from workbench.history.marker import restored
from workbench.history.records import EpochRow, LayerRow, LayerStatRow, RunRecord, StepRow
from workbench.history.reproductions import Reproductions
from workbench.history.sampled import Sampled

if TYPE_CHECKING:
    from engine.events import Event

_LARGEST = 2**63 - 1
"""SQLite's whole numbers go so far."""


class History(Sampled, Reproductions):
    """A reader of the history. It belongs to the thread that opened it, and never writes.

    A file that does not exist yet is a history without runs; it is looked for again at every call. What a running training
    records, in this process or another, is seen by the next call.
    """

    def runs(
        self,
        text: str = "",
        *,
        deleted: bool = False,
        archived: bool = False,
        ordering: Ordering | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[RunRecord]:
        """Runs, newest first unless another order is given.

        Args:
            text: A filter, see `filter_tree`: words that occur in a run's name, tags, data, activation, initializer, optimizer
                or status, or its id; and comparisons such as `model.depth>5`.
            deleted: The deleted ones instead of the others.
            archived: Only those that are archived; otherwise they are left out unless the filter speaks of them.
            ordering: What they are sorted by.
            limit: At most so many.
            offset: So many are skipped.

        Raises:
            HistoryError: the filter cannot be understood, or names a field that runs do not have; exit code 2.
        """
        where, values = selection(text, deleted=deleted, archived=archived)
        query = f"{SELECT_RUNS} WHERE {where} {order_clause(ordering or Ordering())} LIMIT ? OFFSET ?"
        most = _LARGEST if limit is None else min(limit, _LARGEST)
        return [as_record(row) for row in self._rows(query, (*values, most, offset))]

    def run(self, ref: str | int) -> RunRecord:
        """One run: by its id, `latest`, or its exact name (the newest one of that name). Deleted ones by their id alone.

        Raises:
            HistoryError: there is none; exit code 2.
        """
        text = str(ref).strip()
        if text == "latest":
            found = self._select("deleted IS NULL AND id > ? ORDER BY id DESC LIMIT 1", -1)
        else:
            number = _id(text)
            found = self._select("id = ?", number) if number is not None else []
            if text and not found:
                found = self._select("name = ? AND deleted IS NULL ORDER BY id DESC LIMIT 1", text)
        if found:
            return found[0]
        if not self._select("deleted IS NULL AND id > ? LIMIT 1", -1):
            raise HistoryError(f"there are no runs in {self.path} yet", exit_code=2)
        hint = "give a run's number, its exact name, or latest"
        raise HistoryError(f"no run {text!r} in {self.path}; {hint}", exit_code=2)

    def population(self, run: RunRecord) -> tuple[RunRecord, ...]:
        """The runs that were trained together with a run, itself included, in the order of the members."""
        return tuple(self._select("coalesce(population, id) = ? ORDER BY member", run.trained_with))

    def layers(self, run_id: int) -> tuple[LayerRow, ...]:
        """The layers of a run's network, from the input to the output."""
        columns = "layer, name, inputs, outputs, activation, parameters, kind, weights, shape"
        rows = self._rows(f"SELECT {columns} FROM layers WHERE run = ? ORDER BY layer", (run_id,))  # noqa: S608
        return tuple(LayerRow(*(*row[:-1], tuple(json.loads(row[-1])))) for row in rows)

    def steps(self, run_id: int, after_rowid: int = 0) -> Iterator[StepRow]:
        """The recorded steps of a run in their order, from behind a row that was seen before."""
        columns = ("step", "seconds", *STEP_NUMBERS)
        for rowid, step, seconds, *numbers, marker in self._after("steps", columns, run_id, after_rowid):
            yield StepRow(rowid, step, seconds, *restored(STEP_NUMBERS, numbers, marker))

    def layer_stats(self, run_id: int, after_rowid: int = 0) -> Iterator[LayerStatRow]:
        """The recorded statistics of a run: for each step its layers in their order."""
        names = self._layer_names(run_id)
        columns = ("step", "layer", *STATISTICS)
        for rowid, step, layer, *numbers, marker in self._after("layer_stats", columns, run_id, after_rowid):
            yield LayerStatRow(rowid, step, layer, names[layer], restored(STATISTICS, numbers, marker))

    def layer_numbers(self, run_id: int) -> Iterator[tuple[Any, ...]]:
        """The same as plain rows, which is much faster: rowid, step, the statistics as they are stored, the marker of `marker`."""
        return self._after("layer_stats", ("step", *STATISTICS), run_id, 0)

    def latest_layer_stats(self, run_id: int) -> tuple[LayerStatRow, ...]:
        """The statistics of a run's latest measurement, a row for each layer in their order; none before there is one.

        Reads these rows alone, from the end of the run.
        """
        names = self._layer_names(run_id)
        query = f"SELECT rowid, step, layer, {', '.join(STATISTICS)}, nonfinite FROM layer_stats WHERE run = ? ORDER BY rowid DESC LIMIT ?"  # noqa: S608
        rows = list(self._rows(query, (run_id, len(names))))
        return tuple(
            LayerStatRow(rowid, step, layer, names[layer], restored(STATISTICS, numbers, marker))
            for rowid, step, layer, *numbers, marker in reversed(rows)
        )

    def epochs(self, run_id: int, after_rowid: int = 0) -> Iterator[EpochRow]:
        """The scores of a run, epoch by epoch; those taken at its end come last."""
        columns = ("epoch", "step", "part", "final", "seconds", *SCORE_NUMBERS)
        rows = self._after("epochs", columns, run_id, after_rowid)
        for rowid, epoch, step, part, final, seconds, *numbers, marker in rows:
            cost, accuracy, r2, mae = restored(SCORE_NUMBERS, numbers, marker)
            yield EpochRow(rowid, epoch, step, part, bool(final), cost, accuracy, r2, mae, seconds)

    def events(self, run_id: int) -> Iterator[Event]:
        """Tell a stored run again, as the engine told it: Started, then all that was recorded, and its end unless it still runs.

        A member of a population is told as a population of one. Applied to a LiveRun these give the view that the run gave
        while it went on. Loads NumPy and pydantic.

        All of it is of one moment: what is recorded meanwhile is not told.

        Raises:
            HistoryError: there is no such run, or it was deleted while it was told; exit code 2.
        """
        from workbench.history.replay import replay

        with self.snapshot():
            yield from replay(self, self.run(run_id))
            if not self._is_there(run_id):  # over a network there is no snapshot
                raise self._gone(run_id)

    def _select(self, where: str, value: Any) -> list[RunRecord]:
        return [as_record(row) for row in self._rows(f"{SELECT_RUNS} WHERE {where}", (value,))]


def _id(text: str) -> int | None:
    """The id that a text writes, or None if it is something else or larger than any id can be."""
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(_LARGEST)):
        return None
    return number if (number := int(text)) <= _LARGEST else None
