"""What is in sight is copied, and written to files."""

import csv
import shlex
from io import BytesIO
from xml.etree import ElementTree

from PIL import Image
from textual.widgets import Input

from engine.experiment import Experiment
from tests.workbench.tui.conftest import run_scripted, until
from tests.workbench.tui.screen import NARROW, WIDE, go_to, open_history, status, words
from workbench.tui.exporting import strips_of
from workbench.tui.screens.dialogs import Prompt, Question
from workbench.tui.screens.menu import Menu


def titles(app):
    return [title for title, _ in app.screen._choices]


def shown(strips):
    return "\n".join(strip.text for strip in strips)


async def choose(pilot, key, title):
    """Open a menu and choose what is called so."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, Menu))
    await pilot.press(str(titles(pilot.app).index(title) + 1))


async def test_the_form_and_the_shown_run_are_copied(make_app):
    app = make_app(per_frame=50)
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "model.depth")
        await pilot.press("right")
        await choose(pilot, "C", "command line that trains the form")
        assert app.clipboard == "workbench run --depth 4"
        assert any("Copied" in note.title for note in app._notifications)
        await choose(pilot, "C", "value under the cursor")
        assert app.clipboard == "4"
        await choose(pilot, "C", "settings of the form as TOML")
        assert Experiment.from_toml(app.clipboard) == Experiment().with_settings({"model.depth": 4})
        await pilot.press("space")
        await until(pilot, lambda: "done" in status(app))
        await pilot.press("right")
        await choose(pilot, "C", "command line that trains run 1")
        assert app.clipboard == "workbench run --depth 4"
        await choose(pilot, "C", "id of run 1")
        assert app.clipboard == "1"
        await choose(pilot, "C", "command line that repeats run 1 with all that was changed")
        assert shlex.split(app.clipboard)[:4] == ["workbench", "run", "--replay", "1"]
        await pilot.press("C", "escape")
        assert app.clipboard.startswith("workbench run --replay")


async def test_the_current_run_of_the_history_is_copied(make_app, db):
    run_scripted(db, {"model.activation": "tanh"})
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_history(pilot, 1)
        await choose(pilot, "C", "command line that trains run 1")
        assert app.clipboard == "workbench run --activation tanh --epochs 30 --steps 200"


async def test_a_chart_and_numbers_are_written_and_nothing_is_lost(make_app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = make_app(per_frame=50)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "done" in status(app))
        for title, name in (
            ("chart as SVG", "chart.svg"),
            ("chart as PNG", "chart.png"),
            ("screen as SVG", "screen.svg"),
            ("steps of run 1 as CSV", "run-1-steps.csv"),
        ):
            await choose(pilot, "E", title)
            await until(pilot, lambda: isinstance(app.screen, Prompt) and isinstance(app.focused, Input))
            await pilot.press("enter")
            await until(pilot, lambda name=name: (tmp_path / name).exists())
        chart, screen = ((tmp_path / name).read_text() for name in ("chart.svg", "screen.svg"))
        texts = [each.text for each in ElementTree.fromstring(chart.encode()).iter("{http://www.w3.org/2000/svg}text")]
        assert {"Run 1", "cost", "training", "validation"} <= set(texts)
        assert "Optimizer" in screen
        assert "font-face" not in screen
        assert Image.open(BytesIO((tmp_path / "chart.png").read_bytes())).size[0] > 800
        rows = list(csv.DictReader((tmp_path / "run-1-steps.csv").open()))
        assert [rows[0]["run"], rows[-1]["step"]] == ["1", "200"]

        (tmp_path / "chart.svg").write_text("mine")
        await choose(pilot, "E", "chart as SVG")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Question))
        assert "is there already" in words(app, "Static")
        await pilot.press("escape")
        assert (tmp_path / "chart.svg").read_text() == "mine"
        await choose(pilot, "E", "chart as SVG")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("y")
        await until(pilot, lambda: (tmp_path / "chart.svg").read_text() != "mine")
        await choose(pilot, "E", "screen as PNG")
        await until(pilot, lambda: isinstance(app.focused, Input))
        app.focused.value = str(tmp_path / "nowhere" / "x.png")
        await pilot.press("enter")
        await until(pilot, lambda: any("cannot be written" in note.message for note in app._notifications))
        for name, problem in (
            ("no\0name.png", "choose another name"),
            ("no\0folder/x.png", "choose another name"),
            ("~nobodyisthere/x.png", "no folder of the user"),
        ):
            app.clear_notifications()
            await choose(pilot, "E", "screen as PNG")
            await until(pilot, lambda: isinstance(app.focused, Input))
            app.focused.value = name
            await pilot.press("enter")
            await until(pilot, lambda problem=problem: any(problem in note.message for note in app._notifications))
    assert sorted(path.name for path in tmp_path.iterdir() if "history" not in path.name) == [
        "chart.png",
        "chart.svg",
        "run-1-steps.csv",
        "screen.svg",
    ]


async def test_messages_are_left_out_of_pictures_and_stay_on_the_screen(make_app):
    app = make_app()
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await pilot.pause()
        app.notify("lies over it", timeout=60)
        await until(pilot, lambda: "lies over it" in shown(app.screen._compositor.render_strips()))
        assert "lies over it" not in shown(strips_of(app.screen))
        await pilot.pause()
        assert "lies over it" in shown(app.screen._compositor.render_strips())
