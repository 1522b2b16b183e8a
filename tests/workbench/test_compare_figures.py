"""Final figures held against each other."""

import math
import statistics
from dataclasses import dataclass

import pytest

from workbench.compare_figures import FIGURES, Delta, Figure, Kind, Summary, delta, grouped, summary
from workbench.history import RunRecord

COST, ACCURACY, STEPS = (next(each for each in FIGURES if each.field == name) for name in ("test_cost", "test_accuracy", "step"))


@dataclass
class Run:
    """As much of a record as figures look at."""

    test_cost: float | None = None
    test_accuracy: float | None = None
    experiment_hash: str = ""
    id: int = 0


def test_every_figure_is_a_field_of_a_run():
    assert {figure.field for figure in FIGURES} <= set(RunRecord.__dataclass_fields__)


def test_mean_and_sample_standard_deviation_of_a_group():
    values = [0.1, 0.4, 0.25]
    found = summary(COST, [Run(value) for value in values])
    assert found == Summary(3, statistics.mean(values), statistics.stdev(values))
    assert found.text(Kind.NUMBER) == "0.25 ± 0.15"
    assert Summary(3, 0.9704, 0.00321).text(Kind.SHARE) == "97.04 ± 0.32%"


def test_a_single_run_has_no_deviation_and_runs_without_the_figure_do_not_count_which_is_said():
    assert summary(COST, [Run(0.5), Run(None)]) == Summary(1, 0.5, None, without=1)
    assert summary(COST, [Run(0.5), Run(None)]).text(Kind.NUMBER) == "0.5 (1 of 2)"
    assert summary(COST, [Run(0.1), Run(None), Run(0.4)]).text(Kind.NUMBER) == "0.25 ± 0.212 (2 of 3)"
    assert summary(COST, [Run(None)]) is None
    assert Summary(1, 0.9704, None).text(Kind.SHARE) == "97.04%"


def test_a_figure_that_is_not_finite_makes_the_mean_so_and_it_is_said_in_how_many_runs():
    found = summary(COST, [Run(0.5), Run(math.inf), Run(None)])
    assert found is not None
    assert math.isnan(found.mean)
    assert found.text(Kind.NUMBER) == "– (1 of 3 not finite)"
    assert summary(COST, [Run(math.inf)]).text(Kind.NUMBER) == "inf"


@pytest.mark.parametrize(
    ("figure", "value", "verdict", "text"),
    [
        (COST, 0.4, 1, "−0.1 ✓"),
        (COST, 0.75, -1, "+0.25 ✗"),
        (ACCURACY, 0.75, 1, "+25.00 ✓"),
        (ACCURACY, 0.25, -1, "−25.00 ✗"),
        (COST, 0.5, 0, "="),
        (STEPS, 1500.0, 0, "+1,500"),
    ],
)
def test_a_difference_says_by_how_much_and_whether_that_is_better(figure, value, verdict, text):
    found = delta(figure, Summary(1, value, None), Summary(1, 0.5 if figure is not STEPS else 0.0, None))
    assert found is not None
    assert found.verdict == verdict
    assert found.text(figure) == text


def test_there_is_no_difference_to_what_is_absent_or_not_finite():
    one = Summary(1, 0.5, None)
    assert delta(COST, one, None) is None
    assert delta(COST, None, one) is None
    assert delta(COST, one, Summary(1, math.nan, None)) is None
    assert Delta(0.5, 1).text(Figure("x", "x", Kind.NUMBER, 1)) == "+0.5 ✓"


def test_runs_of_one_experiment_are_grouped_in_their_order():
    runs = [Run(experiment_hash=text, id=number) for number, text in enumerate("abacb")]
    assert [[run.id for run in group] for group in grouped(runs)] == [[0, 2], [1, 4], [3]]
