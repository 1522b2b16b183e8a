"""Lists of runs: filtered, sorted, grouped. First the ids of all that fit, then the rows of those in sight.

The ids come from one index that holds what lists are filtered and sorted by, so that ten thousand runs are no more than a few
megabytes to look through; experiments are read only where a setting is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from statistics import median
from typing import Any

from engine.vocabulary import Status
from workbench.findings import listed
from workbench.history.at_once import as_one_row, ids_as_one_row, rows_of
from workbench.history.columns import RUN_NUMBERS
from workbench.history.details import Details
from workbench.history.fields import FINDINGS, TAGS, Better, Field, Kind, field, figure
from workbench.history.filters import condition
from workbench.history.marker import restored
from workbench.history.records import RunRecord

_RUN_COLUMNS = tuple(each.name for each in fields(RunRecord))
_OF_OTHER_TABLES = {"tags": f"{TAGS} AS tags", "findings": f"{FINDINGS} AS findings", "severity": "NULL AS severity"}
SELECT_RUNS = f"SELECT {', '.join(_OF_OTHER_TABLES.get(name, name) for name in _RUN_COLUMNS)}, nonfinite FROM runs"  # noqa: S608


UNFINISHED = frozenset((Status.RUNNING, Status.INTERRUPTED, Status.FAILED))
"""How runs stand that have not come to an end of their own; one that somebody stopped has, and was scored there."""

Value = str | float | int | None
"""Of a field, as SQLite keeps it."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """What a list is sorted by: a field, the other way around than usual if `reverse`. Usual is the best and the latest first."""

    by: str = "id"
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that have a value in common."""

    value: Value
    ids: tuple[int, ...]
    """In the order of the list."""
    median: float | None
    """Of the figure by which groups are summed up, over the runs that have one and did not break off."""
    best: float | None
    best_run: int | None
    diverged: int = 0
    """Runs that diverged, which have no scores."""
    unfinished: int = 0
    """Runs that go on or broke off (see `UNFINISHED`), whose figures are those of some epoch on the way."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The runs that fit a filter, in order."""

    ids: tuple[int, ...]
    total: int
    """Runs there are, without a filter."""
    groups: tuple[Group, ...] = ()
    figure: str = ""
    """The field of the groups' medians."""


class Lists(Details):
    """The part of the history's reader that finds runs."""

    def listing(self, text: str = "", ordering: Ordering | None = None, *, group: str = "", archived: bool = False) -> Listing:
        """The runs that fit a filter, those deleted left out, and those archived unless the filter speaks of them.

        Args:
            text: A filter, see `filter_tree`.
            ordering: The newest first if not given.
            group: Name of a field by which they are put together; empty: they are not.
            archived: Only those that are archived.

        Raises:
            HistoryError: the filter cannot be understood, or there is no such field; exit code 2.
        """
        order = ordering or Ordering()
        where, values = _where(text, archived=archived)
        if not group:
            query = f"SELECT id FROM runs WHERE {where} {_order(order)}"  # noqa: S608
            found = next(self._rows(ids_as_one_row(query), values), ("[]",))
            return Listing(tuple(json.loads(found[0])), self.total)
        by, summed = field(group), figure(order.by)
        grouping = f"{by.sql} IS NULL, {by.sql}"
        columns = f"id, {by.sql} AS value, {summed.sql} AS number, status AS state"
        query = f"SELECT {columns} FROM runs WHERE {where} {_order(order, first=grouping)}"  # noqa: S608
        rows = self._at_once(query, ("id", "value", "number", "state"), values)
        groups = [_group(value, list(each), summed) for value, each in groupby(rows, key=lambda row: row[1])]
        if field(order.by).better is not None:
            groups = _best_first(groups, summed, reverse=order.reverse)
        return Listing(tuple(run for each in groups for run in each.ids), self.total, tuple(groups), summed.name)

    def _at_once(self, query: str, columns: Sequence[str], values: Sequence[str | float]) -> list[tuple[Any, ...]]:
        """The rows of a query with columns of these names."""
        found = next(self._rows(as_one_row(query, columns), values), None)
        return list(rows_of(found)) if found is not None else []

    @property
    def total(self) -> int:
        """Runs there are, those deleted or archived left out."""
        query = "SELECT count(*) FROM runs WHERE deleted IS NULL AND archived IS NULL"
        return next((row[0] for row in self._rows(query, ())), 0)

    def records(self, ids: Sequence[int]) -> list[RunRecord]:
        """These runs, in this order; those that are not there are left out."""
        marks = ",".join("?" * len(ids))
        found = {run.id: run for run in map(as_record, self._rows(f"{SELECT_RUNS} WHERE id IN ({marks})", tuple(ids)))}
        return [found[run_id] for run_id in ids if run_id in found]

    def values(self, ids: Sequence[int], names: Sequence[str]) -> dict[int, tuple[Value, ...]]:
        """Fields of these runs, by the id. Raises HistoryError: there is no such field; exit code 2."""
        if not names or not ids:
            return dict.fromkeys(ids, ())
        columns = ", ".join(field(name).sql for name in names)
        query = f"SELECT id, {columns} FROM runs WHERE id IN ({','.join('?' * len(ids))})"  # noqa: S608
        return {run_id: tuple(values) for run_id, *values in self._rows(query, tuple(ids))}

    def same_in_all(self, text: str, names: Sequence[str]) -> frozenset[str]:
        """Those of the fields that are the same in all runs that fit a filter."""
        where, values = _where(text, archived=False)
        tests = ", ".join(
            f"min({each}) IS max({each}) AND count({each}) IN (0, count(*))" for each in (field(n).sql for n in names)
        )
        found = next(self._rows(f"SELECT {tests} FROM runs WHERE {where}", values), ())  # noqa: S608
        return frozenset(name for name, same in zip(names, found, strict=False) if same)

    def common_values(self, name: str, most: int = 50) -> list[tuple[Value, int]]:
        """Values that occur in a field and how often, the most common first.

        Raises:
            HistoryError: there is no such field; exit code 2.
        """
        found = field(name)
        source, value = "runs", found.sql
        if found.kind is Kind.TAG:
            source, value = "tags JOIN runs ON runs.id = tags.run", "tag"
        if found.kind is Kind.FINDING:
            source, value = "findings JOIN runs ON runs.id = findings.run AND findings.closed IS NULL", "rule"
        query = (
            f"SELECT {value} AS value, count(*) FROM {source} WHERE deleted IS NULL AND value IS NOT NULL AND value != ''"  # noqa: S608
            " GROUP BY value ORDER BY count(*) DESC, value LIMIT ?"
        )
        return [(value, count) for value, count in self._rows(query, (most,))]


