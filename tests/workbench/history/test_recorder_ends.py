"""How runs end in the history: diverged, failed, interrupted, with the file gone."""

import math
import sqlite3
from contextlib import closing

import pytest

from engine.events import EpochEnded, Failed, Finished, Frame, Score
from engine.vocabulary import Status
from tests.workbench.history.recorded import record, rows, view_of
from tests.workbench.scripted import scripted_events
from workbench.history import History, HistoryError, Recorder
from workbench.history.queries import SCORE_NUMBERS


def test_of_a_diverging_member_the_record_that_is_not_finite_is_the_last_one(tmp_path):
    path = tmp_path / "h.db"
    lost, other = record(path, scripted_events(steps=90, members=2, diverges_at=31, steps_per_epoch=25))
    for table, expected in (("steps", 31), ("layer_stats", 31), ("epochs", 25)):
        query = f"SELECT max(step) FROM {table} WHERE run = ?"
        assert rows(path, query, lost) == [(expected,)]
        assert rows(path, query, other) == [(90,)]
    with History.open(path) as history:
        records = list(history.steps(lost))
        assert [row.step for row in records] == list(range(1, 32))
        assert records[-1].loss == math.inf
        ended = [event for event in history.events(lost) if isinstance(event, EpochEnded)]
        assert [event.epoch for event in ended] == [1]
        assert view_of(history.events(lost)).loss[-1] == math.inf


def test_a_diverged_run_does_not_show_scores_from_before_as_those_of_its_end(tmp_path):
    path = tmp_path / "h.db"
    with Recorder(path) as recorder, History.open(path) as history:
        for event in scripted_events(steps=90, members=2, diverges_at=31, steps_per_epoch=25):
            recorder.record(event)
            other, lost = history.runs()
            if other.step > 31:
                figures = [getattr(lost, f"{part}_{name}") for part in ("train", "validation", "test") for name in SCORE_NUMBERS]
                assert set(figures) == {None}
                assert (lost.step, lost.epoch, lost.loss) == (31, 1, math.inf)
                assert other.train_cost > 0
                assert lost.best_validation_cost > 0
    assert (lost.status, other.status) == ("diverged", "done")
    assert other.test_cost > 0


def test_the_best_validation_cost_is_the_lowest_finite_one(tmp_path):
    started = next(scripted_events(steps=10))
    costs = [0.9, 0.4, 0.6, math.nan]
    ended = [EpochEnded(n, n, 0.1 * n, (Score(1.0),), (Score(cost),)) for n, cost in enumerate(costs, 1)]
    record(tmp_path / "h.db", [started, *ended])
    with History.open(tmp_path / "h.db") as history:
        assert history.run(1).best_validation_cost == 0.4


def test_a_run_that_diverged_says_where(tmp_path):
    record(tmp_path / "h.db", scripted_events(steps=50, diverges_at=20))
    with History.open(tmp_path / "h.db") as history:
        run = history.run(1)
        assert (run.status, run.diverged_step, run.diverged_layer) == ("diverged", 20, "output")
        assert run.diverged_quantity == "pre-activation"
        assert run.loss == math.inf


def test_a_failure_is_kept_with_its_message(tmp_path):
    events = [*list(scripted_events(steps=50))[:3], Failed("out of memory")]
    record(tmp_path / "h.db", events)
    with History.open(tmp_path / "h.db") as history:
        run = history.run(1)
        assert (run.status, run.message) == ("failed", "out of memory")
        assert run.ended is not None
        assert list(history.events(1))[-1] == Failed("out of memory")


def test_closing_before_the_end_marks_the_run_as_interrupted(tmp_path):
    record(tmp_path / "h.db", list(scripted_events(steps=50))[:4])
    with History.open(tmp_path / "h.db") as history:
        run = history.run(1)
        assert (run.status, run.message) == ("interrupted", "recording ended before the training did")
        assert run.ended is not None
        assert list(history.events(1))[-1].outcomes[0].status is Status.INTERRUPTED


def test_closing_after_the_end_changes_nothing(tmp_path):
    path = tmp_path / "h.db"
    recorder = Recorder(path)
    for event in scripted_events(steps=10):
        recorder.record(event)
    recorder.close()
    recorder.close()
    assert rows(path, "SELECT status FROM runs") == [("done",)]


def test_a_run_that_was_wrongly_marked_as_interrupted_is_running_again_with_its_next_record(tmp_path):
    """Somebody on a machine of the same name who cannot see this process may have marked it."""
    path = tmp_path / "h.db"
    marked = "UPDATE runs SET status = 'interrupted', ended = updated, message = 'gone'"
    with Recorder(path) as recorder, History.open(path) as history:
        for event in scripted_events(steps=50):
            recorder.record(event)
            if isinstance(event, Frame | EpochEnded):
                run = history.run(1)
                assert (run.status, run.ended, run.message) == ("running", None, None)
            if not isinstance(event, Finished):
                with closing(sqlite3.connect(path)) as connection, connection:
                    connection.execute(marked)
        run = history.run(1)
    assert (run.status, run.message) == ("done", None)


@pytest.mark.parametrize("replaced", [False, True], ids=["removed", "replaced"])
@pytest.mark.parametrize("kind", [EpochEnded, Finished, None], ids=["at an epoch", "at the end", "at closing"])
def test_a_history_that_is_removed_while_it_is_written_is_told_of(tmp_path, kind, replaced):
    path = tmp_path / "h.db"
    recorder = Recorder(path)
    events = list(scripted_events(steps=50))
    last = next((position for position, event in enumerate(events) if kind and isinstance(event, kind)), len(events))
    for event in events[:last]:
        recorder.record(event)
    for name in ("h.db", "h.db-wal", "h.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    if replaced:
        path.touch()
    with pytest.raises(HistoryError, match="was removed or replaced") as caught:
        recorder.record(events[last]) if kind else recorder.close()
    assert caught.value.exit_code == 1
    recorder.close()
