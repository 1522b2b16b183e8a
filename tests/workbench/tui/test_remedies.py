"""What is displayed of findings and remedies is that of this run, and what is trained is what was displayed."""

import sqlite3
import threading
from contextlib import closing

import pytest
from textual import events
from textual.app import App
from textual.widgets import OptionList, Static

from engine.insight.finding import Evidence, Finding, Severity
from tests.workbench.findings import RELU
from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE, live, words
from tests.workbench.tui.test_fixing import DEEP, opened, train
from tests.workbench.tui.test_fixing import make_real as make_real
from workbench import remedy
from workbench.findings import title
from workbench.history import History
from workbench.plots import format_number
from workbench.tui.remedies import evidence_lines, own_text
from workbench.tui.screens.explaining import Explaining
from workbench.tui.screens.looking_up import LookingUp
from workbench.tui.screens.menu import Menu
from workbench.tui.screens.run import RunScreen
from workbench.tui.widgets.compare_table import CompareTable
from workbench.tui.widgets.findings_panel import FindingsPanel

# --- what is displayed is what is trained ---------------------------------------------


def listed(app):
    """The remedies as they stand on the screen."""
    options = app.screen.query_one(OptionList)
    return [str(options.get_option_at_index(number).prompt) for number in range(options.option_count)]


async def test_a_number_counts_only_once_the_list_is_on_the_screen(make_real, db, monkeypatch):
    """It must not be taken for that of a list that was seen before, nor be typed into the form."""
    run = train(db, DEEP)
    gate = threading.Event()

    def slowly(history, run, look=remedy.all_planned):
        assert gate.wait(60)
        return look(history, run)

    monkeypatch.setattr(remedy, "all_planned", slowly)
    app = make_real()
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, run)
        await pilot.press("F", "3")
        assert isinstance(app.screen, LookingUp)
        await pilot.press("3", "x", "space")
        gate.set()
        await until(pilot, lambda: isinstance(app.screen, Menu))
        assert not app.session.training
        assert app.session.runner is None
        assert app.session.draft["seed"] == "0"
        chosen = listed(app)[2].partition(": ")[2]
        await pilot.press("3")
        await until(pilot, lambda: app.session.plan is not None)
        assert app.session.plan.remedy.title == chosen
        app.session.stop()


async def test_no_key_counts_before_the_choices_are_painted():
    chosen = []

    class Two(App):
        def on_mount(self):
            menu = Menu("which", [("one", ""), ("two", "")], hint="takes it", blindly=False)
            self.push_screen(menu, chosen.append)
            for key in ("2", "enter"):
                menu.post_message(events.Key(key, key if key.isdigit() else None))

    app = Two()
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, Menu))
        assert chosen == []
        await pilot.press("2")
        assert chosen == [1]


async def test_who_goes_back_while_it_is_looked_up_is_not_asked(make_app, db, monkeypatch):
    run = train(db, DEEP)
    gate = threading.Event()

    def slowly(history, run, look=remedy.all_planned):
        assert gate.wait(60)
        return look(history, run)

    monkeypatch.setattr(remedy, "all_planned", slowly)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, run)
        await pilot.press("F")
        assert isinstance(app.screen, LookingUp)
        await pilot.press("escape")
        gate.set()
        await until(pilot, lambda: all(worker.is_finished for worker in app.workers))
        assert isinstance(app.screen, RunScreen)


async def test_the_list_stays_as_it_is_whatever_is_found_meanwhile(make_app, db):
    run = train(db, DEEP)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, run)
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Menu))
        before = listed(app)
        with closing(sqlite3.connect(db)) as connection, connection:
            connection.execute("UPDATE findings SET closed = 99 WHERE rule = 'vanishing-gradient'")
        app.screen_stack[-2].read()
        await until(pilot, lambda: all(worker.is_finished for worker in app.workers))
        assert listed(app) == before
        title = before[1].partition(": ")[2]
        await pilot.press("2")
        await until(pilot, lambda: app.session.plan is not None)
        assert app.session.plan.remedy.title == title


# --- the text, without a screen -------------------------------------------------------


def evidence(count, quantity="gradient_over_that_above"):
    return [Evidence(quantity, 0.5 / (number + 1), 0.01, 300 + number, f"hidden {number + 1}") for number in range(count)]


def test_the_quantity_of_several_numbers_is_named_once_in_as_many_lines_as_it_needs():
    name = "the gradient of the weights over that of the last layer"
    lines = evidence_lines(evidence(3, name), 50)
    assert max(map(len, lines)) <= 50
    assert lines[0].split() == ["evidence", "layer", "value", "bound", "step"]
    assert [line.split()[-1] for line in lines[1:4]] == ["300", "301", "302"]
    assert len(lines) > 4
    assert " ".join(" ".join(line.partition("hidden ")[0] for line in lines[1:]).split()) == name


