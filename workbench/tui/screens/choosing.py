"""The recipes of a screen: read, listed, and one of them chosen."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.timer import Timer
from textual.widgets import Static

from engine.errors import ConfigurationError
from workbench.recipes.records import Recipe
from workbench.tui.recipe_messages import PlanRead, RecipesRead
from workbench.tui.recipe_reading import Planned, Recipes, Unreadable, read_plan, read_recipes
from workbench.tui.recipe_rows import Subject, unreadable_rows
from workbench.tui.recipe_words import WAITS, counted, going_sign, share_of_training, short_result
from workbench.tui.screens.picturing import Picturing
from workbench.tui.widgets.line_list import LineList
from workbench.tui.widgets.recipe_head import RecipeHead
from workbench.tui.widgets.recipe_list import RecipeLine, RecipeList
from workbench.tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from workbench.reproduction.background import Reproducing

REST_SECONDS = 0.12
"""So long the cursor rests on a recipe before its runs are counted."""


class Choosing(Picturing):
    """A screen with a list of recipes, of which the current one is shown at one of its scales."""

    def __init__(self) -> None:
        super().__init__()
        self._found: Recipes | None = None
        self._planned: dict[tuple[str, str], Planned] = {}
        self._problems: dict[tuple[str, str], str] = {}
        self._scales: dict[str, str] = {}
        self._resting: Timer | None = None
        self._chosen = ""
        self._followed: Reproducing | None = None

    @property
    def recipes(self) -> RecipeList:
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
        self.recipes.show(self.lines())

    @work(thread=True, exclusive=True, group="plan")
    def read_plan(self, recipe: Recipe, scale: str) -> None:
        """Count the runs of a recipe; the answer comes as a message."""
        from workbench.history import HistoryError

        try:
            self.post_message(PlanRead(recipe, scale, read_plan(self.session.db, recipe, scale, self.data_dir)))
        except (ConfigurationError, HistoryError) as error:
            self.post_message(PlanRead(recipe, scale, None, " ".join(str(error).split())))

    def on_plan_read(self, message: PlanRead) -> None:
        key = (message.recipe.name, message.scale)
        self._problems[key] = message.problem
        if message.planned is not None:
            self._planned[key] = message.planned
        self.draw_head()
        self.draw_picture()

    # --- what is shown ----------------------------------------------------------------

    @property
    def recipe(self) -> Recipe | None:
        """The chosen recipe."""
        line = self.recipes.current
        return line.of if line is not None and isinstance(line.of, Recipe) else None

    @property
    def subject(self) -> Subject | None:
        """The chosen recipe with all that is known of it."""
        recipe, found = self.recipe, self._found
        if recipe is None or found is None:
            return None
        scale, doing = self.scale_of(recipe), self.doing(recipe.name)
        return Subject(
            recipe,
            scale,
            self._planned.get((recipe.name, scale)),
            found.last_at(recipe.name, scale),
            doing,
            waits=self._waits(recipe),
            share=share_of_training(doing) if doing is not None else 0.0,
            problem=self._problems.get((recipe.name, scale), ""),
        )

    @property
    def data_dir(self) -> Path | None:
        """Where the data of recipes are, if not in their usual places."""
        return Path(chosen).expanduser() if (chosen := self.session.preferences.data_dir) else None

    def scale_of(self, recipe: Recipe) -> str:
        """The scale at which it is shown."""
        chosen = self._scales.get(recipe.name, "")
        return chosen if chosen in recipe.scales else next(iter(recipe.scales))

    def doing(self, name: str) -> Reproducing | None:
        """The reproduction of a recipe, as long as it goes on and what came of it is not read."""
        doing = self._followed
        return doing if doing is not None and doing.plan.recipe.name == name else None

    def _waits(self, recipe: Recipe) -> bool:
        return any(plan.recipe.name == recipe.name for plan in self.session.awaited)

    def count_anew(self) -> None:
        """Forget what recipes take: something was chosen that it depends on."""
        self._planned.clear()
        self._problems.clear()
        self.outdate_pictures()
        self.choose()

    def lines(self) -> list[RecipeLine]:
        """What the list says of each recipe, and of the files that are none."""
        found = self._found or Recipes()
        recipes = (RecipeLine(each, self._result(each)) for each in found.recipes)
        return [*recipes, *(RecipeLine(each, "! wrong") for each in found.unreadable)]

    def _result(self, recipe: Recipe) -> str:
        """What the list says of a recipe, its sign first."""
        doing = self.doing(recipe.name)
        if doing is not None:
            return f"{going_sign(doing)} {counted(doing.standing)}"
        if self._waits(recipe):
            return f"{WAITS} waits"
        made = self._found.last(recipe.name) if self._found is not None else None
        return short_result(made) if made is not None else ""

    def on_line_list_moved(self, message: LineList.Moved) -> None:
        self.choose()

    def choose(self) -> None:
        """Show the chosen recipe, and count its runs when the cursor has rested on it."""
        line = self.recipes.current
        is_other = line is None or line.name != self._chosen
        self._chosen = line.name if line is not None else ""
        if is_other:
            self._view = 0
        self.draw_head()
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
        if recipe is not None and (recipe.name, self.scale_of(recipe)) not in self._planned:
            self._resting = self.set_timer(REST_SECONDS, partial(self.read_plan, recipe, self.scale_of(recipe)))

    def draw_head(self) -> None:
        """Tell title, scale, runs, and how it stands."""
        self.query_one(RecipeHead).show(self.subject)
