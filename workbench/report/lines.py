"""Lines of a recipe's runs: over epochs, over layers, over the values of an axis."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.claims.errors import Missing, Undecided
from workbench.claims.records import Runs, Unit
from workbench.claims.scope import ordered
from workbench.claims.showing import Series, over_layers, series_of, value_of
from workbench.claims.term_tree import Layers, Quantity, Term
from workbench.claims.terms import parse_term
from workbench.claims.values import Values
from workbench.recipes.records import Axis, Group, Plan, Show
from workbench.report.asked import group_of, left_out, title_of, words_of
from workbench.report.groups import Bundle, bundles, that_count
from workbench.report.records import Curve, LinesShown, NothingShown, Part, Shown
from workbench.report.seeds import curve_of

if TYPE_CHECKING:
    from workbench.report.records import Floats

FEWEST_EPOCHS = 2.0
"""What is shorter is drawn over steps."""
WIDE = 20.0
"""Values of an axis of which the largest is so many times the least stand at equal distances, as most of them are powers."""
PRINTED_TICKS = 12
MOST_TOLD = 4
"""Groups that are named of those in which runs diverged."""
ROOM = 0.25
"""Beside the first and the last of variations at equal distances of 1."""

Read = Callable[[Bundle], tuple["Floats", "Floats"]]
"""Of a line: x, [M], and the values of its runs, [S, M]. Raises Undecided."""


def curves(show: Show, plan: Plan, runs: Runs) -> Shown:
    """A line for each group, over epochs or steps."""
    quantity = parse_term(show.of)
    assert isinstance(quantity, Quantity), "the recipe was read"
    lines = list(bundles(plan, that_count(plan, runs)))
    return _over_time(show, plan, runs, lines, lambda bundle: series_of(quantity, bundle.groups[0], runs))


def layer_curves(show: Show, plan: Plan, runs: Runs) -> Shown:
    """A line for each hidden layer of one group, over epochs or steps."""
    quantity = parse_term(show.of)
    assert isinstance(quantity, Quantity), "the recipe was read"
    group = group_of(show, plan)
    if group is None:
        return left_out(show, plan)
    course = next((run.layers(quantity.name) for run in runs.of(group) if run is not None), None)
    if course is None or not course.steps.size:
        return NothingShown(title_of(show), f"{words_of(show.of)} was not recorded yet")
    lines = [Bundle("", f"layer {number}", number - 1, (group,)) for number in range(1, course.values.shape[1])]

    def read(bundle: Bundle) -> Series:
        return series_of(replace(quantity, layers=Layers(bundle.hue + 1)), group, runs)

    return _over_time(show, plan, runs, lines, read)


def layers(show: Show, plan: Plan, runs: Runs) -> Shown:
    """A line for each group, over the hidden layers."""
    term = parse_term(show.of)

    def read(bundle: Bundle) -> tuple[Floats, Floats]:
        values = over_layers(term, bundle.groups[0], runs)
        return np.arange(1.0, values.shape[1] + 1), values

    parts, note = _parts(bundles(plan, that_count(plan, runs)), read)
    most = max((curve.x.size for part in parts for curve in part.curves), default=0)
    ticks = tuple((float(number), str(number)) for number in range(1, most + 1)) if most <= PRINTED_TICKS else ()
    shown = LinesShown(title_of(show), "", "layer", parts, ticks=ticks, note=note)
    return _shown(show, term, plan, runs, shown, that_count(plan, runs))


def axis(show: Show, plan: Plan, runs: Runs) -> Shown:
    """Over the values of an axis, a line for each combination of the others."""
    term = parse_term(show.of)
    along = next(axis for axis in plan.axes if axis.name == show.axis)
    names = ordered(along)
    places, ticks, window = _places(along, names)
    choose = plan.recipe.choose
    groups = plan.groups if choose and choose.axis == show.axis else that_count(plan, runs)

    def read(bundle: Bundle) -> tuple[Floats, Floats]:
        by_name = {group.on(show.axis): group for group in bundle.groups}
        found = [_if_there(term, by_name.get(name), runs) for name in names]
        if all(values is None for values in found):
            raise Missing("no values")
        rows = max(len(values) for values in found if values is not None)
        table = np.full((rows, len(names)), np.nan)
        for column, values in enumerate(found):
            if values is not None:
                table[: len(values), column] = values
        return places, table

    parts, note = _parts(bundles(plan, groups, over=show.axis), read)
    lines = LinesShown(title_of(show), "", along.name, parts, ticks=ticks, window=window, note=note)
    return _shown(show, term, plan, runs, lines, groups)


def _if_there(term: Term, group: Group | None, runs: Runs) -> Floats | None:
    try:
        return None if group is None else value_of(term, group, runs)
    except Undecided:
        return None


def _places(along: Axis, names: Sequence[str]) -> tuple[Floats, tuple[tuple[float, str], ...], tuple[float, float] | None]:
    """Where the variations of an axis stand, their names there, and from where to where it goes.

    Numbers stand at their places, unless they are far apart; others at equal distances.
    """
    if along.numeric:
        values = np.array([float(name) for name in names])
        if values.min() > 0 and values.max() <= WIDE * values.min():
            return values, tuple(zip(values.tolist(), names, strict=True)) if values.size <= PRINTED_TICKS else (), None
    places = np.arange(len(names), dtype=np.float64)
    return places, tuple(zip(places.tolist(), names, strict=True)), (-ROOM, len(names) - 1 + ROOM)


# --- what they have in common -----------------------------------------------------------


def _over_time(show: Show, plan: Plan, runs: Runs, lines: Iterable[Bundle], read: Callable[[Bundle], Series]) -> Shown:
    """Lines over epochs; over steps where there are hardly any epochs."""
    found: dict[Bundle, Series | Undecided] = {}
    for bundle in lines:
        try:
            found[bundle] = read(bundle)
        except Undecided as error:
            found[bundle] = error
    lengths = [float(series.epochs[-1]) for series in found.values() if isinstance(series, Series)]
    in_epochs = max(lengths, default=0.0) >= FEWEST_EPOCHS

    def points(bundle: Bundle) -> tuple[Floats, Floats]:
        series = found[bundle]
        if isinstance(series, Undecided):
            raise series
        return (series.epochs if in_epochs else series.steps), series.values

    parts, note = _parts(found, points)
    shown = LinesShown(title_of(show), "", "epoch" if in_epochs else "step", parts, note=note)
    drawn = dict.fromkeys(group for bundle in found for group in bundle.groups)
    return _shown(show, parse_term(show.of), plan, runs, shown, drawn)


def _parts(lines: Iterable[Bundle], read: Read) -> tuple[tuple[Part, ...], str]:
    """The lines that there are, in their parts, and why others are not there."""
    found, lacking = list[tuple[str, Curve]](), list[str]()
    for bundle in lines:
        try:
            x, values = read(bundle)
        except Missing:
            continue
        except Undecided as error:
            lacking.append(str(error))
        else:
            found.append((bundle.title, replace(curve_of(bundle.label, x, values), hue=bundle.hue)))
    parts = tuple(Part(title, tuple(curve for _, curve in some)) for title, some in _by_title(found))
    return parts, "; ".join(dict.fromkeys(lacking))


def _by_title(found: Sequence[tuple[str, Curve]]) -> Iterator[tuple[str, list[tuple[str, Curve]]]]:
    ordered = sorted(found, key=lambda each: list(dict.fromkeys(title for title, _ in found)).index(each[0]))
    return ((title, list(some)) for title, some in itertools.groupby(ordered, key=lambda each: each[0]))


def _shown(show: Show, term: Term, plan: Plan, runs: Runs, lines: LinesShown, groups: Iterable[Group]) -> Shown:
    """The lines of these groups with what is said about them; nothing where there are none."""
    if not lines.parts:
        return NothingShown(lines.title, lines.note or "no runs yet")
    unit = Values.of_plan(plan, runs).unit(term)
    words = words_of(show.of) + {Unit.PERCENT: " (%)", Unit.SECONDS: " (s)"}.get(unit, "")
    lacking = f"Not drawn: {lines.note}" if lines.note else ""
    note = ". ".join(filter(None, (_seeds_words(lines), _diverged_words(groups, runs), lacking)))
    return replace(lines, y_label=words, log=show.log, share=unit is Unit.SHARE, note=note)


def _seeds_words(lines: LinesShown) -> str:
    """What a line is made of."""
    counts = sorted({curve.runs for part in lines.parts for curve in part.curves})
    if counts[-1] < 2:
        return "One run each"
    many = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    spread = any(curve.has_spread for part in lines.parts for curve in part.curves)
    return f"Means of {many} runs" + (", with bands from the least to the greatest" if spread else "")


def _diverged_words(groups: Iterable[Group], runs: Runs) -> str:
    """Of which groups runs diverged, so that a mean is infinite from there on, or that of the others: `Diverged: 1 of 5 runs of relu`."""
    told = []
    for group in groups:
        there = [run for run in runs.of(group) if run is not None]
        if lost := sum(run.diverged for run in there):
            told.append(f"{lost} of {len(there)} runs" + (f" of {group.label}" if group.label else ""))
    more = f"; and of {len(told) - MOST_TOLD} more groups" if len(told) > MOST_TOLD else ""
    return f"Diverged: {'; '.join(told[:MOST_TOLD])}{more}" if told else ""
