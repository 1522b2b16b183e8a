"""What a verdict says: the numbers, and which part failed."""

from __future__ import annotations

import math

import pytest

from tests.workbench.claims.memory import DEPTH, LR, NETWORK, Memory, Run, claim, planned, recipe
from workbench.claims import Number, Outcome, Unit, judge
from workbench.claims.wording import number_words, plain, told_apart
from workbench.recipes.records import Selection

NETWORKS = planned(recipe(NETWORK))
ERRORS = Memory(
    {
        "sigmoid": [Run(seed, {"test_error": value}) for seed, value in enumerate((88, 89, 89.1))],
        "relu": [Run(seed, {"test_error": value}) for seed, value in enumerate((3.0, 3.1, 3.2))],
        "tanh": [Run(seed, {"test_error": value}) for seed, value in enumerate((3.101, 3.102, 3.103))],
    }
)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("test_error(sigmoid) > test_error(relu)", "test_error(sigmoid) 88.70 ± 0.61 % > test_error(relu) 3.10 ± 0.10 %"),
        ("test_error(sigmoid) < test_error(relu)", "test_error(sigmoid) 88.70 ± 0.61 %, not < test_error(relu) 3.10 ± 0.10 %"),
        (
            "test_error(relu) < test_error(sigmoid) < 80",
            "test_error(relu) 3.10 ± 0.10 % < test_error(sigmoid) 88.70 ± 0.61 %, not < 80",
        ),
        ("test_error(relu) < test_error(tanh)", "test_error(relu) 3.10 ± 0.10 % < test_error(tanh) 3.102 ± 0.001 %"),
        ("test_error(relu) + 1 % < 5 %", "test_error(relu) + 1 % = 4.10 ± 0.10 % < 5 %"),
        (
            "test_error(relu) < 5 and test_error(sigmoid) < 5",
            "fails: test_error(sigmoid) 88.70 ± 0.61 %, not < 5; holds: test_error(relu) 3.10 ± 0.10 % < 5",
        ),
        ("not test_error(sigmoid) < 5", "test_error(sigmoid) 88.70 ± 0.61 %, not < 5"),
        (
            "not (test_error(relu) < 5 and test_error(sigmoid) < 5)",
            "contrary of: fails: test_error(sigmoid) 88.70 ± 0.61 %, not < 5; holds: test_error(relu) 3.10 ± 0.10 % < 5",
        ),
        ("test_error(relu) > 5 or test_error(sigmoid) > 5", "test_error(sigmoid) 88.70 ± 0.61 % > 5"),
        (
            "for every network: test_error < 50",
            "fails: test_error [sigmoid] 88.70 ± 0.61 %, not < 50; "
            "holds: test_error [relu] 3.10 ± 0.10 % < 50; test_error [tanh] 3.102 ± 0.001 % < 50",
        ),
        (
            "test_error(relu) < test_error(sigmoid) at p 0.01 by welch",
            "test_error(relu) 3.10 ± 0.10 % < test_error(sigmoid) 88.70 ± 0.61 % "
            "(Welch's t test, one-sided: p = 5.1e-06, n = 3 and 3; below 0.01)",
        ),
    ],
)
def test_sentences(check, words):
    assert judge(claim(check), NETWORKS, ERRORS).words == words


def test_a_trend_tells_all_values_and_where_it_breaks():
    plan = planned(recipe(DEPTH))
    found = Memory({f"depth={depth}": [Run(0, {"test_error": value})] for depth, value in ((2, 1.5), (4, 2.25), (8, 2))})
    verdict = judge(claim("test_error rises over depth"), plan, found)
    assert verdict.words == "test_error over depth: 1.50 % (2), 2.25 % (4), 2 % (8): does not rise from 4 to 8"
    assert [number.text for number in verdict.numbers] == [f"test_error [depth={depth}]" for depth in (2, 4, 8)]


def test_many_groups_are_not_all_told():
    plan = planned(recipe(NETWORK, DEPTH))
    found = Memory({group.label: [Run(0, {"test_error": 5.0})] for group in plan.groups})
    words = judge(claim("for every network, depth: test_error < 4"), plan, found).words
    assert words.endswith("; and 5 more")
    assert words.count("not < 4") == 4


def test_the_first_quantity_is_what_stands_beside_the_published_one():
    verdict = judge(claim("0 < test_error(relu) < test_error(sigmoid)"), NETWORKS, ERRORS)
    assert verdict.ours == pytest.approx(3.1)
    assert [number.text for number in verdict.numbers] == ["test_error(relu)", "test_error(sigmoid)"]
    assert verdict.numbers[0].std == pytest.approx(0.1)
    assert judge(claim("test_error(what) < 5"), NETWORKS, ERRORS).ours is None


