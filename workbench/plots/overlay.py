"""Many curves over each other: each with a sign of its own, one of them brought forward, bands and raw values faint behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.plots.axes import Scale
from workbench.plots.braille import GLYPHS, Curve, cells, trace
from workbench.plots.canvas import NOT_FINITE
from workbench.plots.lines import COLOURS as CHART_COLOURS
from workbench.plots.lines import Piece, Row, bounded
from workbench.plots.rows import axis_rows, fit, message_rows, pieces_of

SIGNS = "●▲■◆○△□◇+▼▽◉abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""One for each of up to 64 curves: none needs a colour to be told from the others."""

AXIS = "overlay--axis"
COLOURS = 6
FAINT, STRONG = "-faint", "-strong"
STYLES = frozenset({AXIS, *(f"overlay--{number}{weight}" for number in range(COLOURS) for weight in ("", FAINT, STRONG))})
"""Names of all styles that curves have."""

Floats = NDArray[np.float64]

_SPARSE = np.uint8(0x95)  # every second dot of a cell: raw values
_SPARSER = np.uint8(0x21)  # two dots of a cell: bands
_SIGN_EVERY = 16  # columns of cells between two signs on a curve
_LEAST_HEIGHT, _LEAST_WIDTH = 4, 16
_FAR = 20.0
"""A curve that rises so many times above the others, as before it diverges, is cut off."""


@dataclass(frozen=True, slots=True, eq=False)
class OverlayLine:
    """One curve among many: its points [N], x not decreasing."""

    label: str
    x: Floats
    y: Floats
    sign: str
    style: str
    faint: str
    """Style of what lies behind: raw values and band."""
    raw: Floats | None = None
    """[N] what was measured, where y is smoothed."""
    low: Floats | None = None
    high: Floats | None = None
    """[N] the ends of a band around y."""
    strong: bool = False
    """Whether it is drawn over all others, and thicker."""


def sign_of(number: int) -> str:
    """The sign of a curve, counted from 0."""
    return SIGNS[number % len(SIGNS)]


def style_of(number: int, weight: str = "") -> str:
    """The style of a curve, counted from 0; `weight` is empty, `FAINT` or `STRONG`."""
    return f"overlay--{number % COLOURS}{weight}"


def rich_styles() -> Mapping[str, str]:
    """The styles as rich writes them."""
    weights = (("", ""), (FAINT, "dim "), (STRONG, "bold "))
    named = {style_of(number, weight): word + colour for number, colour in enumerate(CHART_COLOURS) for weight, word in weights}
    return {**named, AXIS: "bright_black"}


@dataclass(frozen=True, slots=True)
class _Space:
    """Where values are drawn: scales of both axes, and characters."""

    across: Scale
    up: Scale
    width: int
    height: int

    def curve(self, x: Floats, y: Floats, *, cut: bool = False) -> Curve:
        """The dots of a curve; with `cut` what is above or below the space is left out."""
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.up.log:
                keep = ~(y <= 0)
                x, y = x[keep], np.log10(y[keep])
            heights = (y - self.up.low) / (self.up.high - self.up.low)
            if cut:
                heights = np.where((heights < 0) | (heights > 1), np.nan, heights)
        return trace((x - self.across.low) / (self.across.high - self.across.low), heights, self.width * 2, self.height * 4)

    def patterns(self, curve: Curve) -> NDArray[np.uint8]:
        """The dots of a curve as patterns of cells [height, width]."""
        return cells(curve, self.width, self.height)


