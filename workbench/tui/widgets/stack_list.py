"""The blocks of a network, one in a line, each with the shape that leaves it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from workbench.plots.network import Shape, shape_text
from workbench.tui.stack import Place, Shown

_SHAPE_WIDTH = 14


class StackList(OptionList):
    """Blocks in their order, what one holds indented below it. A click goes to a block, a second one opens it."""

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._shown: tuple[Shown, ...] = ()

    @property
    def place(self) -> Place:
        """Where the cursor is; the whole stack while it is empty."""
        return self._shown[self.highlighted or 0].place if self._shown else ()

    def show(self, lines: Sequence[Shown], shapes: Sequence[Shape | None], wrong: Place, problem: str, place: Place) -> None:
        """List these blocks.

        Args:
            lines: The blocks, and the heads of branches.
            shapes: What leaves each, where it is known.
            wrong: The place of a block that does not fit; empty if there is none.
            problem: Why it does not.
            place: Where the cursor is to stand.
        """
        self._shown = tuple(lines)
        before = self.highlighted or 0
        width = max(20, self.scrollable_content_region.width)
        self.clear_options()
        self.add_options(
            Option(_content(line, shape, problem if wrong and line.place == wrong else "", width))
            for line, shape in zip(lines, shapes, strict=True)
        )
        if lines:
            places = [line.place for line in lines]
            self.highlighted = places.index(place) if place in places else min(before, len(places) - 1)

    async def on_click(self, event: events.Click) -> None:
        clicked = event.style.meta.get("option")
        if clicked is not None and clicked != self.highlighted:
            event.prevent_default()  # which would open it at once
            self.highlighted = clicked


def _content(line: Shown, shape: Shape | None, problem: str, width: int) -> Content:
    room = width - _SHAPE_WIDTH - 2
    text = "  " * line.depth + ("! " if problem else "") + line.text
    text = text if len(text) <= room else f"{text[: room - 1]}…"
    style = "$error" if problem else "$muted" if line.brick is None else ""
    leaves = f"→ {shape_text(shape)}" if shape is not None else ""
    parts = [Content.assemble((f"{text:<{room}}", style), (f"{leaves:>{_SHAPE_WIDTH}}", "$primary"))]
    indent = "  " * (line.depth + 1)
    parts += [Content.styled(indent + row, "$error") for row in textwrap.wrap(problem, width - len(indent) - 1)]
    return Content("\n").join(parts)
