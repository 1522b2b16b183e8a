"""The command that lists recipes, or tells all of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.history import AsJson, Db

if TYPE_CHECKING:
    from workbench.history.reproductions import ReproductionRow
    from workbench.recipes.records import Recipe


def recipes(
    name: Annotated[
        str | None,
        typer.Argument(metavar="RECIPE", help="a recipe's name, or its file; without it all are listed", show_default=False),
    ] = None,
    *,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """List recipes: questions, and how their experiments answer them.

    A recipe describes experiments and claims that their runs must bear out; `workbench reproduce` trains and judges them. With a name:
    its question and source, what to look at, its groups, what each scale takes, and its claims with the latest verdicts. They lie in
    ./sessions and in the workbench itself.
    """
    from workbench.recipes import shelf

    with readable():
        found = shelf.Shelf((shelf.recipe(name),), ()) if name else shelf.recipes()
    latest = _latest(db)
    if as_json:
        _print_json(found.recipes, latest, whole=name is not None)
    elif name:
        from workbench.cli.recipe_page import print_page

        print_page(found.recipes[0], latest.get(found.recipes[0].name))
    else:
        _print_list(found.recipes, latest)
    if found.problems:
        from engine.errors import ConfigurationError

        with readable():
            raise ConfigurationError(found.problems)


@contextmanager
def readable() -> Iterator[None]:
    """What is wrong with a recipe, told as that. Raises CommandError instead of ConfigurationError."""
    from engine.errors import ConfigurationError
    from workbench.cli.errors import CommandError

    try:
        yield
    except ConfigurationError as error:
        texts = [str(problem).removeprefix(": ") for problem in error.problems]
        raise CommandError(
            texts[0] if len(texts) == 1 else "recipes are wrong:" + "".join(f"\n  {text}" for text in texts)
        ) from None


def asked_for(names: Sequence[str]) -> Mapping[str, Recipe]:
    """The recipes that are named, or all, by what they were asked for.

    Raises:
        ConfigurationError: there is no such recipe, or one cannot be read.
    """
    from engine.errors import ConfigurationError
    from workbench.recipes import shelf

    if names:
        return {name: shelf.recipe(name) for name in dict.fromkeys(names)}
    found = shelf.recipes()
    if found.problems:
        raise ConfigurationError(found.problems)
    return {each.name: each for each in found.recipes}


def _latest(db: Path | None) -> Mapping[str, ReproductionRow]:
    from workbench.cli.history import history_path
    from workbench.history import History

    with History.open(history_path(db)) as history:
        return history.latest_reproductions()


def _print_list(found: tuple[Recipe, ...], latest: Mapping[str, ReproductionRow]) -> None:
    from rich.text import Text

    from workbench.cli.output import make_table, print_table
    from workbench.cli.recipe_page import result_words

    if not found:
        print("No recipes in ./sessions.")
        return
    table = make_table(["recipe", "question", "latest result"])
    table.columns[0].width = max(len(each.name) for each in found)  # a name is never broken
    for each in found:
        made = latest.get(each.name)
        table.add_row(each.name, Text(f"{each.question}\n"), result_words(each, made) if made else "")
    print_table(table, most=140)


def _print_json(found: tuple[Recipe, ...], latest: Mapping[str, ReproductionRow], *, whole: bool) -> None:
    from workbench.cli.output import print_json
    from workbench.cli.recipe_page import recipe_fields

    for each in found:
        print_json(recipe_fields(each, latest.get(each.name), whole=whole))
