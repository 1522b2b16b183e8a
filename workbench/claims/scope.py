"""Which group the selectors of a check name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.catalog import unknown_name
from workbench.claims.term_tree import Selector
from workbench.recipes.records import Axis, Plan, Recipe, Scale

Names = Mapping[str, str]
"""Of some axes the name of one variation."""


class Unnamed(LookupError):  # noqa: N818 - it says what a group is
    """Selectors name no group, or several.

    Attributes:
        selector: The one that is wrong; None where one is missing.
    """

    def __init__(self, message: str, selector: Selector | None = None) -> None:
        super().__init__(message)
        self.selector = selector


@dataclass(frozen=True, slots=True)
class Space:
    """The groups of a recipe at one scale."""

    whole: tuple[Axis, ...]
    """The axes with all of their variations."""
    axes: tuple[Axis, ...]
    """With those of the scale."""
    scale: str
    chosen: str
    """The axis of which the best variation is taken; empty if there is none."""

    @classmethod
    def of_recipe(cls, recipe: Recipe, scale: Scale) -> Space:
        """The groups that a scale will have."""
        axes = tuple(_reduced(axis, scale.only.get(axis.name, axis.names)) for axis in recipe.axes)
        return cls(recipe.axes, axes, scale.name, recipe.choose.axis if recipe.choose else "")

    @classmethod
    def of_plan(cls, plan: Plan) -> Space:
        """The groups that a plan has."""
        recipe = plan.recipe
        return cls(recipe.axes, plan.axes, plan.scale.name, recipe.choose.axis if recipe.choose else "")

    def axis(self, name: str) -> Axis:
        """The axis of that name. Raises Unnamed if there is none."""
        found = next((axis for axis in self.axes if axis.name == name), None)
        if found is None:
            raise Unnamed(
                unknown_name("axis", name, [axis.name for axis in self.axes]) if self.axes else "the recipe has no axes"
            )
        return found

    def names(self, selectors: Sequence[Selector], bound: Names) -> dict[str, str]:
        """The variation of every axis, save of the one of which the best is taken unless it is named.

        Args:
            selectors: What the check names.
            bound: The axes that it goes over; what is named holds against them.

        Raises:
            Unnamed: something is named that is not there, or several groups fit.
        """
        found = {**bound, **self.named(selectors)}
        for axis_left in self.axes:
            if axis_left.name in found or axis_left.name == self.chosen:
                continue
            if len(axis_left.names) > 1:
                raise Unnamed(self._several(axis_left))
            found[axis_left.name] = axis_left.names[0]
        return {axis.name: found[axis.name] for axis in self.axes if axis.name in found}

    def named(self, selectors: Sequence[Selector]) -> dict[str, str]:
        """The variations that selectors name, by their axes. Raises Unnamed if one is not there."""
        named: dict[str, str] = {}
        for selector in selectors:
            axis, name = self._variation(selector)
            if axis in named:
                raise Unnamed(f"{axis} is given twice: {named[axis]} and {name}", selector)
            named[axis] = name
        return named

    def _several(self, axis: Axis) -> str:
        fitting = ", ".join(axis.label(name) for name in axis.names)
        return f"several groups fit: {fitting}; name one of them, or judge over {axis.name} or for every {axis.name}"

    def _variation(self, selector: Selector) -> tuple[str, str]:
        if selector.axis:
            try:
                axes: Sequence[Axis] = [self.axis(selector.axis)]
            except Unnamed as error:
                raise Unnamed(str(error), selector) from None
        else:
            axes = self.axes
        found = [(axis.name, name) for axis in axes for name in axis.names if _same(name, selector.name)]
        if len(found) == 1:
            return found[0]
        if found:
            ways = " or ".join(f"{axis}={name}" for axis, name in found)
            raise Unnamed(f"{selector.name!r} is a variation of several axes; write {ways}", selector)
        raise Unnamed(self._unknown(selector, axes), selector)

    def _unknown(self, selector: Selector, axes: Sequence[Axis]) -> str:
        there = [axis for axis in self.whole if axis.name in {each.name for each in axes}]
        if any(_same(name, selector.name) for axis in there for name in axis.names):
            return f"the scale {self.scale} leaves {selector} out; give the claim those scales that have it"
        names = [name for axis in axes for name in axis.names]
        noun = f"variation of {selector.axis}" if selector.axis else "variation"
        return unknown_name(noun, selector.name, names) if names else "the recipe has one group only; name none"


def _reduced(axis: Axis, names: Sequence[str]) -> Axis:
    return Axis(axis.name, tuple(each for each in axis.variations if each.name in names), axis.path, axis.numeric)


def _same(name: str, written: str) -> bool:
    """Whether a variation is the one that is written: 0.10 is 0.1."""
    if name == written:
        return True
    try:
        return float(name) == float(written)
    except ValueError:
        return False


def ordered(axis: Axis) -> tuple[str, ...]:
    """The variations of an axis in the order in which something rises over it: of numbers their own, else that of the file."""
    return tuple(sorted(axis.names, key=float)) if axis.numeric else axis.names
