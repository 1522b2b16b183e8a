"""The tables of a recipe that say what is trained and what must come of it: axes, scales, choice, claims."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from engine.catalog import unknown_name
from engine.experiment import SETTINGS
from workbench.recipes.records import Axis, Claim, Published, Scale, Selection, Variation
from workbench.recipes.tables import Table, value_name

SCALES = ("quick", "full", "paper")
NEEDED = ("quick", "full")

RESERVED = ("layer", "layers")
"""Names that claims use themselves."""


def read_axes(document: Table) -> tuple[Axis, ...]:
    """The axes of `[vary]`, in the order of the file."""
    vary = document.mapping("vary")
    table = document.table("vary", tuple(vary), "[vary]")
    axes = [_axis(table, name) for name, values in vary.items() if isinstance(values, dict) or table.mapping(name)]
    bare = Counter(name for axis in axes if not axis.path for name in axis.names)
    for name, times in bare.items():
        if times > 1:
            table.wrong("", f"{name!r} is a variation of {times} axes; claims name it alone, so give each a name of its own")
    return tuple(axes)


def _axis(vary: Table, name: str) -> Axis:
    if not _is_name(name) or name in RESERVED:
        vary.wrong(name, "is no name for an axis; use letters, digits, _ - + and ., and neither 'layer' nor 'layers'")
    values = vary.mapping(name)
    if not values:
        vary.wrong(name, "varies nothing; give it variations, or a path and values")
    if isinstance(values.get("path"), str) or isinstance(values.get("values"), list):
        path, variations = _along_a_setting(vary.table(name, ("path", "values"), f"[vary] {name}"))
        return Axis(name, variations, path, _numeric(variations))
    table = vary.table(name, tuple(values), f"[vary.{name}]")
    for each in values:
        if not _is_name(each):
            table.wrong(each, "is no name for a variation; use letters, digits, _ - + and .")
    variations = tuple(Variation(each, table.settings(each)) for each in values)
    return Axis(name, variations, "", _numeric(variations))


def _along_a_setting(table: Table) -> tuple[str, tuple[Variation, ...]]:
    path = table.name("path", "setting", SETTINGS)
    values = table.values("values")
    names = [value_name(value) for value in values]
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        table.wrong("values", f"has {', '.join(twice)} more than once")
    return path, tuple(Variation(name, {path: value}) for name, value in zip(names, values, strict=True))


def _is_name(text: str) -> bool:
    return bool(text) and all(character.isalnum() or character in "_-.+" for character in text)


def _numeric(variations: Sequence[Variation]) -> bool:
    try:
        return all(math.isfinite(float(each.name)) for each in variations)
    except ValueError:
        return False


def read_scales(document: Table, axes: Sequence[Axis]) -> Mapping[str, Scale]:
    """The scales, in the order quick, full, paper."""
    given = document.mapping("scale")
    tables = document.table("scale", SCALES, "[scale]")
    for name in NEEDED:
        if name not in tables:
            tables.wrong(name, f"is missing; [scale.{name}] says how many seeds are trained")
    return {name: _scale(tables, name, axes) for name in SCALES if name in given}


def _scale(tables: Table, name: str, axes: Sequence[Axis]) -> Scale:
    table = tables.table(name, ("seeds", "settings", "only", "cost"), f"[scale.{name}]")
    only = table.table("only", [axis.name for axis in axes], noun="axis")
    kept = {axis.name: _kept(only, axis) for axis in axes if axis.name in only}
    return Scale(name, table.whole("seeds"), table.settings("settings"), kept, table.line("cost"))


def _kept(only: Table, axis: Axis) -> tuple[str, ...]:
    """The variations of an axis that a scale keeps, in the order of the axis."""
    names = [value_name(value) for value in only.values(axis.name)]
    for name in names:
        if name not in axis.names:
            only.wrong(axis.name, unknown_name("variation", name, axis.names))
    return tuple(name for name in axis.names if name in names)


def read_choose(document: Table, axes: Sequence[Axis]) -> Selection | None:
    """The axis of which the best is taken, if there is one."""
    if "choose" not in document:
        return None
    table = document.table("choose", ("axis", "by"), "[choose]")
    return Selection(table.name("axis", "axis", [axis.name for axis in axes]), table.line("by", required=True))


def read_claims(document: Table, scales: Sequence[str]) -> tuple[Claim, ...]:
    """The claims; there must be one."""
    tables = document.tables("claim")
    if not tables and "claim" not in document:
        document.wrong("claim", "is missing; a recipe has a [[claim]] that its runs must bear out")
    claims = tuple(_claim(document, values, number, scales) for number, values in enumerate(tables, 1))
    first: dict[str, Claim] = {}
    for claim in claims:
        if claim.says and first.setdefault(claim.says, claim) is not claim:
            document.wrong(f"{claim.place} says", f"the same as {first[claim.says].place}; word it differently")
    return claims


def _claim(document: Table, values: Mapping[str, Any], number: int, scales: Sequence[str]) -> Claim:
    place = f"claim {number}"
    table = document.beside(values, place, ("says", "check", "scales", "published"))
    published = None
    if "published" in table:
        figure = table.table("published", ("value", "source"))
        published = Published(figure.number("value"), figure.line("source", required=True))
    return Claim(
        table.line("says", required=True),
        table.text("check", required=True),
        table.names("scales", "scale", scales),
        published,
        place,
    )
