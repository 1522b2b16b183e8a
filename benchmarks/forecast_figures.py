"""Forecasts beside measurements: how many of them are close, and how single networks spread, as Markdown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from engine.catalog import ACTIVATIONS
from engine.insight.forecast_records import CLOSE, COMPARED

SHARP = 0.04
LIKE = 1.5
"""Factor up to which a spread counts as foreseen."""


class Figure(NamedTuple):
    """One number of one layer, over the seeds."""

    activation: str
    init: str
    depth: int
    layer: str
    statistic: str
    theory: float  # not-a-number: theory does not reach there
    measured: float  # root of the mean square over the seeds
    error: float  # standard error of that, as a share of it
    tolerance: float = 0.0  # of one network, by theory, as a share; 0: not known
    seeds: int = 8

    @property
    def within(self) -> bool:
        """Whether theory is off by no more than a tenth, or than twice the standard error that it gives for so many networks."""
        return bool(self.off <= max(CLOSE, 2 * self.tolerance / float(self.seeds) ** 0.5))

    @property
    def off(self) -> float:
        """How far theory lies from the measurement, as a share of it."""
        return abs(self.theory / self.measured - 1)


def print_tables(figures: Sequence[Figure], depths: Sequence[int], inits: Sequence[str]) -> None:
    """As Markdown."""
    known = [figure for figure in figures if figure.theory > 0]
    sharp = [figure for figure in known if figure.error < SHARP]
    nothing = [figure for figure in figures if figure.theory == 0]
    zero = sum(figure.measured == 0 for figure in nothing)
    print(f"{len(figures):,} figures. Theory says 0 for {len(nothing):,}, and {zero:,} of these are measured as exactly 0.")
    print(f"It does not reach {sum(np.isnan(figure.theory) for figure in figures):,}.\n")
    hidden = [figure for figure in known if figure.layer != "output"]
    parts = ("hidden layers", hidden), ("output layer", [figure for figure in known if figure.layer == "output"])
    for how, counted in HOW.items():
        for title, some in parts:
            print(f"Within {how}, {title}:\n")
            _table(some, "depth", [str(depth) for depth in depths], lambda figure: str(figure.depth), counted)
    print(
        f"Within 10 %, only where the measurement itself is known to {100 * SHARP:.0f} % (its standard error over the seeds):\n"
    )
    _table(sharp, "depth", [str(depth) for depth in depths], lambda figure: str(figure.depth))
    _print_ratios(hidden)
    for title, some in parts:
        _print_spreads(title, some)
    print("Within 10 %, hidden layers, by initializer:\n")
    _table(hidden, "initializer", list(inits), lambda figure: figure.init)
    print("Within 10 % or twice the standard error by theory, hidden layers, by initializer:\n")
    _table(hidden, "initializer", list(inits), lambda figure: figure.init, _is_within)
    print("Within 10 %, hidden layers, by activation:\n")
    _table(hidden, "activation", list(ACTIVATIONS), lambda figure: figure.activation)
    print("Within 10 % or twice the standard error by theory, hidden layers, by activation:\n")
    _table(hidden, "activation", list(ACTIVATIONS), lambda figure: figure.activation, _is_within)
    _print_worst(known)
    _print_unreached(figures)


def _is_close(figure: Figure) -> bool:
    return figure.off <= CLOSE


def _is_within(figure: Figure) -> bool:
    return figure.within


HOW = {"10 % of the measurement": _is_close, "10 %, or twice the standard error that theory gives": _is_within}


def _table(
    figures: Sequence[Figure],
    head: str,
    rows: Sequence[str],
    row_of: Callable[[Figure], str],
    counted: Callable[[Figure], bool] = _is_close,
) -> None:
    print(f"| {head} | {' | '.join(COMPARED)} | all | figures |")
    print(f"| --- {'| ---: ' * (len(COMPARED) + 2)}|")
    for row in (*rows, "all"):
        some = [figure for figure in figures if row in ("all", row_of(figure))]
        parts = [*([figure for figure in some if figure.statistic == name] for name in COMPARED), some]
        print(f"| {row} | {' | '.join(_share(part, counted) for part in parts)} | {len(some):,} |")
    print()


def _share(figures: Sequence[Figure], counted: Callable[[Figure], bool]) -> str:
    return f"{100 * sum(map(counted, figures)) / len(figures):.1f} %" if figures else "–"


def _print_spreads(title: str, figures: Sequence[Figure]) -> None:
    """How far single networks lie apart, beside what theory says of that; the layers of a network together."""
    groups: dict[tuple[str, str, str, int], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.tolerance > 0 and figure.error > 0:
            groups[figure.statistic, figure.activation, figure.init, figure.depth].append(figure)
    print(f"Spread of single networks and batches over what theory says of it, {title} of each combination:\n")
    print(f"| statistic | 5 % | median | 95 % | within a factor of {LIKE:g} | combinations |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in COMPARED:
        ratios = [_spread_ratio(some) for key, some in groups.items() if key[0] == name]
        low, middle, high = np.quantile(ratios, [0.05, 0.5, 0.95])
        like = np.mean([1 / LIKE <= ratio <= LIKE for ratio in ratios])
        print(f"| {name} | {low:.2f} | {middle:.2f} | {high:.2f} | {100 * like:.1f} % | {len(ratios):,} |")
    print()


def _spread_ratio(figures: Sequence[Figure]) -> float:
    seen, told = ([getattr(figure, name) for figure in figures] for name in ("error", "tolerance"))
    return float(np.mean(np.square(seen)) ** 0.5 * figures[0].seeds ** 0.5 / np.mean(np.square(told)) ** 0.5)


def _print_unreached(figures: Sequence[Figure]) -> None:
    groups: dict[tuple[str, str, int], int] = defaultdict(int)
    for figure in figures:
        groups[figure.activation, figure.init, figure.depth] += bool(np.isnan(figure.theory))
    print("\nFigures that theory does not reach:\n")
    print("| activation | initializer | depth | figures |")
    print("| --- | --- | ---: | ---: |")
    for (activation, init, depth), count in groups.items():
        if count:
            print(f"| {activation} | {init} | {depth} | {count} |")


def _print_ratios(figures: Sequence[Figure]) -> None:
    print("Theory over measurement, hidden layers:\n")
    print("| statistic | 5 % | median | 95 % | median standard error of the measurement |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name in COMPARED:
        some = [figure for figure in figures if figure.statistic == name]
        low, middle, high = np.quantile([figure.theory / figure.measured for figure in some], [0.05, 0.5, 0.95])
        error = np.median([figure.error for figure in some])
        print(f"| {name} | {low:.2f} | {middle:.3f} | {high:.2f} | {100 * error:.1f} % |")
    print()


def _print_worst(figures: Sequence[Figure]) -> None:
    off = [figure for figure in figures if not figure.within]
    far = [figure for figure in figures if figure.off > CLOSE]
    noise = sum(figure.off <= 2 * figure.error for figure in far)
    print(f"{len(far):,} figures are off by more than 10 %; {noise:,} of them by less than two standard errors as measured,")
    print(f"{len(far) - len(off):,} by less than two as theory gives them.\n")
    print("Combinations with the most figures off by more than both, and the farthest of each:\n")
    print("| activation | initializer | depth | off | farthest | layer | theory | measured | standard error |")
    print("| --- | --- | ---: | ---: | --- | --- | ---: | ---: | ---: |")
    groups: dict[tuple[str, str, int], list[Figure]] = defaultdict(list)
    for figure in off:
        groups[figure.activation, figure.init, figure.depth].append(figure)
    for (activation, init, depth), some in sorted(groups.items(), key=lambda item: -len(item[1]))[:15]:
        worst = max(some, key=lambda figure: figure.off)
        numbers = f"{worst.theory:.3g} | {worst.measured:.3g} | {100 * worst.error:.0f} %"
        print(f"| {activation} | {init} | {depth} | {len(some)} | {worst.statistic} | {worst.layer} | {numbers} |")
