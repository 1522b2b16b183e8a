"""The chart of a run: its cursor, its zoom, its looks, and the members of a population in it."""

from __future__ import annotations

from datetime import UTC

import pytest
from textual.events import MouseScrollDown, MouseScrollUp

from tests.workbench.scripted import scripted_events
from tests.workbench.tui.conftest import ScriptedSource, until
from tests.workbench.tui.screen import NARROW, WIDE, go_to, live, open_history, status, text_of
from workbench.history import Recorder
from workbench.plots.canvas import CURSOR
from workbench.preferences import Preferences, read_preferences
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.run import RunScreen
from workbench.tui.widgets.curve_chart import CurveChart
from workbench.tui.widgets.curves_panel import CurvesPanel


def panel(app):
    return app.screen.query_one(CurvesPanel)


def drawn(app):
    return text_of(app.screen.query_one(CurveChart))


def head(app):
    return drawn(app).split("\n")[0]


def plot(app):
    """The characters between the axes."""
    return "\n".join(line[line.index(next(sign for sign in line if sign in "│┤")) + 1 :] for line in drawn(app).split("\n")[1:-2])


async def trained(pilot):
    await pilot.press("space")
    await until(pilot, lambda: "done" in status(pilot.app))


def wheel(app, kind, share):
    """Turn the wheel over a place of the chart."""
    region = app.screen.query_one(CurveChart).region
    x, y = region.x + int(region.width * share), region.y + 3
    panel(app).post_message(kind(None, x, y, 0, 0, 0, False, False, False, x, y))


