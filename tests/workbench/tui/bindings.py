"""All keys of the interface, read off its classes."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode

import workbench.tui

SHOWN = {"full_stop": ".", "greater_than_sign": ">", "slash": "/", "comma": ",", "question_mark": "?", "equals_sign": "="} | {
    "exclamation_mark": "!", "plus": "+", "minus": "-", "left_square_bracket": "[", "right_square_bracket": "]", "up": "↑", "down": "↓", "left": "←", "right": "→",
}  # fmt: skip


def every_binding() -> Iterator[tuple[str, Binding]]:
    """The bindings that classes of the interface declare, with the name of the class."""
    for module in pkgutil.walk_packages(workbench.tui.__path__, "workbench.tui."):
        for name, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(kind, DOMNode) and kind.__module__ == module.name:
                yield from ((name, binding) for binding in kind.__dict__.get("BINDINGS", ()))


def keys_of(binding: Binding) -> str:
    """How the keys of a binding are written: those that a terminal sends for the same key once."""
    keys = [key for key in binding.key.split(",") if not (key.startswith("shift+") and len(key) == 7)]
    return " ".join("+".join([*key.split("+")[:-1], SHOWN.get(key.split("+")[-1], key.split("+")[-1])]) for key in keys)
