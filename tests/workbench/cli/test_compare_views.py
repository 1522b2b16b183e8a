"""`workbench compare` with a baseline, by seed, and as pictures."""

import pytest

from tests.workbench.cli.conftest import record
from workbench.cli.compare import FIGURES, Align, MetricName
from workbench.compare_curves import Alignment, Metric
from workbench.compare_figures import FIGURES as ALL


@pytest.fixture
def seeds(stored):
    """Runs 4 and 5 besides plain, smooth and wild: plain from other seeds, trained together."""
    record(stored, [{"model.width": 16, "seed": 1}, {"model.width": 16, "seed": 2}])
    return stored


def lines(text):
    """The lines of a table by their first words; the heading by none."""
    heading, *others = text.splitlines()
    return {**{line.split("  ")[0]: line for line in others}, "": heading}


def test_choices_are_those_that_there_are():
    assert [each.value for each in Align] == [each.key for each in Alignment]
    assert [each.value for each in MetricName] == [each.key for each in Metric]
    assert set(FIGURES) <= {figure.field for figure in ALL}


def test_differences_to_a_baseline_are_signed_and_judged(command, seeds):
    found = lines(command("compare", "plain", "5", "--baseline", "5").out)
    assert "run 5 (baseline)" in found[""]
    assert " ✓)" in found["test cost"]
    assert "(+" in found["test accuracy"]
    base, plain = command("compare", "5", "plain", "--baseline", "5", "--json").objects
    assert plain["baseline"] == base["baseline"] == 5
    assert plain["deltas"]["test_cost"] == pytest.approx(plain["test_cost"] - base["test_cost"])
    assert set(base["deltas"].values()) == {0}


def test_a_baseline_that_is_not_among_the_runs_comes_first(command, seeds):
    assert [each["run"] for each in command("compare", "5", "--baseline", "2", "--json").objects] == [2, 5]
    assert [each["run"] for each in command("compare", "5", "2", "--baseline", "2", "--json").objects] == [5, 2]


def test_runs_of_other_seeds_are_one_with_mean_and_deviation(command, seeds):
    plain, smooth = command("compare", "1", "2", "4", "5", "--by-seed", "--baseline", "2", "--json").objects
    assert (plain["runs"], smooth["runs"]) == ([1, 4, 5], [2])
    alone = [each["test_cost"] for each in command("compare", "1", "4", "5", "--json").objects]
    assert plain["test_cost"]["n"] == 3
    assert plain["test_cost"]["mean"] == pytest.approx(sum(alone) / 3)
    assert plain["test_cost"]["std"] > 0
    assert smooth["test_cost"]["std"] is None
    assert plain["differences"] == {"model.activation": "relu"}
    found = lines(command("compare", "1", "2", "4", "5", "--by-seed").out)
    assert "runs 1, 4, 5" in found[""]
    assert " ± " in found["test cost"]
    assert found["n"].split() == ["n", "3", "1"]


def test_of_a_group_it_is_said_how_many_diverged_and_of_how_many_runs_its_means_are(command, seeds):
    record(seeds, [{"model.width": 16, "seed": 9}], name="lost", diverges_at=30)
    found = lines(command("compare", "1", "2", "4", "5", "lost", "--by-seed").out)
    assert [text.strip() for text in found["status"].split("  ") if text] == ["status", "3 done, 1 diverged", "done"]
    assert "(3 of 4)" in found["test cost"]
    (group, _) = command("compare", "1", "2", "4", "5", "lost", "--by-seed", "--json").objects
    assert (group["test_cost"]["n"], len(group["runs"])) == (3, 4)


def test_the_best_run_can_come_first(command, seeds):
    costs = [each["test_cost"] for each in command("compare", "5", "3", "2", "1", "--rank", "test_cost", "--json").objects]
    assert costs[:3] == sorted(costs[:3])
    assert costs[3] is None
    ended = command("compare", "1", "2", "--rank", "beauty")
    assert (ended.code, ended.out) == (2, "")
    assert "beauty is no figure" in ended.err


def test_curves_are_drawn_and_told(command, seeds):
    text = command("compare", "1", "2", "--view", "curves", "--log", "--smooth", "0.9", "--align", "epoch").out
    assert text.startswith("loss (log), smoothed 0.9  ─●─ 1 plain  ─▲─ 2 smooth")
    assert text.rstrip().endswith("epoch")
    words = ("compare", "1", "2", "4", "5", "--view", "curves", "--metric", "score", "--by-seed", "--json")
    group, single = command(*words).objects
    assert group["runs"] == [1, 4, 5]
    assert len(group["step"]) == len(group["score"]) == len(group["low"]) == len(group["high"]) > 0
    assert "low" not in single


def test_many_curves_are_named_below_the_picture(command, seeds):
    record(seeds, [{"model.width": 16, "seed": number} for number in range(10, 18)], name="a rather long name")
    text = command("compare", *map(str, range(1, 14)), "--view", "curves").out
    assert "▽ 11 a rather long name\n" in text


def test_layers_are_drawn_of_each_run_or_against_the_baseline(command, seeds):
    text = command("compare", "1", "2", "--view", "heat").out
    assert "gradient std of run 1" in text
    assert "gradient std of run 2" in text
    text = command("compare", "1", "2", "--view", "heat", "--baseline", "1", "--statistic", "saturated").out
    assert "saturated: run 2 − run 1" in text
    assert "of run 1" not in text
    objects = command("compare", "1", "2", "--view", "heat", "--baseline", "1", "--json").objects
    assert [each["layer"] for each in objects] == ["hidden 1", "hidden 2", "hidden 3", "output"]
    assert len(objects[0]["step"]) == len(objects[0]["gradient_std"]) > 0


def test_settings_lead_to_a_figure(command, seeds):
    text = command("compare", "1", "2", "3", "--view", "parallel", "--figure", "best_validation_cost").out
    assert text.startswith("settings and best validation cost")
    assert "■ 3 wild" in text
    objects = command("compare", "1", "2", "3", "--view", "parallel", "--json").objects
    assert objects[1]["settings"] == {"model.activation": "tanh", "lr": "0.001", "seed": "3"}
    assert objects[2]["test_accuracy"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("1", "2", "--view", "parallel", "--figure", "beauty"), "beauty is no figure; there are test_accuracy"),
        (("1", "2", "--view", "parallel", "--figure", "test_r2"), "test_r2 is not measured of these runs"),
        (("1", "2", "--log"), "--log goes with --view curves"),
        (("1", "2", "--view", "parallel", "--align", "epoch"), "--align goes with --view curves or heat"),
        (("1", "2", "--view", "curves", "--figure", "test_cost"), "--figure goes with --view parallel"),
        (("1", "--baseline", "1"), "at least two different runs"),
        (("1", "2", "--baseline", "99"), "no run '99'"),
        (("1", "2", "--smooth", "1.5"), "must be less than or equal to 0.999"),
    ],
)
def test_wrong_words_are_answered(words, said, command, seeds):
    ended = command("compare", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
