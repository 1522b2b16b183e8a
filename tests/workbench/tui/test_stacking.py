"""The list in which a network is stacked from blocks."""

from textual.widgets import OptionList, Static

from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE, form, go_to, row, text_of
from workbench.tui.screens.bricks import BrickDialog
from workbench.tui.screens.dialogs import Picker, Question
from workbench.tui.screens.stacking import Stacking
from workbench.tui.widgets.field_row import FieldRow, RowEditor
from workbench.tui.widgets.stack_list import StackList

BLOCKS = "conv(8), max_pool, flatten, dense(32)"


def listed(app):
    options = app.screen.query_one(StackList)
    return [str(options.get_option_at_index(number).prompt) for number in range(options.option_count)]


def heads(app):
    return [line.split("\n")[0].split("→")[0].rstrip() for line in listed(app)]


async def open_stack(pilot, text=BLOCKS):
    app = pilot.app
    form(app).load(form(app).draft.with_text("model.blocks", text))
    await pilot.pause()
    await go_to(pilot, "model.blocks")
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, Stacking))


async def add(pilot, kind):
    await pilot.press("a")
    await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
    await pilot.press(*kind, "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, Stacking))


async def test_blocks_are_added_moved_repeated_and_written_into_the_form(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_stack(pilot)
        assert next(line.split() for line in listed(app)) == ["conv(8)", "→", "8@8×8"]
        assert listed(app)[-1].split() == ["dense(32)", "→", "32"]
        await add(pilot, "residual")
        assert heads(app)[:4] == ["conv(8)", "residual", "  2 × dense(64)", "! max_pool"]
        assert "a picture is needed" in listed(app)[3]
        assert "→" not in listed(app)[4]
        await pilot.press("shift+down", "shift+down", "shift+down")
        assert heads(app) == ["conv(8)", "max_pool", "flatten", "dense(32)", "residual", "  2 × dense(64)"]
        assert not any("!" in line for line in listed(app))
        await pilot.press("plus", "plus", "minus", "down", "minus", "c", "shift+left")
        assert heads(app)[4:] == ["2 × residual", "  dense(64)", "dense(64)"]
        await pilot.press("u", "d")
        assert heads(app)[4:] == ["2 × residual", "  dense(64)"]
        await pilot.press("d")
        assert heads(app)[4:] == ["2 × residual", "  dense(64)"]
        assert any("needs a block there" in note.message for note in app._notifications)
        await pilot.press("u", "ctrl+r", "o")
        await until(pilot, lambda: not isinstance(app.screen, Stacking))
        await pilot.pause()
        assert form(app).draft["model.blocks"] == f"{BLOCKS}, 2*residual(dense(64))"
        await pilot.press("u")
        assert form(app).draft["model.blocks"] == BLOCKS


async def test_parameters_are_changed_in_rows_like_those_of_the_form(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_stack(pilot)
        await pilot.press("question_mark")
        assert "Once more" in str(app.screen.query_one(Static).render())
        await pilot.press("escape", "enter")
        await until(pilot, lambda: isinstance(app.screen, BrickDialog))
        await pilot.press("right", "down", "0")
        kernel = row(app, "kernel")
        assert "at least 1" in kernel.problem
        await pilot.press("enter", "o")
        assert isinstance(app.screen, BrickDialog)  # not kept with a problem
        await pilot.press("5", "enter")
        await go_to(pilot, "activation")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Picker))
        await pilot.press(*"leaky", "enter")
        await until(pilot, lambda: isinstance(app.screen, BrickDialog))
        assert row(app, "activation.slope").text == "0.01"
        assert "conv" not in text_of(row(app, "activation"))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, Stacking))
        assert heads(app)[0] == "conv(16, kernel=5, activation=leaky_relu(slope=0.01))"
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("n")
        await until(pilot, lambda: not isinstance(app.screen, Question | Stacking))
        assert form(app).draft["model.blocks"] == BLOCKS


async def test_by_mouse_and_back_to_typing(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_stack(pilot, "")
        assert listed(app) == []
        await pilot.click(".dialog-keys", offset=(3, 0))  # the word "add"
        await until(pilot, lambda: isinstance(app.screen, Picker))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Stacking))
        await add(pilot, "split")
        assert heads(app) == ["split", "  branch 1", "    dense(32)", "  branch 2", "    dense(32)"]
        await pilot.click(StackList, offset=(6, 3))
        assert app.screen.query_one(OptionList).highlighted == 3
        assert isinstance(app.screen, Stacking)
        await pilot.press("c")
        assert len(heads(app)) == 7
        await pilot.click(StackList, offset=(6, 0))
        await pilot.click(StackList, offset=(6, 0))
        await until(pilot, lambda: isinstance(app.screen, BrickDialog))
        assert [each.field.path for each in app.screen.query(FieldRow)] == ["join", "count"]
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Stacking))
        await pilot.press("t")
        await until(pilot, lambda: app.screen.query(RowEditor))
        assert app.screen.query_one(RowEditor).value == "split(dense(32) | dense(32) | dense(32))"
        await pilot.press("end", *", flat", "enter", "enter")  # what cannot be read is typed on
        await until(pilot, lambda: app.screen.query(RowEditor))
        assert "Did you mean 'flatten'" in row(app, "model.blocks").problem
