"""Every kind of clause passes on runs that bear it out and fails on runs that contradict it; numbers that are none are errors."""

from __future__ import annotations

import math

import pytest

from tests.workbench.claims.memory import DEPTH, NETWORK, Memory, Run, claim, planned, recipe
from workbench.claims import Outcome, judge, judge_all

PASS, FAIL, ERROR, OPEN = Outcome.PASS, Outcome.FAIL, Outcome.ERROR, Outcome.OPEN
NETWORKS = planned(recipe(NETWORK))
DEPTHS = planned(recipe(DEPTH))


def runs(name, **groups):
    """Of each group the values of one figure for the three seeds."""
    return Memory({label: [Run(seed, {name: value}) for seed, value in enumerate(values)] for label, values in groups.items()})


def over_depths(name, *groups):
    return Memory(
        {f"depth={depth}": [Run(0, {name: each}) for each in values] for depth, values in zip((2, 4, 8), groups, strict=True)}
    )


ERRORS = runs("test_error", sigmoid=(88, 89, 89.1), relu=(3.0, 3.1, 3.2), tanh=(3.1, 3.2, 3.3))

COMPARISONS = [
    ("test_error(sigmoid) > test_error(relu)", PASS),
    ("test_error(sigmoid) < test_error(relu)", FAIL),
    ("test_error(relu) < test_error(tanh) < test_error(sigmoid)", PASS),
    ("test_error(tanh) < test_error(relu) < test_error(sigmoid)", FAIL),
    ("test_error(relu) < test_error(sigmoid) < test_error(tanh)", FAIL),
    ("test_error(relu) <= 3.1", PASS),
    ("test_error(relu) >= 3.1", PASS),
    ("test_error(relu) < 3.1", FAIL),
    ("test_error(relu) < 5 %", PASS),  # an error is in percent
    ("5 % < test_error(relu)", FAIL),
    ("test_error(relu) + 2 % > 5 %", PASS),
    ("test_error(relu) + 1 % > 5 %", FAIL),
    ("test_error(sigmoid) * 10 % > test_error(relu)", PASS),  # a tenth
    ("test_error(sigmoid) * 3 % > test_error(relu)", FAIL),
    ("test_error(sigmoid) / test_error(relu) > 20", PASS),
    ("test_error(sigmoid) - test_error(relu) > 86", FAIL),
    ("-test_error(relu) > -4", PASS),
    ("2 * (test_error(relu) + 1) < 8.3", PASS),
    ("test_error(relu) within 0.1 of 3.15", PASS),
    ("test_error(relu) within 0.1 of 3.25", FAIL),
    ("test_error(relu) within 0.1 of 2.95", FAIL),
    ("test_error(relu) within 10 % of test_error(tanh)", PASS),
    ("test_error(relu) within 1 % of test_error(tanh)", FAIL),
    ("test_error(sigmoid) within 1 % of 89.5", PASS),
    ("test_error(sigmoid) within 1 % of 90", FAIL),
    ("test_error(relu) between 3 and 4", PASS),
    ("test_error(relu) between 3.1 and 4", PASS),
    ("test_error(relu) between 3.2 and 4", FAIL),
    ("test_error(relu) between 2 and 3", FAIL),
    ("test_error(relu) < test_error(sigmoid) at p 0.005 by welch", PASS),
    ("test_error(sigmoid) > test_error(relu) at p 0.005 by paired", PASS),
    ("test_error(relu) < test_error(tanh) at p 0.005 by welch", FAIL),
    ("test_error(relu) > test_error(sigmoid) at p 0.005 by welch", FAIL),
    ("test_error(relu) < test_error(sigmoid) at p 0.06 by mann_whitney", PASS),
    ("test_error(relu) < test_error(sigmoid) at p 0.04 by mann_whitney", FAIL),  # 3 against 3 seeds come to 1/20
    ("test_error(relu) < test_error(sigmoid) at p 0.005 by proportions", PASS),
    ("test_error(relu) < test_error(tanh) at p 0.005 by proportions", FAIL),
    ("test_error(relu) < 5 and test_error(tanh) < 5", PASS),
    ("test_error(relu) < 5 and test_error(sigmoid) < 5", FAIL),
    ("test_error(sigmoid) < 5 or test_error(relu) < 5", PASS),
    ("test_error(sigmoid) < 5 or test_error(sigmoid) > 90", FAIL),
    ("not test_error(sigmoid) < 5", PASS),
    ("not test_error(relu) < 5", FAIL),
    ("not (test_error(relu) < 5 and test_error(sigmoid) < 5)", PASS),
    ("for every network: test_error < 90", PASS),
    ("for every network: test_error < 80", FAIL),
    ("for every network: test_error <= test_error(sigmoid)", PASS),  # what is named holds against what is gone over
]


