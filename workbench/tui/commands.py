"""The keys of a screen as a list: for the command palette and for the help."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from textual.app import SystemCommand
from textual.binding import ActiveBinding
from textual.screen import Screen

_TITLES = {
    "WorkbenchApp": "Everywhere",
    "FieldRow": "Row of the form",
    "ExperimentForm": "Form",
    "RunTable": "List of runs",
    "CompareTable": "Table of runs",
    "CurvesPanel": "Curves",
}
_OF_TEXTUAL = ("scroll_", "page_up", "page_down", "page_left", "page_right", "cursor_", "help_quit", "copy_text", "focus_")
"""Beginnings of actions that every terminal program has, and that need no words."""


def screen_commands(screen: Screen[Any]) -> Iterator[SystemCommand]:
    """Every action that can be done now, for the command palette."""
    for active in _bindings(screen):
        keys = ", ".join(_keys(screen, active.binding.action))
        text = _meaning(active)
        yield SystemCommand(active.binding.description, f"{text} ({keys})", _doer(screen, active))


def key_groups(screen: Screen[Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The keys and what they do, group by group: the screen's own first, those that work everywhere last."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for active in _bindings(screen):
        kind = type(active.node).__name__
        title = _TITLES.get(kind, kind.removesuffix("Screen"))
        line = (", ".join(_keys(screen, active.binding.action)), _meaning(active))
        groups.setdefault(title, []).append(line)
    own = type(screen).__name__.removesuffix("Screen")
    return sorted(groups.items(), key=lambda group: (group[0] != own, group[0] == _TITLES["WorkbenchApp"]))


def _bindings(screen: Screen[Any]) -> Iterator[ActiveBinding]:
    """The keys that do something now, those nearest to the focus first; each action once."""
    seen: set[str] = set()
    for active in screen.active_bindings.values():
        action = active.binding.action
        name = action.rpartition(".")[2]
        own = not type(active.node).__module__.startswith("textual.")
        if (
            own
            and active.binding.description
            and not active.binding.system
            and action not in seen
            and not name.startswith(_OF_TEXTUAL)
        ):
            seen.add(action)
            yield active


def _doer(screen: Screen[Any], active: ActiveBinding) -> Callable[[], None]:
    """What the palette calls: it is closed by then, so that the action finds its screen."""

    def do() -> None:
        screen.app.call_later(screen.app.run_action, active.binding.action, active.node)

    return do


def _keys(screen: Screen[Any], action: str) -> list[str]:
    """How the keys of an action are written."""
    same = [active.binding for active in screen.active_bindings.values() if active.binding.action == action]
    return list(dict.fromkeys(screen.app.get_key_display(binding) for binding in same))


def _meaning(active: ActiveBinding) -> str:
    """What the action's method says of itself; the key's own words where several keys share the method."""
    name, arguments, _ = active.binding.action.partition("(")
    method = getattr(active.node, f"action_{name.rpartition('.')[2]}", None)
    text = (getattr(method, "__doc__", None) or "").strip().partition("\n")[0].rstrip(".")
    return active.binding.description if arguments or not text else text
