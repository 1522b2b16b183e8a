"""The panels that show what a network does: region, confusion, mistakes."""

from tests.workbench.tui.conftest import run_scripted, until
from tests.workbench.tui.screen import NARROW, WIDE, live, status, text_of
from workbench.tui.screens.run import RunScreen
from workbench.tui.widgets.confusion_panel import ConfusionPanel
from workbench.tui.widgets.live_view import LiveView
from workbench.tui.widgets.mistakes_panel import MistakesPanel
from workbench.tui.widgets.region_panel import RegionPanel


def panel(app):
    return live(app).panel


def styles_of(shown):
    """What is drawn in the third line, and in which colours."""
    strip = shown.render_line(2)
    return strip.text, [segment.style for segment in strip]


async def open_panel(pilot, kind):
    """Go through the pictures of the run until this one is in sight."""
    for _ in range(8):
        if isinstance(panel(pilot.app), kind):
            await pilot.pause()
            return panel(pilot.app)
        await pilot.press("v")
    raise AssertionError("there is no such panel")


async def test_the_pictures_of_a_training_are_gone_through_while_it_goes_on_and_after_it(make_app):
    app = make_app(pause_after=15, everything=True, plane=True)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "paused" in status(app))
        region = await open_panel(pilot, RegionPanel)
        assert "step 75, epoch 3   latest of 4 kept" in text_of(region)
        confusion = await open_panel(pilot, ConfusionPanel)
        assert "validation part, epoch 3" in text_of(confusion)
        assert "taken for each other most" in text_of(confusion)
        mistakes = await open_panel(pilot, MistakesPanel)
        assert "validation part, epoch 3" in text_of(mistakes)
        assert "1 as 2" in text_of(mistakes)
        await pilot.press("space")
        await until(pilot, lambda: "done" in status(app))
        await until(pilot, lambda: "test part, at the end" in text_of(mistakes))
        region = await open_panel(pilot, RegionPanel)
        assert "step 200, epoch 8   latest of 9 kept" in text_of(region)


async def test_one_goes_through_the_regions_of_a_stored_run_by_keys_and_by_mouse(make_app, db):
    run = run_scripted(db, plane=True)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("h")
        app.push_screen(RunScreen(run))
        await until(pilot, lambda: app.screen.query(LiveView) and live(app).snapshot is not None)
        region = await open_panel(pilot, RegionPanel)
        region.focus()
        latest = text_of(region)
        await pilot.press("left", "left")
        assert "step 150, epoch 6   7 of 9 kept" in text_of(region)
        assert text_of(region) != latest
        await pilot.press("right", "right", "right")
        assert text_of(region) == latest
        await pilot.press("home")
        assert "step 0, epoch 0   1 of 9 kept" in text_of(region)
        lines, columns, place = region._drawing.spots[1]
        await pilot.click(region, offset=(columns[3], lines[2]))
        assert f"epoch {place}   {place + 1} of 9 kept" in text_of(region)
        await pilot.press("end")
        assert text_of(region) == latest


async def test_a_panel_is_drawn_anew_only_when_there_is_something_new(make_app):
    app = make_app(pause_after=15, everything=True, plane=True)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "paused" in status(app))
        for kind in (RegionPanel, ConfusionPanel, MistakesPanel):
            shown = await open_panel(pilot, kind)
            text_of(shown)
            assert not shown._stale
            shown.show(live(app).snapshot)
            assert not shown._stale
        region = await open_panel(pilot, RegionPanel)
        dark = styles_of(region)
        app.theme = "workbench-light"
        await pilot.pause()
        assert styles_of(region) != dark
        app.no_color = True
        region.notify_style_update()
        assert "▀" in dark[0]
        assert "▀" not in styles_of(region)[0]


async def test_what_is_not_known_yet_is_said(make_app):
    app = make_app(pause_after=1, everything=True)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "paused" in status(app))
        assert RegionPanel not in live(app).panels
        for kind, words in (
            (ConfusionPanel, "What is taken for what is looked at"),
            (MistakesPanel, "The worst mistakes are looked"),
        ):
            assert words in text_of(await open_panel(pilot, kind))
