"""The form of the Bench: rows that are moved, typed, picked and checked."""

from textual.widgets import Static

from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE, form, go_to, row, status, text_of, type_in, words
from workbench.tui.fields import SUGGESTIONS
from workbench.tui.screens.dialogs import Picker
from workbench.tui.widgets.field_row import FieldRow, RowEditor
from workbench.tui.widgets.form import ExperimentForm
from workbench.tui.widgets.hint import Hint


async def test_arrows_change_the_experiment(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "model.depth")
        await pilot.press("right", "right")
        await go_to(pilot, "model.activation")
        await pilot.press("right")
        (experiment,) = form(app).checked.experiments
        assert (experiment.model.depth, str(experiment.model.activation)) == (5, "leaky_relu(slope=0.01)")
        assert row(app, "model.activation.slope").text == "0.01"


async def test_digits_begin_a_new_number_and_each_key_is_checked(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "model.width")
        await pilot.press("0")
        assert "at least 1" in row(app, "model.width").problem or "greater than or equal to 1" in row(app, "model.width").problem
        assert "greater" in text_of(row(app, "model.width"))
        await pilot.press("backspace", "3", "2")
        assert row(app, "model.width").problem == ""
        await pilot.press("enter")
        assert form(app).checked.experiments[0].model.width == 32
        assert not app.screen.query(RowEditor)
        assert row(app, "model.width").has_focus


async def test_escape_takes_back_what_was_typed(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "data.dir")
        await pilot.press("enter", *"abc")
        assert form(app).draft["data.dir"] == "abc"
        await pilot.press("escape")
        assert form(app).draft["data.dir"] == ""


async def test_keys_that_command_elsewhere_are_text_while_typing(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "data.dir")
        await pilot.press("enter", *"hsqx.", "space")
        assert form(app).draft["data.dir"] == "hsqx. "
        assert app.current_mode == "bench"
        assert app.session.runner is None


async def test_backspace_brings_the_default_back(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "model.depth")
        await pilot.press("9", "enter", "backspace")
        assert form(app).draft["model.depth"] == "3"