def overlay_rows(
    lines: Sequence[OverlayLine],
    width: int,
    height: int,
    *,
    log: bool = False,
    share: bool = False,
    title: str = "",
    x_label: str = "",
) -> tuple[Row, ...]:
    """Draw curves in `width` x `height` characters (axes and legend within them); never raises for any values.

    The legend names those that are `strong` first, then as many as there is room for. A curve that stops being finite
    ends with ×. With `log` the y axis is logarithmic; with `share` it is labelled with percentages. The y axis spans the curves
    and bands, unless some rise far above all others; raw values outside of it are left out.
    """
    lines = [_bounded(line) for line in sorted(lines, key=lambda line: line.strong)]
    head = fit(_legend(lines, title), width)
    if height < _LEAST_HEIGHT or width < _LEAST_WIDTH:
        return message_rows(head, "", width, height, AXIS)
    across, up = _scales(lines, log=log, share=share)
    if across is None or up is None:
        return message_rows(head, "no finite values yet", width, height, AXIS)
    ticks = _row_ticks(up, height - 3)
    margin = max(map(len, ticks.values()), default=0)
    space = _Space(across, up, width - margin - 1, height - 3)
    body = [
        ((f"{ticks.get(number, ''):>{margin}}" + ("┤" if number in ticks else "│"), AXIS), *pieces)
        for number, pieces in enumerate(_body(lines, space))
    ]
    bottom = axis_rows(across.ticks(max(2, space.width // 10)), margin, space.width, x_label, AXIS)
    return (head, *body, *bottom)


def _bounded(line: OverlayLine) -> OverlayLine:
    """The line with numbers whose differences do not overflow."""
    raw, low, high = (None if values is None else bounded(values) for values in (line.raw, line.low, line.high))
    return replace(line, y=bounded(line.y), raw=raw, low=low, high=high)


def _legend(lines: Sequence[OverlayLine], title: str) -> list[Piece]:
    """Title, then the lines after a piece of each."""
    pieces: list[Piece] = [(title + "  ", AXIS)] if title else []
    for line in sorted(lines, key=lambda line: not line.strong):
        end = f" {NOT_FINITE} not finite" if line.y.size and not np.isfinite(line.y[-1]) else ""
        pieces += [(f"─{line.sign}{'━' if line.strong else '─'}", line.style), (f" {line.label}{end}  ", "")]
    return pieces


def _scales(lines: Sequence[OverlayLine], *, log: bool, share: bool) -> tuple[Scale | None, Scale | None]:
    """The scales of x and y over all lines and bands, None without a single point to draw."""
    xs, ends = [], []
    for line in lines:
        for values in (line.y, line.low, line.high):
            if values is None:
                continue
            drawn = np.isfinite(values) & ((values > 0) | (not log))
            if drawn.any():
                xs.append(line.x[drawn])
                ends.append((float(values[drawn].min()), float(values[drawn].max())))
    if not xs:
        return None, None
    x = np.concatenate(xs)
    low, high = min(end for end, _ in ends), max(end for _, end in ends)
    typical = sorted(end for _, end in ends)[len(ends) // 2]
    if not log and high > _FAR * typical > 0:
        high = max(end for _, end in ends if end <= _FAR * typical)
    if not log and 0 < low < high / 3:
        low = 0.0  # costs are seen against zero
    whole = bool((x == np.rint(x)).all())
    across = replace(Scale.around(float(x.min()), float(x.max())), whole=whole)
    return across, replace(Scale.around(low, high, log=log), share=share)


def _row_ticks(up: Scale, height: int) -> dict[int, str]:
    """The label of each row that has one, counted from the top."""
    for count in (max(2, height // 3), height // 2, height):
        placed: dict[int, str] = {}
        for position, label in up.ticks(max(count, 2)):
            placed.setdefault(height - 1 - int(min(max(position, 0.0), 1.0) * (height - 1) + 0.5), label)
        if len(placed) > 1:
            return placed
    return {height - 1 - round(position * (height - 1)): label for position, label in up.ends()}


def _body(lines: Sequence[OverlayLine], space: _Space) -> list[Row]:
    """The plot: what is faint first, then the curves, the strong ones last, then the signs."""
    dots = np.zeros((space.height, space.width), np.uint8)
    owner = np.zeros((space.height, space.width), np.intp)
    styles = [""]

    def put(patterns: NDArray[np.uint8], style: str) -> None:
        styles.append(style)
        owner[patterns > 0] = len(styles) - 1
        np.bitwise_or(dots, patterns, out=dots)

    for line in lines:
        if line.low is not None and line.high is not None:
            put(_band(line.x, line.low, line.high, space) & _SPARSER, line.faint)
    for line in lines:
        if line.raw is not None:
            put(space.patterns(space.curve(line.x, line.raw, cut=True)) & _SPARSE, line.faint)
    curves = [space.curve(line.x, line.y) for line in lines]
    for line, curve in zip(lines, curves, strict=True):
        put(space.patterns(_thick(curve, space) if line.strong else curve), line.style)
    glyphs = GLYPHS[dots]
    for number, (line, curve) in enumerate(zip(lines, curves, strict=True)):
        styles.append(line.style)
        marked = curve if line.raw is None else space.curve(line.x, line.raw)
        for row, column, sign in _signs(marked, line.sign, number, len(lines), space.height):
            glyphs[row, column], owner[row, column] = sign, len(styles) - 1
    return [pieces_of(glyphs[row], owner[row], styles) for row in range(space.height)]


def _thick(curve: Curve, space: _Space) -> Curve:
    """The curve one dot wider below and above."""
    return replace(curve, low=np.maximum(curve.low - 1, 0), high=np.minimum(curve.high + 1, space.height * 4 - 1))


def _band(x: Floats, low: Floats, high: Floats, space: _Space) -> NDArray[np.uint8]:
    """All dots between two curves over the same places."""
    if space.up.log:
        low = np.where(low > 0, low, np.where(high > 0, 10**space.up.low, low))
    below, above = space.curve(x, low), space.curve(x, high)
    if not np.array_equal(below.columns, above.columns):
        return np.zeros((space.height, space.width), np.uint8)
    return space.patterns(replace(below, high=above.high))


def _signs(curve: Curve, sign: str, number: int, lines: int, height: int) -> list[tuple[int, int, str]]:
    """Row, column and sign of the cells that show a curve's sign here and there, and × where it stops being finite."""
    found: list[tuple[int, int, str]] = []
    if curve.columns.size:
        columns = curve.columns // 2
        wanted = np.arange(_SIGN_EVERY * number // max(lines, 1), columns[-1] + 1, _SIGN_EVERY)
        places = np.unique(np.searchsorted(columns, wanted[wanted >= columns[0]]))
        shown = places if places.size else [columns.size - 1]
        found += [(height - 1 - int(curve.low[at] + curve.high[at]) // 8, int(columns[at]), sign) for at in shown]
    found.extend((height - 1 - int(row) // 4, int(column) // 2, NOT_FINITE) for column, row in curve.breaks)
    return found
