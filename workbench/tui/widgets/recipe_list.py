"""The list of recipes: title, what came of it, and where there is room its question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from workbench.plots.lines import Piece
from workbench.plots.rows import shortened
from workbench.recipes.records import Recipe
from workbench.tui.recipe_reading import Unreadable
from workbench.tui.recipe_rows import BAD, GOING, MUTED, STYLE_OF, STYLES
from workbench.tui.recipe_words import NOT_YET
from workbench.tui.widgets.line_list import LineList

_QUESTION_FROM = 100
"""Columns from which on the question stands beside the title."""
_GAP = 2


@dataclass(frozen=True, slots=True)
class RecipeLine:
    """A line of the list: a recipe, or a file that cannot be read."""

    of: Recipe | Unreadable
    result: str = ""
    """Its sign first; empty: nothing came of it yet."""

    @property
    def name(self) -> str:
        """The name of the file, without ending."""
        return self.of.path.stem

    @property
    def title(self) -> str:
        """What it is called."""
        return self.of.title if isinstance(self.of, Recipe) else self.of.path.name

    @property
    def about(self) -> str:
        """What it asks, or what is wrong with it."""
        return self.of.question if isinstance(self.of, Recipe) else next(iter(self.of.problems), "")


class RecipeList(LineList):
    """A line for each recipe, those that cannot be read last."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES)
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select_cursor", "Reproduce", show=False)]

    class Opened(Message):
        """The current line was chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[RecipeLine, ...] = ()

    @property
    def row_count(self) -> int:
        return len(self.lines)

    @property
    def current(self) -> RecipeLine | None:
        """The current line."""
        return self.lines[self.cursor_row] if self.cursor_row < len(self.lines) else None

    def show(self, lines: Sequence[RecipeLine]) -> None:
        """List these; the current recipe stays the current one."""
        name = self.current.name if self.current is not None else ""
        self.lines = tuple(lines)
        self.resize_list()
        place = next((number for number, line in enumerate(self.lines) if line.name == name), self.cursor_row)
        self.move_cursor(row=place)

    def tell(self, lines: Sequence[RecipeLine]) -> None:
        """The same recipes with other results."""
        self.lines = tuple(lines)
        self.refresh()

    def action_select_cursor(self) -> None:
        """Reproduce it: train what is missing and judge its claims. In a list alone: see all of it first."""
        self.post_message(self.Opened())

    def clicked_again(self) -> None:
        self.post_message(self.Opened())

    # --- drawing ------------------------------------------------------------------

    @property
    def _widths(self) -> tuple[int, int]:
        """Characters of titles and of results."""
        result = max([len("latest"), *(len(line.result) for line in self.lines)])
        longest = max([len("recipe"), *(len(line.title) for line in self.lines)])
        return min(longest, max(self.size.width - result - _GAP - 1, 8)), result

    @property
    def _has_questions(self) -> bool:
        return self.size.width >= _QUESTION_FROM

    def heading(self) -> Iterable[Piece]:
        title, result = self._widths
        words = f"{'recipe':<{title}}{' ' * _GAP}{'latest':<{result}}"
        return [(words + (f"{' ' * _GAP}question" if self._has_questions else ""), MUTED)]

    def pieces(self, row: int) -> Iterable[Piece]:
        line = self.lines[row]
        title, result = self._widths
        readable = isinstance(line.of, Recipe)
        yield (f"{shortened(line.title, title):<{title}}{' ' * _GAP}", "" if readable else BAD)
        text = line.result or NOT_YET
        yield (f"{text:<{result}}", STYLE_OF.get(text[:1], GOING) if readable else BAD)
        if self._has_questions:
            room = self.size.width - title - result - 2 * _GAP - 1
            yield (f"{' ' * _GAP}{shortened(line.about, room)}", MUTED)