def selection(text: str, *, deleted: bool, archived: bool) -> tuple[str, tuple[str | float, ...]]:
    """The whole condition for `WHERE`: the filter, and which runs are in the lists at all."""
    if not deleted:
        return _where(text, archived=archived)
    wanted = condition(text)
    return f"deleted IS NOT NULL AND {wanted.sql}", wanted.values


def _where(text: str, *, archived: bool) -> tuple[str, tuple[str | float, ...]]:
    wanted = condition(text)
    kept = ["deleted IS NULL"]
    if archived:
        kept.append("archived IS NOT NULL")
    elif not wanted.names_archived:
        kept.append("archived IS NULL")
    return " AND ".join([*kept, wanted.sql]), wanted.values


def order_clause(ordering: Ordering) -> str:
    """`ORDER BY …`: runs without a value come last, and of equal ones the newest first."""
    return _order(ordering)


def _order(ordering: Ordering, *, first: str = "") -> str:
    by = field(ordering.by)
    direction = "DESC" if by.downwards != ordering.reverse else "ASC"
    begin = f"{first}, " if first else ""
    if by.name == "id":
        return f"ORDER BY {begin}id {direction}"
    nocase = " COLLATE NOCASE" if by.kind is Kind.TEXT else ""
    return f"ORDER BY {begin}{by.sql} IS NULL, {by.sql}{nocase} {direction}, id DESC"


def _group(value: Value, rows: Sequence[tuple[Any, ...]], summed: Field) -> Group:
    numbers = [(row[2], row[0]) for row in rows if row[2] is not None and row[3] not in UNFINISHED]
    ids = tuple(row[0] for row in rows)
    counts = sum(row[3] == Status.DIVERGED for row in rows), sum(row[3] in UNFINISHED for row in rows)
    if not numbers:
        return Group(value, ids, None, None, None, *counts)
    best, run = (max if summed.better is Better.HIGH else min)(numbers)
    return Group(value, ids, median(number for number, _ in numbers), best, run, *counts)


def _best_first(groups: Sequence[Group], summed: Field, *, reverse: bool) -> list[Group]:
    """Groups sorted by their best run; those without any figure last."""
    descending = (summed.better is Better.HIGH) != reverse
    known = [group for group in groups if group.best is not None]
    known.sort(key=lambda group: group.best or 0.0, reverse=descending)
    return [*known, *(group for group in groups if group.best is None)]


def as_record(row: tuple[Any, ...]) -> RunRecord:
    """A row of `SELECT_RUNS`."""
    *values, marker = row
    given = dict(zip(_RUN_COLUMNS, values, strict=True))
    given["tags"] = tuple(given["tags"].split("\n")) if given["tags"] else ()
    given["findings"], given["severity"] = listed(given["findings"] or "")
    given["diagnosed"] = bool(given["diagnosed"])
    if marker is not None:
        given |= zip(RUN_NUMBERS, restored(RUN_NUMBERS, [given[name] for name in RUN_NUMBERS], marker), strict=True)
    return RunRecord(**given)
