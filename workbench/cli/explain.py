"""The command that explains what can be found to be wrong with a training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.history import AsJson

if TYPE_CHECKING:
    from workbench.cli.errors import CommandError
    from workbench.explanations import Explanation


def explain(
    key: Annotated[
        str | None, typer.Argument(metavar="[KEY]", help="a finding, or how its key begins; without it all are listed")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Explain a finding: what it is, and what helps.

    For example: workbench explain vanishing-gradient. A page says what it means, how it is measured, what it looks like in a real
    run, which remedies there are, which recipes show it, and where it comes from.
    """
    from workbench.cli.output import print_json
    from workbench.explanations import explanation

    if key is None:
        _list(as_json=as_json)
        return
    found = explanation(_meant(key))
    if as_json:
        print_json(_fields(found))
    else:
        _print(found)


def rules_named(key: str) -> list[str]:
    """The rule that has this key, or those whose keys begin so. Raises CommandError: there is none."""
    import difflib

    from engine.insight.rules import RULES

    lowered = key.lower().replace(" ", "-").replace("_", "-")
    fitting = [lowered] if lowered in RULES else [each for each in RULES if each.startswith(lowered)]
    if not fitting:
        raise _no_such(key, difflib.get_close_matches(lowered, RULES, n=3))
    return fitting


def _meant(key: str) -> str:
    """The one rule that is meant. Raises CommandError."""
    fitting = rules_named(key)
    if len(fitting) > 1:
        raise _no_such(key, fitting)
    return fitting[0]


def _no_such(key: str, near: Sequence[str]) -> CommandError:
    from workbench.cli.errors import CommandError

    hint = f"did you mean {' or '.join(near)}?" if near else "`workbench explain` lists them all"
    return CommandError(f"there is no finding {key!r}; {hint}")


def _list(*, as_json: bool) -> None:
    import shutil
    import sys

    from engine.insight.rules import RULES
    from workbench.cli.listing import Column, listing
    from workbench.cli.output import print_json
    from workbench.findings import SIGNS

    if as_json:
        for rule in RULES.values():
            print_json({"rule": rule.key, "severity": str(rule.severity), "title": rule.title, "explanation": rule.explanation})
        return
    columns = (Column(""), Column("finding"), Column("what it means", gives_way=True))
    rows = [(SIGNS[rule.severity], rule.key, rule.explanation) for rule in RULES.values()]
    sys.stdout.write(listing(columns, rows, shutil.get_terminal_size().columns if sys.stdout.isatty() else None))
    signs = "  ".join(f"{sign} {severity}" for severity, sign in SIGNS.items())
    print(f"{signs}; `workbench explain KEY` has a page for each.")


def _fields(found: Explanation) -> dict[str, object]:
    rule = found.rule
    return {
        "rule": rule.key,
        "title": rule.title,
        "severity": str(rule.severity),
        "explanation": rule.explanation,
        "definition": rule.definition,
        "formula": found.formula,
        "remedies": list(found.remedies),
        "sources": list(rule.sources),
        "command": found.command,
        "words": found.words,
        "picture": found.picture.splitlines(),
        "recipes": [command for command, _ in found.recipes],
    }


def _print(found: Explanation) -> None:
    from workbench.explanations import page

    print(page(found))
