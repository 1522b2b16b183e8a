"""What belongs together is read as of one moment, whatever others do to the history meanwhile."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.events import Finished, Frame, Started
from engine.vocabulary import Statistic
from tests.workbench.history.recorded import erase, everything, record, rows
from tests.workbench.scripted import scripted_events
from workbench.history import History, HistoryError, Recorder
from workbench.history.edit import note
from workbench.history.series import SeriesHistory


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "h.db"


def over_a_network(monkeypatch) -> None:
    monkeypatch.setattr("workbench.history.connection.network_filesystem", lambda path: "nfs4")


def test_within_a_snapshot_nothing_changes_and_behind_it_everything_has(path):
    record(path, scripted_events(steps=20))
    with History.open(path) as history:
        with history.snapshot():
            assert history.run(1).note == ""
            note(path, 1, "changed")
            record(path, scripted_events(steps=20))
            erase(path, 1)
            assert [run.id for run in history.runs()] == [1]
            assert (history.run(1).note, len(list(history.steps(1)))) == ("", 20)
        assert [run.id for run in history.runs()] == [2]


def test_a_snapshot_in_a_snapshot_is_the_same_one(path):
    record(path, scripted_events(steps=20))
    with History.open(path) as history, history.snapshot():
        with history.snapshot():
            assert len(history.runs()) == 1
        record(path, scripted_events(steps=20))
        assert len(history.runs()) == 1


def test_a_snapshot_ends_with_an_error_too_and_of_a_history_that_is_not_there_yet_there_is_none(path):
    with History.open(path) as history:
        with history.snapshot():
            assert history.runs() == []
            record(path, scripted_events(steps=20))
            assert len(history.runs()) == 1
        with pytest.raises(HistoryError), history.snapshot():
            history.run(7)
        erase(path, 1)
        assert history.runs() == []


def test_a_snapshot_may_be_left_behind_by_who_tells_a_run_only_in_part(path):
    record(path, scripted_events(steps=20))
    history = History.open(path)
    told = history.events(1)
    assert isinstance(next(told), Started)
    history.close()
    told.close()


def test_over_a_network_nobody_who_records_waits_for_a_reader(path, monkeypatch):
    over_a_network(monkeypatch)
    record(path, scripted_events(steps=20))
    with History.open(path) as history, history.snapshot():
        assert len(history.runs()) == 1
        record(path, scripted_events(steps=20))
        assert len(history.runs()) == 2


def test_a_run_is_told_as_it_was_when_that_began(path):
    record(path, scripted_events(steps=20))
    with History.open(path) as history:
        told = history.events(1)
        begin = next(told)
        erase(path, 1)
        events = [begin, *told]
        assert isinstance(events[-1], Finished)
        assert sum(len(event.steps) for event in events if isinstance(event, Frame)) == 20
        with pytest.raises(HistoryError, match="there are no runs"):
            next(history.events(1))


@pytest.mark.parametrize("row_alone", [True, False])
def test_over_a_network_a_run_that_is_deleted_while_it_is_told_is_not_told_in_half_without_a_word(path, monkeypatch, row_alone):
    over_a_network(monkeypatch)
    record(path, scripted_events(steps=20))
    with History.open(path) as history:
        told = history.events(1)
        next(told)
        erase(path, 1, row_alone=row_alone)
        with pytest.raises(HistoryError, match=r"run 1 was deleted from .* while it was read") as caught:
            list(told)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("table", "read"),
    [
        ("histograms", lambda history: history.histograms(1)),
        ("layer_probes", lambda history: history.layer_probes(1)),
        ("layer_stats", lambda history: list(history.layer_stats(1))),
        ("layers", lambda history: history.layer_series(1, Statistic.GRADIENT_STD)),
    ],
)
def test_over_a_network_layers_whose_names_are_deleted_first_are_told_of(tmp_path, path, monkeypatch, table, read):
    over_a_network(monkeypatch)
    record(path, everything(tmp_path))

    def delete_names(statement: str) -> None:
        if f" FROM {table} " in statement and rows(path, "SELECT 1 FROM layers"):
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute("DELETE FROM layers")

    with SeriesHistory.open(path) as history:
        assert read(history)
        history._connection.set_trace_callback(delete_names)
        with pytest.raises(HistoryError, match=r"run 1 was deleted from .* while it was read"):
            [read(history) for _ in range(2)]  # the first time the names may have been read by then


def test_a_run_that_is_deleted_while_it_is_recorded_ends_the_recording(path):
    record(path, scripted_events(steps=20))
    events = list(scripted_events(steps=50, members=2))
    recorder = Recorder(path)
    recorder.record(events[0])
    recorder.record(events[1])
    erase(path, 3)
    with pytest.raises(HistoryError, match=f"run 3 was deleted from {path} while it was trained") as caught:
        recorder.record(events[2])
    assert caught.value.exit_code == 1
    recorder.close()
    assert rows(path, "SELECT id, status FROM runs ORDER BY id") == [(1, "done"), (2, "interrupted")]
