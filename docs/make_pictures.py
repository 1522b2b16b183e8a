"""Make the pictures of the README from the real program: `python docs/make_pictures.py`.

The interface trains for real, without a terminal; the first picture is taken while it does.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from engine.experiment import Experiment
from workbench.tui.app import WorkbenchApp
from workbench.tui.draft import Draft
from workbench.tui.widgets.form import ExperimentForm

FOLDER = Path(__file__).parent / "pictures"

VANISHING = Experiment.parse({"model": {"depth": 8, "activation": "sigmoid"}, "optimizer": "sgd", "epochs": 100})
LEARNING = VANISHING.with_settings({"model.activation": "relu"})


async def make() -> None:
    """Live, then the two runs compared."""
    with tempfile.TemporaryDirectory() as folder:
        app = WorkbenchApp(Path(folder) / "history.db")
        async with app.run_test(size=(150, 40)) as pilot:
            await _train(app, VANISHING)
            await _train(app, LEARNING)
            await _train(app, VANISHING.with_settings({"epochs": 2000}), picture="live.svg")
            await pilot.press("h")
            await _settled(pilot)
            await pilot.press("down", "space", "down", "space", "c")
            await _settled(pilot)
            app.save_screenshot("compare.svg", str(FOLDER))


async def _train(app: WorkbenchApp, experiment: Experiment, picture: str | None = None) -> None:
    """Train to the end; or to some point in the middle, where a picture is taken."""
    app.screen.query_one(ExperimentForm).load(Draft.of(experiment))
    app.start_training((experiment,))
    runner = app.session.runner
    assert runner is not None
    if picture is not None:
        await _until(lambda: runner.live.view().step >= 5_000)
        await asyncio.sleep(0.5)
        app.save_screenshot(picture, str(FOLDER))
        runner.stop()
    await _until(lambda: runner.finished)
    await asyncio.sleep(0.5)


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.05)


async def _settled(pilot: Pilot[None]) -> None:
    """Give the history time to be read in its thread."""
    for _ in range(10):
        await pilot.pause(0.2)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    asyncio.run(make())
