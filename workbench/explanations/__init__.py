"""Explanations of what can be found to be wrong with a training: one page for each rule.

What a rule is and where it comes from is said by the rule itself. Beside this file lie `pages.toml`, with formulas and examples, and
for each rule a text that `python docs/make_explanations.py` makes by training the example: the command that trains it, what was found
in it, which remedies it was given, and a picture of its measurements.
"""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.insight.rules import Rule

WIDTH = 100
"""Characters in a line of a page."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A page."""

    rule: Rule
    formula: str
    command: str = ""
    """That trains the example; empty where there is none."""
    words: str = ""
    """What was found in it."""
    remedies: tuple[str, ...] = ()
    picture: str = ""
    recipes: tuple[tuple[str, str], ...] = ()
    """Recipes that show it: the command that reproduces each, and its title."""


def explanation(key: str) -> Explanation:
    """The page of a rule. Loads NumPy.

    Raises:
        KeyError: there is no such rule.
    """
    from engine.insight.rules import RULES
    from workbench.recipes.rules import examples_of

    rule = RULES[key]
    recipes = tuple((each.command, each.title) for each in examples_of(key))
    formula = pages().get(key, {}).get("formula", "").strip()
    example = resources.files(__name__).joinpath(f"{key}.txt")
    if not example.is_file():
        return Explanation(rule, formula, recipes=recipes)
    head, _, picture = example.read_text(encoding="utf-8").partition("\n\n")
    command, words, *remedies = head.splitlines()
    return Explanation(rule, formula, command, words, tuple(remedies), picture.rstrip("\n"), recipes)


@cache
def pages() -> Mapping[str, Mapping[str, Any]]:
    """The formulas and examples by the keys of their rules."""
    return tomllib.loads(resources.files(__name__).joinpath("pages.toml").read_text(encoding="utf-8"))


def page(found: Explanation, width: int = WIDTH) -> str:
    """All of it as lines of text of at most so many characters, but for pictures and formulas."""
    from workbench.findings import SIGNS

    rule = found.rule
    parts = [
        f"{SIGNS[rule.severity]} {rule.title}  ({rule.key}, {rule.severity})",
        _filled(rule.explanation, width),
        f"How it is measured\n{_filled(rule.definition, width, '  ')}",
    ]
    if found.formula:
        parts.append(textwrap.indent(found.formula, "  "))
    if found.picture:
        parts.append(f"What it looks like, in an example\n  $ {found.command}\n{_filled(found.words, width, '  ')}")
        parts.append(textwrap.indent(found.picture, "  "))
    if found.remedies:
        parts.append("What helps in this example\n" + "\n".join(f"  - {each}" for each in found.remedies))
    if found.recipes:
        wide = max(len(command) for command, _ in found.recipes)
        parts.append("Recipes that show it\n" + "\n".join(f"  $ {command:<{wide}}   {title}" for command, title in found.recipes))
    if rule.sources:
        parts.append("From\n" + "\n".join(_filled(source, width, "  ") for source in rule.sources))
    return "\n\n".join(parts)


def _filled(text: str, width: int, indent: str = "") -> str:
    return textwrap.fill(text, max(width, 20), initial_indent=indent, subsequent_indent=indent)
