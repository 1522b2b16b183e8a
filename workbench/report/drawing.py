"""Tables and pictures of a recipe as rows of text, for screens and the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.plots.chart import Inks, chart_rows
from workbench.plots.heat import heat_map
from workbench.plots.lines import Band, Line, Row
from workbench.plots.rows import fit
from workbench.plots.surface import surface_rows
from workbench.report.records import HeatShown, LinesShown, NothingShown, Part, Shown, SurfaceShown, TableShown

GAP = 3
LEAST_WIDTH = 56
"""Characters without which two charts do not stand side by side."""
CHOSEN = "*"
"""Stands after the variation that was chosen."""
PLAIN = Inks()


def rows_of(shown: Shown, width: int, height: int, inks: Inks = PLAIN) -> tuple[Row, ...]:
    """It in lines of `width` characters, without its title: a table in as many as it has rows, each picture in `height` lines.

    Styles are those of `inks`, and of a heat map or surface those of `workbench.plots.heat`. The note is the last line.
    """
    match shown:
        case TableShown():
            chosen = f"{CHOSEN} {shown.chosen}" if shown.chosen else ""
            return (*_table(shown, width, inks), *_note(shown.note, width, inks), *_note(chosen, width, inks))
        case LinesShown():
            about = f"{_axes_words(shown)}. {shown.note}" if len(shown.parts) > 1 else shown.note
            return (*_charts(shown, width, height, inks), *_note(about[:1].upper() + about[1:], width, inks))
        case HeatShown():
            return (*_heat(shown, width, height), *_note(shown.note, width, inks))
        case SurfaceShown():
            return (*surface_rows(shown.surface, width, height), *_note(shown.note, width, inks))
        case NothingShown():
            return tuple(_note(shown.why[:1].upper() + shown.why[1:], width, inks))


def _note(text: str, width: int, inks: Inks) -> Iterator[Row]:
    """Words at the foot, as many lines as they take."""
    import textwrap

    for line in textwrap.wrap(text, max(width, 10)):
        yield fit([(line, inks.axis)], width)


# --- tables -----------------------------------------------------------------------------


def _table(shown: TableShown, width: int, inks: Inks) -> Iterator[Row]:
    """A head, a line, rows; columns of figures are aligned to the right. What is too wide goes on in a second table below."""
    names = [shown.axes, *(_names(row.names, chosen=row.chosen) for row in shown.rows)]
    left = [[row[column] for row in names] for column in range(len(shown.axes))]
    right = [[title, *(row.cells[number].text for row in shown.rows)] for number, title in enumerate(shown.columns)]
    for first, part in enumerate(_parted(left, right, width)):
        if first:
            yield fit([], width)
        columns = [*((cells, False) for cells in left), *((cells, True) for cells in part)]
        lines = list(zip(*(_aligned(cells, to_the_right=side) for cells, side in columns), strict=True))
        yield fit([("  ".join(lines[0]), "bold")], width)
        yield fit([("─" * min(len("  ".join(lines[0])), width), inks.axis)], width)
        for line in lines[1:]:
            yield fit([("  ".join(line), "")], width)


def _names(names: Sequence[str], *, chosen: bool) -> list[str]:
    return [*names[:-1], *(f"{name} {CHOSEN}" if chosen else name for name in names[-1:])]


def _parted(left: Sequence[Sequence[str]], right: Sequence[Sequence[str]], width: int) -> list[list[Sequence[str]]]:
    """The columns of figures in as many parts as the width asks for, each beside the names."""
    taken = sum(max(map(len, cells)) + 2 for cells in left)
    parts: list[list[Sequence[str]]] = [[]]
    room = width - taken
    for cells in right:
        wide = max(map(len, cells)) + 2
        if parts[-1] and wide > room + 2:
            parts.append([])
            room = width - taken
        parts[-1].append(cells)
        room -= wide
    return parts


def _aligned(cells: Sequence[str], *, to_the_right: bool) -> list[str]:
    wide = max(map(len, cells))
    return [cell.rjust(wide) if to_the_right else cell.ljust(wide) for cell in cells]


# --- pictures ---------------------------------------------------------------------------


def _charts(shown: LinesShown, width: int, height: int, inks: Inks) -> Iterator[Row]:
    """A chart for each part, side by side where there is room."""
    across = min(len(shown.parts), max(1, (width + GAP) // (LEAST_WIDTH + GAP)))
    each = (width + GAP) // across - GAP
    for first in range(0, len(shown.parts), across):
        drawn = [_chart(shown, part, each, height, inks) for part in shown.parts[first : first + across]]
        if first:
            yield fit([], width)
        for line in zip(*drawn, strict=True):
            yield fit([piece for row in line for piece in (*row, (" " * GAP, ""))][:-1], width)


def _chart(shown: LinesShown, part: Part, width: int, height: int, inks: Inks) -> Sequence[Row]:
    lines, bands = lines_of(part)
    return chart_rows(
        lines,
        width,
        height,
        log=shown.log,
        share=shown.share,
        title=part.title or _axes_words(shown),
        x_label="" if shown.ticks else shown.x_label,
        bands=bands,
        ticks=shown.ticks,
        window=shown.window,
        inks=inks,
    )


def _axes_words(shown: LinesShown) -> str:
    """What the axes are; names at the ticks leave no room for that of the x axis."""
    return f"{shown.y_label} by {shown.x_label}" if shown.ticks else shown.y_label


def lines_of(part: Part, *, printed: bool = False) -> tuple[list[Line], list[Band]]:
    """The lines and bands of a part; for print in the colours and dashes that tell of their axes."""
    lines, bands = [], []
    for number, curve in enumerate(part.curves):
        hue = curve.hue if printed else number
        lines.append(Line(curve.label, curve.x, curve.mean, hue=hue))
        if curve.has_spread:
            bands.append(Band("", curve.x, curve.low, curve.high, hue=hue))
    return lines, bands


def _heat(shown: HeatShown, width: int, height: int) -> Sequence[Row]:
    return heat_map(
        shown.values,
        shown.layers,
        shown.steps,
        width,
        max(height, len(shown.layers) + 3),
        log=shown.log,
        diverging=shown.signed and not shown.log,
        title=shown.of,
        ends=(0.0, 1.0) if shown.share else None,
    ).rows
