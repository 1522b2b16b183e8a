"""The layers against the forecast: what the marks are, and that they are those of the preview."""

from engine.experiment import Experiment
from tests.workbench.tui.conftest import run_scripted, until
from tests.workbench.tui.screen import open_history, text_of
from workbench.expected import expected
from workbench.plots import format_number
from workbench.samples import take_sample
from workbench.tui.screens.run import RunScreen
from workbench.tui.widgets.live_view import LiveView
from workbench.tui.widgets.profile_panel import FORECAST, UNREAD, ProfileChart, ProfilePanel


async def open_profile(pilot):
    """Open the only run of the history at this picture; what it comes to when all has been read."""
    app = pilot.app
    await open_history(pilot, 1)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.live.snapshot is not None)
    app.screen.query_one(LiveView).chosen = ProfilePanel.KEY
    await until(pilot, lambda: app.screen.query(ProfileChart) and all(worker.is_finished for worker in app.workers))
    await until(pilot, lambda: FORECAST in text_of(app.screen.query_one(ProfileChart)))
    return app.screen.query_one(ProfileChart)


async def test_it_says_that_the_marks_are_expected_at_the_first_step_and_shows_those_of_the_preview(db, make_app):
    run_scripted(db, {"model.depth": 3})
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await open_profile(pilot)
        await until(pilot, lambda: "reading" not in text_of(chart))
        legend, _, *rows = text_of(chart).splitlines()
        assert legend.strip() == "◇ forecast: expected at step 1"
        experiment = Experiment().with_settings({"steps": 200, "model.depth": 3})
        sample = take_sample(experiment.data)
        preview = expected(experiment, sample.outline, sample.scale)
        shown = [row.split() for row in rows if row.strip().startswith(("▸hidden", "hidden", "output"))]
        assert [row[-1] for row in shown] == [format_number(float(value)) for value in preview.activation_std]
        assert all(f"hidden {number}" in text_of(chart) for number in range(1, 4))


async def test_without_the_data_it_says_of_which_inputs_the_forecast_is(db, make_app, tmp_path):
    run_scripted(db, {"data.name": str(tmp_path / "gone.csv"), "data.target": "y"})
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await open_profile(pilot)
        await until(pilot, lambda: text_of(chart).splitlines()[0].strip() == f"◇ {FORECAST}, {UNREAD}")
        assert "–" not in text_of(chart).splitlines()[2]
