"""Pictures of Compare: curves over each other, layers against the baseline, parallel coordinates, runs put together by seed."""

from __future__ import annotations

import shutil
from functools import partial

import pytest

from tests.workbench.tui.album import album as album
from tests.workbench.tui.conftest import fix_times, run_scripted
from tests.workbench.tui.screen import NARROW, WIDE, text_of
from workbench.tui.widgets.compare_table import CompareTable
from workbench.tui.widgets.heat_map import HeatMap

both = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "160x50"])
RUNS = tuple(range(1, 9))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Three seeds of two experiments, a deeper network, and a run that diverged."""
    db = tmp_path_factory.mktemp("compare") / "history.db"
    run_seen = partial(run_scripted, db, seen=True)
    for rate in (0.01, 0.1):
        for seed in range(3):
            run_seen({"lr": rate, "optimizer": "sgd", "seed": seed}, name="slow" if rate < 0.1 else "fast")
    run_seen({"model.depth": 4, "model.activation": "tanh", "model.dropout": 0.2}, name="deep")
    run_seen({"lr": 30.0, "optimizer": "sgd"}, diverges_at=120, name="too fast")
    fix_times(db)
    return db


@both
async def test_compare(album, make_app, recorded, db, size):
    shutil.copy(recorded, db)
    app = make_app()

    def table():
        return app.screen.query_one(CompareTable)

    def heat():
        return text_of(app.screen.query_one(HeatMap))

    app.session.marked = RUNS
    async with album.of(app, size):
        await album.take("curves", "c", ready=lambda: table().row_count == len(RUNS))
        await album.take("smoothed", "down", "enter", "down", "down", "down", "w", "y", "i")
        await album.take("hidden", "space", "up")
        await album.take("difference", "v", ready=lambda: heat().strip() and "reading" not in heat())
        await album.take("layers", "enter", ready=lambda: "reading" not in heat())
        await album.take("parallel", "v")
        await album.take("by-seed", "v", "g", ready=lambda: table().row_count == 4)
        await album.take("ranked", "r")
