"""Claims on runs that were really trained and recorded: every figure is the one that the history tells by other ways."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from tests.workbench.claims.memory import claim, planned, recipe
from workbench import diagnosing
from workbench.claims import (
    Missing,
    Outcome,
    StoredRuns,
    Undecided,
    judge,
    number_of,
    over_layers,
    parse_quantity,
    series_of,
    value_of,
)
from workbench.history.series import SeriesHistory
from workbench.recipes.records import Axis, Variation
from workbench.runner import Runner

KINDS = Axis(
    "kind",
    (
        Variation("plain", {}),
        Variation("wild", {"optimizer": "sgd", "lr": 1000.0, "cost": "mean_squared", "model.output": "identity", "epochs": 1}),
        Variation("together", {"ensemble.members": 2}),
    ),
)
BASE = {
    "model.blocks": "dense(8), dropout(0.1), dense(8)",
    "epochs": 3,
    "monitor.distributions": 1,
    "monitor.jacobian": "always",
    "threads": 1,
    "device": "cpu",
}
RECIPE = recipe(KINDS, base=BASE)
PLAN = planned(RECIPE, seeds=2)
PLAIN, WILD, TOGETHER = PLAN.groups


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    path = tmp_path_factory.mktemp("claims") / "history.db"
    runner = Runner([each for group in PLAN.groups for each in group.experiments], db=path)
    runner.start()
    runner.join()
    with SeriesHistory.open(path) as reader:
        yield reader


def matched(history, group):
    """The runs of a group in the order of its experiments."""
    known = {(run.experiment_hash, run.seed, run.experiment.ensemble.member): run for run in reversed(history.runs())}
    return [known[each.hash, each.seed, each.ensemble.member] for each in group.experiments]


@pytest.fixture(scope="module")
def runs(history):
    return StoredRuns(history, {group.label: matched(history, group) for group in PLAN.groups})


def value(text, group, runs):
    return value_of(parse_quantity(text, RECIPE), group, runs).tolist()


def test_figures_are_those_of_the_runs(history, runs):
    records = matched(history, PLAIN)
    assert value("test_error", PLAIN, runs) == pytest.approx([100 * (1 - each.test_accuracy) for each in records])
    assert value("validation_cost", PLAIN, runs) == [each.validation_cost for each in records]
    assert value("gap", PLAIN, runs) == pytest.approx([100 * (each.train_accuracy - each.test_accuracy) for each in records])
    assert value("steps", PLAIN, runs) == [each.step for each in records]
    assert value("epochs", PLAIN, runs) == [3, 3]
    assert value("parameters", PLAIN, runs) == [8 * 65 + 8 * 9 + 10 * 9] * 2
    assert value("diverged", PLAIN, runs) == [0, 0]
    assert number_of(parse_quantity("test_error", RECIPE), PLAIN, runs).unit == "percent"


def test_figures_of_epochs_are_those_of_the_epochs_table(history, runs):
    for place, record in enumerate(matched(history, PLAIN)):
        rows = [row for row in history.epochs(record.id) if row.part == "train" and not row.final]
        for row in rows:
            assert value(f"train_cost at epoch {row.epoch}", PLAIN, runs)[place] == row.cost
            assert value(f"train_error at epoch {row.epoch}", PLAIN, runs)[place] == pytest.approx(100 * (1 - row.accuracy))
        series = series_of(parse_quantity("train_cost", RECIPE, course=True), PLAIN, runs)
        assert series.epochs.tolist() == [1, 2, 3]
        assert series.values[place].tolist() == [row.cost for row in rows]


def test_the_best_epoch_is_that_of_the_least_validation_cost(history, runs):
    records = matched(history, PLAIN)
    assert value("validation_cost at best", PLAIN, runs) == [record.best_validation_cost for record in records]


def test_the_loss_is_that_of_the_recorded_steps(history, runs):
    for place, record in enumerate(matched(history, PLAIN)):
        losses = {row.step: row.loss for row in history.steps(record.id)}
        assert value("loss at start", PLAIN, runs)[place] == losses[1]
        assert value("loss at step 20", PLAIN, runs)[place] == losses[20]  # a hundredth of these few steps is less than one


def test_layers_are_those_with_weights_and_the_output(history, runs):
    for place, record in enumerate(matched(history, PLAIN)):
        layers = history.layers(record.id)
        assert [row.kind for row in layers] == ["dense", "dropout", "dense", "dense"]
        rows = list(history.layer_stats(record.id))
        first, last = rows[:4], rows[-4:]
        assert first[0].step == 1
        for number, row in ((1, 0), (2, 2)):
            assert value(f"gradient_std(layer={number}) at start", PLAIN, runs)[place] == first[row].values[5]
            assert value(f"gradient_std(layer={number}) at end", PLAIN, runs)[place] == last[row].values[5]
        assert value("gradient_std(layer=last)", PLAIN, runs)[place] == last[2].values[5]
        assert value("gradient_std(layer=output)", PLAIN, runs)[place] == last[3].values[5]
        vector = over_layers(parse_quantity("gradient_std at start", RECIPE, layers=True), PLAIN, runs)
        assert vector.shape == (2, 2)
        assert vector[place].tolist() == [first[0].values[5], first[2].values[5]]
        assert value("ratio(gradient_std at start)", PLAIN, runs)[place] == pytest.approx(first[2].values[5] / first[0].values[5])


def test_percentiles_and_jacobians_are_those_of_the_distributions(history, runs):
    for place, record in enumerate(matched(history, PLAIN)):
        steps = history.distribution_steps(record.id)
        assert steps[0] == 0
        found = {(row.step, row.layer): row for row in history.histograms(record.id) if row.quantity == "gradient"}
        assert value("gradient_p98(layer=2) at start", PLAIN, runs)[place] == found[0, 2].percentile(98)
        assert value("gradient_p98(layer=2) at end", PLAIN, runs)[place] == found[steps[-1], 2].percentile(98)
        probes = {(row.step, row.layer): row for row in history.layer_probes(record.id)}
        assert value("jacobian(layer=1) at start", PLAIN, runs)[place] == probes[0, 0].jacobian


def test_findings_are_those_that_were_ever_open(history, runs):
    for record, run in zip(matched(history, PLAIN), runs.of(PLAIN), strict=True):
        assert run.findings() == {finding.rule for finding in history.findings(record.id)}


def test_an_ensemble_is_one_for_each_seed(history, runs):
    records = matched(history, TOGETHER)
    assert [record.seed for record in records] == [0, 1, 2, 3]
    pairs = (records[:2], records[2:])
    assert [run.seed for run in runs.of(TOGETHER)] == [0, 2]
    assert value("combined_test_error", TOGETHER, runs) == pytest.approx(
        [100 * (1 - pair[0].combined_test_accuracy) for pair in pairs]
    )
    assert value("test_accuracy", TOGETHER, runs) == pytest.approx(
        [np.mean([each.test_accuracy for each in pair]) for pair in pairs]
    )
    first = [history.layer_stats(record.id) for record in records[:2]]
    expected = np.mean([next(iter(rows)).values[5] for rows in first])
    assert value("gradient_std(layer=1) at start", TOGETHER, runs)[0] == pytest.approx(expected)
    assert judge(claim("combined_test_error(together) >= 0"), PLAN, runs).outcome is Outcome.PASS
    assert judge(claim("combined_test_error(plain) >= 0"), PLAN, runs).outcome is Outcome.ERROR


def test_what_diverged_has_a_loss_and_no_score(runs):
    assert judge(claim("diverges(wild) and not diverges(plain)"), PLAN, runs).outcome is Outcome.PASS
    assert judge(claim("loss(wild) > 1000"), PLAN, runs).outcome is Outcome.PASS
    assert judge(claim("gradient_std(wild, layer=1) at start > 0"), PLAN, runs).outcome is Outcome.PASS
    verdict = judge(claim("test_error(wild) > 50"), PLAN, runs)
    assert verdict.outcome is Outcome.ERROR
    assert "diverged at step" in verdict.words
    with pytest.raises(Undecided):
        value("test_error", WILD, runs)


def test_claims_on_real_runs(runs):
    for check, outcome in (
        ("test_error(plain) between 0 and 100", Outcome.PASS),
        ("test_error(plain) > 100", Outcome.FAIL),
        ("train_cost(plain) at epoch 3 < train_cost(plain) at epoch 1", Outcome.PASS),
        ("loss(plain) at start > loss(plain)", Outcome.PASS),
        ("train_cost(plain) falls below 2.5 before epoch 3", Outcome.PASS),
        ("test_error(plain) < test_error(together) at p 0.0000001 by proportions", Outcome.FAIL),
        ("mean(weight_norm(plain) at start) between 1 and 10", Outcome.PASS),
        ("finds not-finite in (wild) or diverges(wild)", Outcome.PASS),
        ("train_r2(plain) > 0", Outcome.ERROR),  # of a regression
    ):
        verdict = judge(claim(check), PLAN, runs)
        assert verdict.outcome is outcome, verdict.words


def test_of_what_is_still_to_be_trained_that_is_shown_which_is_there(history):
    first, _ = matched(history, PLAIN)
    half = StoredRuns(history, {PLAIN.label: [first, None]})
    assert value("steps", PLAIN, half) == [first.step]
    assert len(series_of(parse_quantity("loss", RECIPE, course=True), PLAIN, half).values) == 1
    for show in (value_of, series_of):
        with pytest.raises(Missing):
            show(parse_quantity("loss", RECIPE), TOGETHER, half)
    assert judge(claim("steps(plain) > 1"), PLAN, half, partial=True).outcome is Outcome.OPEN
    assert half.of(TOGETHER) == (None, None)


def test_that_nothing_was_found_is_judged_by_runs_that_were_looked_through_to_their_end(history, tmp_path, monkeypatch):
    path = tmp_path / "copy.db"
    with closing(sqlite3.connect(history.path)) as original, closing(sqlite3.connect(path)) as copy:
        original.backup(copy)
    rule = history.findings(matched(history, WILD)[0].id)[0].rule

    def outcome_of(statement):
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(statement)
        with SeriesHistory.open(path) as reader:
            there = StoredRuns(reader, {group.label: matched(reader, group) for group in PLAN.groups})
            return judge(claim(f"finds no {rule} in (wild)"), PLAN, there)

    assert outcome_of("DELETE FROM findings").outcome is Outcome.PASS  # it is known that they were looked through
    assert outcome_of("UPDATE runs SET diagnosed = NULL").outcome is Outcome.FAIL  # nobody knows: now they are

    def broken():
        raise ZeroDivisionError("one by nothing")

    monkeypatch.setattr(diagnosing, "new_diagnosis", broken)
    verdict = outcome_of("DELETE FROM findings")
    assert verdict.outcome is Outcome.ERROR
    assert "cannot be looked through for findings: one by nothing" in verdict.words
