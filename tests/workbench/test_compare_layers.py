"""Layers of two runs against each other."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from engine.vocabulary import Statistic
from workbench.compare_curves import Alignment
from workbench.compare_layers import difference_map, layer_map
from workbench.history.series import LayerSeries, StepSeries

NAMES = ("hidden 1", "hidden 2", "output")


@dataclass
class Record:
    id: int
    steps_per_epoch: int


@dataclass
class Run:
    """As much of a run as its layers look at."""

    record: Record
    steps: Any = None


def run(number, per_epoch=10):
    steps = np.arange(1.0, 101.0)
    return Run(Record(number, per_epoch), StepSeries(steps, steps / 50, steps, steps))


def series(values, steps=(1.0, 50.0, 100.0), names=NAMES):
    return LayerSeries(names, np.array(steps), np.array(values, np.float64))


def test_the_layers_of_one_run_are_as_they_were_measured():
    given = series([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    found = layer_map(run(5), given, Statistic.GRADIENT_STD, Alignment.STEP)
    assert (found.title, found.names, found.log, found.diverging) == ("gradient std of run 5", NAMES, True, False)
    assert found.values.tolist() == given.values.tolist()
    assert layer_map(run(5), given, Statistic.GRADIENT_MEAN, Alignment.STEP).diverging
    assert not layer_map(run(5), given, Statistic.SATURATED, Alignment.STEP).log


def test_layers_are_aligned_as_curves_are():
    given = series([[1, 2, 3]] * 3)
    assert layer_map(run(5), given, Statistic.DEAD, Alignment.EPOCH).x.tolist() == pytest.approx([0.1, 5, 10])
    assert layer_map(run(5), given, Statistic.DEAD, Alignment.TIME).x.tolist() == pytest.approx([0.02, 1, 2])


def test_positive_statistics_are_divided_and_others_subtracted():
    one, other = series([[4, 4, 4]] * 3), series([[1, 2, 8]] * 3)
    found = difference_map(run(5), one, run(3), other, Statistic.GRADIENT_STD, Alignment.STEP)
    assert found.title == "gradient std: run 5 / run 3"
    assert found.values.tolist() == pytest.approx(np.array([[4, 2, 0.5]] * 3))
    assert found.log
    assert found.diverging
    found = difference_map(run(5), one, run(3), other, Statistic.SATURATED, Alignment.STEP)
    assert found.title == "saturated: run 5 − run 3"
    assert found.values.tolist() == [[3, 2, -4]] * 3
    assert not found.log


def test_the_baseline_is_straight_between_its_measurements_in_its_logarithm_where_positive():
    one = series([[1.0, 1.0, 1.0]], steps=(1.0, 51.0, 101.0), names=("a",))
    other = series([[1.0, 100.0]], steps=(1.0, 101.0), names=("a",))
    ratio = difference_map(run(5), one, run(3), other, Statistic.WEIGHT_NORM, Alignment.STEP)
    assert ratio.values[0].tolist() == pytest.approx([1, 0.1, 0.01])
    plain = difference_map(run(5), one, run(3), other, Statistic.DEAD, Alignment.STEP)
    assert plain.values[0].tolist() == pytest.approx([0, -49.5, -99])


def test_only_layers_and_places_that_both_have_are_compared():
    deep = series([[1.0] * 3] * 3)
    flat = series([[2.0] * 2] * 2, steps=(1.0, 60.0), names=("hidden 1", "output"))
    found = difference_map(run(5), deep, run(3), flat, Statistic.WEIGHT_NORM, Alignment.STEP)
    assert found.names == ("hidden 1", "output")
    assert found.x.tolist() == [1, 50]
    assert (found.values == 0.5).all()
    nothing = series([], steps=(), names=())
    assert difference_map(run(5), deep, run(3), nothing, Statistic.WEIGHT_NORM, Alignment.STEP).values.size == 0


def test_what_is_zero_or_not_finite_has_no_ratio_and_float_noise_is_none():
    one, other = series([[0.0, np.nan, 1.0 + 1e-9]] * 3), series([[0.0, 1.0, 1.0]] * 3)
    found = difference_map(run(5), one, run(3), other, Statistic.GRADIENT_STD, Alignment.STEP)
    assert np.isnan(found.values[0, :2]).all()
    assert found.values[0, 2] == 1.0
