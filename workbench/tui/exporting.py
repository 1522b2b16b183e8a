"""What is in sight as files: pictures of the screen or of a chart, and the numbers of runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.color import Color
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets._toast import ToastRack

from workbench.plots.figure import Figure

NUMBERS = ("steps", "layers", "epochs")
"""Kinds of rows that are offered; `workbench export --what` has them all."""


def strips_of(screen: Screen[Any], widget: Widget | None = None) -> list[Strip]:
    """What the screen shows, or the part of it that is a widget's."""
    with _without_toasts(screen):
        strips = screen._compositor.render_strips()  # noqa: SLF001  as Textual's own screenshots
    if widget is None:
        return strips
    region = widget.region
    return [strip.crop(region.x, region.right) for strip in strips[region.y : region.bottom]]


@contextmanager
def _without_toasts(screen: Screen[Any]) -> Iterator[None]:
    """Take messages away from over the screen for a moment in which nothing is painted."""
    racks = [rack for rack in screen.query(ToastRack) if rack.display and rack.children]
    for rack in racks:
        rack.display = False
    if racks:
        screen._refresh_layout()  # noqa: SLF001
    try:
        yield
    finally:
        for rack in racks:
            rack.display = True
        if racks:
            screen._refresh_layout()  # noqa: SLF001


_SVG = """\
<svg viewBox="0 0 {terminal_width} {terminal_height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
 font-size: {char_height}px; line-height: {line_height}px }}
{styles}
</style>
<defs>{lines}</defs>
{backgrounds}
<g class="{unique_id}-matrix" xml:space="preserve">
{matrix}
</g>
</svg>
"""
"""A picture of a terminal without a window about it."""


def svg(strips: Sequence[Strip]) -> bytes:
    """The lines as an SVG file in a font that the system has."""
    width = max((strip.cell_length for strip in strips), default=1)
    console = Console(
        width=width,
        height=len(strips),
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        safe_box=False,
    )
    console.print(Segments([segment for strip in strips for segment in (*strip, Segment.line())]))
    return console.export_svg(code_format=_SVG).encode()


def figure_svg(figure: Figure) -> bytes:
    """Curves as lines and words."""
    from workbench.plots.vector import svg as drawn

    return drawn(figure).encode()


def figure_png(figure: Figure) -> bytes:
    """Curves as pixels."""
    from workbench.plots.figure_png import png as drawn

    return drawn(figure)


def png(strips: Sequence[Strip], theme: TerminalTheme) -> bytes:
    """The lines as a PNG file.

    Args:
        strips: the lines.
        theme: what the 16 colours of a terminal are.
    """
    from workbench.plots.raster import png as drawn

    return drawn([[(text, *_colours(style, theme)) for text, style, _ in strip if text] for strip in strips])


def _colours(style: Style | None, theme: TerminalTheme) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Ink and ground of a style."""
    ink, ground = (style.color, style.bgcolor) if style is not None else (None, None)
    drawn = _rgb(ink, theme, foreground=True), _rgb(ground, theme, foreground=False)
    return (drawn[1], drawn[0]) if style is not None and style.reverse else drawn


def _rgb(colour: Color | None, theme: TerminalTheme, *, foreground: bool) -> tuple[int, int, int]:
    usual = theme.foreground_color if foreground else theme.background_color
    red, green, blue = usual if colour is None else colour.get_truecolor(theme, foreground=foreground)
    return red, green, blue


def csv_text(db: Path, run_ids: Sequence[int], what: str) -> str:
    """The rows of runs as comma-separated values, as `workbench export` writes them.

    Raises:
        HistoryError: the history cannot be read, or a run is not there.
    """
    from workbench.cli.exported import What, rows_of
    from workbench.history import History

    file = io.StringIO()
    writer = None
    with History.open(db) as history, history.snapshot():
        for run_id in run_ids:
            for row in rows_of(history, history.run(run_id), What(what)):
                if writer is None:
                    writer = csv.DictWriter(file, list(row), lineterminator="\n")
                    writer.writeheader()
                writer.writerow(row)
    return file.getvalue()
