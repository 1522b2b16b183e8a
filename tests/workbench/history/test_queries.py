"""Finding runs and reading their rows."""

import re

import pytest

from engine.events import Frame, Started
from engine.experiment import SETTINGS
from tests.workbench.scripted import scripted_events, scripted_experiments
from workbench.history import History, HistoryError, Recorder
from workbench.history.edit import delete
from workbench.history.filters import LISTED


def record(path, events, **options):
    with Recorder(path, **options) as recorder:
        for event in events:
            recorder.record(event)
        return recorder.run_ids


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    path = tmp_path_factory.mktemp("queries") / "h.db"
    (plain,) = scripted_experiments(steps=10)
    kinds = [
        ({}, {"name": "base line", "tags": ["good"]}),
        ({"model.activation": "tanh", "optimizer": "sgd", "lr": 0.5}, {"name": "100%_sure"}),
        ({"model.depth": 5, "model.batch_norm": True, "model.activation": "leaky_relu(slope=0.2)"}, {"tags": ["Deep", "good"]}),
        ({"data.name": "moons", "model.init": "orthogonal"}, {"name": "base line"}),
    ]
    for settings, options in kinds:
        record(path, scripted_events(steps=10, experiments=[plain.with_settings(settings)]), **options)
    record(path, scripted_events(steps=10, diverges_at=4))
    record(path, scripted_events(steps=10), name="gone")
    delete(path, [6])
    with History.open(path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("tanh", [2]),
        ("TANH sgd", [2]),
        ("tanh moons", []),
        ("moons", [4]),
        ("orthogonal", [4]),
        ("good", [3, 1]),
        ("tag=good", [3, 1]),
        ("tag=goo", []),
        ("deep", [3]),
        ("3", [3]),
        ("#3", [3]),
        ("id=3", [3]),
        ("line base", [4, 1]),
        ("diverged", [5]),
        ("status=done", [4, 3, 2, 1]),
        ("status=don", []),
        ("depth=5", [3]),
        ("depth=5.0", [3]),
        ("model.depth=5", [3]),
        ("lr=0.5", [2]),
        ("lr=5e-1", [2]),
        ("activation=leaky_relu", [3]),
        ("activation=leaky", []),
        ("leaky", [3]),
        ("optimizer=adam(beta1=0.9, beta2=0.999, eps=1e-08) good", [3, 1]),
        ("adam(beta1=0.9, beta2=", [5, 4, 3, 1]),
        ("model.batch_norm=true", [3]),
        ("model.batch_norm=no data=digits", [5, 2, 1]),
        ("optimizer=sgd activation=tanh", [2]),
        ("%_", [2]),
        ("_ne", []),
        ("'; DROP TABLE runs; --", []),
        ("gone", []),
    ],
)
def test_every_word_must_fit(history, text, ids):
    assert [run.id for run in history.runs(text)] == ids


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("statu=done", "unknown field 'statu'. Did you mean 'status'? Fields: id, name, tag, finding, status"),
        ("tanh dropot=0.5", "unknown field 'dropot'. Did you mean 'dropout'?"),
        ("model.dept=3", "unknown field 'model.dept'. Did you mean 'model.depth'?"),
        ("no.such.field=1", "unknown field 'no.such.field'. "),
        ("experiment_json=1", "unknown field 'experiment_json'. "),
    ],
)
def test_a_field_that_runs_do_not_have_is_an_error_that_names_the_nearest(history, text, said):
    with pytest.raises(HistoryError, match=re.escape(said)) as caught:
        history.runs(text)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("field", [field for field in LISTED if field not in ("tag", "finding")])
def test_every_field_that_a_message_names_can_be_filtered_by(history, field):
    record = history.run(3)
    value = getattr(record, field)
    assert 3 in [run.id for run in history.runs(f'{field}="{"" if value is None else value}"')]


def test_every_setting_can_be_filtered_by(history):
    assert all(history.runs(f"{path}=nothing-like-it") == [] for path in SETTINGS)


def test_the_latest_measurement_is_that_of_the_last_measured_step(history):
    every = list(history.layer_stats(3))
    assert history.latest_layer_stats(3) == tuple(row for row in every if row.step == every[-1].step)
    assert history.latest_layer_stats(99) == ()


def test_lists_are_paged_newest_first(history):
    assert [run.id for run in history.runs(limit=2)] == [5, 4]
    assert [run.id for run in history.runs(limit=2, offset=3)] == [2, 1]


