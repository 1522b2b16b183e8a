"""How a statistic runs through the layers of a network: bars, and marks for what it was expected to be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.plots.bars import bar
from workbench.plots.lines import Floats, Piece, Row
from workbench.plots.numbers import format_number
from workbench.plots.profile_styles import AXIS, BAR, CHOSEN, EXPECTED, NAME, NUMBER
from workbench.plots.rows import axis_rows, fit, message_rows, shortened

GHOST = "◇"
"""Where the forecast is."""
LEFT_OUT = "⋮"
"""Where layers are left out for want of room."""
MOST_DECADES = 40
MOST_LINES = 4
"""Of one layer: its bar and a gap."""
_LEAST_BAR = 8
_LEAST_HEIGHT = 4
"""Lines of one layer, its heading, and the axis."""
_NUMBER, _EXPECTED = 9, 10
"""Of the columns of numbers."""
_LABEL_SHARE = 5


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One statistic of all layers, not-a-number where there is none."""

    title: str
    shown: Floats  # [L]
    ghost: Floats | None = None  # [L]; None: there is none to compare with
    heading: str = "now"
    """Stands above the numbers of what is shown."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """Powers of ten from left to right."""

    low: float
    high: float

    @classmethod
    def of(cls, profile: Profile) -> _Scale:
        values = profile.shown if profile.ghost is None else np.concatenate([profile.shown, profile.ghost])
        powers = np.log10(values[np.isfinite(values) & (values > 0)])
        if not powers.size:
            return cls(-1.0, 0.0)
        high = math.ceil(powers.max() + 0.01)
        return cls(max(math.floor(powers.min() - 0.2), high - MOST_DECADES), high)

    def share(self, value: float) -> float:
        """Where a value is, from 0 to 1; zero and less are at the left end."""
        if value <= 0:
            return 0.0
        return min(max((math.log10(value) - self.low) / (self.high - self.low), 0.0), 1.0)

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """Whole powers of ten, not too many."""
        step = max(1, -(-int(self.high - self.low) // max(most, 1)))
        powers = range(int(self.high), int(self.low) - 1, -step)
        return [((power - self.low) / (self.high - self.low), f"1e{power}") for power in reversed(powers)]


def profile_rows(
    names: Sequence[str],
    profiles: Sequence[Profile],
    width: int,
    height: int,
    *,
    chosen: int | None = None,
    legend: str = "",
) -> tuple[Row, ...]:
    """Draw statistics side by side in `width` x `height` characters: the input's layer on top, over a log axis.

    Where there is room a layer takes more than one line.

    Of more layers than there are lines some are left out: `⋮` stands where, and below how many.

    Args:
        names: Of the layers.
        profiles: At least one; as many of them are drawn as there is room for.
        width: Characters.
        height: Lines.
        chosen: The layer that is marked.
        legend: What the ghosts are, in a line above all where there is room for one.
    """
    if legend and height > _LEAST_HEIGHT:
        above = fit([(GHOST, EXPECTED), (f" {legend}", AXIS)], width)
        return (above, *profile_rows(names, profiles, width, height - 1, chosen=chosen))
    margin = min(max(map(len, names), default=0) + 2, max(width // _LABEL_SHARE, 6))
    count = min(len(profiles), max((width - margin) // (_LEAST_BAR + _NUMBER + _EXPECTED + 1), 0))
    if height < _LEAST_HEIGHT or count == 0 or not names:
        return message_rows(fit([(profiles[0].title, AXIS)], width), "", width, height, AXIS)
    each = (width - margin) // count
    charts = [_Chart(profile, each, number) for number, profile in enumerate(profiles[:count])]
    head = [piece for chart in charts for piece in chart.head()]
    rows: list[Row] = [fit([(" " * margin, AXIS), *head], width)]
    layers = shown_layers(len(names), height - 3, chosen)
    thick = min(max((height - 3) // len(layers), 1), MOST_LINES)
    for before, layer in zip([-1, *layers], layers, strict=False):
        style, sign = (CHOSEN, "▸") if layer == chosen else (NAME, " " if layer == before + 1 else LEFT_OUT)
        for line in range(thick):
            last = line == thick - 1 > 0  # a gap between thick bars
            words = line == (thick - 1) // 2
            name: Piece = (f"{f'{sign}{shortened(names[layer], margin - 2)}' if words else '':<{margin}}", style)
            pieces = () if last else (piece for chart in charts for piece in chart.line(layer, words=words))
            rows.append(fit([name, *pieces], width))
    hidden = len(names) - len(layers)
    below = ("", shortened(f"{LEFT_OUT}{hidden} more", margin - 1) if hidden else "")
    axes = zip(below, zip(*(chart.axis() for chart in charts), strict=True), strict=True)
    rows += [fit([(f"{words:<{margin}}", AXIS), *pieces], width) for words, pieces in axes]
    return (*rows, *[fit([], width)] * (height - len(rows)))


def shown_layers(count: int, room: int, chosen: int | None = None) -> list[int]:
    """The layers that are drawn in so many lines, at about equal distances from the first to the last, the chosen one among them."""
    layers = sorted(set(np.linspace(0, count - 1, min(count, room)).round().astype(int).tolist()))
    if chosen is None or chosen in layers or not 0 <= chosen < count:
        return layers
    nearest = min(layers[1:-1] or layers, key=lambda layer: abs(layer - chosen))
    return sorted({*layers, chosen} - {nearest})


class _Chart:
    """One statistic: its bars, and the numbers behind them."""

    def __init__(self, profile: Profile, width: int, number: int) -> None:
        self._profile = profile
        self._scale = _Scale.of(profile)
        self._bar = width - _NUMBER - (0 if profile.ghost is None else _EXPECTED) - 1
        self._width = width
        self._style = f"{BAR}-{number % 2}"

    def head(self) -> list[Piece]:
        title = shortened(self._profile.title, self._bar)
        pieces = [(f"{title:<{self._bar}}", self._style), (f"{self._profile.heading:>{_NUMBER}}", AXIS)]
        return self._with_ghost(pieces, f"{GHOST}forecast")

    def line(self, layer: int, *, words: bool) -> list[Piece]:
        """The bar of a layer and, with words, its numbers."""
        shown, ghosts = float(self._profile.shown[layer]), self._profile.ghost
        ghost = float(ghosts[layer]) if ghosts is not None else math.nan
        told, expected = (_number(shown), _number(ghost)) if words else ("", "")
        return self._with_ghost([*self._bars(shown, ghost), (f"{told:>{_NUMBER}}", NUMBER)], expected)

    def _with_ghost(self, pieces: list[Piece], text: str) -> list[Piece]:
        return [*pieces, (f"{text:>{_EXPECTED}} " if self._profile.ghost is not None else " ", EXPECTED)]

    def axis(self) -> list[Piece]:
        """The rule below the bars, and its labels."""
        rows = axis_rows(self._scale.ticks(self._bar // 8), 0, self._bar - 1, "", AXIS)
        return [(text.ljust(self._width), AXIS) for ((text, _),) in rows]

    def _bars(self, shown: float, ghost: float) -> list[Piece]:
        """The bar with the mark of the ghost over it."""
        share = 0.0 if math.isnan(shown) else self._scale.share(shown) if math.isfinite(shown) else 1.0
        text = bar(round(share * (self._bar - 1) * 8), self._bar)
        if math.isnan(ghost):
            return [(text, self._style)]
        at = min(round(self._scale.share(ghost) * (self._bar - 1)), self._bar - 1)
        return [(text[:at], self._style), (GHOST, EXPECTED), (text[at + 1 :], self._style)]


def _number(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:.1e}" if value and not 1e-3 <= abs(value) < 1e4 else format_number(value)
