"""Which recipes show a rule of `workbench explain`: read off their files, without reading all of them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from workbench.recipes import shelf


@dataclass(frozen=True, slots=True)
class Example:
    """A recipe that shows a rule."""

    name: str
    title: str

    @property
    def command(self) -> str:
        """The command that reproduces it."""
        return f"workbench reproduce {self.name}"


def examples_of(rule: str) -> tuple[Example, ...]:
    """The recipes that say of themselves that they show it, by name; files that cannot be read are left out."""
    found = []
    for name, path in shelf.recipe_paths().items():
        try:
            about = tomllib.loads(path.read_text(encoding="utf-8")).get("recipe")
        except (OSError, ValueError):
            continue
        if isinstance(about, dict) and rule in (about.get("shows") or ()):
            found.append(Example(name, str(about.get("title") or name)))
    return tuple(found)
