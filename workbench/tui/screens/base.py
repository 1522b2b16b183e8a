"""What the three screens have in common: the bar above, the keys below, the shared session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.screen import Screen

from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from workbench.recipes.records import Plan
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.session import Session

WIDE = 120
"""Columns from which on form and live view stand side by side."""


class WorkbenchScreen(Screen[None]):
    """A screen with the bar of the screens on top and its keys at the foot."""

    MODE: ClassVar[str] = ""
    FOOT: ClassVar[tuple[str, ...]] = ()
    """Actions in the order in which their keys stand at the foot; those that are missing here come as they are declared."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = TopBar(self.MODE)

    def compose(self) -> ComposeResult:
        for name, is_so in self.shape().items():
            self.set_class(is_so, name)  # before there is anything that would have to be styled anew
        yield self.bar
        yield from self.compose_body()
        yield KeyLine()

    def shape(self) -> dict[str, bool]:
        """Classes by which the screen's parts are arranged, as things are."""
        return {"-wide": self.wide, "-narrow": not self.wide}

    def compose_body(self) -> ComposeResult:
        """What stands between bar and keys."""
        raise NotImplementedError

    def shows_recipe(self, plan: Plan) -> bool:
        """Whether it can be seen here what came of a recipe, so that it need not be told of elsewhere."""
        return False

    def copies(self) -> Sequence[tuple[str, str]]:
        """What else than runs and forms can be copied here: what it is, and the text."""
        return ()

    @property
    def live_shown(self) -> bool:
        """Whether the live run can be seen now, so that it need not be told of elsewhere."""
        return False

    @property
    def workbench(self) -> WorkbenchApp:
        """The app, as what it is."""
        return cast("WorkbenchApp", self.app)

    @property
    def session(self) -> Session:
        """What all screens share."""
        return self.workbench.session

    @property
    def wide(self) -> bool:
        """Whether there is room for two columns."""
        return self.app.size.width >= WIDE