async def test_smoothing_axis_and_metric_are_chosen_by_key(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await trained(pilot)
        await pilot.press("w", "w")
        assert head(app).startswith("cost, smoothed 0.9 ")
        await pilot.press("W", "W")
        assert head(app).startswith("cost ")
        seen = []
        for _ in range(3):
            await pilot.press("i")
            seen.append(drawn(app).split()[-1])
        assert seen == ["epoch", "s", "step"]
        for title in ("accuracy", "learning rate", "penalty", "cost"):
            await pilot.press("m")
            assert head(app).startswith(title)


async def test_a_cursor_reads_the_curves_and_escape_takes_it_away(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await trained(pilot)
        view = live(app).snapshot.view
        panel(app).focus()
        await pilot.pause()
        assert "← → read values" in drawn(app)
        await pilot.press("left")
        assert f"step 200, epoch 8, 0.4 s  ── training {view.loss[-1]:.3g}" in head(app)
        assert CURSOR in plot(app)
        await pilot.press("left")
        last = panel(app).cursor
        assert last < 200
        await pilot.press("shift+left")
        assert panel(app).cursor < last - 5
        await pilot.press("home", "left")
        assert panel(app).cursor == 1
        await pilot.press("end", "right")
        assert panel(app).cursor == 200
        await pilot.press("escape")
        assert head(app).startswith("cost ")
        assert CURSOR not in plot(app)


async def test_zoom_is_about_the_cursor_and_at_the_end_goes_on_with_the_run(make_app):
    app = make_app(pause_after=20)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "paused" in status(app))
        await pilot.press("z")
        chart = app.screen.query_one(CurveChart)
        assert (chart.x_at(0), chart.x_at(999)) == (pytest.approx(50.5), 100)
        await pilot.press("space")
        await until(pilot, lambda: "done" in status(app))
        assert (chart.x_at(0), chart.x_at(999)) == (pytest.approx(150.5), 200)
        await pilot.press("0")
        assert chart.x_at(0) == 1
        panel(app).focus()
        await pilot.press("home", *["shift+right"] * 5, "z", "z")
        low, high = chart.x_at(0), chart.x_at(999)
        assert low < panel(app).cursor < high < 200
        assert high - low == pytest.approx(199 / 4)
        await pilot.press("home")
        assert chart.x_at(0) == 1
        await pilot.press("Z", "Z")
        assert (chart.x_at(0), chart.x_at(999)) == (1, 200)


async def test_the_mouse_reads_and_zooms(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await trained(pilot)
        chart = app.screen.query_one(CurveChart)
        await pilot.click(CurveChart, offset=(chart.size.width // 2, 3))
        assert panel(app).has_focus
        read = panel(app).cursor
        assert abs(read - chart.x_at(chart.size.width // 2)) <= 1
        wheel(app, MouseScrollUp, 0.25)
        await pilot.pause()
        assert chart.x_at(0) < chart.x_at(999) - 90
        assert chart.x_at(999) < 200
        for _ in range(2):
            wheel(app, MouseScrollDown, 0.25)
        await pilot.pause()
        assert (chart.x_at(0), chart.x_at(999)) == (1, 200)
        assert panel(app).cursor == read


async def test_members_are_a_band_or_lines_or_one_alone(make_app):
    app = make_app(diverges_at=100, diverging=(1,))
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "seeds")
        await pilot.press("4", "enter")
        await trained(pilot)
        assert "member 1/4, seed 0 (3 done, 1 diverged)" in status(app)
        assert head(app).startswith("cost, median of 4  ── training  ─● validation  ⠄⠄ extremes  ⢕⢕ quartiles ")
        await pilot.press("right_square_bracket")
        assert "─▲ member 2 × not finite" in head(app)
        await pilot.press("P")
        assert head(app).startswith("cost, all 4  ── member 2")
        await pilot.press("P")
        assert head(app).startswith("cost  ── training")
        await pilot.press("P")
        assert "member" not in head(app)
        await pilot.press("right_square_bracket")
        panel(app).focus()
        await pilot.press("left")
        view = live(app).snapshot.view
        assert f"member 3 {view.loss[-1]:.3g}" in head(app)


async def test_one_network_says_that_it_has_no_members(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await trained(pilot)
        await pilot.press("P")
        assert any("P shows the members" in note.message for note in app._notifications)


async def test_what_was_chosen_holds_for_stored_runs_and_in_the_next_sitting(db, tmp_path):
    kept = tmp_path / "preferences.json"

    def made():
        return WorkbenchApp(db, source=ScriptedSource(), zone=UTC, preferences=kept)

    app = made()
    async with app.run_test(size=WIDE) as pilot:
        await trained(pilot)
        await pilot.press("y", "w", "i", "m")
    assert read_preferences(kept).live == Preferences().live.model_copy(
        update={"logarithmic": True, "smoothing": 0.6, "axis": "epochs", "metric": "score"}
    )
    app = made()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 1)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and live(app).snapshot is not None)
        assert head(app).startswith("accuracy, too few points to smooth ")
        assert drawn(app).split()[-1] == "epoch"
        await pilot.press("m", "m", "m")
        assert head(app).startswith("cost, smoothed 0.6 (log)")
        panel(app).focus()
        await pilot.press("left", "escape")
        assert isinstance(app.screen, RunScreen)
        await pilot.press("escape")
        assert not isinstance(app.screen, RunScreen)


async def test_a_stored_run_stands_among_those_that_were_trained_with_it(make_app, db):
    with Recorder(db) as recorder:
        for event in scripted_events(steps=100, members=3):
            recorder.record(event)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 3)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and live(app).snapshot is not None)
        assert "member 3/3" in status(app)
        assert head(app).startswith("cost, median of 3  ── training  ─● validation  ─▲ member 3")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "run 1 " in status(app))
        assert "member 1/3" in status(app)
        assert "─▲ member 1" in head(app)


async def test_only_rows_that_differ_are_painted(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await trained(pilot)
        chart = app.screen.query_one(CurveChart)
        asked = []
        chart.refresh = lambda *regions, **_: asked.append(regions)
        panel(app)._draw()
        assert asked == []
        app.screen.action_smooth(1)
        (regions,) = asked
        assert 0 in {region.y for region in regions}
        assert {region.bottom for region in regions} <= set(range(1, chart.size.height))
