"""What is wrong with each of the runs that are compared, as lines of text."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from engine.insight.finding import Finding, Severity
from tests.workbench.tui.conftest import recorder_of_unfinished, run_scripted, until
from tests.workbench.tui.screen import NARROW, WIDE, words
from workbench.compare_curves import RunCurves, read_run_curves
from workbench.compare_state import Comparison, compared
from workbench.history.findings import replace_findings
from workbench.history.series import SeriesHistory
from workbench.tui.compared_findings import found_lines
from workbench.tui.widgets.compare_table import CompareTable

FITTED = Finding("overfitting", Severity.WARNING, 20, 40, "in words")
VANISHING = Finding("vanishing-gradient", Severity.SERIOUS, 10, 40, "in words", ("hidden 1",))
NOISY = Finding("noisy-batches", Severity.NOTE, 30, 40, "in words")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Two seeds of one experiment, and another one. Scripted numbers have findings of their own, which are taken away."""
    db = tmp_path_factory.mktemp("found") / "history.db"
    for settings in ({"seed": 0}, {"seed": 1}, {"model.activation": "tanh"}):
        replace_findings(db, run_scripted(db, settings), ())
    return db


@pytest.fixture
def runs(recorded):
    with SeriesHistory.open(recorded) as history:
        return [read_run_curves(history, run_id) for run_id in (1, 2, 3)]


def comparison(runs: list[RunCurves], *found: tuple[Finding, ...], **more: object) -> Comparison:
    """The runs with these findings, compared."""
    having = [replace(run, findings=each) for run, each in zip(runs, found, strict=True)]
    numbers = {run.record.id: number for number, run in enumerate(runs)}
    entries = compared(having, numbers, by_seed=bool(more.get("by_seed")))
    return Comparison(entries, **more)  # type: ignore[arg-type]


def lines(of: Comparison, width: int = 100, most: int = 8) -> list[str]:
    return found_lines(of, width, most).plain.split("\n")


def test_each_run_has_a_line_with_how_many_findings_of_each_severity_and_their_names(runs):
    one, other, third = lines(comparison(runs, (FITTED, VANISHING, NOISY), (), (replace(FITTED, closed=50),)))
    assert one.split("  ", 1)[1].split() == [
        *["▲", "1", "△", "1", "○", "1"],
        "Vanishing",
        "gradient,",
        "Overfitting,",
        "Noisy",
        "batches",
    ]
    assert "✓ nothing is known to be wrong" in other
    assert "✓ nothing is known to be wrong" in third
    assert "✓ gone: Overfitting" in third
    assert all("gone" not in line for line in (one, other))


def test_of_runs_that_are_taken_together_it_says_how_many_have_it(runs):
    together, alone = lines(comparison(runs, (VANISHING,), (VANISHING, FITTED), (), by_seed=True))
    assert "▲ 1  △ 1" in together
    assert "Vanishing gradient (2 of 2)" in together
    assert "Overfitting (1 of 2)" in together
    assert "nothing" in alone


def test_that_nothing_was_found_is_said_only_of_what_was_looked_through(runs):
    unknown = [replace(run, record=replace(run.record, diagnosed=False)) for run in runs]
    unknown[1] = replace(unknown[1], record=replace(unknown[1].record, status="running"))
    killed, running, found = lines(comparison(unknown, (), (), (FITTED,)))
    assert "not looked through to its end" in killed
    assert "not judged yet" in running
    assert "△ 1  Overfitting" in found


def test_where_there_is_no_room_for_all_the_current_one_and_the_baseline_are_there(runs):
    of = comparison(runs, (FITTED,), (VANISHING,), (NOISY,), current=3, baseline=2)
    assert [line.split()[1] for line in lines(of, most=3)] == ["1", "2", "3"]
    shown = lines(of, most=2)
    assert len(shown) == 2
    assert shown[0].split()[1] in ("2", "3")
    assert "and 2 more" in shown[1]
    assert max(map(len, lines(of, width=30))) <= 30


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_screen_has_them_below_the_table(make_app, recorded, db, size):
    shutil.copy(recorded, db)
    replace_findings(db, 1, (VANISHING, FITTED))
    app = make_app()
    app.session.marked = (1, 3)
    async with app.run_test(size=size) as pilot:
        await pilot.press("c")
        await until(pilot, lambda: app.screen.query(CompareTable) and app.screen.query_one(CompareTable).row_count == 2)
        first, second = words(app, "#found").splitlines()
        assert "▲ 1  △ 1  Vanishing gradient, Overfitting" in first
        assert "✓ nothing" in second
        assert app.screen.query_one("#found").region.height == 2
        replace_findings(db, 3, (NOISY,))  # as `workbench diagnose --store` does it
        app.screen.read()
        await until(pilot, lambda: "○ 1" in words(app, "#found"))


async def test_a_run_that_goes_on_is_not_judged_yet(make_app, recorded, db):
    shutil.copy(recorded, db)
    with recorder_of_unfinished(db):
        app = make_app()
        app.session.marked = (1, 4)
        async with app.run_test(size=WIDE) as pilot:
            await pilot.press("c")
            await until(pilot, lambda: app.screen.query(CompareTable) and app.screen.query_one(CompareTable).row_count == 2)
            assert "not judged yet" in words(app, "#found").splitlines()[1]
