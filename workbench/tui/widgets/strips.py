"""From pieces of text with the name of a style to a line of the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from workbench.plots.lines import Piece


def styles_of(widget: Widget, *, of: Widget | None = None) -> dict[str, Style]:
    """The widget's component classes as styles over its own colours, or those `of` another; the widget's own has the empty name."""
    own, of = widget.rich_style, of or widget
    return {"": own, **{name: own + of.get_component_rich_style(name, partial=True) for name in of.COMPONENT_CLASSES}}


def strip_of(pieces: Iterable[Piece], styles: Mapping[str, Style], width: int) -> Strip:
    """One line of exactly `width` cells, with the styles of `styles_of`."""
    segments = [Segment(text, styles[style]) for text, style in pieces if text]
    return Strip(segments).adjust_cell_length(width, styles[""])


def blank(styles: Mapping[str, Style], width: int) -> Strip:
    """An empty line."""
    return Strip.blank(width, styles[""])


def fitted(parts: Iterable[str], width: int, separator: str = "  ") -> str:
    """As many of the parts, the first ones first, as fit in `width` characters."""
    text = ""
    for part in parts:
        longer = f"{text}{separator}{part}" if text else part
        if len(longer) > width:
            break
        text = longer
    return text