def test_of_very_many_numbers_the_first_and_the_last_are_told():
    lines = evidence_lines(evidence(40), 80)
    assert len(lines) == 1 + 16 + 1
    assert "hidden 8 " in lines[8]
    assert "hidden 33 " in lines[9]
    assert lines[-1].strip() == "… and 24 more numbers"


def test_evidence_of_the_whole_network_has_no_column_of_layers():
    lines = evidence_lines([Evidence("training cost", 1.01, 0.97, 314)], 80)
    assert [line.split() for line in lines] == [
        ["evidence", "value", "bound", "step"],
        ["training", "cost", "1.01", "0.97", "314"],
    ]


def test_of_what_is_gone_no_remedy_is_offered():
    gone = Finding("vanishing-gradient", Severity.SERIOUS, 20, 40, "in words", ("hidden 1",), closed=60)
    assert "it is gone" in own_text(gone, 7, None, 80)
    there = Finding("vanishing-gradient", Severity.SERIOUS, 20, 40, "in words", ("hidden 1",))
    assert "looking it up" in own_text(there, 7, None, 80)
    assert "no remedy is known" in own_text(there, 7, (), 80)


def test_of_what_was_found_just_now_remedies_are_told_without_numbers():
    new = Finding("vanishing-gradient", Severity.SERIOUS, 20, 40, "in words", ("hidden 1",), remedies=(RELU,))
    text = own_text(new, 7, (), 80)
    assert "- ReLU with He initialization (model.activation=relu, model.init=he_normal)" in " ".join(text.split())
    assert "1. " not in text


# --- the page of a finding ------------------------------------------------------------


def page_text(app):
    return str(app.screen.query_one("#page", Static).render())


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_finding_is_explained_first_by_this_run_and_then_in_general(make_app, db, size):
    run = train(db, DEEP)
    with History.open(db) as history:
        own = next(each for each in history.findings(run) if each.rule == "vanishing-gradient")
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await opened(pilot, run)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, Explaining))
        await until(pilot, lambda: "1. " in page_text(app))
        here, line, general = page_text(app).partition(" In general ")
        assert line
        together = " ".join(here.split())
        assert f"Vanishing gradient in run {run}, since step {own.opened}" in together
        assert own.words in together
        assert all(name in here for name in ("evidence", "layer", "value", "bound", "step", *own.layers))
        rows = [row.split() for row in here.splitlines()]
        for each in own.evidence:
            last = [*each.layer.split(), format_number(each.value), format_number(each.bound), str(each.step)]
            assert any(row[-len(last) :] == last for row in rows), each
        assert all(f"{number}. {each.title}" in together for number, each in enumerate(own.remedies, 1))
        assert "workbench run" not in here
        assert "What it looks like, in an example" in general
        assert "What helps in this example" in general
        assert "What helps here" not in general
        assert max(map(len, here.splitlines())) <= size[0] * 0.96 - 8


async def test_the_page_has_the_numbers_of_the_list_that_it_leads_to(make_app, db):
    run = train(db, DEEP)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, run)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(live(app).panel, FindingsPanel) and live(app).panel.chosen is not None)
        live(app).panel.focus()
        await pilot.press("down")
        rule = live(app).panel.chosen.rule
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, Explaining) and "1. " in page_text(app))
        here = " ".join(page_text(app).partition(" In general ")[0].split())
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Menu))
        first = [each for each in listed(app) if f" {title(rule)}: " in each]
        assert first
        assert listed(app)[: len(first)] == first
        for number, line in enumerate(first, 1):
            assert f"{number}. {line.partition(': ')[2]} (" in here


# --- the run and its fix --------------------------------------------------------------


async def test_a_run_and_the_one_that_remedies_it_are_compared_at_once(make_real, db):
    run = train(db, DEEP)
    app = make_real()
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot, run)
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Menu))
        await pilot.press("1")
        await until(pilot, lambda: app.session.verdicts)
        (remedied,) = app.session.verdicts
        assert app.session.marked == (run, remedied)
        assert app.screen.live_shown  # not the form, which took up the settings
        await pilot.press("c")
        await until(pilot, lambda: app.screen.query(CompareTable) and app.screen.query_one(CompareTable).row_count == 2)
        broken, mended = words(app, "#found").splitlines()
        assert "▲" in broken
        assert "Vanishing gradient" in broken
        assert "Vanishing gradient" not in mended
        await pilot.press("x")
        await until(pilot, lambda: len(app.session.marked) == 1)
        await pilot.press("b")
        await pilot.pause(0.6)
        assert len(app.session.marked) == 1  # it is marked once; who unmarks it means it
