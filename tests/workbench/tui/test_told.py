"""A text that changes often takes the room it needs, and no layout where it needs the same."""

from __future__ import annotations

import pytest
from textual.app import App

from workbench.tui.widgets.told import Told


class Counted(Told):
    """Counts for how many texts it asks for a layout."""

    layouts = 0

    def refresh(self, *regions, layout=False, **more):
        self.layouts += layout
        return super().refresh(*regions, layout=layout, **more)


class Telling(App[None]):
    CSS = "#below { height: auto; width: 20; } #beside { width: auto; height: 1; }"

    def compose(self):
        yield Counted(id="below")
        yield Counted(id="beside")


@pytest.fixture
async def pilot():
    async with Telling().run_test() as pilot:
        yield pilot


async def test_it_grows_and_shrinks_with_its_lines(pilot):
    told = pilot.app.query_one("#below", Told)
    for text, height in (("one\ntwo", 2), ("words that are longer than the line", 2), ("short", 1)):
        told.tell(text)
        await pilot.pause()
        assert told.size.height == height


async def test_it_is_as_wide_as_its_text(pilot):
    told = pilot.app.query_one("#beside", Told)
    for text in ("1 run", "10,000 runs", "3 runs"):
        told.tell(text)
        await pilot.pause()
        assert told.size.width == len(text)


async def test_only_another_size_has_the_screen_arranged_anew(pilot):
    told = pilot.app.query_one("#below", Counted)
    told.tell("one")
    await pilot.pause()
    before = told.layouts
    told.tell("two")
    assert told.layouts == before
    assert str(told.render()) == "two"
    told.tell("one\nand two")
    assert told.layouts == before + 1
