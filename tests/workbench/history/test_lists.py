"""Lists of runs: sorted, grouped, put away; how a filter can go on; curves from afar."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing

import pytest

from benchmarks.histories import make_history
from tests.workbench.history.recorded import record
from tests.workbench.scripted import scripted_events, scripted_experiments
from workbench.history import History, HistoryError, Ordering
from workbench.history.completion import completions, goes_on, unknown_value
from workbench.history.edit import archive, delete, restore, unarchive

COSTS = {1: 0.4, 2: 0.1, 3: None, 4: 0.3, 5: 0.2}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    made = tmp_path_factory.mktemp("lists") / "h.db"
    (plain,) = scripted_experiments(steps=60)
    for kind in ("relu", "tanh", "relu", "leaky_relu(slope=0.2)", "tanh"):
        experiment = plain.with_settings({"model.activation": kind})
        record(
            made,
            scripted_events(steps=60, steps_per_epoch=10, experiments=[experiment]),
            tags=["a"] if kind == "tanh" else [],
        )
    with closing(sqlite3.connect(made)) as connection, connection:
        for run, cost in COSTS.items():
            accuracy = None if cost is None else 1 - cost
            connection.execute(
                "UPDATE runs SET validation_cost = ?, test_accuracy = ?, name = ? WHERE id = ?",
                (cost, accuracy, f"N{6 - run}", run),
            )
    return made


@pytest.fixture
def history(path):
    with History.open(path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("ordering", "ids"),
    [
        (Ordering(), [5, 4, 3, 2, 1]),
        (Ordering("id", reverse=True), [1, 2, 3, 4, 5]),
        (Ordering("validation_cost"), [2, 5, 4, 1, 3]),
        (Ordering("validation_cost", reverse=True), [1, 4, 5, 2, 3]),
        (Ordering("test_accuracy"), [2, 5, 4, 1, 3]),
        (Ordering("error"), [2, 5, 4, 1, 3]),
        (Ordering("name"), [5, 4, 3, 2, 1]),
        (Ordering("model.activation"), [4, 3, 1, 5, 2]),
        (Ordering("tag"), [5, 2, 4, 3, 1]),
        (Ordering("smoothed_validation_cost"), [5, 4, 3, 2, 1]),
    ],
)
def test_the_best_come_first_and_those_without_a_figure_last(history, ordering, ids):
    assert list(history.listing(ordering=ordering).ids) == ids
    assert [run.id for run in history.runs(ordering=ordering, limit=3)] == ids[:3]


def test_the_smoothed_cost_is_the_mean_of_the_last_five_epochs(history):
    costs = [row.cost for row in history.epochs(1) if row.part == "validation" and not row.final]
    assert len(costs) == 6
    assert history.values([1], ["smoothed_validation_cost"])[1] == (pytest.approx(sum(costs[-5:]) / 5),)


def test_groups_have_their_runs_median_and_best(history):
    listing = history.listing(group="activation")
    assert listing.figure == "validation_cost"
    told = [(group.value, group.ids, group.median, group.best, group.best_run) for group in listing.groups]
    assert told == [
        ("leaky_relu(slope=0.2)", (4,), 0.3, 0.3, 4),
        ("relu", (3, 1), 0.4, 0.4, 1),
        ("tanh", (5, 2), pytest.approx(0.15), 0.1, 2),
    ]
    assert listing.ids == (4, 3, 1, 5, 2)


def test_groups_leave_runs_out_of_their_figures_that_broke_off_or_go_on_and_count_them(tmp_path):
    ends = ("done", "done", "stopped", "interrupted", "failed", "running", "diverged")
    record(tmp_path / "h.db", scripted_events(steps=20, members=len(ends)))
    with closing(sqlite3.connect(tmp_path / "h.db")) as connection, connection:
        for run, status in enumerate(ends, 1):
            connection.execute(
                "UPDATE runs SET status = ?, validation_cost = ? WHERE id = ?",
                (status, None if status == "diverged" else 1 / run, run),
            )
    with History.open(tmp_path / "h.db") as history:
        (group,) = history.listing(group="activation").groups
        assert (len(group.ids), group.diverged, group.unfinished) == (7, 1, 3)
        assert (group.median, group.best, group.best_run) == (0.5, pytest.approx(1 / 3), 3)
        alone = {group.value: group for group in history.listing(group="status").groups}
        assert (alone["interrupted"].median, alone["interrupted"].best_run, alone["interrupted"].unfinished) == (None, None, 1)


def test_groups_sorted_by_a_figure_go_by_their_best(history):
    best_first = history.listing(ordering=Ordering("test_accuracy"), group="activation")
    assert [(group.value, group.best, group.ids) for group in best_first.groups] == [
        ("tanh", 0.9, (2, 5)),
        ("leaky_relu(slope=0.2)", 0.7, (4,)),
        ("relu", 0.6, (1, 3)),
    ]
    worst_first = history.listing(ordering=Ordering("test_accuracy", reverse=True), group="activation")
    assert [group.value for group in worst_first.groups] == ["relu", "leaky_relu(slope=0.2)", "tanh"]


def test_archived_runs_leave_the_list_unless_they_are_asked_for(history, path):
    archive(path, [2, 3])
    first = history.run(2).archived
    archive(path, [2])
    try:
        assert history.run(2).archived == first
        assert (history.listing().ids, history.listing().total) == ((5, 4, 1), 3)
        assert history.listing("archived").ids == (3, 2)
        assert history.listing(archived=True).ids == (3, 2)
        assert [run.id for run in history.runs(archived=True)] == [3, 2]
        delete(path, [3])
        assert history.listing("archived").ids == (2,)
        with pytest.raises(HistoryError, match="no run 9"):
            archive(path, [1, 9])
    finally:
        restore(path, [3])
        unarchive(path, [2, 3])
    assert history.listing().ids == (5, 4, 3, 2, 1)


def test_the_newest_run_can_be_named_though_it_is_archived(history, path):
    archive(path, [5])
    assert history.run("latest").id == 5
    unarchive(path, [5])


def test_what_is_the_same_in_all_runs_that_fit(history):
    names = ["activation", "data", "seed", "name", "parent", "model.dropout"]
    assert history.same_in_all("", names) == {"data", "seed", "parent", "model.dropout"}
    assert history.same_in_all("tanh", names) == {"activation", "data", "seed", "parent", "model.dropout"}


def test_a_list_reads_its_index_and_no_experiment(history):
    sort = "ORDER BY validation_cost IS NULL, validation_cost, id DESC"
    query = f"SELECT id FROM runs WHERE deleted IS NULL AND archived IS NULL AND activation LIKE '%tanh%' {sort}"
    plan = history._connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
    assert "COVERING INDEX idx_runs_list (deleted=? AND archived=?)" in plan[0][3]
    newest = history._connection.execute(
        "EXPLAIN QUERY PLAN SELECT id FROM runs WHERE deleted IS NULL AND archived IS NULL ORDER BY id DESC"
    ).fetchall()
    assert not any("TEMP B-TREE" in step[3] for step in newest)


def test_a_history_made_for_measuring_is_one(tmp_path):
    make_history(tmp_path / "h.db", 30, long_run=500)
    with History.open(tmp_path / "h.db") as history:
        runs = history.runs()
        assert len(runs) == 31
        assert all(run.experiment.model.depth == run.depth for run in runs)
        assert history.listing("tag:paper OR tag:draft OR tag:deep OR tag:baseline").ids
        assert len(history.sampled_curves(31, points=50).steps) == 51
        assert history.values([1], ["smoothed_validation_cost"])[1] != (None,)


# --- how a filter goes on ---------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("activ", ["activation="]),
        ("tanh dep", ["depth="]),
        ("(dropo", ["model.dropout="]),
        ("activation=", ["relu", "tanh", "leaky_relu"]),
        ("relu activation:ta", ["tanh"]),
        ("activation=tanh", []),
        ("tag:", ["a"]),
        ("name:N", ["N1", "N2", "N3", "N4", "N5"]),
        ("started>=yes", ["yesterday"]),
        ("lr=", ["0.001"]),
        ("arch", ["archived"]),
        ("model.dr", ["model.dropout="]),
        ("NO", ["NOT ", "note:", "data.noise="]),
        ("nonsense=", []),
        ("depth>=5 ", []),
        ("", []),
    ],
)
def test_how_a_filter_goes_on(history, text, offered):
    found = completions(text, history.common_values)
    assert list(found.texts) == offered
    assert len(found.notes) == len(found.texts)
    for each in offered:  # whatever is offered can be understood
        whole = text[: found.start] + each
        if each.endswith(("=", ":")):
            whole += "1"
        if not each.endswith(" ") and "(" not in whole:
            history.listing(whole)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("activation=tahn", "no run has activation 'tahn'; did you mean tanh?"),
        ("depth>2 AND NOT activation!=rleu", "no run has activation 'rleu'; did you mean relu?"),
        ("status=dne", "no run has status 'dne'; did you mean done?"),
        ("status:zzz", "no run has status 'zzz'"),
        ("tag=#b", "no run has tag 'b'"),
        ("batch_norm=maybe", "model.batch_norm is on or off, not 'maybe'"),
        ("activation=tanh activation=leaky_relu tag=#a lr=7 depth=9 name=zzz:", "no run has name 'zzz:'"),
        (
            "activation=Tanh activation=leaky_relu tag=#a lr=7 depth=9 width=7 batch_norm=on name:zzz tag=''",
            "no run has tag \"''\"",
        ),
        ("activation~zzz name:zzz", ""),
        ("activation=", ""),
        ("nonsense=1", ""),
    ],
)
def test_a_value_that_no_run_has_is_named(history, text, said):
    assert unknown_value(text, history.common_values) == said


def test_switches_are_offered_as_on_and_off(history):
    assert completions("batch_norm=o", history.common_values).texts == ("off",)


@pytest.mark.parametrize(
    ("text", "begins"),
    [("dep", True), ("tanh (drop", True), ("tanh", False), ("activation=ta", True), ("activation=tanh", False), ('"dep', False)],
)
def test_what_is_begun_is_not_all_that_is_meant(history, text, begins):
    assert goes_on(text, history.common_values) is begins


def test_values_with_blanks_are_offered_in_quotes(history):
    assert completions("name:b", lambda name: [("base line", 3)]).texts == ('"base line"',)
    assert completions('name:"base l', lambda name: [("base line", 3)]).texts == ('"base line"',)
    assert completions('name:"base l', lambda name: [("base line", 3)]).start == len("name:")


# --- curves from afar -------------------------------------------------------------


def test_short_runs_are_sampled_whole(history):
    curves = history.sampled_curves(2)
    steps = list(history.steps(2))
    assert curves.steps == tuple(row.step for row in steps)
    assert curves.loss == tuple(row.loss for row in steps)
    assert curves.epoch_steps == (10, 20, 30, 40, 50, 60)
    assert history.sampled_curves(99).steps == ()


def test_of_long_runs_points_from_the_first_to_the_last_are_read(tmp_path):
    path = tmp_path / "h.db"
    record(path, scripted_events(steps=1000, steps_per_epoch=10, members=2, diverges_at=900))
    with History.open(path) as history:
        curves = history.sampled_curves(1, points=50)
        assert 40 <= len(curves.steps) <= 51
        assert (curves.steps[0], curves.steps[-1], curves.loss[-1]) == (1, 900, math.inf)
        other = history.sampled_curves(2, points=50)
        assert (other.steps[0], other.steps[-1]) == (1, 1000)
        stored = {row.step: row.loss for row in history.steps(2)}
        assert all(stored[step] == loss for step, loss in zip(other.steps, other.loss, strict=True))
        assert 40 <= len(other.epoch_steps) <= 51
