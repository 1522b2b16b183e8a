"""What came of recipes is kept, and runs that can stand for an experiment are told from those that cannot."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager

import pytest

from engine.events import CALLBACK, Change, Intervened
from engine.experiment import Experiment
from tests.workbench.history.judged import NAN, VERDICTS, reproduction
from tests.workbench.history.recorded import record
from tests.workbench.history.test_schema import GOLDEN, restored
from tests.workbench.scripted import scripted_events
from workbench.history import History
from workbench.history.connection import open_writer
from workbench.history.edit import archive, delete
from workbench.history.records import Origin
from workbench.history.reproductions import record_reproduction

EXPERIMENT = Experiment.parse({"model": {"depth": 2, "width": 16}, "steps": 40, "device": "cpu"})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "h.db"


def test_what_was_kept_is_read_again(path):
    kept = record_reproduction(path, reproduction(settings={"lr": 0.1}))
    assert kept.id == 1
    assert json.loads(kept.versions_json)["python"]
    with History.open(path) as history:
        assert history.reproduction(1) == kept
        assert history.reproduction(2) is None
    assert (kept.passed, [verdict.passed for verdict in kept.verdicts]) == (1, [True, False, False])
    assert kept.verdicts == VERDICTS
    assert kept.runs_of("a") == (1,)
    assert kept.host


def test_figures_that_are_no_numbers_are_left_out(path):
    record_reproduction(path, reproduction(verdicts=(NAN,)))
    with History.open(path) as history:
        (verdict,) = history.reproduction(1).verdicts
    assert (verdict.ours, verdict.published) == (None, None)


def test_the_latest_of_each_recipe_is_found(path):
    for name, scale, settings in [
        ("b", "full", {}),
        ("a", "quick", {}),
        ("b", "quick", {}),
        ("b", "full", {"lr": 1.0}),
    ]:
        record_reproduction(path, reproduction(recipe=name, scale=scale, settings=settings))
    with History.open(path) as history:
        assert [(name, made.id) for name, made in history.latest_reproductions().items()] == [("a", 2), ("b", 4)]
        assert {name: made.id for name, made in history.latest_reproductions("full").items()} == {"b": 1}
        assert [made.id for made in history.reproductions("b")] == [4, 3, 1]


def test_a_history_without_recipes_or_without_a_file_has_none(path):
    with History.open(path) as history:
        assert history.latest_reproductions() == {}
        assert history.finished_runs([EXPERIMENT.hash]) == []


def test_those_of_released_schemas_can_be_read(tmp_path):
    dump = GOLDEN / "history_schema_6.sql"
    with History.open(restored(dump, tmp_path / "h.db")) as history:
        made = history.latest_reproductions()["golden"]
        assert (made.verdicts, made.runs) == (VERDICTS, (("a", 1), ("b", 2)))


# --- runs that count ----------------------------------------------------------------


def recorded(path, experiments=(EXPERIMENT,), **options):
    """The ids of the runs of a scripted training that came to its end."""
    return record(path, scripted_events(steps=40, steps_per_epoch=20, experiments=experiments), **options)


@contextmanager
def altered(path):
    with closing(open_writer(path)) as connection:
        yield connection


def found(path):
    with History.open(path) as history:
        return [run.id for run in history.finished_runs([EXPERIMENT.hash])]


def test_runs_of_the_experiment_that_came_to_their_end_count_the_latest_first(path):
    recorded(path, name="mine")
    recorded(path, [EXPERIMENT.with_settings({"seed": seed, "threads": 1}) for seed in (3, 4)])
    recorded(path, [EXPERIMENT.with_settings({"lr": 0.5})])
    archive(path, [1])
    with History.open(path) as history:
        runs = history.finished_runs([EXPERIMENT.hash])
    assert [(run.id, run.seed, run.trained_with, run.member) for run in runs] == [(2, 3, 2, 0), (3, 4, 2, 1), (1, 0, 1, 0)]


def test_a_run_that_diverged_counts(path):
    record(path, scripted_events(steps=40, steps_per_epoch=20, experiments=(EXPERIMENT,), diverges_at=7))
    assert found(path) == [1]


@pytest.mark.parametrize("status", ["stopped", "interrupted", "failed", "running"])
def test_a_run_that_broke_off_does_not_count(path, status):
    recorded(path)
    with altered(path) as connection:
        connection.execute("UPDATE runs SET status = ?", (status,))
    assert found(path) == []


def test_a_deleted_run_does_not_count(path):
    recorded(path)
    delete(path, [1])
    assert found(path) == []


def test_a_branch_does_not_count_and_a_repetition_does(path):
    recorded(path)
    recorded(path, parent=1, origin=Origin.BRANCH)
    recorded(path, parent=1, origin=Origin.LIKE)
    assert found(path) == [3, 1]


@pytest.mark.parametrize(("origin", "counts"), [("", []), (CALLBACK, [1])])
def test_a_run_that_somebody_changed_does_not_count_and_one_that_its_callback_changed_does(path, origin, counts):
    first, *others = scripted_events(steps=40, steps_per_epoch=20, experiments=(EXPERIMENT,))
    record(path, [first, Intervened(0, (Change("lr", 0.001, 0.1),), origin), *others])
    assert found(path) == counts


def test_a_member_that_ended_early_in_a_training_that_was_interrupted_does_not_count(path):
    """Its own status is done, but it was never scored."""
    recorded(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM epochs WHERE final = 1")
    assert found(path) == []
