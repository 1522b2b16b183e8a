"""The tables and pictures that a recipe asks for."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.recipes.planning import combinations, label_of
from workbench.recipes.records import Axis, Column, Show, ShowKind
from workbench.recipes.tables import Table

USES: Mapping[ShowKind, tuple[str, ...]] = {
    ShowKind.TABLE: ("columns",),
    ShowKind.CURVES: ("of", "log"),
    ShowKind.LAYERS: ("of", "log"),
    ShowKind.AXIS: ("of", "axis", "log"),
    ShowKind.LAYER_CURVES: ("of", "group", "log"),
    ShowKind.HEAT: ("of", "group", "log"),
    ShowKind.SURFACE: ("group",),
}
"""What each kind takes besides a title."""

KINDS = tuple(map(str, ShowKind))


def read_shows(document: Table, axes: Sequence[Axis]) -> tuple[Show, ...]:
    """What is shown, in the order of the file."""
    labels = [label_of(axes, names) for names in combinations(axes)]
    return tuple(
        _show(document, values, f"show {number}", axes, labels) for number, values in enumerate(document.tables("show"), 1)
    )


def _show(document: Table, values: Mapping[str, Any], place: str, axes: Sequence[Axis], labels: Sequence[str]) -> Show:
    given = str(values.get("kind"))
    uses = USES[ShowKind(given)] if given in KINDS else tuple(itertools.chain.from_iterable(USES.values()))
    table = document.beside(values, place, ("kind", "title", *uses))
    kind = table.name("kind", "kind", KINDS)
    if kind not in KINDS:
        return Show(ShowKind.TABLE, place=place)
    return Show(
        ShowKind(kind),
        of=table.line("of", required="of" in uses),
        title=table.line("title"),
        log=table.flag("log"),
        axis=table.name("axis", "axis", [axis.name for axis in axes]) if "axis" in uses else "",
        group=_group(table, labels) if "group" in uses else "",
        columns=_columns(table) if "columns" in uses else (),
        place=place,
    )


def _group(table: Table, labels: Sequence[str]) -> str:
    """The label of one group; it goes without saying where there is only one."""
    return table.name("group", "group", labels) if len(labels) > 1 or "group" in table else labels[0]


def _columns(table: Table) -> tuple[Column, ...]:
    columns = []
    for number, value in enumerate(table.values("columns"), 1):
        if isinstance(value, dict):
            given = table.beside(value, f"{table.place} column {number}", ("of", "title"))
            of = given.line("of", required=True)
            columns.append(Column(of, given.line("title") or of))
        elif isinstance(value, str) and value.strip():
            columns.append(Column(value.strip(), value.strip()))
        else:
            table.wrong("columns", f"must be quantities in quotes, or {{ title = ..., of = ... }}, not {value!r}")
    return tuple(columns)
