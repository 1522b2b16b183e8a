"""Keys: those at the foot, those that are listed, and the palette of all actions."""

import pytest
from textual.widgets import Static
from textual.widgets._footer import FooterKey

from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE
from workbench.tui.screens.dialogs import KeysHelp


async def test_help_lists_the_keys_of_the_screen(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("question_mark")
        assert isinstance(app.screen, KeysHelp)
        words = str(app.screen.query_one(Static).render())
        for part in ("space", "Make one step", "Everywhere", "Previous member", "Leave; asks first"):
            assert part in words
        for part in ("gradient σ", "‖∂W‖", "share of weights smaller than 0.001"):
            assert part in words
        assert "Textual" not in words
        await pilot.press("escape")
        assert app.current_mode == "bench"


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
        await until(pilot, lambda: app.screen.query(FooterKey))
        await pilot.pause()
        shown = {key.key_display: key.region for key in app.screen.query(FooterKey)}
        assert {"?", "q", "space"} <= set(shown)
        assert all(region.right <= size[0] for region in shown.values())


async def test_light_and_dark(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        assert app.current_theme.dark
        await pilot.press("ctrl+t")
        assert not app.current_theme.dark