@pytest.mark.parametrize(("check", "outcome"), COMPARISONS)
def test_comparisons(check, outcome):
    verdict = judge(claim(check), NETWORKS, ERRORS)
    assert verdict.outcome is outcome, verdict.words
    assert verdict.numbers


@pytest.mark.parametrize(
    ("check", "groups", "outcome"),
    [
        ("test_error rises over depth", [(1, 1), (2, 2), (3, 3)], PASS),
        ("test_error rises over depth", [(1, 1), (3, 3), (2, 2)], FAIL),
        ("test_error rises over depth", [(1, 1), (2, 2), (2, 2)], FAIL),
        ("test_error falls over depth", [(3, 4), (2, 3), (1, 3)], PASS),
        ("test_error falls over depth", [(3, 4), (2, 3), (2, 4)], FAIL),
        ("test_error is flat over depth within 10 %", [(10, 10), (10.5, 10.5), (9.5, 9.5)], PASS),
        ("test_error is flat over depth within 10 %", [(10, 10), (12, 12), (8, 8)], FAIL),
        ("test_error is flat over depth within 1", [(10, 10), (11, 11), (9, 9)], PASS),
        ("test_error is flat over depth within 0.9", [(10, 10), (11, 11), (9, 9)], FAIL),
        ("for every depth: test_error < 3", [(1, 1), (2, 2), (2.9, 2.9)], PASS),
        ("for every depth: test_error < 3", [(1, 1), (2, 2), (3.1, 3.1)], FAIL),
    ],
)
def test_over_an_axis(check, groups, outcome):
    assert judge(claim(check), DEPTHS, over_depths("test_error", *groups)).outcome is outcome


def test_numbers_rise_in_their_own_order_whatever_that_of_the_file():
    from dataclasses import replace

    backwards = replace(DEPTH, variations=DEPTH.variations[::-1])
    plan = planned(recipe(backwards))
    found = over_depths("test_error", (1, 1), (2, 2), (3, 3))
    assert judge(claim("test_error rises over depth"), plan, found).outcome is PASS
    unordered = planned(recipe(replace(backwards, numeric=False)))
    assert judge(claim("test_error rises over depth"), unordered, found).outcome is FAIL


# --- layers -------------------------------------------------------------------------------


def layered(*courses, steps=(1, 50, 100), diverged=False):
    """A group sigmoid whose seeds have the gradient of three hidden layers and the output at three steps."""
    made = [
        Run(seed, layer_courses={"gradient_std": each, "saturated": each}, layer_steps=steps, diverged=diverged)
        for seed, each in enumerate(courses)
    ]
    return Memory({"sigmoid": made})


