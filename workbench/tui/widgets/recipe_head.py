"""What is always in sight of a recipe: its title and scale, what that takes, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from workbench.plots.lines import Row
from workbench.tui.recipe_rows import STYLES, Subject, head_rows
from workbench.tui.widgets.drawn import Drawn


class RecipeHead(Drawn):
    """Three lines. Its colours are its component classes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES)

    def __init__(self) -> None:
        super().__init__()
        self._subject: Subject | None = None

    def show(self, subject: Subject | None) -> None:
        """Tell this from now on."""
        self._subject = subject
        self.outdate()

    def draw_rows(self, width: int, height: int) -> Sequence[Row]:
        return head_rows(self._subject, width) if self._subject is not None and width > 0 else ()
