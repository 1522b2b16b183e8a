"""How the interface opens: its frame first, then the Bench in the same place; what is typed meanwhile is not lost."""

import subprocess
import sys

import pytest

from engine.experiment import Experiment
from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE, burst, form
from workbench.preferences import Preferences, write_preferences
from workbench.preferences_file import remembered_theme
from workbench.tui.app import FrameFirst
from workbench.tui.draft import Draft
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.screens.opening import Opening
from workbench.tui.screens.small import TooSmall
from workbench.tui.widgets.field_row import FieldRow
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.top_bar import TopBar

HEAVY = "numpy pydantic torch engine.experiment engine.data workbench.history workbench.runner workbench.tui.screens.bench"
WITHOUT_THEM = """
import sys
from pathlib import Path
from workbench.tui.app import FrameFirst

class Watched(FrameFirst):
    async def _open_bench(self):
        self.exit(print([name for name in sys.argv[2:] if name in sys.modules], file=sys.__stdout__))

Watched(Path(sys.argv[1])).run(headless=True)
"""


def frame(app):
    """What the bar and the keys look like, and where they stand."""
    bar, keys = app.screen.query_one(TopBar), app.screen.query_one(KeyLine)
    names = [(str(each.render()), each.region, each.styles.background, each.styles.color) for each in bar.children]
    return bar.region, names, keys.region, [tuple(segment) for segment in keys.render_line(0)]


@pytest.mark.parametrize("size", [WIDE, NARROW, (60, 20)])
async def test_the_frame_stays_where_it_is_when_the_bench_comes(db, size):
    frames = []

    class Watched(FrameFirst):
        async def _open_bench(self):
            assert isinstance(self.screen, Opening)
            frames.append(frame(self))
            await super()._open_bench()

    app = Watched(db)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.focused, FieldRow))
        await until(pilot, lambda: app.screen.query_one(KeyLine).shown)
        assert frames == [frame(app)]


async def test_keys_that_come_before_the_bench_are_for_the_bench(db):
    app = FrameFirst(db)
    async with app.run_test(size=WIDE) as pilot:
        assert isinstance(app.screen, Opening)
        burst(app, "down", "down", "right", "f")
        await until(pilot, lambda: isinstance(app.screen, BenchScreen) and not app.screen.form_open)
        changed = form(app).in_order()[2].field.path
        assert form(app).draft[changed] != Draft.of(Experiment())[changed]
        await pilot.press("q")
    assert app.return_code == 0


async def test_a_terminal_without_room_is_told_so_at_once(db):
    app = FrameFirst(db)
    async with app.run_test(size=(40, 10)) as pilot:
        await until(pilot, lambda: app.current_mode == "bench" and isinstance(app.screen, TooSmall))
        await pilot.resize_terminal(*NARROW)
        await until(pilot, lambda: isinstance(app.screen, BenchScreen))


async def test_the_remembered_look_is_that_of_the_first_paint(db, tmp_path):
    path = tmp_path / "interface.json"
    assert remembered_theme(path) is None
    path.write_text("[1]")
    assert remembered_theme(path) is None
    write_preferences(path, Preferences(theme="workbench-light"))
    assert remembered_theme(path) == "workbench-light"
    assert FrameFirst(db, preferences=path).theme == "workbench-light"
    assert FrameFirst(db, preferences=path, theme="workbench-ansi").theme == "workbench-ansi"


def test_the_frame_is_painted_before_anything_heavy_is_loaded(db):
    done = subprocess.run([sys.executable, "-c", WITHOUT_THEM, str(db), *HEAVY.split()], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_the_bench_is_there_before_what_only_a_training_needs():
    code = "import sys, workbench.tui.session, workbench.tui.screens.bench\nprint([name for name in sys.argv[1:] if name in sys.modules])"
    later = "numpy torch engine.events engine.data workbench.live workbench.tui.screens.dialogs workbench.history.queries"
    done = subprocess.run([sys.executable, "-c", code, *later.split()], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
