"""Rows of the form are found, come back to, and put back; keys act only on what can be seen."""

from tests.workbench.tui.conftest import run_scripted, until
from tests.workbench.tui.screen import NARROW, WIDE, burst, form, go_to, live, open_history, row, status, table, text_of, words
from workbench.tui.draft import DEFAULTS
from workbench.tui.finding import found_rows
from workbench.tui.widgets.key_line import KeyLine


def test_every_row_has_a_title_of_its_own():
    draft = DEFAULTS.with_text("model.activation", "leaky_relu").with_text("optimizer", "momentum")
    found = found_rows(draft)
    assert [each.key for each in found.values()] == [field.path for field in draft.rows()]
    assert found["Activation: slope"].key == "model.activation.slope"


async def test_a_row_is_found_by_typing_and_put_back(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        burst(app, "slash", *"norm", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 1 and row(app, "model.batch_norm").has_focus)
        await pilot.press("f", "slash", *"lr", "enter")
        await until(pilot, lambda: row(app, "lr").has_focus and app.screen.form_open)
        for key in ("backspace", "delete", "ctrl+d"):
            await pilot.press("right")
            assert form(app).draft["lr"] != DEFAULTS["lr"]
            assert f"backspace puts back {DEFAULTS['lr']}" in words(app, "#hint")
            await pilot.press(key)
            assert form(app).draft["lr"] == DEFAULTS["lr"]
            assert "puts back" not in words(app, "#hint")


async def test_the_form_keeps_its_cursor_while_it_is_hidden(make_app):
    app = make_app(per_frame=50)
    async with app.run_test(size=NARROW) as pilot:
        await go_to(pilot, "batch_size")
        await pilot.press("space")
        await until(pilot, lambda: "done" in status(app))
        assert not app.screen.form_open
        await pilot.press("f")
        await until(pilot, lambda: row(app, "batch_size").has_focus)


async def test_keys_act_only_on_what_can_be_seen(make_app):
    app = make_app(per_frame=50)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "done" in status(app))
        line, before = app.screen.query_one(KeyLine), app.session.preferences.live
        assert "Log" in text_of(line)
        await pilot.press("f")
        await until(pilot, lambda: "Log" not in text_of(line))
        await pilot.press("y", "m", "w", "P", "v", "z", "n")
        assert app.session.preferences.live == before
        assert live(app).chosen == "curves"
        await pilot.press("f")
        await until(pilot, lambda: "Log" in text_of(line))
        await pilot.press("y")
        assert app.session.preferences.live.logarithmic != before.logarithmic


async def test_that_a_run_is_deleted_is_no_longer_said_once_it_is_back(make_app, db):
    run_scripted(db)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 1)
        await pilot.press("d")
        await until(pilot, lambda: app._notifications)
        await pilot.press("u")
        await until(pilot, lambda: table(app).row_count == 1)
        assert not app._notifications