RISING = [[1, 2, 4, 9], [3, 3, 3, 9], [6, 5, 1, 9]]


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        ("gradient_std(sigmoid, layer=1) at start < gradient_std(sigmoid, layer=last) at start", PASS),
        ("gradient_std(sigmoid, layer=1) < gradient_std(sigmoid, layer=last)", FAIL),  # at the end it is the other way round
        ("gradient_std(sigmoid, layer=output) >= 9", PASS),
        ("gradient_std(sigmoid, layer=output) < 9", FAIL),
        ("gradient_std(sigmoid, layer=2) at step 52 within 0.1 of 3", PASS),
        ("gradient_std(sigmoid, layer=2) at epoch 5 within 0.1 of 3", PASS),
        ("gradient_std(sigmoid, layer=2) at 50 % within 0.1 of 2", FAIL),
        ("gradient_std(sigmoid) at start rises over layers", PASS),
        ("gradient_std(sigmoid) at start falls over layers", FAIL),
        ("gradient_std(sigmoid) at end rises over layers", FAIL),
        ("gradient_std(sigmoid) at end falls over layers", PASS),
        ("gradient_std(sigmoid) at step 50 is flat over layers within 1 %", PASS),
        ("gradient_std(sigmoid) at start is flat over layers within 50 %", FAIL),
        ("gradient_std(sigmoid, layer=1..2) at start rises over layers", PASS),
        ("mean(gradient_std(sigmoid)) within 0.01 of 4", PASS),
        ("mean(gradient_std(sigmoid, layer=2..last)) within 0.01 of 3", PASS),
        ("mean(gradient_std(sigmoid, layer=all)) within 0.01 of 3", FAIL),
        ("min(gradient_std(sigmoid)) < 1.5", PASS),
        ("max(gradient_std(sigmoid)) < 5.5", FAIL),
        ("ratio(gradient_std(sigmoid) at start) within 0.001 of 4", PASS),
        ("ratio(gradient_std(sigmoid) at start / saturated(sigmoid) at start) within 0.001 of 1", PASS),
        ("gradient_std(sigmoid) at start / gradient_std(sigmoid, layer=1) at start rises over layers", PASS),
        ("gradient_std(sigmoid, layer=1) rises above 4 before end", FAIL),
        ("gradient_std(sigmoid, layer=1) rises above 4", PASS),
        ("gradient_std(sigmoid, layer=1) rises above 2 before epoch 6", PASS),
        ("gradient_std(sigmoid, layer=1) rises above 2 before epoch 5", FAIL),
        ("saturated(sigmoid, layer=1) rises above 200 %", PASS),
        ("saturated(sigmoid, layer=1) rises above 700 %", FAIL),
        ("gradient_std(sigmoid, layer=3) stays above 2 until step 50", PASS),
        ("gradient_std(sigmoid, layer=3) stays above 2", FAIL),
    ],
)
def test_layers(check, outcome):
    verdict = judge(claim(check), NETWORKS, layered(RISING, RISING))
    assert verdict.outcome is outcome, verdict.words


def test_a_moment_without_a_measurement_near_it_is_an_error():
    verdict = judge(claim("gradient_std(sigmoid, layer=1) at step 30 < 9"), NETWORKS, layered(RISING))
    assert verdict.outcome is ERROR
    assert (
        verdict.words == "gradient_std was not recorded near step 30 of the run of seed 0; the nearest measurement is of step 50"
    )


def test_the_end_is_the_last_measurement_unless_it_was_long_before():
    check = claim("gradient_std(sigmoid, layer=1) > 2")
    assert judge(check, NETWORKS, layered(RISING, steps=(1, 2, 60))).outcome is PASS
    assert judge(check, NETWORKS, layered(RISING, steps=(1, 2, 40))).outcome is ERROR


def test_a_layer_that_a_run_does_not_have_is_an_error():
    verdict = judge(claim("gradient_std(sigmoid, layer=2..last) rises over layers"), NETWORKS, layered([[1, 9], [1, 9], [1, 9]]))
    assert verdict.outcome is ERROR
    assert "there are 1 hidden layers of sigmoid" in verdict.words


# --- courses ------------------------------------------------------------------------------


def courses(*seeds, name="validation_cost", **more):
    return Memory({"relu": [Run(seed, courses={name: each}, **more) for seed, each in enumerate(seeds)]})


FALLING, SLOWER, NEVER = [2.3, 1.0, 0.5, 0.2, 0.3], [2.3, 2.0, 1.0, 0.6, 0.4], [2.3, 2.2, 2.1, 2.2, 2.3]


