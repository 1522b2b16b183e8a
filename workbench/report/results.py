"""The page of results: what recipes came to at one scale, from the history. Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.history.reproductions import ReproductionRow
from workbench.plots.numbers import ABSENT, format_duration
from workbench.recipes.records import Recipe
from workbench.report.markdown import cell, joined, plain, table
from workbench.report.section import SIGNS, Reported, anchor, section


def page(
    recipes: Sequence[Recipe], reported: Sequence[Reported], elsewhere: Mapping[str, ReproductionRow], scale: str | None
) -> str:
    """The whole page. Equal histories give equal pages.

    Args:
        recipes: All that are to be told of, in the order of the page.
        reported: Those that were judged at the scale.
        elsewhere: Of others what came of them at the largest scale at which they were judged.
        scale: The name of the scale; None where it is each recipe's largest.
    """
    by_name = {each.result.recipe.name: each for each in reported}
    rows = [_row(recipe, by_name.get(recipe.name), elsewhere.get(recipe.name), scale) for recipe in recipes]
    sections = [section(by_name[recipe.name]) for recipe in recipes if recipe.name in by_name]
    head = table(("recipe", "question", "scale", "claims that hold", "runs", "time"), rows, numbers=3)
    return joined(["# Results", _about(reported, scale), head, _lacking(reported), *sections]) + "\n"


def _about(reported: Sequence[Reported], scale: str | None) -> str:
    verdicts = [verdict for each in reported for verdict in each.result.made.verdicts]
    hold = sum(verdict.passed for verdict in verdicts)
    counted = f"{hold} of {len(verdicts)} claims hold" if verdicts else "none was judged yet"
    at = f"at their scale `{scale}`" if scale is not None else "each at the largest scale at which it was judged"
    return (
        f"What came of the recipes in `sessions/`, {at}: {counted}. `workbench report` makes this page from the runs "
        "that `workbench reproduce` keeps in the history. Errors are in per cent; ± is the sample standard deviation over the seeds."
    )


def _row(recipe: Recipe, there: Reported | None, elsewhere: ReproductionRow | None, scale: str | None) -> tuple[str, ...]:
    made = there.result.made if there else elsewhere
    title = f"[{cell(recipe.title)}](#{anchor(recipe.name)})" if there else cell(recipe.title)
    if made is None:
        return title, cell(recipe.question), "not run", ABSENT, ABSENT, ABSENT
    at = made.scale if there else f"not {scale}; {made.scale}" if scale in recipe.scales else f"has no {scale}; {made.scale}"
    runs = len({run for _, run in made.runs})
    return title, cell(recipe.question), at, f"{made.passed} of {len(made.verdicts)}", f"{runs:,}", format_duration(made.seconds)


def _lacking(reported: Sequence[Reported]) -> str:
    """The claims that do not hold, each with its numbers."""
    lines = [
        f"- {SIGNS[verdict.outcome]} [{plain(each.result.recipe.title)}](#{anchor(each.result.recipe.name)}): {plain(verdict.says)}"
        for each in reported
        for verdict in each.result.made.verdicts
        if not verdict.passed
    ]
    return joined(["Claims that do not hold:", "\n".join(lines)]) if lines else ""
