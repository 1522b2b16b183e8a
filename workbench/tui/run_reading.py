"""Reading what the list of runs shows: called in worker threads, each call with a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from workbench.history import FilterError, History, HistoryError, Listing, Ordering, RunRecord, SampledCurves
from workbench.history.completion import Completions, ValuesOf, completions, unknown_value
from workbench.history.fields import field
from workbench.history.lists import Value
from workbench.preferences import HistoryPreferences
from workbench.tui.history_rows import RunRow, chosen_columns, wanted_values

FIRST = 80
"""Runs that are read together with the list."""


Found = tuple[Listing, dict[int, RunRow], frozenset[str]]
"""What a filter finds; the first of these runs and those that are in sight now; fields that are the same in all of them."""


class Outdated(Exception):  # noqa: N818  nothing went wrong
    """Something else is asked for by now."""


def read_list_before(
    db: Path, error: FilterError, layout: HistoryPreferences, near: Sequence[int], is_wanted: Callable[[], bool]
) -> Found | None:
    """The runs that fit a filter without the condition that is wrong and what follows it; None where that is no filter either.

    Raises:
        Outdated: they are no longer wanted.
    """
    if not is_wanted():
        raise Outdated
    try:
        return read_list(db, error.before, layout, near, is_wanted)
    except HistoryError:
        return None


def read_list(
    db: Path, text: str, layout: HistoryPreferences, near: Sequence[int], is_wanted: Callable[[], bool] = lambda: True
) -> Found:
    """The runs that fit a filter, with what is shown of them.

    Raises:
        Outdated: they are no longer wanted.
        HistoryError: the file cannot be read, or the filter cannot be understood.
    """
    with History.open(db) as history, history.snapshot():
        listing = history.listing(text, Ordering(layout.sort, layout.reverse), group=layout.group)
        if not is_wanted():
            raise Outdated
        same: frozenset[str] = frozenset()
        if layout.hide_same and len(listing.ids) > 1:
            names = {name for each in chosen_columns(layout.columns) for name in each.made_from}
            same = history.same_in_all(text, sorted(names))
        there = set(listing.ids)
        first = () if listing.groups else listing.ids[:FIRST]
        wanted = dict.fromkeys((*first, *(run_id for run_id in near if run_id in there)))
        return listing, _rows(history, tuple(wanted), layout), same


def read_rows(db: Path, ids: Sequence[int], layout: HistoryPreferences) -> dict[int, RunRow]:
    """Some runs of the list. Raises HistoryError: the file cannot be read."""
    with History.open(db) as history, history.snapshot():
        return _rows(history, ids, layout)


def read_preview(db: Path, run_id: int) -> tuple[RunRecord, SampledCurves]:
    """A run and its curves from afar. Raises HistoryError: the file cannot be read, or the run is not there."""
    with History.open(db) as history, history.snapshot():
        return history.run(run_id), history.sampled_curves(run_id)


def known_completions(text: str, known: Mapping[str, Sequence[tuple[Value, int]]]) -> Completions | None:
    """The same as `read_completions` where nothing has to be read for it; None where something has."""
    try:
        return _completions(text, known.__getitem__)
    except KeyError:
        return None


def read_completions(db: Path, text: str, known: dict[str, list[tuple[Value, int]]]) -> Completions:
    """How a filter can go on. Values that occur in a field are read once, and then kept in `known`."""

    def values_of(name: str) -> list[tuple[Value, int]]:
        if name not in known:
            with History.open(db) as history, history.snapshot():
                known[name] = history.common_values(name)
        return known[name]

    try:
        return _completions(text, values_of)
    except HistoryError:
        return Completions(len(text))


def _completions(text: str, values_of: ValuesOf) -> Completions:
    found = completions(text, values_of)
    return found if found.texts else replace(found, said=unknown_value(text, values_of))


def known_layout(layout: HistoryPreferences) -> HistoryPreferences:
    """The layout without fields that this version does not know."""
    usable = {"sort": layout.sort if _known(layout.sort) else "id", "group": layout.group if _known(layout.group) else ""}
    return layout.model_copy(update=usable)


def _rows(history: History, ids: Sequence[int], layout: HistoryPreferences) -> dict[int, RunRow]:
    names = wanted_values(chosen_columns(layout.columns, sort=layout.sort))
    values = history.values(ids, names)
    return {run.id: RunRow(run, dict(zip(names, values.get(run.id, ()), strict=False))) for run in history.records(ids)}


def _known(name: str) -> bool:
    try:
        field(name)
    except HistoryError:
        return False
    return True