@pytest.mark.parametrize(
    ("check", "seeds", "outcome"),
    [
        ("validation_cost(relu) falls below 0.5", [FALLING, SLOWER], PASS),
        ("validation_cost(relu) falls below 0.5", [FALLING, NEVER], FAIL),
        ("not validation_cost(relu) falls below 0.5", [FALLING, NEVER], FAIL),  # of each seed the contrary must hold
        ("not validation_cost(relu) falls below 0.5", [NEVER, NEVER], PASS),
        ("validation_cost(relu) falls below 0.5 before epoch 5", [FALLING, FALLING], PASS),
        ("validation_cost(relu) falls below 0.5 before epoch 5", [FALLING, SLOWER], FAIL),
        ("validation_cost(relu) rises above 2.2", [FALLING, NEVER], PASS),
        ("validation_cost(relu) rises above 2.4", [FALLING, NEVER], FAIL),
        ("validation_cost(relu) stays above 0.3 until epoch 3", [FALLING, SLOWER], PASS),
        ("validation_cost(relu) stays above 0.6 until epoch 3", [FALLING, FALLING], FAIL),
        ("validation_cost(relu) stays above 0.6 until epoch 2", [FALLING, FALLING], PASS),
        ("validation_cost(relu) stays above 0.3", [FALLING, NEVER], FAIL),
        ("validation_cost(relu) stays below 2.4", [FALLING, SLOWER], PASS),
        ("validation_cost(relu) stays below 2.2", [FALLING, SLOWER], FAIL),
        ("validation_cost(relu) at epoch 3 < 0.8", [FALLING, SLOWER], PASS),
        ("validation_cost(relu) at epoch 3 < 0.7", [FALLING, SLOWER], FAIL),
        ("validation_cost(relu) at best within 0.01 of 0.3", [FALLING, SLOWER], PASS),
        ("validation_cost(relu) at best within 0.01 of 0.35", [FALLING, SLOWER], FAIL),
        ("steps_until(validation_cost(relu) < 0.7) within 1 of 35", [FALLING, SLOWER], PASS),
        ("epochs_until(validation_cost(relu) <= 1) within 0.1 of 2.5", [FALLING, SLOWER], PASS),
        ("epochs_until(validation_cost(relu) <= 1) < 2.5", [FALLING, SLOWER], FAIL),
        ("epochs_until(validation_cost(relu) < 1) < 100", [FALLING, NEVER], FAIL),
    ],
)
def test_courses(check, seeds, outcome):
    verdict = judge(claim(check), NETWORKS, courses(*seeds))
    assert verdict.outcome is outcome, verdict.words


def test_the_loss_of_a_moment_is_a_mean_around_it_and_that_of_the_start_is_the_first():
    losses = [5.0, 1.0, *([2.0, 0.0] * 49)]
    found = courses(losses, name="loss")
    for check, outcome in (
        ("loss(relu) at start within 0.01 of 5", PASS),
        ("loss(relu) at step 50 within 0.7 of 1", PASS),
        ("loss(relu) at step 51 within 0.7 of 1", PASS),
        ("loss(relu) within 0.01 of 1", PASS),  # of the steps 99 and 100
    ):
        assert judge(claim(check), NETWORKS, found).outcome is outcome


def test_where_two_never_get_there_neither_is_sooner():
    found = Memory({name: [Run(0, courses={"loss": NEVER})] for name in ("relu", "tanh")}, seeds=1)
    verdict = judge(claim("steps_until(loss(relu) < 1) < steps_until(loss(tanh) < 1)"), NETWORKS, found)
    assert verdict.outcome is FAIL
    assert verdict.words == "steps_until(loss(relu) < 1) infinite, not < steps_until(loss(tanh) < 1) infinite"


# --- what diverges, what is found -----------------------------------------------------------


def marked(*seeds):
    return Memory({"relu": [Run(seed, **each) for seed, each in enumerate(seeds)]})


LOST, FOUND, FINE = {"diverged": True, "last_step": 7}, {"found": ("dead-units",)}, {}


@pytest.mark.parametrize(
    ("check", "seeds", "outcome"),
    [
        ("diverges(relu)", [LOST, LOST], PASS),
        ("diverges(relu)", [LOST, FINE], FAIL),
        ("not diverges(relu)", [LOST, FINE], FAIL),
        ("not diverges(relu)", [FINE, FINE], PASS),
        ("not (diverges(relu) and not finds dead-units in (relu))", [LOST, FINE], FAIL),
        ("not (diverges(relu) or finds dead-units in (relu))", [LOST, FINE], FAIL),
        ("not (diverges(relu) or finds dead-units in (relu))", [FINE, FINE], PASS),
        ("finds dead-units in (relu)", [FOUND, FOUND], PASS),
        ("finds dead-units in (relu)", [FOUND, FINE], FAIL),
        ("finds no dead-units in (relu)", [FOUND, FINE], FAIL),
        ("finds no dead-units in (relu)", [FINE, FINE], PASS),
        ("not finds dead-units in (relu)", [FOUND, FINE], FAIL),
        ("finds not-learning in (relu)", [FOUND, FOUND], FAIL),
        ("diverges(relu) or finds no dead-units in (relu)", [LOST, LOST], PASS),
    ],
)
def test_divergence_and_findings_are_of_every_run(check, seeds, outcome):
    assert judge(claim(check), NETWORKS, marked(*seeds)).outcome is outcome


