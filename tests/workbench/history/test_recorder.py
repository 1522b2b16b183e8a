"""What is recorded comes back as it was told."""

import dataclasses
import math
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from engine.events import EpochEnded, Failed, Finished, Frame, Score, Started
from engine.vocabulary import STATISTICS, Statistic, Status
from tests.workbench.history.processes import same
from tests.workbench.history.recorded import record, rows, view_of
from tests.workbench.scripted import scripted_events, scripted_experiments
from workbench.history import History, HistoryError, Recorder


def joined(events, member=0):
    """All frames of a member as one, so that it does not matter how records were handed over."""
    frames = [event for event in events if isinstance(event, Frame)]
    parts = {}
    for field in dataclasses.fields(Frame):
        arrays = [getattr(frame, field.name) for frame in frames]
        parts[field.name] = np.concatenate([a if a.ndim == 1 else a[:, member : member + 1] for a in arrays])
    return Frame(**parts)


SCRIPTS = {
    "done": {"steps": 120},
    "diverging": {"steps": 120, "diverges_at": 43},
    "stopped": {"steps": 120, "status": Status.STOPPED},
    "sparse records": {"steps": 500, "every": 7, "measured_every": 35, "per_frame": 3},
    "a step at a time": {"steps": 60, "per_frame": 1},
    "no epoch ends": {"steps": 20, "steps_per_epoch": 100},
    "longer than what is kept": {"steps": 9000, "per_frame": 333, "steps_per_epoch": 400, "measured_every": 1, "layers": 2},
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_stored_run_gives_the_same_view_as_the_live_one(tmp_path, script):
    events = list(scripted_events(**script))
    (run,) = record(tmp_path / "h.db", events)
    with History.open(tmp_path / "h.db") as history:
        told, seen = view_of(history.events(run)), view_of(events)
    for field in dataclasses.fields(seen):
        if field.name != "version":
            assert same(getattr(seen, field.name), getattr(told, field.name)), field.name


def test_each_member_of_a_population_is_replayed_as_it_was(tmp_path):
    events = list(scripted_events(steps=90, members=3))
    runs = record(tmp_path / "h.db", events)
    assert len(runs) == 3
    with History.open(tmp_path / "h.db") as history:
        for member, run in enumerate(runs):
            told = list(history.events(run))
            assert same(joined(told), joined(events, member))
            assert told[0].experiments == (events[0].experiments[member],)
            assert told[-1].outcomes == (events[-1].outcomes[member],)
            scores = [(e.epoch, e.step, e.seconds, e.train[0], e.validation[0]) for e in told if isinstance(e, EpochEnded)]
            ended = [e for e in events if isinstance(e, EpochEnded)]
            assert same(tuple(scores), tuple((e.epoch, e.step, e.seconds, e.train[member], e.validation[member]) for e in ended))


def test_started_comes_back_whole(tmp_path):
    events = list(scripted_events(steps=5))
    (run,) = record(tmp_path / "h.db", events)
    with History.open(tmp_path / "h.db") as history:
        assert next(history.events(run)) == events[0]


def test_the_fingerprint_of_the_data_comes_back_and_older_runs_have_none(tmp_path):
    path = tmp_path / "h.db"
    started = next(scripted_events(steps=5))
    known = dataclasses.replace(started, data=dataclasses.replace(started.data, fingerprint="0123456789abcdef"))
    record(path, [known])
    record(path, [known])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET data_json = json_remove(data_json, '$.fingerprint') WHERE id = 2")
    with History.open(path) as history:
        assert [history.run(run).data_fingerprint for run in (1, 2)] == ["0123456789abcdef", ""]
        assert [next(history.events(run)).data.fingerprint for run in (1, 2)] == ["0123456789abcdef", ""]


def test_every_kind_of_not_finite_number_is_null_for_sql_and_comes_back_as_it_was(tmp_path):
    started, frame, *_ = scripted_events(steps=4, per_frame=4, steps_per_epoch=4, measured_every=1)
    l1 = np.array([[1.0], [np.nan], [np.inf], [-np.inf]])
    layers = frame.layers.copy()
    layers[1, 0, 2, 3] = np.inf
    layers[2] = np.nan
    odd = dataclasses.replace(frame, l1=l1, layers=layers)
    path = tmp_path / "h.db"
    record(path, [started, odd])
    assert rows(path, "SELECT l1, nonfinite FROM steps ORDER BY rowid") == [
        (1.0, None),
        (None, "nan:l1"),
        (None, "inf:l1"),
        (None, "-inf:l1"),
    ]
    assert rows(path, "SELECT dead, nonfinite FROM layer_stats WHERE step = 2 AND layer = 2") == [(None, "inf:dead")]
    assert {row[0] for row in rows(path, "SELECT nonfinite FROM layer_stats WHERE step = 3")} == {"nan"}
    assert rows(path, "SELECT count(*) FROM layer_stats WHERE nonfinite IS NOT NULL") == [(1 + len(started.layers),)]
    with History.open(path) as history:
        assert same(joined(history.events(1)), odd)
        stats = [row for row in history.layer_stats(1) if row.step == 2 and row.name == "hidden 3"]
        assert stats[0].value(Statistic.DEAD) == math.inf


def test_what_was_not_measured_stays_apart_from_what_was_not_a_number(tmp_path):
    started = next(scripted_events(steps=10))
    ended = EpochEnded(1, 10, 0.1, (Score(cost=math.nan, r2=-math.inf),), (None,))
    path = tmp_path / "h.db"
    record(path, [started, ended])
    with History.open(path) as history:
        (row,) = history.epochs(1)
        assert (row.part, row.accuracy, row.mae, row.r2) == ("train", None, None, -math.inf)
        assert math.isnan(row.cost)
        run = history.run(1)
        assert math.isnan(run.train_cost)
        assert run.validation_cost is None
        replayed = [event for event in history.events(1) if isinstance(event, EpochEnded)]
        assert same(replayed[0], ended)


def test_numbers_are_stored_as_numbers(tmp_path):
    """NumPy scalars would silently become blobs."""
    path = tmp_path / "h.db"
    record(path, scripted_events(steps=30, members=2, diverges_at=10))
    for table in ("runs", "layers", "steps", "layer_stats", "epochs"):
        names = [row[1] for row in rows(path, f"PRAGMA table_info({table})")]
        for name in names:
            assert not rows(path, f"SELECT 1 FROM {table} WHERE typeof({name}) = 'blob'"), (table, name)
    types = {row[0] for row in rows(path, "SELECT typeof(weight_gradient_norm) FROM layer_stats")}
    assert types == {"real", "null"}


def test_the_row_of_a_run_shows_how_far_it_is_after_each_event(tmp_path):
    path = tmp_path / "h.db"
    with Recorder(path) as recorder, History.open(path) as history:
        for event in scripted_events(steps=50):
            recorder.record(event)
            run = history.run("latest")
            match event:
                case Started():
                    assert (run.status, run.step, run.total_steps, run.task) == ("running", 0, 50, "classification")
                case Frame():
                    assert (run.step, run.seconds, run.loss) == (event.steps[-1], event.seconds[-1], event.loss[-1, 0])
                case EpochEnded():
                    assert (run.epoch, run.step, run.train_cost) == (event.epoch, event.step, event.train[0].cost)
                    assert run.validation_accuracy == event.validation[0].accuracy
                    assert run.best_validation_cost == event.validation[0].cost  # it falls from epoch to epoch
                case Finished():
                    outcome = event.outcomes[0]
                    assert (run.status, run.test_cost, run.test_accuracy) == ("done", outcome.test.cost, outcome.test.accuracy)
                    assert (run.measuring, run.seconds) == (event.measuring, event.seconds)
                    assert run.ended >= run.started


def test_members_of_a_population_are_runs_that_know_each_other(tmp_path):
    path = tmp_path / "h.db"
    alone = record(path, scripted_events(steps=10))
    together = record(path, scripted_events(steps=10, members=3), name="seeds", tags=["b", "a", "b"], note=" three ", parent=1)
    with History.open(path) as history:
        assert history.run(alone[0]).population is None
        runs = [history.run(number) for number in together]
    assert [run.population for run in runs] == [together[0]] * 3
    assert [(run.member, run.seed) for run in runs] == [(0, 0), (1, 1), (2, 2)]
    assert len({run.experiment_hash for run in runs}) == 1
    assert {(run.name, run.tags, run.note, run.parent) for run in runs} == {("seeds", ("a", "b"), "three", 1)}


def test_a_run_tells_what_it_was_made_with(tmp_path):
    import os
    import platform

    (experiment,) = scripted_experiments(steps=10)
    wide = experiment.with_settings({"model.widths": [32, 8], "model.activation": "leaky_relu(slope=0.2)"})
    record(tmp_path / "h.db", scripted_events(steps=10, experiments=[wide]))
    with History.open(tmp_path / "h.db") as history:
        run = history.run(1)
    assert run.experiment == wide
    assert (run.experiment_hash, run.depth, run.width) == (wide.hash, 2, "32,8")
    assert (run.data, run.activation, run.lr) == ("digits", "leaky_relu(slope=0.2)", 0.001)
    assert (run.host, run.pid) == (platform.node(), os.getpid())
    assert platform.python_version() in run.versions_json


def test_nothing_is_written_before_training_has_begun(tmp_path):
    path = tmp_path / "new" / "h.db"
    with Recorder(path) as recorder:
        recorder.record(Failed("the data is not there"))
        assert recorder.run_ids == ()
    assert not path.parent.exists()


def test_the_folder_of_the_history_is_made(tmp_path):
    path = tmp_path / "some" / "where" / "h.db"
    record(path, scripted_events(steps=5))
    assert path.is_file()


def test_an_event_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "h.db"
    *events, finished = scripted_events(steps=50, members=2)
    with Recorder(path) as recorder:
        for event in events:
            recorder.record(event)
        with pytest.raises(ValueError, match="shorter"):  # one outcome for two members
            recorder.record(dataclasses.replace(finished, outcomes=finished.outcomes[:1]))
        assert rows(path, "SELECT count(*) FROM epochs WHERE final") == [(0,)]
        recorder.record(finished)
    assert rows(path, "SELECT count(*) FROM epochs WHERE final") == [(6,)]


@pytest.mark.parametrize("words", [{"name": "\udcff"}, {"note": "\udcff"}, {"tags": ["\udcff"]}], ids=["name", "note", "tag"])
def test_words_in_another_encoding_are_refused_before_anything_is_trained(tmp_path, words):
    with pytest.raises(HistoryError, match="is not text in the encoding of this system") as caught:
        Recorder(tmp_path / "h.db", **words)
    assert caught.value.exit_code == 2


def test_tags_with_blanks_are_refused_before_anything_is_trained(tmp_path):
    with pytest.raises(HistoryError, match="one word") as caught:
        Recorder(tmp_path / "h.db", tags=["two words"])
    assert caught.value.exit_code == 2


def test_every_statistic_has_its_column(tmp_path):
    record(tmp_path / "h.db", scripted_events(steps=5))
    names = [row[1] for row in rows(tmp_path / "h.db", "PRAGMA table_info(layer_stats)")]
    assert names[3:-1] == list(STATISTICS)
