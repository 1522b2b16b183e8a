"""Which runs a comparison is of, and its pictures on the command line."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.text import Text

from engine.vocabulary import Statistic
from workbench.cli.errors import CommandError
from workbench.cli.history import found, history_path, opened
from workbench.cli.output import console, print_json
from workbench.compare_curves import Alignment, Metric, read_run_curves
from workbench.compare_figures import FIGURES
from workbench.compare_layers import LayerMap, difference_map, layer_map
from workbench.compare_pictures import Look, curve_lines, curve_rows, layer_rows, parallel_picture
from workbench.compare_state import MOST, Comparison, Entry, compared, figure_named, ranked
from workbench.history.series import SeriesHistory
from workbench.plots import heat, overlay
from workbench.plots.chart import Row
from workbench.plots.rows import text_of

CUT = "…"
"""Ends a legend that names not all runs."""
WIDTH, HEIGHT = 100, 24
"""Of a picture that is not written to a terminal."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown."""

    metric: str
    align: str
    log: bool
    smooth: float
    statistic: Statistic
    figure: str

    @property
    def look(self) -> Look:
        """How curves are drawn."""
        return Look(Metric[self.metric.upper()], self.alignment, self.log, self.smooth)

    @property
    def alignment(self) -> Alignment:
        """What the x axis is."""
        return Alignment[self.align.upper()]


@contextmanager
def compared_runs(
    db: Path | None, refs: Sequence[str], baseline: str | None, rank: str, *, by_seed: bool
) -> Iterator[tuple[SeriesHistory, Comparison]]:
    """The open history and the runs that are meant, a baseline that is not among them as the first.

    Raises:
        HistoryError: there is no such run.
        CommandError: there is nothing to compare, or too much.
    """
    with opened(db) as history:
        records = found(history, refs)
        base = history.run(baseline) if baseline is not None else None
    if base is not None and base.id not in {record.id for record in records}:
        records.insert(0, base)
    if len(records) < 2:
        raise CommandError("compare needs at least two different runs")
    if len(records) > MOST:
        raise CommandError(f"at most {MOST} runs can be compared at once, not {len(records)}")
    with SeriesHistory.open(history_path(db)) as series, series.snapshot():
        runs = [read_run_curves(series, record.id) for record in records]
        entries = compared(runs, {run.record.id: number for number, run in enumerate(runs)}, by_seed=by_seed)
        key = next((entry.key for entry in entries if base is not None and base.id in _ids(entry)), None)
        comparison = Comparison(entries, baseline=key, by_seed=by_seed)
        _check_figure(comparison, rank)
        yield series, replace(comparison, entries=ranked(entries, rank), ranked=rank)


def _check_figure(comparison: Comparison, name: str) -> None:
    """Raises CommandError unless this is a figure that the runs have; no name is fine."""
    names = [figure.field for figure in comparison.figures]
    if name and name not in names:
        kind = "is not measured of these runs" if name in {each.field for each in FIGURES} else "is no figure"
        raise CommandError(f"{name} {kind}; there are {', '.join(names)}")


def print_view(history: SeriesHistory, comparison: Comparison, view: str, wanted: Wanted, *, as_json: bool) -> None:
    """Print a picture, or the numbers in it as JSON objects."""
    if view == "curves":
        _print_curves(comparison, wanted.look, as_json=as_json)
    elif view == "parallel":
        _print_parallel(comparison, wanted.figure, as_json=as_json)
    else:
        for found_map, entry in _layer_maps(history, comparison, wanted):
            _print_layers(found_map, entry, wanted, as_json=as_json)


def _print_curves(comparison: Comparison, look: Look, *, as_json: bool) -> None:
    if not as_json:
        rows = curve_rows(comparison, look, *_size())
        _print_rows(rows)
        if any(CUT in text for text, _ in rows[0]):
            _print_legend(comparison)
        return
    for entry, line in zip(comparison.entries, curve_lines(comparison, look), strict=True):
        band = {"low": line.low, "high": line.high} if line.low is not None else {}
        told = {look.alignment.key: line.x, look.metric.key: line.y, **band}
        print_json({"runs": _ids(entry), **{name: _numbers(values) for name, values in told.items()}})


def _print_parallel(comparison: Comparison, figure_name: str, *, as_json: bool) -> None:
    _check_figure(comparison, figure_name)
    if not as_json:
        _print_rows(parallel_picture(comparison, figure_name, *_size()))
        _print_legend(comparison)
        return
    figure = figure_named(figure_name, comparison)
    for number, entry in enumerate(comparison.entries):
        summary = entry.summary(figure)
        settings = {each.path: each.values[number] for each in comparison.differences}
        print_json({"runs": _ids(entry), "settings": settings, figure.field: summary and summary.mean})


def _layer_maps(history: SeriesHistory, comparison: Comparison, wanted: Wanted) -> Iterator[tuple[LayerMap, Entry]]:
    """A heat map for each run, or each but the baseline against it; of a group its first run."""
    base = comparison.base
    of_base = history.layer_series(base.key, wanted.statistic) if base is not None else None
    for entry in comparison.entries:
        series = history.layer_series(entry.key, wanted.statistic)
        if base is None or of_base is None:
            yield layer_map(entry.runs[0], series, wanted.statistic, wanted.alignment), entry
        elif entry is not base:
            run, other = entry.runs[0], base.runs[0]
            yield difference_map(run, series, other, of_base, wanted.statistic, wanted.alignment), entry


def _print_layers(found_map: LayerMap, entry: Entry, wanted: Wanted, *, as_json: bool) -> None:
    if not as_json:
        width, height = _size()
        _print_rows(layer_rows(found_map, wanted.alignment, width, min(height, 3 + 2 * max(len(found_map.names), 1))))
        return
    x = _numbers(found_map.x)
    for name, values in zip(found_map.names, found_map.values, strict=True):
        told = {"runs": _ids(entry), "layer": name, "what": found_map.title}
        print_json({**told, wanted.alignment.key: x, str(wanted.statistic): _numbers(values)})


def _print_legend(comparison: Comparison) -> None:
    """Which sign is which run."""
    for entry in comparison.entries:
        print(f"{entry.sign} {entry.label}{' (baseline)' if entry.key == comparison.baseline else ''}")


def _ids(entry: Entry) -> list[int]:
    return [record.id for record in entry.records]


def _numbers(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None) -> list[float]:
    return [] if values is None else values.tolist()


def _size() -> tuple[int, int]:
    """Characters and lines of a picture."""
    if not sys.stdout.isatty():
        return WIDTH, HEIGHT
    columns, lines = shutil.get_terminal_size()
    return columns, max(lines - 4, 12)


def _print_rows(rows: Sequence[Row]) -> None:
    """Write a picture, in colours if stdout is a terminal that has them."""
    text: Text = text_of(rows, {**overlay.rich_styles(), **heat.rich_styles()})
    screen = console()
    if not screen.is_terminal or screen.no_color:
        sys.stdout.write("".join(f"{line.rstrip()}\n" for line in text.plain.split("\n")))
        return
    with screen.capture() as drawn:  # rich would answer a broken pipe by ending the program
        screen.print(text, soft_wrap=True)
    sys.stdout.write(drawn.get())
