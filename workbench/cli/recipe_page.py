"""All that is known of one recipe, as text and as JSON."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from typing import Any

from rich.text import Text

from workbench.cli.output import console
from workbench.cli.reproduction_words import SIGNS
from workbench.history.reproductions import ReproductionRow
from workbench.plots import format_number
from workbench.recipes.planning import plan
from workbench.recipes.records import Claim, Plan, Recipe
from workbench.reproduction.sizes import Cost, cost_of

_WIDEST = 110
_DATE = 10
"""Characters of the day in a time as the history keeps it."""


def result_words(recipe: Recipe, made: ReproductionRow) -> str:
    """What came of a recipe the last time: `5 of 6 hold, quick, 2026-11-21`."""
    changed = (
        ", with other settings" if made.settings else ", before the recipe was changed" if made.digest != recipe.digest else ""
    )
    return f"{made.passed} of {len(made.verdicts)} hold, {made.scale}, {made.ended[:_DATE]}{changed}"


def print_page(recipe: Recipe, made: ReproductionRow | None) -> None:
    """Print all of it, fitted to the terminal."""
    screen = console()
    width = min(screen.width, _WIDEST)
    with screen.capture() as drawn:
        for line in _lines(recipe, made, width):
            screen.print(line, soft_wrap=True)
    sys.stdout.write(drawn.get())


def _lines(recipe: Recipe, made: ReproductionRow | None, width: int) -> Iterator[Text]:
    yield Text(recipe.title, style="bold")
    yield Text()
    about = {"Question": recipe.question, "Source": recipe.source, "Look at": recipe.look, "Shows": ", ".join(recipe.shows)}
    for title, text in {**about, "Notes": recipe.notes, "File": str(recipe.path)}.items():
        if text:
            yield from _wrapped(f"{title:10}", text, width)
    yield Text()
    plans = [plan(recipe, name) for name in recipe.scales]
    for each in plans:
        yield from _wrapped(f"{each.scale.name:10}", _scale_words(each), width)
    yield Text()
    labels = [group.label for group in max(plans, key=lambda each: len(each.groups)).groups]
    if labels != [""]:
        yield from _wrapped(f"{'Groups':10}", "; ".join(labels), width)
        yield Text()
    yield Text("Claims" + (f" ({result_words(recipe, made)})" if made else ""), style="bold")
    for number, claim in enumerate(recipe.claims, 1):
        yield from _claim_lines(number, claim, made, width)
    yield Text()
    yield Text(f"workbench reproduce {recipe.name}")


def _scale_words(made: Plan) -> str:
    cost = cost_of(made)
    words = f"{cost.runs:,} runs: {len(made.groups)} groups x {made.seeds} seeds"
    if cost.operations is not None:
        words += f", {format_number(float(cost.operations))} floating-point operations"
    return f"{words}; {made.scale.cost}" if made.scale.cost else words


def _claim_lines(number: int, claim: Claim, made: ReproductionRow | None, width: int) -> Iterator[Text]:
    row = next((each for each in made.verdicts if each.number == number and each.check == claim.check), None) if made else None
    sign, style = SIGNS[row.outcome] if row is not None else ("       ", "")
    lines = textwrap.wrap(f"{number}. {claim.says}", width - 9)
    yield Text.assemble((sign, style), f"  {lines[0]}")
    yield from (Text(f"{' ' * 12}{line}") for line in lines[1:])
    yield Text(f"{' ' * 12}{' '.join(claim.check.split())}", style="dim")
    if row is not None:
        yield from _wrapped(" " * 12, row.words, width)
    if claim.published is not None:
        yield Text(f"{' ' * 12}published: {format_number(claim.published.value)} ({claim.published.source})")
    if claim.scales:
        yield Text(f"{' ' * 12}at scale {' and '.join(claim.scales)} alone")


def _wrapped(begin: str, text: str, width: int) -> Iterator[Text]:
    lines = textwrap.wrap(text, max(20, width - len(begin))) or [""]
    yield Text.assemble((begin, "dim"), lines[0])
    yield from (Text(f"{' ' * len(begin)}{line}") for line in lines[1:])


def recipe_fields(recipe: Recipe, made: ReproductionRow | None, *, whole: bool) -> dict[str, Any]:
    """A recipe as the fields of a JSON object; its scales' groups and costs only if it is to be whole."""
    about = ("name", "title", "question", "source", "look", "notes", "digest")
    fields: dict[str, Any] = {name: getattr(recipe, name) for name in about}
    fields |= {"path": str(recipe.path), "shows": list(recipe.shows)}
    fields["claims"] = [
        {
            "says": claim.says,
            "check": claim.check,
            "scales": list(claim.scales or recipe.scales),
            "published": claim.published.value if claim.published is not None else None,
            "published_source": claim.published.source if claim.published is not None else None,
        }
        for claim in recipe.claims
    ]
    if whole:
        fields["scales"] = {name: _scale_fields(plan(recipe, name)) for name in recipe.scales}
    return {**fields, "latest": None if made is None else reproduction_fields(made)}


def reproduction_fields(made: ReproductionRow) -> dict[str, Any]:
    """What came of a recipe, as the fields of a JSON object."""
    import json
    from dataclasses import asdict

    fields = asdict(made) | {"settings": dict(made.settings), "versions": json.loads(made.versions_json)}
    del fields["versions_json"]
    return fields | {"passed": made.passed}


def _scale_fields(made: Plan) -> dict[str, Any]:
    cost: Cost = cost_of(made)
    groups = [group.label for group in made.groups]
    return {
        "seeds": made.seeds,
        "runs": cost.runs,
        "operations": cost.operations,
        "groups": groups,
        "cost": made.scale.cost or None,
    }