def test_a_diverged_run_has_no_score_and_that_is_an_error():
    verdict = judge(claim("test_error(relu) > 50"), NETWORKS, marked({"figures": {"test_error": 90.0}}, LOST))
    assert verdict.outcome is ERROR
    assert verdict.words.startswith("relu, seed 1 diverged at step 7 and has no test_error(relu); `diverges(...)` and loss")
    assert not verdict.numbers


def test_neither_is_it_where_a_claim_says_the_contrary():
    for check in ("not test_error(relu) < 50", "test_error(relu) > 50 or diverges(relu)"):
        assert judge(claim(check), NETWORKS, marked(LOST)).outcome is ERROR
    assert judge(claim("diverges(relu) or test_error(relu) > 50"), NETWORKS, marked(LOST)).outcome is PASS


def test_the_loss_of_a_diverged_run_is_infinite_from_there_on():
    lost = [2.0, 3.0, 9.0, math.nan]
    found = courses(lost, name="loss", diverged=True, last_step=4)
    for check, outcome in (
        ("loss(relu) > 100", PASS),
        ("loss(relu) < 100", FAIL),
        ("loss(relu) at step 2 < 4", PASS),
        ("loss(relu) at epoch 5 > 100", PASS),
        ("loss(relu) rises above 100", PASS),
        ("loss(relu) stays below 100", FAIL),
        ("loss(relu) within 10 % of 100", ERROR),
    ):
        assert judge(claim(check), NETWORKS, found).outcome is outcome, check


def test_one_run_that_diverged_makes_the_mean_infinite_and_it_is_said_that_it_is_one():
    whole = [Run(seed, courses={"loss": [2.0, 1.0, 0.5]}, last_step=3) for seed in range(4)]
    lost = Run(4, courses={"loss": [2.0, 9.0]}, diverged=True, last_step=2)
    found = Memory({"relu": [*whole, lost], "sigmoid": whole, "tanh": whole})
    verdict = judge(claim("loss(relu) > 100"), NETWORKS, found)
    assert (verdict.outcome, verdict.words) == (PASS, "loss(relu) infinite (in 1 of 5 runs) > 100")
    verdict = judge(claim("loss(relu) within 10 % of 100"), NETWORKS, found)
    assert "loss(relu) infinite (in 1 of 5 runs)" in verdict.words
    verdict = judge(claim("loss rises over network"), NETWORKS, found)
    assert (verdict.outcome, verdict.words) == (
        ERROR,
        "loss over network: 0.5000 ± 0 (sigmoid), infinite (in 1 of 5 runs) (relu), 0.5000 ± 0 (tanh): what is infinite neither rises nor falls",
    )


def test_so_it_is_where_the_last_loss_was_not_recorded():
    found = courses([2.0, 3.0, 9.0], name="loss", diverged=True, last_step=4)
    assert judge(claim("loss(relu) > 100"), NETWORKS, found).outcome is PASS


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        ("validation_cost(relu) stays below 3", ERROR),
        ("validation_cost(relu) stays below 2", FAIL),
        ("validation_cost(relu) falls below 1", ERROR),
        ("validation_cost(relu) falls below 2.2", PASS),
        ("validation_cost(relu) at epoch 3 < 9", ERROR),
        ("validation_cost(relu) at epoch 2 < 9", PASS),
    ],
)
def test_what_is_not_a_number_never_bears_a_claim_out(check, outcome):
    found = courses([2.3, 2.1, math.nan], diverged=True, last_step=30)
    assert judge(claim(check), NETWORKS, found).outcome is outcome


