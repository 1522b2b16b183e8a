"""Describing an experiment: undo, mouse, presets and experiment files, the preview."""

import pytest
from textual.widgets import Static

from engine.experiment import Experiment
from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE, form, go_to, live, row, text_of, type_in
from workbench.experiment_files import preset
from workbench.tui.draft import Draft
from workbench.tui.screens.building import Building
from workbench.tui.screens.dialogs import Picker, Prompt, Question
from workbench.tui.widgets.field_row import RowEditor
from workbench.tui.widgets.preview import Preview


@pytest.fixture(autouse=True)
def of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # experiment files are looked for from here


def said(app):
    return [note.message for note in app._notifications]


def preview(app):
    return app.screen.query_one(Preview)


async def back_on_the_bench(pilot):
    await until(pilot, lambda: isinstance(pilot.app.screen, Building))
    await pilot.pause()


async def test_what_was_done_to_the_form_is_taken_back_and_done_again(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "model.depth")
        await pilot.press("right", "right")
        await go_to(pilot, "model.width")
        await pilot.press("1", "0", "0", "enter")
        await go_to(pilot, "optimizer")
        await pilot.press("left")
        await pilot.press("u")
        assert said(app) == ["Undone: Optimizer is adam again, not rmsprop"]
        assert (form(app).draft["optimizer"], form(app).draft["optimizer.beta1"]) == ("adam", "0.9")
        await pilot.press("u")
        assert said(app) == ["Undone: Width is 64 again, not 100"]  # the three keys were one edit
        assert row(app, "model.width").has_focus
        await pilot.press("u", "ctrl+r", "ctrl+r")
        assert said(app) == ["Done again: Width 64 → 100"]
        assert (form(app).draft["model.depth"], form(app).draft["model.width"]) == ("5", "100")
        await pilot.press("u", "u", "u", "u")
        assert form(app).draft == Draft.of(Experiment())
        assert "nothing more" in said(app)[0]
        assert app.session.draft == form(app).draft


async def test_rows_by_mouse(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        depth = row(app, "model.depth")
        await pilot.click(depth, offset=(5, 0))
        assert depth.has_focus
        assert not app.screen.query(RowEditor)
        line = text_of(depth)
        await pilot.click(depth, offset=(line.index("›"), 0))
        await pilot.click(depth, offset=(line.index("›"), 0))
        await pilot.click(depth, offset=(line.index("‹"), 0))
        assert form(app).draft["model.depth"] == "4"
        await pilot.click(depth, offset=(5, 0))
        assert app.screen.query(RowEditor)
        await pilot.press("escape")
        await go_to(pilot, "model.activation")  # by keys: a click then opens at once
        await pilot.click(row(app, "model.activation"), offset=(5, 0))
        await until(pilot, lambda: isinstance(app.screen, Picker))


async def test_a_row_that_does_nothing_says_why(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        form(app).load(form(app).draft.with_text("stop.min_delta", "0.1"))
        await until(pilot, lambda: "set Patience" in " ".join(text_of(row(app, "stop.min_delta")).split()))
        form(app).load(form(app).draft.with_text("stop.patience", "3"))
        await until(pilot, lambda: "set Patience" not in text_of(row(app, "stop.min_delta")))


async def test_presets_are_found_by_typing_taken_into_the_form_and_taken_back(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, Picker))
        await pilot.press(*"xor", "enter")
        await back_on_the_bench(pilot)
        assert form(app).checked.experiments == (preset("xor-line").experiment,)
        assert "straight" in said(app)[0]
        await pilot.press("u")
        assert form(app).draft == Draft.of(Experiment())
        assert "A line cannot do XOR" in said(app)[0]


async def test_what_the_form_describes_is_saved_and_opened_again(make_app, tmp_path):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await go_to(pilot, "model.depth")
        await pilot.press("7", "enter", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        await pilot.press("enter")
        await back_on_the_bench(pilot)
        path = tmp_path / "sessions" / "digits-7x64-relu.toml"
        assert path.read_text() == "[model]\ndepth = 7\n"
        await pilot.press("ctrl+s", "enter")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("n")
        await back_on_the_bench(pilot)
        path.write_text("# Mine: by hand.\nseed = 5\n")
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, Picker))
        await pilot.press(*"mine", "enter")
        await back_on_the_bench(pilot)
        assert form(app).draft["seed"] == "5"
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        assert "enter open " in str(app.screen.query_one(".dialog-hint", Static).render())
        await type_in(pilot, "nothing")
        await pilot.press("enter")
        await back_on_the_bench(pilot)
        assert any("there is no experiment file nothing" in note for note in said(app))
        assert form(app).draft["seed"] == "5"


async def test_the_preview_follows_the_form_until_something_is_trained(make_app):
    app = make_app(pause_after=3)
    async with app.run_test(size=WIDE) as pilot:
        assert preview(app).display
        assert not live(app).display
        assert "train" in text_of(preview(app)).splitlines()[0]
        assert "hidden 3" in text_of(preview(app))
        await go_to(pilot, "model.depth")
        await pilot.press("left")
        assert "hidden 3" not in text_of(preview(app))
        await until(pilot, lambda: "1,437 to train" in text_of(preview(app)))
        await pilot.press("0", "enter", "backspace")
        await go_to(pilot, "batch_size")
        await pilot.press("9", "9", "9", "9")
        assert "9999 is more than the 1437 training examples" in " ".join(text_of(preview(app)).split())
        await pilot.press("escape", "space")
        await until(pilot, lambda: live(app).display and not preview(app).display)
        await pilot.press("p")
        assert preview(app).display
        assert not live(app).display
        assert "hidden 3" in text_of(preview(app))
        assert "presets" not in text_of(preview(app))
        await pilot.press("p")
        assert live(app).display


async def test_the_preview_takes_the_whole_of_a_narrow_screen_and_tells_why_data_are_not_there(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        assert not preview(app).display
        form(app).load(form(app).draft.with_text("data.name", "none.npz"))
        await pilot.press("p")
        assert preview(app).display
        assert preview(app).has_focus
        assert not form(app).region
        assert "when the data are there" in text_of(preview(app))
        await until(pilot, lambda: "there is no such file" in text_of(preview(app)))
        await pilot.press("p")
        assert not preview(app).display
        assert form(app).region
        await pilot.press("f")
        assert preview(app).display  # nothing was trained: there is nothing else to see
        await pilot.press("f")
        assert form(app).region
