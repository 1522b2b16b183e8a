"""The table of a comparison, without an app."""

from dataclasses import replace

import pytest

from tests.workbench.tui.conftest import run_scripted
from workbench.compare_curves import read_run_curves
from workbench.compare_state import Comparison, compared
from workbench.history.series import SeriesHistory
from workbench.tui.comparison import about, columns


@pytest.fixture
def compare(db):
    """A comparison of all runs of the history."""

    def make(*ids, by_seed=False, **more):
        with SeriesHistory.open(db) as history:
            runs = [read_run_curves(history, run_id) for run_id in ids]
        numbers = {run_id: number for number, run_id in enumerate(ids)}
        return Comparison(compared(runs, numbers, by_seed=by_seed), by_seed=by_seed, **more)

    return make


def table(comparison):
    return {column.title.strip() or column.key: [str(cell) for cell in column.cells] for column in columns(comparison)}


def test_settings_that_differ_stand_behind_the_leading_figures(db, compare):
    run_scripted(db, {"model.activation": "tanh"}, name="one")
    run_scripted(db, {"model.depth": 5, "optimizer": "adam(beta1=0.5)"}, diverges_at=100)
    found = table(compare(1, 2))
    assert list(found)[:8] == [
        "state", "run", "status", "test accuracy", "validation cost", "depth", "activation", "optimizer",
    ]  # fmt: skip
    assert found["run"] == ["● 1 one", "▲ 2"]
    assert found["activation"] == ["tanh", "relu"]
    assert found["optimizer"] == ["adam", "adam(beta1=0.5)"]
    assert found["status"][1].endswith(" diverged")
    assert found["test accuracy"][1] == "–"
    assert "seed" not in found
    assert "test R²" not in found


def test_blocks_and_pretraining_are_compared_as_they_are_written(db, compare):
    run_scripted(db, {"model.blocks": "conv(8), flatten, dense(64)"})
    run_scripted(db, {"pretraining": "dbn(epochs=2)", "stop.patience": 3}, ends={0: 6})
    found = table(compare(1, 2))
    assert found["blocks"] == ["conv(8), flatten, dense(64)", "–"]
    assert found["pretraining"] == ["none", "dbn(epochs=2)"]
    assert found["patience"] == ["–", "3"]
    assert found["ended early"] == ["–", "early stopping"]
    assert found["weights of step"] == ["–", "75"]


def test_against_a_baseline_figures_have_differences_and_equal_settings_vanish(db, compare):
    run_scripted(db)
    run_scripted(db, {"lr": 0.01, "steps": 100}, steps=100)
    run_scripted(db, {"lr": 0.01})
    found = table(compare(1, 2, 3, baseline=1))
    assert found["state"] == ["★", " ", " "]
    assert found["lr"] == ["0.001", "0.01", "0.01"]
    assert found["time"][2] == "0.4 s ="
    assert found["steps"] == ["200", "100", "·"]
    assert found["steps done"] == ["200", "100 −100", "200 ="]
    assert found["validation cost"][0] == "0.534"
    assert found["validation cost"][1].endswith(" ✗")
    assert found["validation cost"][2] == "0.534 ="
    assert found["test accuracy"] == ["81.52%", "62.68% −18.84 ✗", "81.52% ="]


def test_seeds_are_counted_and_averaged(db, compare):
    for settings in ({"seed": 0}, {"seed": 1, "steps": 200}, {"lr": 0.1}):
        run_scripted(db, settings)
    found = table(compare(1, 2, 3, by_seed=True))
    assert found["runs"] == ["● 1, 2", "■ 3"]
    assert found["n"] == ["2", "1"]
    assert found["test accuracy"][0].endswith(" ± 0.00%")
    assert "±" not in found["test accuracy"][1]
    assert "seed" not in found


def test_it_is_said_how_many_runs_of_a_group_diverged_and_of_how_many_its_means_are(db, compare):
    for seed in range(3):
        run_scripted(db, {"seed": seed}, **({"diverges_at": 50} if seed == 1 else {}))
    found = table(compare(1, 2, 3, by_seed=True))
    assert found["n"] == ["3"]
    assert found["status"] == ["2 ✓ done, 1 × diverged"]
    assert found["test accuracy"] == ["81.52 ± 0.00% (2 of 3)"]
    assert found["diverged at step"] == ["50 (1 of 3)"]


def test_the_line_below_says_what_the_current_run_has_otherwise(db, compare):
    run_scripted(db, name="base")
    run_scripted(db, {"lr": 0.01})
    comparison = compare(1, 2, current=2)
    assert "enter pins it" in str(about(comparison, 2, 80))
    pinned = replace(comparison, baseline=1)
    assert str(about(pinned, 2, 80)).splitlines() == ["▲ 2  3×64 relu   lr 0.001 → 0.01", "★ baseline 1 base; ✓ better, ✗ worse"]
    run_scripted(db, {"model.batch_norm": True})
    assert str(about(compare(1, 3, current=3), 2, 80)).startswith("▲ 3  3×64 relu +bn   enter pins it")
    assert table(compare(1, 3))["batch norm" if "batch norm" in table(compare(1, 3)) else "batch_norm"] == ["off", "on"]
    assert "is the baseline" in str(about(replace(pinned, current=1), 2, 80))
    assert "1 hidden" in str(about(replace(comparison, hidden=frozenset({1})), 2, 80))
    assert "the first 50 of 63 marked runs" in str(about(comparison, 63, 80))
    assert str(about(Comparison(), 0, 80)) == ""
