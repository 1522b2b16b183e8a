"""The keys of a screen as a list: for the command palette and for the help."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from textual.app import App, SystemCommand
from textual.binding import ActiveBinding, Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

EVERYWHERE = "Everywhere"
_TITLES = {
    "FieldRow": "Row of the form",
    "ExperimentForm": "Form",
    "RunTable": "List of runs",
    "RecipeList": "List of recipes",
    "CompareTable": "Table of runs",
    "CurvesPanel": "Curves",
    "FormRows": "Form",
    "LayerTable": "Table of layers",
    "HeatPanel": "Layers over time",
    "HistogramPanel": "Distributions",
    "RegionPanel": "Regions",
    "LineList": "Text",
    "Stacking": "Blocks",
    "BrickDialog": "Parameters of a block",
    "Explaining": "Explanation",
    "LookingUp": "What is being looked up",
    "FindingsPanel": "What is wrong",
    "FilterInput": "Filter",
    "Dial": "Dial",
    "RowEditor": "Value being typed",
}
_DRAWN = ("CurvesPanel", "HeatPanel", "LayerTable", "RunTable", "CompareTable")
"""Widgets whose keys are told of even where they do not have the focus."""
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
        title = _title(active.node)
        line = (", ".join(_keys(screen, active.binding.action)), _meaning(active))
        groups.setdefault(title, []).append(line)
    own = _title(screen)
    if own in groups:
        groups[own] = _usual_first(screen, groups[own])
    for title, keys in _out_of_focus(screen):
        groups.setdefault(title, keys)
    return sorted(groups.items(), key=lambda group: (group[0] != own, group[0] == EVERYWHERE))


def _title(node: DOMNode) -> str:
    """What the keys of a screen or a widget are listed under."""
    kinds = [kind.__name__ for kind in type(node).__mro__]
    known = next((_TITLES[kind] for kind in kinds if kind in _TITLES), "")
    return EVERYWHERE if isinstance(node, App) else known or kinds[0].removesuffix("Screen")


def _usual_first(screen: Screen[Any], lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The keys at the foot first, in their order there, then all others."""
    order: tuple[str, ...] = getattr(screen, "FOOT", ())
    places = {}
    for active in _bindings(screen):
        name = active.binding.action.partition("(")[0]
        place = order.index(name) if active.binding.show and name in order else len(order)
        places[", ".join(_keys(screen, active.binding.action)), _meaning(active)] = place
    return sorted(lines, key=lambda line: places[line])


def _out_of_focus(screen: Screen[Any]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The keys of the pictures and tables in sight that have them only once they have the focus."""
    for widget in screen.query("*").results(Widget):
        if type(widget).__name__ in _DRAWN and widget.region and not widget.has_focus_within:
            bindings = [each for each in type(widget).__dict__.get("BINDINGS", ()) if isinstance(each, Binding)]
            keys = {each.description: screen.app.get_key_display(each) for each in bindings if each.description}
            if keys:
                yield f"{_title(widget)} (after tab or a click)", [(key, text) for text, key in keys.items()]


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
    """How the keys of an action are written; capital letters once, though some terminals tell them as shift and a letter."""
    same = [active.binding for active in screen.active_bindings.values() if active.binding.action == action]
    keys = {binding.key: screen.app.get_key_display(binding) for binding in same}
    capitals = set(keys.values())
    return list(dict.fromkeys(text for key, text in keys.items() if text == key[-1:].upper() or not _is_capital(key, capitals)))


def _is_capital(key: str, shown: Collection[str]) -> bool:
    """Whether a key is `shift+a` where an `A` is shown already."""
    letter = key.removeprefix("shift+")
    return key.startswith("shift+") and len(letter) == 1 and letter.upper() in shown


def _meaning(active: ActiveBinding) -> str:
    """What the action's method says of itself; the key's own words where several keys share the method."""
    name, arguments, _ = active.binding.action.partition("(")
    method = getattr(active.node, f"action_{name.rpartition('.')[2]}", None)
    text = (getattr(method, "__doc__", None) or "").strip().partition("\n")[0].rstrip(".")
    return active.binding.description if arguments or not text else text
