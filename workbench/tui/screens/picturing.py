"""The page of a recipe, and the tables and pictures of its runs: beside each other, or one at a time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from workbench.tui.recipe_messages import Place, ShownRead
from workbench.tui.recipe_reading import read_shown
from workbench.tui.recipe_rows import MUTED, Subject, page_rows
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.widgets.curve_chart import INKS
from workbench.tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from workbench.plots.lines import Row
    from workbench.recipes.records import Plan
    from workbench.report.records import Shown

BOTH_FROM = 40
"""Lines of the terminal from which on the picture stands below the page."""
_LEAST_PICTURE = 8
_MOST_NOTE = 5


class Picturing(WorkbenchScreen):
    """A screen with the page of a recipe, and one of its tables or pictures below it or in its place."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "view(1)", "View"),
        Binding("V,shift+v", "view(-1)", "Previous view", show=False, key_display="V"),
        Binding("J,shift+j", "read_on(1)", "Read on", key_display="J"),
        Binding("K,shift+k", "read_on(-1)", "Read back", show=False, key_display="K"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._view = 0  # 0: the page, else the number of the picture, from 1
        self._shown: dict[Place, Shown | str] = {}
        self._fresh: set[Place] = set()
        self._asked: Place | None = None

    @property
    def subject(self) -> Subject | None:
        """The recipe, its scale, and all that is known of it."""
        raise NotImplementedError

    def shape(self) -> dict[str, bool]:
        return {**super().shape(), "-both": self.both, "-picture": not self.both and self.number > 0}

    @property
    def both(self) -> bool:
        """Whether there is room for page and picture."""
        return self.app.size.height >= BOTH_FROM

    @property
    def number(self) -> int:
        """Which picture is in sight, from 1; 0: none."""
        subject = self.subject if self.is_mounted else None
        there = len(subject.recipe.show) if subject is not None else 0
        return min(max(self._view, 1 if self.both else 0), there)

    def on_resize(self, event: events.Resize) -> None:
        self.place_views()

    def place_views(self) -> None:
        """Put page and picture where there is room for them."""
        for name, is_so in self.shape().items():
            self.set_class(is_so, name)
        self.draw_picture()

    # --- the picture ------------------------------------------------------------------

    def outdate_pictures(self) -> None:
        """Read the picture anew: there may be other runs."""
        self._fresh.clear()
        self._asked = None

    def forget_pictures(self) -> None:
        """Keep none of them."""
        self._shown.clear()
        self.outdate_pictures()

    def draw_picture(self) -> None:
        """Show the picture that is chosen, and read it if need be."""
        subject, number = self.subject, self.number
        sheet, title = self.query_one("#show", Sheet), self.query_one("#show-title", Static)
        if subject is None or not number:
            self.set_class(True, "-bare")
            title.update("")
            sheet.show(_nothing)
            return
        show = subject.recipe.show[number - 1]
        place = (subject.recipe.name, subject.scale, number - 1)
        if subject.planned is not None and place not in self._fresh and place != self._asked:
            self._asked = place
            self.read_shown(place, subject.planned.plan)
        shown = self._shown.get(place, "reading …")
        if place in self._shown:
            self.set_class(isinstance(shown, str) or type(shown).__name__ == "NothingShown", "-bare")
        text = show.title or show.of.replace("_", " ") if isinstance(shown, str) else shown.title
        count = f"   {number} of {len(subject.recipe.show)}   v next"
        title.update(Content.assemble((text, "bold"), (count, "$muted")))
        sheet.show(partial(_words, shown) if isinstance(shown, str) else partial(_picture, shown))

    @work(thread=True, group="shown")
    def read_shown(self, place: Place, plan: Plan) -> None:
        """Read a table or picture; the answer comes as a message."""
        from workbench.runner import one_line

        try:
            shown = read_shown(self.session.db, plan, plan.recipe.show[place[2]])
        except Exception as error:  # whatever it was is told in the place of the picture
            self.post_message(ShownRead(place, None, one_line(error)))
        else:
            self.post_message(ShownRead(place, shown))

    def on_shown_read(self, message: ShownRead) -> None:
        place = message.place
        self._shown[place] = message.shown if message.shown is not None else f"It cannot be shown: {message.problem}"
        if place == self._asked:
            self._asked = None
            self._fresh.add(place)
            self.draw_picture()

    # --- what the keys do ---------------------------------------------------------------

    def draw_page(self, *, from_top: bool = False) -> None:
        """Show what is known of the recipe."""
        subject = self.subject
        page = self.query_one("#recipe-page", Sheet)
        page.show((lambda width, _: page_rows(subject, width)) if subject is not None else _nothing, from_top=from_top)

    def action_view(self, step: int) -> None:
        """Show the next table or picture of its runs; where there is not room for both, the text is one of the views."""
        subject = self.subject
        if subject is None:
            return
        first, last = (1 if self.both else 0), len(subject.recipe.show)
        self._view = first + (self.number - first + step) % max(last - first + 1, 1)
        self.query_one("#show", Sheet).scroll_to(y=0, animate=False, force=True)
        self.place_views()
        self.focus_sheet()

    def focus_sheet(self) -> None:
        """Let the arrows scroll what is in sight, where the list is not."""

    def action_read_on(self, step: int) -> None:
        """Scroll the text, or the picture that is in its place."""
        sheet = self.query_one("#show" if self.has_class("-picture") else "#recipe-page", Sheet)
        sheet.scroll_relative(y=step * max(1, sheet.size.height // 2), animate=False, force=True)


def _nothing(width: int, height: int) -> tuple[Row, ...]:
    return ()


def _words(text: str, width: int, height: int) -> tuple[Row, ...]:
    """Words in the place of a picture."""
    import textwrap

    return tuple(((line, MUTED),) for line in textwrap.wrap(text[:1].upper() + text[1:], max(width, 20)))


def _picture(shown: Shown, width: int, height: int) -> tuple[Row, ...]:
    """A table or picture, with what is said below it in so many lines, if that can be."""
    from workbench.report.drawing import rows_of

    rows = rows_of(shown, width, max(height, _LEAST_PICTURE), INKS)
    extra = len(rows) - height
    if 0 < extra <= _MOST_NOTE and height - extra >= _LEAST_PICTURE:
        rows = rows_of(shown, width, height - extra, INKS)
    return rows