async def test_the_picker_finds_a_choice_by_typing(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await go_to(pilot, "optimizer")
        await pilot.press("enter")
        assert isinstance(app.screen, Picker)
        await pilot.press(*"nest", "enter")
        await until(pilot, lambda: form(app).draft["optimizer"] == "nesterov")
        assert form(app).draft["lr"] == "0.01"


async def test_the_picker_of_data_takes_a_csv_file(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await go_to(pilot, "data.name")
        await pilot.press("enter", *"my.csv", "enter")
        await until(pilot, lambda: form(app).draft["data.name"] == "my.csv")
        assert "column to predict" in form(app).checked.problems["data.target"]
        assert not form(app).checked.general


async def test_formula_and_sentence_of_the_choice_are_shown(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "model.activation")
        await pilot.press("right", "right", "right")
        hint = str(app.screen.query_one("#hint", Static).render())
        assert "ELU" in hint
        assert "h = z if z > 0 else alpha * (e^z - 1)" in hint
        assert "Negative values keep the mean near zero" in hint


async def test_the_whole_form_can_be_reached_at_80x24(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        rows = list(app.screen.query(FieldRow))
        await pilot.press("down", "pagedown", "pageup", "up")
        assert rows[0].has_focus
        await pilot.press("end")
        await pilot.pause()
        assert rows[-1].has_focus
        assert app.screen.query_one(ExperimentForm).region.contains_region(rows[-1].region)


async def test_a_form_with_problems_does_not_start_and_says_why(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "model.depth")
        await pilot.press("enter", *["backspace"] * 5, "enter", "space")
        assert app.session.runner is None
        assert any("needs a value" in note.message for note in app._notifications)


async def test_blocks_are_checked_and_explained_while_they_are_typed(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "model.blocks")
        assert "max_pool" in words(app, "#hint")
        await pilot.press("ctrl+e", *"conv")
        assert "needs its channels" in row(app, "model.blocks").problem
        assert "Convolution" in words(app, "#hint")
        await pilot.press(*"(16, ker")
        assert "kernel: side of the square of weights" in words(app, "#hint")
        assert "padding=same|valid" in words(app, "#hint")
        await until(pilot, lambda: app.screen.query_one(RowEditor)._suggestion)
        await pilot.press("right", *"5), flatten")
        assert row(app, "model.blocks").problem == ""
        assert "Flatten" in words(app, "#hint")
        await pilot.press("enter")
        assert form(app).checked.experiments[0].model.blocks[0].values["kernel"] == 5
        assert not {"model.depth", "model.width", "model.widths"} & {each.field.path for each in app.screen.query(FieldRow)}
        await pilot.press("backspace")
        assert form(app).draft["model.blocks"] == ""
        assert row(app, "model.depth").region


async def test_the_hint_follows_the_caret(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await go_to(pilot, "model.blocks")
        await pilot.press("ctrl+e")
        await type_in(pilot, "lstm(8), dense(4)")
        assert "Dense" in words(app, "#hint")
        await pilot.press("home", "right", "right")
        assert "LSTM" in words(app, "#hint")
        await pilot.press("escape")
        assert "any blocks instead of depth" in words(app, "#hint")


async def test_examples_of_blocks_are_a_key_away_but_do_not_replace_what_was_typed(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "model.blocks")
        await pilot.press("right", "right")
        assert form(app).draft["model.blocks"] == SUGGESTIONS["model.blocks"][1]
        assert form(app).checked.fine
        await pilot.press("ctrl+e", "end", *", flatten", "enter", "right")
        assert form(app).draft["model.blocks"] == SUGGESTIONS["model.blocks"][1] + ", flatten"


async def test_a_long_text_has_lines_of_its_own(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "callbacks")
        await pilot.press("enter")
        await type_in(pilot, "some.module:First(1, 2), some.module:Second")
        editor = app.screen.query_one(RowEditor)
        assert editor.region.y == row(app, "callbacks").region.y + 1
        assert "Second" in text_of(editor)
        assert editor.scrollable_content_region.height == 1  # no scrollbar covers it
        await pilot.press("enter")
        await pilot.pause()
        lines = text_of(row(app, "callbacks")).splitlines()
        assert [line.strip() for line in lines] == ["• Callbacks", "some.module:First(1, 2),", "some.module:Second"]


async def test_members_and_an_ensemble_at_once_are_explained_at_the_row(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "ensemble.members")
        await pilot.press("3", "enter")
        assert row(app, "ensemble.by").text == "seed"
        await go_to(pilot, "seeds")
        await pilot.press("right")
        assert "an ensemble of 3 trains 3 networks" in " ".join(text_of(row(app, "seeds")).split())
        await pilot.press("space")
        assert app.session.runner is None
        await pilot.press("left", "space")
        await until(pilot, lambda: "done" in status(app))
        assert [each.ensemble.member for each in app.session.runner.experiments] == [0, 1, 2]


async def test_arrows_are_shown_only_where_they_move_something(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        for path, moves in [("model.depth", True), ("data.train_size", False), ("monitor.every", False), ("data.scaling", True)]:
            await go_to(pilot, path)
            assert ("‹" in text_of(row(app, path))) == moves


async def test_titles_are_not_cut_where_there_is_room(make_app):
    app = make_app()
    async with app.run_test(size=NARROW):
        assert "Training examples scored" in text_of(row(app, "monitor.train_examples"))


async def test_rows_that_come_back_stand_below_the_heading_of_their_group(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        before = [str(each.render()) if isinstance(each, Static) else each.field.path for each in form(app).children]
        await go_to(pilot, "model.widths")
        await pilot.press("enter", "8", "enter")
        await until(pilot, lambda: "model.depth" not in {each.field.path for each in app.screen.query(FieldRow)})
        await pilot.press("backspace")
        await until(pilot, lambda: len(form(app).children) == len(before))
        assert [str(each.render()) if isinstance(each, Static) else each.field.path for each in form(app).children] == before


async def test_the_current_row_stays_in_sight_when_what_is_said_below_takes_more_room(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        last = next(each for each in reversed(form(app).in_order()) if form(app).region.contains_region(each.region))
        last.focus()
        await pilot.pause()
        height = form(app).size.height
        app.screen.query_one(Hint).styles.min_height = 9
        await until(pilot, lambda: form(app).size.height < height)
        await until(pilot, lambda: form(app).region.contains_region(last.region))
