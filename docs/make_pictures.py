"""Make the pictures of the documentation from the real program: `python docs/make_pictures.py`.

The interface trains for real, without a terminal; a picture is taken while it does.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from engine.experiment import Experiment
from workbench.tui.app import WorkbenchApp
from workbench.tui.draft import Draft
from workbench.tui.widgets.form import ExperimentForm

FOLDER = Path(__file__).parent / "pictures"

VANISHING = Experiment.parse({
    "data": {"name": "digits"}, "model": {"depth": 8, "width": 50, "activation": "sigmoid", "init": "xavier_normal"},
    "optimizer": "momentum", "lr": 0.1, "batch_size": 32, "epochs": 400, "monitor": {"every": 20},
})  # fmt: skip
LEARNING = VANISHING.with_settings({"model.activation": "relu", "model.init": "he_normal", "optimizer": "sgd", "lr": 0.02})


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.05)


async def live_picture() -> None:
    """The Bench in the middle of a training."""
    with tempfile.TemporaryDirectory() as folder:
        app = WorkbenchApp(Path(folder) / "history.db")
        async with app.run_test(size=(150, 40)) as pilot:
            await _train(app, VANISHING, until=3_000)
            app.save_screenshot("live.svg", str(FOLDER))
            await _end(app)
            await _train(app, LEARNING, until=3_000)
            await _end(app)
            await pilot.press("h")
            await _until(lambda: len(app.screen.query("RunTable")) > 0)
            await pilot.pause(0.5)
            await pilot.press("space", "down", "space")
            app.save_screenshot("history.svg", str(FOLDER))
            await pilot.press("c")
            await pilot.pause(1.0)
            app.save_screenshot("compare.svg", str(FOLDER))


async def _train(app: WorkbenchApp, experiment: Experiment, until: int) -> None:
    app.screen.query_one(ExperimentForm).load(Draft.of(experiment))
    app.start_training((experiment,))
    runner = app.session.runner
    assert runner is not None
    await _until(lambda: runner.live.view().step >= until)
    await asyncio.sleep(0.3)


async def _end(app: WorkbenchApp) -> None:
    runner = app.session.runner
    assert runner is not None
    runner.stop()
    await _until(lambda: runner.finished)
    await asyncio.sleep(0.5)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    asyncio.run(live_picture())
