"""What a recipe asks to see: its title, and the group that it names."""

from __future__ import annotations

from workbench.recipes.records import Group, Plan, Show
from workbench.report.records import NothingShown


def title_of(show: Show) -> str:
    """What stands above it."""
    words = words_of(show.of)
    return show.title or words[:1].upper() + words[1:]


def words_of(of: str) -> str:
    """A quantity as people read it."""
    return of.replace("_", " ")


def group_of(show: Show, plan: Plan) -> Group | None:
    """The group that is meant; None where this scale leaves it out."""
    return next((group for group in plan.groups if group.label == show.group), None)


def left_out(show: Show, plan: Plan) -> NothingShown:
    """What is said then."""
    return NothingShown(title_of(show), f"the scale {plan.scale.name} leaves {show.group} out")
