"""Recipes: read a question, train what answers it, see its claims decided, look at the pictures."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static

from engine.errors import ConfigurationError
from workbench.recipes.planning import plan
from workbench.recipes.records import Recipe
from workbench.tui.recipe_messages import PlanRead, RecipesRead
from workbench.tui.recipe_reading import Planned, Recipes, Unreadable, read_plan, read_recipes
from workbench.tui.recipe_rows import Subject, command, unreadable_rows
from workbench.tui.recipe_words import WAITS, counted, going_sign, short_result
from workbench.tui.screens.picturing import Picturing
from workbench.tui.widgets.line_list import LineList
from workbench.tui.widgets.recipe_head import RecipeHead
from workbench.tui.widgets.recipe_list import RecipeLine, RecipeList
from workbench.tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from workbench.recipes.records import Plan
    from workbench.reproduction.background import Reproducing, Standing

LOOKS_PER_SECOND = 4
"""At how the recipe stands that is being reproduced."""
REST_SECONDS = 0.12
"""So long the cursor rests on a recipe before its runs are counted."""
NONE = "There are no recipes: none came with this installation, and there is no folder ./sessions with any."


class RecipesScreen(Picturing):
    """The list on the left, the chosen recipe on the right; one of them at a time where the terminal is narrow."""

    MODE = "recipes"
    FOOT = ("start_or_pause", "stop", "scale", "view", "toggle_list", "runs", "read_on")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "start_or_pause", "Reproduce"),
        Binding("enter", "start", "Reproduce", show=False),
        Binding("x", "stop", "Stop"),
        Binding("s", "scale(1)", "Scale"),
        Binding("S,shift+s", "scale(-1)", "Previous scale", show=False, key_display="S"),
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
        self._found: Recipes | None = None
        self._planned: dict[tuple[str, str], Planned] = {}
        self._problems: dict[tuple[str, str], str] = {}
        self._scales: dict[str, str] = {}
        self._resting: Timer | None = None
        self._timer: Timer | None = None
        self._told: tuple[Standing | None, object, object, object] | None = None
        self._chosen = ""
        self._followed: Reproducing | None = None
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
        self.list.focus()
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

    @property
    def list(self) -> RecipeList:
        """The recipes."""
        return self.query_one(RecipeList)

    # --- reading --------------------------------------------------------------------

    @work(thread=True, exclusive=True, group="recipes")
    def read(self) -> None:
        """Read all recipes and what came of them; the answer comes as a message."""
        self.post_message(RecipesRead(read_recipes(self.session.db)))

    def on_recipes_read(self, message: RecipesRead) -> None:
        self._found = found = message.recipes
        if found.problem:
            self.notify(found.problem, title="History", severity="error", timeout=15, markup=False)
        self.set_class(not (found.recipes or found.unreadable), "-nothing")
        if self._followed is not None and self._followed.finished:
            self._followed = None
        self._planned.clear()
        self._problems.clear()
        self.outdate_pictures()
        self.list.show(self._lines())

    @work(thread=True, exclusive=True, group="plan")
    def read_plan(self, recipe: Recipe, scale: str) -> None:
        """Count the runs of a recipe; the answer comes as a message."""
        from workbench.history import HistoryError

        try:
            self.post_message(PlanRead(recipe, scale, read_plan(self.session.db, recipe, scale)))
        except (ConfigurationError, HistoryError) as error:
            self.post_message(PlanRead(recipe, scale, None, " ".join(str(error).split())))

    def on_plan_read(self, message: PlanRead) -> None:
        key = (message.recipe.name, message.scale)
        self._problems[key] = message.problem
        if message.planned is not None:
            self._planned[key] = message.planned
        self._draw_head()
        self.draw_picture()

    # --- what is shown ----------------------------------------------------------------

    @property
    def recipe(self) -> Recipe | None:
        """The chosen recipe."""
        line = self.list.current
        return line.of if line is not None and isinstance(line.of, Recipe) else None

    @property
    def subject(self) -> Subject | None:
        """The chosen recipe with all that is known of it."""
        recipe, found = self.recipe, self._found
        if recipe is None or found is None:
            return None
        scale, doing = self._scale_of(recipe), self._doing(recipe.name)
        return Subject(
            recipe,
            scale,
            self._planned.get((recipe.name, scale)),
            found.last_at(recipe.name, scale),
            doing,
            waits=self._waits(recipe),
            share=self._share_of_training() if doing is not None else 0.0,
            problem=self._problems.get((recipe.name, scale), ""),
        )

    def _scale_of(self, recipe: Recipe) -> str:
        chosen = self._scales.get(recipe.name, "")
        return chosen if chosen in recipe.scales else next(iter(recipe.scales))

    def _doing(self, name: str) -> Reproducing | None:
        """The reproduction of a recipe, as long as it goes on and what came of it is not read."""
        doing = self._followed
        return doing if doing is not None and doing.plan.recipe.name == name else None

    def _waits(self, recipe: Recipe) -> bool:
        return any(plan.recipe.name == recipe.name for plan in self.session.awaited)

    def _share_of_training(self) -> float:
        """How much of the present training is done."""
        view = self.session.view()
        return view.step / view.total_steps if view is not None and view.total_steps else 0.0

    def _lines(self) -> list[RecipeLine]:
        found = self._found or Recipes()
        recipes = (RecipeLine(each, self._result(each)) for each in found.recipes)
        return [*recipes, *(RecipeLine(each, "! wrong") for each in found.unreadable)]

    def _result(self, recipe: Recipe) -> str:
        """What the list says of a recipe, its sign first."""
        doing = self._doing(recipe.name)
        if doing is not None:
            return f"{going_sign(doing)} {counted(doing.standing)}"
        if self._waits(recipe):
            return f"{WAITS} waits"
        made = self._found.last(recipe.name) if self._found is not None else None
        return short_result(made) if made is not None else ""

    def on_line_list_moved(self, message: LineList.Moved) -> None:
        self._choose()

    def _choose(self) -> None:
        """Show the chosen recipe, and count its runs when the cursor has rested on it."""
        line = self.list.current
        is_other = line is None or line.name != self._chosen
        self._chosen = line.name if line is not None else ""
        if is_other:
            self._view = 0
        self._draw_head()
        self.query_one("#question", Static).update(line.about if line is not None else "")
        self.set_class(line is not None and isinstance(line.of, Unreadable), "-unreadable")
        if line is not None and isinstance(line.of, Unreadable):
            page = self.query_one("#recipe-page", Sheet)
            page.show(lambda width, _, of=line.of: unreadable_rows(of, width), from_top=is_other)  # type: ignore[misc]
        else:
            self.draw_page(from_top=is_other)
        self.place_views()
        self._count_soon()

    def _count_soon(self) -> None:
        if self._resting is not None:
            self._resting.stop()
        recipe = self.recipe
        if recipe is not None and (recipe.name, self._scale_of(recipe)) not in self._planned:
            self._resting = self.set_timer(REST_SECONDS, partial(self.read_plan, recipe, self._scale_of(recipe)))

    def _draw_head(self) -> None:
        self.query_one(RecipeHead).show(self.subject)

    def _look(self) -> None:
        """Tell how the recipe stands that is being reproduced, where that is other than what is told."""
        if self.session.reproducing:
            self._followed = self.session.reproduction
        doing, before = self._followed, self._told
        standing = doing.standing if doing is not None else None
        seconds = (int(doing.seconds), going_sign(doing), round(self._share_of_training(), 2)) if doing is not None else ()
        self._told = (standing, seconds, self.session.awaited, doing is not None and doing.finished)
        if self._told == before or self._found is None:
            return
        self._draw_head()
        self.list.tell(self._lines())
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
            wanted = subject.planned.plan if subject.planned is not None else plan(subject.recipe, subject.scale)
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
        doing = self._doing(self.recipe.name) if self.recipe is not None else None
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
        self._scales[recipe.name] = names[(names.index(self._scale_of(recipe)) + step) % len(names)]
        self._choose()

    def action_toggle_list(self) -> None:
        """Show the list, or the recipe alone."""
        self._opened = not self._opened
        self.place_views()
        if self._opened:
            self.focus_sheet()
        else:
            self.list.focus()

    def focus_sheet(self) -> None:
        if self._opened:
            self.query_one("#show" if self.has_class("-picture") else "#recipe-page", Sheet).focus()

    def action_back(self) -> None:
        """Back to the list."""
        if self._opened:
            self.action_toggle_list()
        self.list.focus()

    def action_other(self, step: int) -> None:
        """Look at another recipe."""
        self.list.move_cursor(row=self.list.cursor_row + step)

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
        return ((f"command line that reproduces {subject.recipe.name}", command(subject, self.session.db)),)
