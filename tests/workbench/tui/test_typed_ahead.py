"""Keys that come faster than the screen can follow."""

import pytest

from tests.workbench.tui.conftest import run_scripted, until
from tests.workbench.tui.screen import burst, go_to
from workbench.tui.screens.dialogs import Picker
from workbench.tui.widgets.form import ExperimentForm
from workbench.tui.widgets.run_table import RunTable


def draft(app):
    return app.screen.query_one(ExperimentForm).draft


@pytest.mark.parametrize("enters", [1, 2])
async def test_a_burst_after_enter_is_typed_into_the_picker(make_app, enters):
    app = make_app()
    async with app.run_test(size=(160, 50)) as pilot:
        await go_to(pilot, "optimizer")
        burst(app, *["enter"] * enters, *"sgd", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 1 and draft(app)["optimizer"] == "sgd")
        assert app.session.runner is None


async def test_enter_twice_opens_one_picker(make_app):
    app = make_app()
    async with app.run_test(size=(160, 50)) as pilot:
        await go_to(pilot, "model.activation")
        burst(app, "enter", "enter")
        await until(pilot, lambda: isinstance(app.screen, Picker))
        assert len(app.screen_stack) == 2


async def test_a_burst_of_digits_is_one_number(make_app):
    app = make_app()
    async with app.run_test(size=(160, 50)) as pilot:
        await go_to(pilot, "model.width")
        burst(app, *"128", "enter")
        await until(pilot, lambda: draft(app)["model.width"] == "128")
        burst(app, "8", "enter")
        await until(pilot, lambda: draft(app)["model.width"] == "8")
        await go_to(pilot, "data.dir")
        burst(app, "enter", *"hbcsx", "enter")
        await until(pilot, lambda: draft(app)["data.dir"] == "hbcsx")
        assert app.current_mode == "bench"


async def test_a_burst_after_a_key_that_asks_is_the_answer(make_app, db):
    run_scripted(db)
    app = make_app()
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.press("h")
        await until(pilot, lambda: app.screen.query_one(RunTable).row_count == 1)
        burst(app, "r", *"bud", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 1 and app.screen.query_one(RunTable).current.name == "bud")
        assert app.screen.query_one(RunTable).ids == (1,)


async def test_a_burst_after_the_key_of_the_presets_finds_one(make_app):
    app = make_app()
    async with app.run_test(size=(160, 50)) as pilot:
        burst(app, "l", *"spir", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 1 and draft(app)["data.name"] == "spirals")
