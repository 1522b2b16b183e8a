"""What the workers of the screen of recipes tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from workbench.tui.recipe_reading import Planned, Recipes

if TYPE_CHECKING:
    from workbench.recipes.records import Recipe
    from workbench.report.records import Shown

Place = tuple[str, str, int]
"""Recipe, scale, and number of the picture, from 0."""


class RecipesRead(Message):
    """All recipes were read, and what came of them."""

    def __init__(self, recipes: Recipes) -> None:
        super().__init__()
        self.recipes = recipes


class PlanRead(Message):
    """It is known what a recipe takes at a scale."""

    def __init__(self, recipe: Recipe, scale: str, planned: Planned | None, problem: str = "") -> None:
        """`problem`: why it cannot be known, where there is no `planned`."""
        super().__init__()
        self.recipe, self.scale, self.planned, self.problem = recipe, scale, planned, problem


class ShownRead(Message):
    """A table or picture of a recipe's runs was read, or it is known why that cannot be."""

    def __init__(self, place: Place, shown: Shown | None, problem: str = "") -> None:
        super().__init__()
        self.place, self.shown, self.problem = place, shown, problem
