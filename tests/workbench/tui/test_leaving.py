"""Leaving: asked for while training, and the run's end is recorded."""

import os
import signal
import subprocess
import sys

import pytest
from textual.widgets import Static

from tests.workbench.tui.conftest import until
from workbench.history import History
from workbench.tui.app import INTERRUPTED
from workbench.tui.screens.dialogs import Question


def status_of(db, run=1):
    with History.open(db) as history:
        return history.run(run).status


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_without_training_quit_leaves_at_once(make_app, key):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press(key)
    assert app.return_code == 0
    assert app._exit


@pytest.mark.parametrize("answer", ["n", "enter"])
async def test_leaving_while_training_asks_and_can_be_declined(make_app, db, answer):
    app = make_app(pause_after=5)
    async with app.run_test() as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.session.runner is not None and app.session.runner.paused)
        await pilot.press("q")
        assert isinstance(app.screen, Question)
        keys = str(app.screen.query_one(".dialog-keys", Static).render())
        assert [line.split("  ")[0] for line in keys.splitlines()] == ["y", "n, enter, esc"]  # going back is staying
        await pilot.press(answer)
        assert not isinstance(app.screen, Question)
        assert app.session.training
        assert not app.session.runner.stopping


async def test_leaving_ends_the_run_and_records_it_as_stopped(make_app, db):
    app = make_app(pause_after=5)
    async with app.run_test() as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.session.runner is not None and app.session.runner.paused)
        await pilot.press("q", "y")
        await until(pilot, lambda: not app.is_running or app._exit)
    assert app.return_code == 0
    assert status_of(db) == "stopped"


async def test_a_signal_ends_the_run_as_interrupted(make_app, db):
    app = make_app(pause_after=5)
    async with app.run_test() as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.session.runner is not None and app.session.runner.paused)
        os.kill(os.getpid(), signal.SIGTERM)
        await until(pilot, lambda: app._exit)
    assert app.return_code == INTERRUPTED
    assert status_of(db) == "interrupted"


async def test_runs_of_processes_that_are_gone_are_marked_at_the_start(make_app, db):
    code = (
        "import os, sys; from pathlib import Path\n"
        "from tests.workbench.tui.conftest import recorder_of_unfinished\n"
        "recorder = recorder_of_unfinished(Path(sys.argv[1])); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(db)], check=True)
    assert status_of(db) == "running"
    app = make_app()
    async with app.run_test() as pilot:
        await until(pilot, lambda: status_of(db) == "interrupted")
