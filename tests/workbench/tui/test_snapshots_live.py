"""Pictures of the live view: every panel, a population, the dials, and what is told of a training."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.experiment import Experiment
from engine.insight.finding import Severity
from tests.workbench.findings import DEAD, finding
from tests.workbench.tui.album import album as album
from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE, go_to, live, shown, status
from workbench.tui.draft import Draft
from workbench.tui.screens.explaining import Explaining
from workbench.tui.themes import ANSI, DARK
from workbench.tui.widgets.curves_panel import CurvesPanel

both = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "160x50"])


def paused(app):
    """Whether the live view has come to where the training pauses."""
    snapshot = live(app).snapshot
    return (
        snapshot is not None
        and snapshot.paused
        and snapshot.view.step == 150
        and live(app).panel is not None
        and live(app).panel.is_mounted
    )


@both
async def test_panels(album, make_app, size):
    app = make_app(pause_after=30, seen=True, everything=True, plane=True)
    app.session.draft = Draft.of(Experiment().with_settings({"steps": 200}))
    async with album.of(app, size):
        await album.press("space", ready=lambda: paused(app))
        for kind in live(app).panels[1:]:
            await album.take(kind.KEY, "v", ready=lambda kind=kind: shown(app, kind.KEY))


@both
async def test_curves_smoothed_zoomed_and_read(album, make_app, size):
    app = make_app(pause_after=30, seen=True, everything=True)
    app.session.draft = Draft.of(Experiment().with_settings({"steps": 200}))
    async with album.of(app, size):
        await album.press("space", ready=lambda: paused(app))
        app.screen.query_one(CurvesPanel).focus()
        await album.take("read", "w", "z", "i", *["left"] * 9)
        await album.take("changes", "escape", "0", "e", ready=lambda: app.screen.query("Listing VerticalScroll, .help"))


@both
async def test_what_is_wrong(album, make_app, size):
    app = make_app(pause_after=30)
    async with album.of(app, size):
        await album.press("space", ready=lambda: paused(app))
        known = live(app).snapshot
        found = (finding(20, 150), DEAD, finding(60, 90, rule="noisy-batches", severity=Severity.NOTE, closed=120))
        live(app).snapshot = replace(known, view=replace(known.view, findings=found))
        await album.take("findings", "v", ready=lambda: shown(app, "findings"))
        await album.take("explained", "exclamation_mark", ready=lambda: isinstance(app.screen, Explaining))
        await album.press("escape")


@both
async def test_a_population(album, make_app, size):
    app = make_app(pause_after=30, diverges_at=110, diverging=(2,))
    async with album.of(app, size) as page:
        await go_to(page.pilot, "seeds")
        await album.press("6", "enter", "space", ready=lambda: paused(app))
        await album.take("band", "right_square_bracket")
        await album.take("lines", "P")
        await album.take("alone", "P")


@both
async def test_other_ends(album, make_app, size):
    app = make_app(diverges_at=120)
    async with album.of(app, size):
        await album.take("diverged", "space", ready=lambda: "diverged" in status(app) and shown(app, "curves"))


async def test_dialogs_over_a_training(album, make_app):
    app = make_app(pause_after=30, seen=True, everything=True)
    app.session.draft = Draft.of(Experiment().with_settings({"steps": 200}))
    async with album.of(app, NARROW) as page:
        await album.press("space", ready=lambda: paused(app))
        await album.take("dials", "d", "down", *"1.5", "enter", ready=lambda: str(app.screen.query_one("#problems").render()))
        await album.press("escape")
        await album.take("layer-columns", "o", "down", "space")
        await album.press("escape")
        await album.take("queue-empty", "A")
        await album.press("escape", "a")
        await go_to(page.pilot, "model.depth")
        await album.take("queued", "right", "a", ready=lambda: len(app.session.queue) == 2)
        app.clear_notifications()
        await album.take("queue", "A", "down")
        await album.press("escape")
        await album.take("another-form", "space")
        await album.press("escape")
        await album.take("leaving", "q")
        await album.press("escape")
        await album.take("copy", "C", "down")
        await album.press("escape")
        await album.take("export", "E")
        await album.press("escape")
        await until(page.pilot, lambda: app.screen.query("#status"))


@both
async def test_sixteen_colours(album, make_app, size):
    app = make_app(pause_after=30)
    async with album.of(app, size):
        await album.take("running", "space", ready=lambda: paused(app), themes=[ANSI])


@both
async def test_without_colours(album, make_app, monkeypatch, size):
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(pause_after=30)
    async with album.of(app, size):
        await album.take("running", "space", ready=lambda: paused(app), themes=[DARK])
