"""From a recipe's file to the recipe. All that is wrong with it is told at once, each at its table and key."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from engine.catalog import unknown_name
from engine.errors import ConfigurationError, Problem
from engine.experiment import Experiment
from engine.vocabulary import STATISTICS
from workbench.experiment_files import is_recipe
from workbench.recipes.parts import read_axes, read_choose, read_claims, read_scales
from workbench.recipes.planning import problems_of
from workbench.recipes.records import Recipe, Show, ShowKind
from workbench.recipes.shows import read_shows
from workbench.recipes.tables import Table

KEYS = ("recipe", "base", "vary", "choose", "scale", "claim", "show")
ABOUT = ("title", "question", "source", "look", "shows", "notes")


def read_recipe(path: Path) -> Recipe:
    """Read a recipe's file.

    Raises:
        ConfigurationError: it cannot be read or is no recipe; with all that is wrong, each naming file, table and key.
    """
    text = _text(path)
    problems: list[Problem] = []
    try:
        document = Table(tomllib.loads(text), "", KEYS, problems)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError.at(str(path), f"not valid TOML: {error}") from None
    recipe = _recipe(document, path, text, problems)
    if problems:
        raise ConfigurationError([Problem(f"{path}: {problem.path}", problem.message) for problem in problems])
    return recipe


def _text(path: Path) -> str:
    try:
        text = path.expanduser().read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError.at("", f"there is no recipe {path}") from None
    except (OSError, ValueError, RuntimeError) as error:  # text in another encoding, a name with a NUL, ~ of somebody unknown
        raise ConfigurationError.at("", f"recipe {path} cannot be read: {error}") from None
    if not is_recipe(text):
        raise ConfigurationError.at(str(path), f"has no [recipe] table; `workbench run {path}` trains a single experiment")
    return text


def _recipe(document: Table, path: Path, text: str, problems: list[Problem]) -> Recipe:
    """The recipe, with what is wrong added to the problems; a part that is wrong is left empty."""
    from workbench.explanations import pages

    base = _base(document.mapping("base"), problems)
    axes = read_axes(document)
    scales = read_scales(document, axes)
    choose = read_choose(document, axes)
    sound = not problems  # what follows is told in the terms of these
    about = document.table("recipe", ABOUT, "[recipe]")
    recipe = Recipe(
        name=path.stem,
        path=path,
        title=about.line("title", required=True),
        question=about.line("question", required=True),
        source=about.line("source", required=True),
        look=about.line("look", required=True),
        shows=about.names("shows", "rule", tuple(pages())),
        notes=about.text("notes"),
        base=base,
        axes=axes,
        choose=choose,
        scales=scales,
        claims=read_claims(document, tuple(scales)),
        show=read_shows(document, axes),
        digest=hashlib.sha256(text.encode()).hexdigest()[:16],
    )
    if sound:
        problems += [*problems_of(recipe), *_misunderstood(recipe), *_without_claims(recipe)]
    return recipe


def _misunderstood(recipe: Recipe) -> list[Problem]:
    """What claims, choice, tables and pictures say that means nothing for this recipe."""
    from workbench.claims import parse, parse_quantity

    checked = [
        *(
            _understood(f"{claim.place} check", claim.check, partial(parse, scales=claim.scales), recipe)
            for claim in recipe.claims
        ),
        *(_understood(f"{each.place} of", each.of, _meaning_of(each), recipe) for each in recipe.show),
        *(
            _understood(f"{each.place} columns", column.of, parse_quantity, recipe)
            for each in recipe.show
            for column in each.columns
        ),
        *([_understood("[choose] by", recipe.choose.by, _yardstick, recipe)] if recipe.choose else []),
    ]
    return [problem for problem in checked if problem is not None]


def _without_claims(recipe: Recipe) -> list[Problem]:
    """Scales of which nothing is claimed: at them nothing could fail."""
    empty = [name for name in recipe.scales if recipe.claims and not any(claim.judged_at(name) for claim in recipe.claims)]
    return [Problem(f"[scale.{name}]", f"no claim is judged at it; give one no scales, or {name!r} among them") for name in empty]


def _understood(place: str, text: str, meaning: Callable[[str, Recipe], object], recipe: Recipe) -> Problem | None:
    """What is wrong with a text of the language of claims, with the place where; None if nothing is, or there is no text."""
    from workbench.claims import ClaimError

    try:
        if text:
            meaning(text, recipe)
    except ClaimError as error:
        line, caret, message = error.pointed.split("\n", 2)
        return Problem(place, f"{message}\n    {line}\n    {caret}")
    return None


def _meaning_of(show: Show) -> Callable[[str, Recipe], object]:
    """How what is shown is read: a statistic of the layers, or a quantity of the kind that the picture needs."""
    from workbench.claims import parse_quantity

    if show.kind == ShowKind.HEAT:
        return _statistic
    of_layers, in_time = (ShowKind.LAYERS, ShowKind.LAYER_CURVES), (ShowKind.CURVES, ShowKind.LAYER_CURVES)
    return partial(parse_quantity, layers=show.kind in of_layers, course=show.kind in in_time)


def _yardstick(text: str, recipe: Recipe) -> None:
    """Whether a quantity is better when it is greater is known of a single one, and not of what is worked out from several."""
    from workbench.claims import ClaimError, parse_quantity
    from workbench.claims.term_tree import Quantity

    if not isinstance(parse_quantity(text, recipe), Quantity):
        raise ClaimError("the best is told by one quantity, such as validation_error", text, 0)


def _statistic(text: str, recipe: Recipe) -> None:
    from workbench.claims import ClaimError

    if text not in STATISTICS:
        raise ClaimError(unknown_name("statistic", text, map(str, STATISTICS)), text, 0)


def _base(values: Mapping[str, Any], problems: list[Problem]) -> Experiment:
    try:
        return Experiment.parse(values)
    except ConfigurationError as error:
        problems += [Problem(f"[base] {problem.path}".strip(), problem.message) for problem in error.problems]
        return Experiment()