@pytest.mark.parametrize(
    ("values", "unit", "words"),
    [
        ((88.7,), Unit.PERCENT, "88.70 %"),
        ((3.14159,), Unit.PERCENT, "3.14 %"),
        ((0.0312345,), Unit.PERCENT, "0.0312 %"),
        ((2300, 2300), Unit.COUNT, "2,300 ± 0"),
        ((2300, 2350), Unit.COUNT, "2,325 ± 35"),
        ((7.9e-6, 8.1e-6), Unit.NUMBER, "8.000e-06 ± 1.4e-07"),
        ((0.5, 0.5 + 1e-9), Unit.NUMBER, "0.5000 ± 7.1e-10"),
        ((0.9455, 0.9433), Unit.SHARE, "0.9444 ± 0.0016"),
        ((1.0, 9.0), Unit.NUMBER, "5.0 ± 5.7"),
        ((0.0,), Unit.NUMBER, "0"),
        ((12345678.0,), Unit.NUMBER, "1.235e+07"),
        ((61.0, 63.0), Unit.SECONDS, "1:02 ± 1.4 s"),
        ((math.inf, 1.0), Unit.NUMBER, "infinite (in 1 of 2 runs)"),
        ((math.inf, math.inf), Unit.NUMBER, "infinite"),
        ((-2.5,), Unit.NUMBER, "-2.500"),
    ],
)
def test_numbers(values, unit, words):
    assert number_words(Number("x", values, unit)) == words


def test_numbers_that_differ_are_not_written_alike():
    close = Number("a", (0.123451,), Unit.NUMBER), Number("b", (0.123459,), Unit.NUMBER)
    assert len({number_words(each, told_apart(*close)) for each in close}) == 2
    assert told_apart(close[0], close[0]) == 4
    assert plain(math.nan) == "nan"


# --- the best of an axis ----------------------------------------------------------------------

CHOSEN = planned(recipe(NETWORK, LR, choose=Selection("lr", "validation_error")), seeds=2)


def tuned(**more):
    """Runs of which sigmoid validates best with 0.1, relu with 0.01; relu diverges with 1.0; tanh has equals."""
    validation = {"sigmoid": (50, 40, 60), "relu": (3, 9, None), "tanh": (7, 7, 8)}
    test = {"sigmoid": (51, 43, 30), "relu": (4, 2, None), "tanh": (8, 9, 1)}
    found = {}
    for network, values in validation.items():
        for lr, by, error in zip(("0.01", "0.1", "1.0"), values, test[network], strict=True):
            made = [Run(seed, {} if by is None else {"validation_error": by, "test_error": error}) for seed in (0, 1)]
            if by is None:
                made[1].diverged = True
                made[0].figures = {"validation_error": 0.0, "test_error": 0.0}
            found[f"{network}, lr={lr}"] = made
    return Memory({**found, **more})


def test_the_best_variation_is_taken_and_told():
    verdict = judge(claim("test_error(sigmoid) > test_error(relu)"), CHOSEN, tuned())
    assert verdict.outcome is Outcome.PASS
    assert verdict.words == "test_error(sigmoid) [lr=0.1] 43 ± 0 % > test_error(relu) [lr=0.01] 4 ± 0 %"


def test_one_that_is_named_is_not_chosen_and_all_can_be_gone_over():
    assert judge(claim("test_error(sigmoid, lr=1.0) < 31"), CHOSEN, tuned()).outcome is Outcome.PASS
    assert judge(claim("test_error(sigmoid) falls over lr"), CHOSEN, tuned()).outcome is Outcome.PASS
    words = judge(claim("for every network: test_error < 50"), CHOSEN, tuned()).words
    assert words == (
        "test_error [sigmoid, lr=0.1] 43 ± 0 % < 50; test_error [relu, lr=0.01] 4 ± 0 % < 50; test_error [tanh, lr=0.01] 8 ± 0 % < 50"
    )


def test_what_is_chosen_needs_all_runs():
    missing = tuned(**{"relu, lr=1.0": [Run(0, {"validation_error": 99.0}), None]})
    assert judge(claim("test_error(relu) < 5"), CHOSEN, missing).outcome is Outcome.ERROR
    assert judge(claim("test_error(relu) < 5"), CHOSEN, missing, partial=True).outcome is Outcome.OPEN


def test_of_an_accuracy_the_greatest_is_the_best():
    plan = planned(recipe(LR, choose=Selection("lr", "validation_accuracy")), seeds=1)
    found = Memory(
        {f"lr={lr}": [Run(0, {"validation_accuracy": value})] for lr, value in (("0.01", 0.5), ("0.1", 0.9), ("1.0", 0.7))}
    )
    assert judge(claim("validation_accuracy > 0.8"), plan, found).words == "validation_accuracy [lr=0.1] 0.9000 > 0.8"
