"""Checks as recipes write them: parsed, and held against the recipe."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.claims.checking import Checker
from workbench.claims.errors import ClaimError
from workbench.claims.parser import parse_clause
from workbench.claims.quantities import MEASURES
from workbench.claims.term_checking import Place
from workbench.claims.term_tree import Quantity, Term
from workbench.claims.terms import parse_term
from workbench.claims.tree import Clause
from workbench.recipes.records import Recipe


def parse(check: str, recipe: Recipe, *, scales: Sequence[str] = ()) -> Clause:
    """The tree of a check that a recipe's runs can bear out.

    Args:
        check: its text.
        recipe: whose runs it speaks of; its own claims do not matter.
        scales: the names of those at which it will be judged; none: all that the recipe has.

    Raises:
        ClaimError: it cannot be understood, or speaks of what the recipe does not have at one of the scales.
    """
    clause = parse_clause(check)
    for name, scale in recipe.scales.items():
        if not scales or name in scales:
            Checker(check, recipe, scale).clause(clause, {})
    return clause


def parse_quantity(text: str, recipe: Recipe, *, layers: bool = False, course: bool = False) -> Term:
    """A quantity without its group, as `[[show]]` and `[choose]` write it: any term that names no group.

    Args:
        text: such as `test_error`, or `gradient_std(layer=1) at start`.
        recipe: of whose groups it will be shown.
        layers: whether it must be one of several layers.
        course: whether it must have a course, over epochs or steps.

    Raises:
        ClaimError: it cannot be understood, or is not of that kind.
    """
    term = parse_term(text)
    checker = Checker(text, recipe, next(iter(recipe.scales.values())), grouped=False)
    several = checker.term(term, Place(layered=layers))
    if layers and not several:
        raise ClaimError("this is not one of several layers; take a quantity such as gradient_std, without layer=N", text, 0)
    if course:
        if not isinstance(term, Quantity) or not MEASURES[term.name].has_course:
            raise ClaimError("this has no course; take a quantity such as validation_error or loss", text, 0)
        if term.moment is not None:
            raise ClaimError("the whole course is shown; leave `at` out", text, term.moment.at)
    return term
