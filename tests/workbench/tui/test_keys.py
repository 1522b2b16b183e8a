"""Keys: those at the foot, those that are listed, and the palette of all actions."""

import re
from typing import ClassVar

import pytest
from textual.app import App
from textual.binding import Binding
from textual.widgets import Static

from tests.workbench.tui.bindings import every_binding
from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE, status, text_of
from workbench.tui.commands import _TITLES, key_groups
from workbench.tui.screens.dialogs import KeysHelp
from workbench.tui.widgets.key_line import FootKey, KeyLine, fitting, in_order

SCREENS = {
    *(
        "Arranging",
        "Building",
        "CompareScreen",
        "Fixing",
        "HistoryScreen",
        "Keeping",
        "LayerKeys",
        "Marking",
        "Previewing",
        "Queueing",
    ),
    *("ExperimentFiles", "Picturing", "RecipesScreen", "RunScreen", "Showing", "Steering", "WorkbenchApp"),
    *("ColumnsDialog", "KeysHelp", "LayerColumns", "Listing", "Menu", "Picker", "Prompt", "Question", "Tuning", "Waiting"),
}
"""Listed under the name of the screen in sight; and dialogs that tell of their keys themselves."""


async def test_help_lists_the_keys_of_the_screen(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("question_mark")
        assert isinstance(app.screen, KeysHelp)
        words = str(app.screen.query_one(Static).render())
        for part in ("space", "Make one step", "Everywhere", "Previous member", "Leave; asks first"):
            assert part in words
        for part in ("gradient std", "‖∂W‖", "share of weights smaller than 0.001"):
            assert part in words
        assert "Textual" not in words
        assert not re.search(r"^\w+[a-z][A-Z]\w*$", words, re.MULTILINE)  # no names of classes
        assert "Curves (after tab or a click)" not in words  # not in sight
        await pilot.press("escape")
        assert app.current_mode == "bench"


async def test_help_tells_how_to_come_to_the_curves(make_app):
    app = make_app(per_frame=50)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "done" in status(app))
        groups = dict(key_groups(app.screen))
        assert ("←", "Cursor to the left") in groups["Curves (after tab or a click)"]
        assert next(iter(groups)) == "Bench"
        assert [key for key, _ in groups["Bench"][:5]] == ["space", ".", ">", "x", "d"]


def test_the_keys_of_every_widget_are_listed_under_words():
    for kind in {kind for kind, binding in every_binding() if binding.description}:
        assert kind in _TITLES or kind in SCREENS, kind


class Bare(App):
    BINDINGS: ClassVar = [Binding("B,shift+b,x", "beep", "Beep")]

    def action_beep(self):
        """Make a sound."""


async def test_a_capital_letter_is_listed_once_though_terminals_tell_it_in_two_ways():
    app = Bare()
    async with app.run_test():
        assert ("B, x", "Make a sound") in dict(key_groups(app.screen))["Everywhere"]


async def test_every_action_is_in_the_command_palette(make_app):
    app = make_app()
    async with app.run_test(size=WIDE):
        commands = [command.title for command in app.get_system_commands(app.screen)]
        titles = set(commands)
        assert len(titles) == len(commands)
        assert {
            "Run",
            "Step",
            "Epoch",
            "Stop",
            "Form",
            "Log",
            "Metric",
            "Next member",
            "History",
            "Compare",
            "Keys",
            "Quit",
        } <= titles


@pytest.mark.parametrize("size", [(60, 20), NARROW])
async def test_the_keys_for_help_and_for_leaving_are_always_in_sight(make_app, size):
    app = make_app()
    async with app.run_test(size=size) as pilot:
        line = app.screen.query_one(KeyLine)
        await until(pilot, lambda: line.shown)
        words = text_of(line).split()
        assert {"?", "q", "space"} <= set(words)
        assert words[-4:] == ["?", "Keys", "q", "Quit"]
        assert len(text_of(line).rstrip()) <= size[0]


async def test_a_click_at_the_foot_presses_the_key(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        line = app.screen.query_one(KeyLine)
        await until(pilot, lambda: line.shown)
        await pilot.hover(line, offset=(text_of(line).index("Form"), 0))
        assert line.shown[line.pointed].words == "Form"
        await pilot.click(line, offset=(text_of(line).index("Form"), 0))
        await until(pilot, lambda: not app.screen.form_open)
        await pilot.click(line, offset=(text_of(line).index("Keys") - 2, 0))
        await until(pilot, lambda: isinstance(app.screen, KeysHelp))


def test_the_keys_that_are_always_there_push_out_the_last_of_the_others():
    keys = [
        FootKey(key, key, words, action)
        for key, words, action in (("a", "One", "one"), ("b", "Two", "two"), ("q", "End", "quit"))
    ]
    assert [key.words for key in fitting(keys, 17)] == ["One", "End"]
    assert [key.words for key in fitting(keys, 18)] == ["One", "Two", "End"]
    assert [key.words for key in in_order(keys, ("two", "one"))] == ["Two", "One", "End"]


async def test_light_and_dark(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        assert app.current_theme.dark
        await pilot.press("ctrl+t")
        assert not app.current_theme.dark
