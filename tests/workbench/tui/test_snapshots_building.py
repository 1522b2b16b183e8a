"""Pictures of the form and what helps with it: choices, problems, blocks, presets, previews, help, the tour."""

from __future__ import annotations

import pytest

from engine.experiment import Experiment
from tests.workbench.tui.album import album as album
from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE, go_to, row, status, type_in
from workbench.tui.draft import Draft
from workbench.tui.screens.opening import Opening
from workbench.tui.themes import ANSI, DARK, LIGHT
from workbench.tui.tour import STEPS
from workbench.tui.widgets.preview import Preview
from workbench.tui.widgets.tour_box import TourBox

both = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "160x50"])
BLOCKS = "conv(16, 5), max_pool, residual(dense(64), dense(64)), split(dense(32) | dense(32), dense(32)), 3*dense(16)"


def described(app):
    """Whether the preview shows all that there is, if it is in sight."""
    preview = app.screen.query_one(Preview)
    return not preview.display or preview.described.sample is not None


def in_place(app, number):
    """Whether the box of a step of the tour stands where it belongs."""
    box = next(iter(app.screen.query(TourBox)), None)
    return box is not None and box.number == number and box.visible and box.region.height > 2


@both
async def test_form(album, make_app, size):
    app = make_app()
    async with album.of(app, size) as page:
        await until(page.pilot, lambda: described(app))
        await go_to(page.pilot, "model.activation")
        await album.take("hint", "right", ready=lambda: described(app))
        await album.take("choices", "enter", *"el")
        await album.press("escape", "escape")
        await go_to(page.pilot, "batch_size")
        await album.take("problem", *"0.5", "enter", ready=lambda: row(app, "batch_size").problem)
        await album.take("refused", "space", ready=lambda: app._notifications)
        app.clear_notifications()


@both
@pytest.mark.parametrize("name", ["moons", "digits", "wine"])
async def test_preview(album, make_app, size, name):
    app = make_app()
    blocks = {"model.blocks": BLOCKS} if name == "digits" else {}
    app.session.draft = Draft.of(Experiment().with_settings({"data.name": name, **blocks}))
    async with album.of(app, size) as page:
        await page.press(*(["p"] if size == NARROW else []))
        await album.take("shown", ready=lambda: described(app) and app.screen.query_one(Preview).region)


async def test_dialogs_over_the_form(album, make_app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # experiment files are looked for from here
    app = make_app()
    app.session.draft = Draft.of(Experiment().with_settings({"model.blocks": BLOCKS}))
    async with album.of(app, NARROW) as page:
        await album.take("presets", "l")
        await album.press("escape")
        await album.take("find", "slash", *"rate")
        await album.press("escape")
        await album.take("open", "ctrl+o")
        await album.press("escape")
        await album.take("save", "ctrl+s")
        await album.press("escape")
        await go_to(page.pilot, "model.blocks")
        await album.take("blocks", "enter", "down", "down", "down")
        await album.take("brick", "up", "enter")
        await album.press("escape")
        await album.take("add-block", "a", *"res")
        await album.press("escape", "escape")


@both
async def test_help(album, make_app, size):
    app = make_app()
    async with album.of(app, size):
        await album.press(ready=lambda: described(app))
        await album.take("keys", "question_mark")
        await album.press("escape")
        for theme in (DARK, LIGHT):
            app.theme = theme.name
            await album.press("ctrl+p")
            await type_in(album.pilot, "met")
            await album.take("palette", ready=lambda: app.screen.query("CommandList").first().option_count, themes=[theme])
            await album.press("escape")


@both
async def test_tour(album, make_app, size):
    app = make_app(pause_after=30)
    async with album.of(app, size) as page:
        await until(page.pilot, lambda: described(app))
        await album.press("t")
        for number in range(len(STEPS)):
            await until(page.pilot, lambda number=number: in_place(app, number))
            await album.take(f"step-{number + 1}")
            if number == 1:
                await album.press("space", ready=lambda: "paused" in status(app))
            await album.press("enter")


@both
async def test_sixteen_colours(album, make_app, size):
    app = make_app()
    async with album.of(app, size):
        await album.take("start", ready=lambda: described(app), themes=[ANSI])


@both
async def test_without_colours(album, make_app, monkeypatch, size):
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app()
    async with album.of(app, size):
        await album.take("start", ready=lambda: described(app), themes=[DARK])


async def test_opening_and_too_small(album, make_app):
    app = make_app()
    async with album.of(app, NARROW) as page:
        app.push_screen(Opening())
        await album.take("opening")
        app.pop_screen()
        await page.pilot.resize_terminal(50, 12)
        await album.take("too-small")
