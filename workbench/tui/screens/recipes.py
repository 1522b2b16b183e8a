"""Recipes: read a question, train what answers it, see its claims decided, look at the pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static

from engine.errors import ConfigurationError
from workbench.recipes.planning import plan
from workbench.tui.recipe_rows import command
from workbench.tui.recipe_words import going_sign, share_of_training
from workbench.tui.screens.choosing import Choosing
from workbench.tui.widgets.recipe_head import RecipeHead
from workbench.tui.widgets.recipe_list import RecipeList
from workbench.tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from workbench.recipes.records import Plan
    from workbench.reproduction.background import Standing

LOOKS_PER_SECOND = 4
"""At how the recipe stands that is being reproduced."""
NONE = "There are no recipes: none came with this installation, and there is no folder ./sessions with any."


class RecipesScreen(Choosing):
    """The list on the left, the chosen recipe on the right; one of them at a time where the terminal is narrow."""

    MODE = "recipes"
    FOOT = ("start_or_pause", "stop", "scale", "view", "toggle_list", "runs", "read_on")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "start_or_pause", "Reproduce"),
        Binding("enter", "start", "Reproduce", show=False),
        Binding("x", "stop", "Stop"),
        Binding("s", "scale(1)", "Scale"),
        Binding("S,shift+s", "scale(-1)", "Previous scale", show=False, key_display="S"),
        Binding("o", "data", "Data folder", show=False),
        Binding("b", "watch", "Bench", show=False),
        Binding("f", "toggle_list", "List"),
        Binding("escape", "back", "To the list", show=False),
        Binding("h", "runs", "Its runs"),
        Binding("exclamation_mark", "explain", "Explain", show=False, key_display="!"),
        Binding("right_square_bracket", "other(1)", "Next recipe", show=False, key_display="]"),
        Binding("left_square_bracket", "other(-1)", "Previous recipe", show=False, key_display="["),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._timer: Timer | None = None
        self._told: tuple[Standing | None, object, object, object] | None = None
        self._opened = False  # whether the recipe is shown where there is no room for the list beside it

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="recipes"):
            with Vertical(id="recipe-list"):
                yield RecipeList()
                yield Static(id="question", markup=False)
            with Vertical(id="recipe"):
                yield RecipeHead()
                yield Sheet(id="recipe-page")
                yield Static(id="show-title", markup=False)
                yield Sheet(id="show")
            yield Static(NONE, id="no-recipes", markup=False)

    def shape(self) -> dict[str, bool]:
        return {**super().shape(), "-opened": self._opened}

    def on_mount(self) -> None:
        self.recipes.focus()
        self.read()
        self._timer = self.set_interval(1 / LOOKS_PER_SECOND, self._look)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        if self._timer is not None:
            self._timer.resume()
            self.read()

    def on_screen_suspend(self) -> None:
        stack = self.app.screen_stack
        covered = self not in stack or not all(isinstance(above, ModalScreen) for above in stack[stack.index(self) + 1 :])
        if self._timer is not None and covered:
            self._timer.pause()

    def _look(self) -> None:
        """Tell how the recipe stands that is being reproduced, where that is other than what is told."""
        if self.session.reproducing:
            self._followed = self.session.reproduction
        doing, before = self._followed, self._told
        standing = doing.standing if doing is not None else None
        seconds = (int(doing.seconds), going_sign(doing), round(share_of_training(doing), 2)) if doing is not None else ()
        self._told = (standing, seconds, self.session.awaited, doing is not None and doing.finished)
        if self._told == before or self._found is None:
            return
        self.draw_head()
        self.recipes.tell(self.lines())
        if before is not None and standing is not before[0]:
            self.draw_page()
            if standing is None or before[0] is None or standing.whole != before[0].whole:
                self.outdate_pictures()
                self.draw_picture()
        if doing is not None and doing.finished:
            self.read()

    # --- what the keys do ---------------------------------------------------------------

    def on_recipe_list_opened(self) -> None:
        if self.wide or self._opened:
            self.action_start()
        else:
            self.action_toggle_list()

    def action_start(self) -> None:
        """Train what is missing and judge its claims; what is there already is not trained again."""
        subject = self.subject
        if subject is None:
            self.notify("This file is no recipe as it stands: mend what is told of it first.", severity="warning")
            return
        if subject.doing is not None:
            self.notify("It is being reproduced: b shows its training, x stops it.")
            return
        try:
            wanted = (
                subject.planned.plan
                if subject.planned is not None
                else plan(subject.recipe, subject.scale, data_dir=self.data_dir)
            )
        except ConfigurationError as error:
            self.notify(str(error), title=subject.recipe.title, severity="error", timeout=15, markup=False)
            return
        if not self.workbench.reproduce(wanted):
            self.notify(f"{subject.recipe.title} begins once nothing else is trained; x takes it back.", markup=False)
        self._opened = self._opened or not self.wide
        self._look()
        self.place_views()

    def action_start_or_pause(self) -> None:
        """Train what is missing and judge its claims; pause its training, or let it go on."""
        doing = self.doing(self.recipe.name) if self.recipe is not None else None
        if doing is None or doing.finished:
            self.action_start()
        elif doing.runner is not None:
            (doing.runner.resume if doing.runner.paused else doing.runner.pause)()
            self._look()

    def action_stop(self) -> None:
        """End its training; the runs that are over are kept, and it goes on from there the next time."""
        subject = self.subject
        if subject is not None and subject.doing is not None:
            subject.doing.stop()
        elif subject is not None and subject.waits:
            self.session.await_no_more(subject.recipe.name)
        else:
            self.notify("This recipe is not being reproduced.", severity="warning")
        self._look()

    def action_scale(self, step: int) -> None:
        """Show another scale: how much is trained, and what came of it."""
        recipe = self.recipe
        if recipe is None:
            return
        names = list(recipe.scales)
        self._scales[recipe.name] = names[(names.index(self.scale_of(recipe)) + step) % len(names)]
        self.choose()

    def opens_field(self, key: events.Key) -> bool:
        """Whether the key leads to a line of text."""
        return key.key == "o"

    def action_data(self) -> None:
        """Say where the data of recipes are: in folders named after the datasets, or in it."""
        from workbench.tui.screens.dialogs import Prompt

        def answered(text: str | None) -> None:
            if text is not None:
                self.workbench.prefer(data_dir=text.strip())
                self.count_anew()

        hint = "empty: their usual places"
        self.app.push_screen(
            Prompt("Folder of the data that recipes learn from", self.session.preferences.data_dir, hint=hint), answered
        )

    def action_toggle_list(self) -> None:
        """Show the list, or the recipe alone."""
        self._opened = not self._opened
        self.place_views()
        if self._opened:
            self.focus_sheet()
        else:
            self.recipes.focus()

    def focus_sheet(self) -> None:
        if self._opened:
            self.query_one("#show" if self.has_class("-picture") else "#recipe-page", Sheet).focus()

    def action_back(self) -> None:
        """Back to the list."""
        if self._opened:
            self.action_toggle_list()
        self.recipes.focus()

    def action_other(self, step: int) -> None:
        """Look at another recipe."""
        self.recipes.move_cursor(row=self.recipes.cursor_row + step)

    async def action_runs(self) -> None:
        """List its runs in the History: those with its tag."""
        recipe = self.recipe
        await self.workbench.show_runs(f"tag:{'-'.join(recipe.name.split())}" if recipe is not None else "")

    def action_watch(self) -> None:
        """Go to the Bench; while a recipe is reproduced, to its training."""
        self.workbench.action_go("bench")
        if self.session.reproducing:
            self.workbench.show_training()

    def action_explain(self) -> None:
        """Explain what can be seen to go wrong in it."""
        from workbench.tui.screens.explaining import Explaining
        from workbench.tui.screens.menu import Menu

        rules = self.recipe.shows if self.recipe is not None else ()

        def explain(number: int | None) -> None:
            if number is not None:
                self.app.push_screen(Explaining(rules[number]))

        if len(rules) == 1:
            explain(0)
        elif rules:
            from engine.insight.rules import RULES

            known = [(rule, RULES[rule].explanation if rule in RULES else "") for rule in rules]
            self.app.push_screen(Menu("Explain", known, hint="explains it"), explain)
        else:
            self.notify("This recipe shows nothing that `workbench explain` has a page for.")

    def shows_recipe(self, plan: Plan) -> bool:
        subject = self.subject
        in_sight = (self.wide or self._opened) and not self.has_class("-picture")
        return in_sight and subject is not None and (subject.recipe.name, subject.scale) == (plan.recipe.name, plan.scale.name)

    def copies(self) -> tuple[tuple[str, str], ...]:
        subject = self.subject
        if subject is None:
            return ()
        return ((f"command line that reproduces {subject.recipe.name}", command(subject, self.session.db, self.data_dir)),)