def test_layers_of_a_diverged_run_can_be_spoken_of_while_they_were_numbers():
    broken = [[1, 2, 4, 9], [3, 3, 3, 9], [math.nan] * 4]
    found = layered(broken, diverged=True)
    assert judge(claim("gradient_std(sigmoid, layer=1) at start < 2"), NETWORKS, found).outcome is PASS
    assert judge(claim("gradient_std(sigmoid, layer=1) < 2"), NETWORKS, found).outcome is ERROR
    assert judge(claim("not gradient_std(sigmoid, layer=1) < 2"), NETWORKS, found).outcome is ERROR


# --- what is not there ------------------------------------------------------------------------


def test_a_group_without_runs_is_an_error_and_open_while_they_are_trained():
    check = claim("test_error(sigmoid) > test_error(relu)")
    found = runs("test_error", sigmoid=(1, 2, 3))
    verdict = judge(check, NETWORKS, found)
    assert (verdict.outcome, verdict.words) == (ERROR, "no runs of relu")
    assert judge(check, NETWORKS, found, partial=True).outcome is OPEN


def test_so_is_one_of_which_some_are_missing():
    found = Memory({"relu": [Run(0, {"test_error": 1.0}), None, None]})
    verdict = judge(claim("test_error(relu) < 5"), NETWORKS, found)
    assert (verdict.outcome, verdict.words) == (ERROR, "1 of 3 runs of relu are there")
    assert judge(claim("test_error(relu) < 5"), NETWORKS, found, partial=True).outcome is OPEN


@pytest.mark.parametrize(
    "check",
    [
        "test_error(relu) < 5",
        "loss(relu) < 5",
        "loss(relu) falls below 5",
        "validation_cost(relu) stays below 5",
        "validation_cost(relu) at best < 5",
        "gradient_std(relu, layer=1) < 5",
        "steps_until(train_error(relu) < 5) < 5",
        "gradient_p98(relu, layer=1) at start < 5",
    ],
)
def test_what_was_not_recorded_is_an_error_even_while_runs_are_trained(check):
    for partial in (False, True):
        verdict = judge(claim(check), NETWORKS, marked(FINE, FINE, FINE), partial=partial)
        assert verdict.outcome is ERROR
        assert "was not recorded" in verdict.words or "no best epoch" in verdict.words


def test_a_moment_after_the_end_of_a_run_is_an_error():
    found = courses(FALLING, last_step=50)
    for check in ("validation_cost(relu) at epoch 8 < 5", "validation_cost(relu) stays below 5 until epoch 8"):
        verdict = judge(claim(check), NETWORKS, found)
        assert verdict.outcome is ERROR
        assert "ended at step 50, before epoch 8" in verdict.words


@pytest.mark.parametrize("check", ["test_error(rel) < 5", "test_eror(relu) < 5", "test_error(relu) <", "test_error < 5"])
def test_a_wrong_check_is_an_error(check):
    assert judge(claim(check), NETWORKS, ERRORS).outcome is ERROR


@pytest.mark.parametrize(
    "check",
    [
        "test_error(relu) < test_error(sigmoid) at p 0.05 by welch",
        "test_error(relu) < test_error(sigmoid) at p 0.05 by mann_whitney",
    ],
)
def test_a_test_needs_two_seeds(check):
    found = runs("test_error", sigmoid=(90,), relu=(3,))
    verdict = judge(claim(check), NETWORKS, found)
    assert verdict.outcome is ERROR
    assert "needs at least 2 seeds of each group; there are 1 and 1" in verdict.words


@pytest.mark.parametrize("by", ["welch", "paired"])
def test_a_test_needs_spread(by):
    found = runs("test_error", sigmoid=(90, 90, 90), relu=(3, 3, 3))
    verdict = judge(claim(f"test_error(relu) < test_error(sigmoid) at p 0.05 by {by}"), NETWORKS, found)
    assert verdict.outcome is ERROR
    assert "no spread" in verdict.words


@pytest.mark.parametrize(
    "check",
    [
        "test_error(relu) / train_error(relu) < 5",
        "ratio(gradient_std(relu) at start) < 5",
        "train_error(relu) / train_error(relu) < 2",
    ],
)
def test_division_by_nothing_is_an_error(check):
    one = Run(0, {"test_error": 5.0, "train_error": 0.0}, layer_courses={"gradient_std": [[0, 1, 1]]}, layer_steps=[1])
    verdict = judge(claim(check), NETWORKS, Memory({"relu": [one]}))
    assert verdict.outcome is ERROR