def test_deleted_runs_are_listed_apart(history):
    assert [run.id for run in history.runs(deleted=True)] == [6]
    assert history.runs("gone", deleted=True)[0].deleted is not None


@pytest.mark.parametrize(("ref", "run_id"), [(2, 2), ("2", 2), ("latest", 5), ("base line", 4), ("100%_sure", 2), ("6", 6)])
def test_a_run_is_named_by_id_by_latest_or_by_its_newest_exact_name(history, ref, run_id):
    assert history.run(ref).id == run_id


@pytest.mark.parametrize("ref", [99, "base", "gone", "", "²"])
def test_a_run_that_is_not_there_is_an_error_that_says_how_to_name_one(history, ref):
    with pytest.raises(HistoryError, match="latest") as caught:
        history.run(ref)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["99999999999999999999", "9" * 5000, "9223372036854775808", "caf\udce9"])
def test_what_no_run_can_be_called_names_none(history, text):
    with pytest.raises(HistoryError, match="no run"):
        history.run(text)
    assert history.runs(text) == []


def test_a_list_may_be_asked_for_more_runs_than_can_be_counted(history):
    assert history.runs(limit=10**30) == history.runs()


def test_layers_are_listed_from_the_input(history):
    layers = history.layers(1)
    assert [layer.name for layer in layers] == ["hidden 1", "hidden 2", "hidden 3", "output"]
    assert [(layer.inputs, layer.outputs) for layer in layers] == [(64, 16), (16, 16), (16, 16), (16, 10)]
    assert sum(layer.parameters for layer in layers) == history.run(1).parameters


def test_a_list_is_one_walk_without_a_look_at_the_measurements(history):
    plans = history._connection.execute("EXPLAIN QUERY PLAN SELECT * FROM runs ORDER BY id DESC LIMIT 50").fetchall()
    assert not any("TEMP B-TREE" in plan[3] for plan in plans)
    read_on = "EXPLAIN QUERY PLAN SELECT * FROM layer_stats WHERE run = 1 AND rowid > 5 ORDER BY rowid"
    (plan,) = history._connection.execute(read_on).fetchall()
    assert "USING INDEX idx_layer_stats_run (run=? AND rowid>?)" in plan[3]


def test_reading_on_from_a_row_follows_a_run_that_another_connection_records(tmp_path):
    path = tmp_path / "h.db"
    steps, stats, at = [], [], (0, 0)
    events = list(scripted_events(steps=100, members=2))
    with Recorder(path) as recorder, History.open(path) as history:
        for event in events:
            recorder.record(event)
            if isinstance(event, Started):
                continue
            new_steps, new_stats = list(history.steps(2, at[0])), list(history.layer_stats(2, at[1]))
            steps += new_steps
            stats += new_stats
            at = (steps[-1].rowid, stats[-1].rowid)
    assert [row.step for row in steps] == list(range(1, 101))
    frames = [event for event in events if isinstance(event, Frame)]
    assert [row.loss for row in steps] == [loss for frame in frames for loss in frame.loss[:, 1].tolist()]
    assert [row.values for row in stats] == [
        tuple(layer) for frame in frames for step in frame.layers[:, 1].tolist() for layer in step
    ]
    assert [row.layer for row in stats] == [0, 1, 2, 3] * (len(stats) // 4)


def test_the_events_of_a_running_run_have_no_end_yet(tmp_path):
    path = tmp_path / "h.db"
    with Recorder(path) as recorder, History.open(path) as history:
        for event in list(scripted_events(steps=100, per_frame=25))[:3]:
            recorder.record(event)
        assert [type(event).__name__ for event in history.events(1)] == ["Started", "Frame", "EpochEnded"]


def test_a_history_that_is_not_there_has_no_runs_until_one_is_recorded(tmp_path):
    path = tmp_path / "later" / "h.db"
    with History.open(path) as history:
        assert history.runs() == []
        with pytest.raises(HistoryError, match=r"no runs in .* yet"):
            history.run("latest")
        assert not path.parent.exists()
        record(path, scripted_events(steps=5))
        assert [run.id for run in history.runs()] == [1]


def test_an_unknown_run_has_no_events(history):
    with pytest.raises(HistoryError, match="no run '99'"):
        next(history.events(99))
