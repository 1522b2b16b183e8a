"""The layers on the screen: table, heat map, histograms, and the keys that go through them."""

from textual.geometry import Offset

from engine.experiment import Experiment
from engine.vocabulary import Quantity, Statistic
from tests.workbench.tui.conftest import run_scripted, until
from tests.workbench.tui.screen import WIDE, open_history, text_of
from workbench.tui.screens.layer_columns import LayerColumns
from workbench.tui.screens.run import RunScreen
from workbench.tui.widgets.curves_panel import CurvesPanel
from workbench.tui.widgets.heat_map import HeatMap
from workbench.tui.widgets.heat_panel import HeatPanel
from workbench.tui.widgets.histogram_panel import HistogramPanel, RidgeChart
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.live_view import LiveView


async def open_run(pilot):
    """Open the only run of the history, and wait until it is shown."""
    app = pilot.app
    await open_history(pilot, 1)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.live.snapshot is not None)
    return app.screen.query_one(LiveView), app.screen.query_one(LayerTable)


async def test_the_cursor_of_the_table_chooses_the_layer_of_all_pictures(db, make_app):
    run_scripted(db, {"model.depth": 8}, everything=True)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        live, table = await open_run(pilot)
        await pilot.press("down", "down")
        assert table.cursor == 2
        assert "▸hidden 3" in text_of(table)
        assert "▸hidden 3" in text_of(table).splitlines()[-1]
        await pilot.press("end")
        assert table.cursor == 8
        assert "▸output" in text_of(table).splitlines()[-2]
        await pilot.press("home", "J", "K", "K")
        assert table.cursor == 0
        await pilot.click(table, offset=Offset(5, 4))
        assert table.cursor == 3
        before = table.size.height
        await pilot.press("n")
        heat = live.query_one(HeatMap)
        await until(pilot, lambda: "gradient std" in text_of(heat))
        assert "hidden 4▐" in text_of(heat)
        assert all(f"hidden {number}" in text_of(heat) for number in range(1, 9)), "the table makes room"
        assert table.size.height < before
        await pilot.click(heat, offset=Offset(30, 2))
        assert table.cursor == 1
        await until(pilot, lambda: "hidden 2▐" in text_of(heat))
        await pilot.hover(heat, offset=Offset(30, 3))
        await until(pilot, lambda: "hidden 3" in text_of(heat).splitlines()[0])
        assert "step " in text_of(heat).splitlines()[0]
        await pilot.press("v")
        await until(pilot, lambda: "activations of hidden 2" in text_of(live.query_one(RidgeChart)))
        live.chosen = CurvesPanel.KEY
        await until(pilot, lambda: table.size.height == before)


async def test_statistics_and_quantities_are_gone_through_and_remembered(db, make_app):
    run_scripted(db, everything=True)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        live, table = await open_run(pilot)
        await pilot.press("n", "n", "n", "N", "n")
        heat = live.query_one(HeatMap)
        assert live.query_one(HeatPanel).statistic is Statistic.SATURATED
        await until(pilot, lambda: "saturated  0 ·:-=+*#%@ 1" in text_of(heat))
        assert not live.query(HistogramPanel), "a picture is made when it is first to be seen"
        await pilot.press("v", "n", "J")
        ridges = live.query_one(RidgeChart)
        await until(pilot, lambda: "back-propagated gradients of hidden 2" in text_of(ridges))
        assert text_of(ridges).index("step 0│") < text_of(ridges).index("step 200│")
        await pilot.press("o")
        assert isinstance(app.screen, LayerColumns)
        await pilot.press("space", "down", "down", "down", "down", "down", "down", "space", "enter")
        assert not isinstance(app.screen, LayerColumns)
        heading = text_of(table).splitlines()[0]
        assert "gradient std" not in heading
        assert "W std" in heading
        kept = app.session.preferences.live
        assert (kept.layer_statistic, kept.layer_quantity) == ("saturated", "gradient")
        assert "weight_std" in kept.layer_columns
        assert "gradient_std" not in kept.layer_columns
        await pilot.press("escape", "enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.live.snapshot is not None)
        assert "W std" in text_of(app.screen.query_one(LayerTable)).splitlines()[0]
        await until(pilot, lambda: app.screen.query(RidgeChart))
        assert app.screen.query_one(HistogramPanel).quantity is Quantity.GRADIENT
        await pilot.press("V")
        await until(pilot, lambda: app.screen.query(HeatMap))
        assert app.screen.query_one(HeatPanel).statistic is Statistic.SATURATED


async def test_a_live_run_without_histograms_says_how_there_would_be_some(make_app):
    app = make_app(pause_after=3)
    async with app.run_test(size=WIDE) as pilot:
        app.start_training([Experiment().with_settings({"steps": 200})])
        live = app.screen.query_one(LiveView)
        await until(pilot, lambda: live.snapshot is not None and live.snapshot.paused)
        live.chosen = HistogramPanel.KEY
        await until(pilot, lambda: live.query(RidgeChart))
        panel = live.query_one(HistogramPanel)
        assert "monitor.distributions" in str(panel.query_one("#no-histograms").render())
        assert not panel.query_one(RidgeChart).display
        live.chosen = HeatPanel.KEY
        await until(pilot, lambda: live.query(HeatMap) and "hidden 1" in text_of(live.query_one(HeatMap)))