def test_all_claims_of_the_scale_are_judged_in_their_order():
    from dataclasses import replace

    first, second, elsewhere = claim("test_error(relu) < 5"), claim("test_error(relu) > 5"), claim("test_error(relu) < 1")
    plan = planned(recipe(NETWORK, claims=(first, second, replace(elsewhere, scales=("quick",)))))
    verdicts = judge_all(plan, ERRORS)
    assert [(each.claim, each.outcome) for each in verdicts] == [(first, PASS), (second, FAIL)]


# --- what must not pass ------------------------------------------------------------------------


def test_seeds_that_answer_the_same_examples_are_no_more_examples():
    """3.0 against 5.0 % of 360: p = 0.085 however many seeds say so."""
    check = claim("test_error(relu) < test_error(tanh) at p 0.01 by proportions")
    for seeds in (1, 3):
        verdict = judge(check, NETWORKS, runs("test_error", relu=(3.0,) * seeds, tanh=(5.0,) * seeds))
        assert verdict.outcome is FAIL
        assert "p = 0.085, n = 360 and 360 examples" in verdict.words


def test_two_that_never_get_there_are_not_equally_soon():
    found = Memory({name: [Run(0, courses={"loss": NEVER})] for name in ("relu", "tanh")}, seeds=1)
    for sentence in ("{} <= {}", "{} >= {}", "not {} <= {}"):
        check = sentence.format("steps_until(loss(relu) < 1)", "steps_until(loss(tanh) < 1)")
        assert judge(claim(check), NETWORKS, found).outcome is ERROR


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        ("test_error(relu) > 50", ERROR),  # a figure that was left behind is none
        ("validation_cost(relu) stays below 3", ERROR),
        ("validation_cost(relu) stays below 3 until epoch 2", PASS),
        ("validation_cost(relu) stays below 2.2", FAIL),
        ("not validation_cost(relu) falls below 1", ERROR),
        ("not validation_cost(relu) falls below 1 before epoch 2", PASS),
        ("gradient_std(relu, layer=1) < 9", ERROR),
        ("gradient_std(relu, layer=1) at 100 % < 9", ERROR),
        ("gradient_std(relu, layer=1) at epoch 2 < 9", PASS),
        ("loss(relu) stays below 9", FAIL),
        ("loss(relu) at best > 9", PASS),
    ],
)
def test_what_was_last_recorded_of_a_diverged_run_is_not_its_end(check, outcome):
    lost = Run(
        figures={"test_error": 90.0},
        courses={"validation_cost": [2.3, 2.1], "loss": [2.3] * 19 + [20.0]},
        layer_courses={"gradient_std": [[1.0, 1.0]] * 3},
        layer_steps=(1, 20, 29),
        diverged=True,
        last_step=30,
    )
    assert judge(claim(check), NETWORKS, Memory({"relu": [lost]})).outcome is outcome


def test_the_loss_of_a_diverged_run_without_a_best_epoch_has_none():
    assert judge(claim("loss(relu) at best > 1"), NETWORKS, courses([2.0], name="loss", diverged=True)).outcome is ERROR


def test_before_the_first_measurement_nothing_can_be_said():
    for check in ("not validation_cost(relu) falls below 5 before epoch 1", "validation_cost(relu) stays below 5 until step 9"):
        verdict = judge(claim(check), NETWORKS, courses(FALLING))
        assert verdict.outcome is ERROR
        assert "was not recorded before" in verdict.words


def test_what_was_first_measured_in_training_is_not_the_start():
    check = claim("gradient_std(sigmoid, layer=1) at start < 9")
    assert judge(check, NETWORKS, layered(RISING, steps=(0, 50, 100))).outcome is PASS
    assert judge(check, NETWORKS, layered(RISING, steps=(4, 50, 100))).outcome is ERROR


def test_how_long_it_took_is_not_known_where_measurements_are_no_numbers():
    check = claim("steps_until(gradient_std(sigmoid, layer=1) > 9) > 50")
    assert judge(check, NETWORKS, layered(RISING)).outcome is PASS  # never
    assert judge(check, NETWORKS, layered([[1, 2, 4, 9], [math.nan] * 4, [6, 5, 1, 9]])).outcome is ERROR
