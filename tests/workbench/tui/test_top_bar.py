"""The line above each screen."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static

from workbench.tui.widgets.top_bar import TopBar


async def test_a_state_told_before_the_bar_is_put_together_is_shown_in_it() -> None:
    bar = TopBar("bench")
    bar.state = "run 1 waits"

    class Shown(App[None]):
        def compose(self) -> ComposeResult:
            yield bar

    async with Shown().run_test() as pilot:
        shown = bar.query_one("#state", Static)
        assert str(shown.render()) == "run 1 waits"
        bar.state = "run 1 goes on"
        await pilot.pause()
        assert str(shown.render()) == "run 1 goes on"
        await bar.remove_children()
        bar.state = "too late"
