"""When distributions are taken is decided by the experiment's sizes alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.events import LayerInfo
from engine.experiment import Experiment
from engine.probes.occasions import LONGEST_JACOBIANS, SHARE, Occasions, jacobian_seconds, occasions, taking_seconds
from engine.probes.schedule import Size, step_seconds

DIGITS = Size(members=1, batch=64, layers=4, weights=12_928, units=202, products=12_928)
DIGITS_LAYERS = tuple(
    LayerInfo(name, n_in, n_out, "relu", 0, shape=(n_out,))
    for name, n_in, n_out in (("hidden 1", 64, 64), ("hidden 2", 64, 64), ("hidden 3", 64, 64), ("output", 64, 10))
)
WIDE = Size(members=1, batch=10, layers=6, weights=5_033_000, units=5009, products=5_033_000)
WIDE_LAYERS = tuple(
    LayerInfo(f"hidden {k}", n_in, 1000, "tanh", 0, shape=(1000,)) for k, n_in in enumerate([1024, 1000, 1000, 1000, 1000])
)


def planned(
    epochs: int, steps_per_epoch: int = 23, size: Size = DIGITS, layers: tuple[LayerInfo, ...] = DIGITS_LAYERS, **monitor: object
) -> Occasions:
    experiment = Experiment.parse({"monitor": monitor})
    return occasions(experiment, size, layers, examples=180, steps=epochs * steps_per_epoch, steps_per_epoch=steps_per_epoch)


def after(plan: Occasions, epochs: int) -> list[int]:
    return [epoch for epoch in range(1, epochs + 1) if plan.after_epoch(epoch)]


def test_never_is_never() -> None:
    plan = planned(10_000, distributions="never", jacobian="always")
    assert (plan.start, plan.end, plan.jacobian, after(plan, 100)) == (False, False, False, [])


def test_every_so_many_epochs_and_at_both_ends_whatever_it_costs() -> None:
    plan = planned(10, distributions=3, size=WIDE, layers=WIDE_LAYERS)
    assert (plan.start, plan.end, plan.jacobian, after(plan, 10)) == (True, True, False, [3, 6, 9])
    assert plan.count(10) == 5
    assert planned(9, distributions=3).count(9) == 4  # the last epoch's are those of the end


def test_a_long_training_has_them_after_all_powers_of_two() -> None:
    plan = planned(3000)
    assert plan.start
    assert plan.end
    assert after(plan, 100) == [1, 2, 4, 8, 16, 32, 64]


def test_a_shorter_one_has_fewer_of_them_and_a_very_short_one_none() -> None:
    factors = [planned(epochs).factor for epochs in (4000, 300, 100, 60, 40)]
    assert factors[0] == 2
    assert factors[-1] in (0, 64)
    sparse = planned(60)
    assert sparse.start
    assert sparse.end
    assert sparse.factor not in (0, 2)
    assert after(sparse, 60) == [epoch for epoch in (1, sparse.factor, sparse.factor**2) if epoch <= 60]
    assert planned(20) == Occasions(end=True)
    assert planned(5) == Occasions()


def test_the_usual_training_of_the_digits_has_them_at_both_ends() -> None:
    assert planned(30) == Occasions(start=True, end=True)


@pytest.mark.parametrize("epochs", [1, 2, 3, 10, 30, 100, 1000, 100_000, 10_000_000])
@pytest.mark.parametrize("budget", [0.01, 0.05, 0.5])
@pytest.mark.parametrize(("size", "layers"), [(DIGITS, DIGITS_LAYERS), (WIDE, WIDE_LAYERS)])
def test_the_estimated_cost_stays_within_the_share(epochs: int, budget: float, size: Size, layers: tuple[LayerInfo, ...]) -> None:
    plan = planned(epochs, 100, size, layers, budget=budget)
    each = taking_seconds(size, 180) + plan.jacobian * jacobian_seconds(size, layers)
    assert plan.count(epochs) * each <= SHARE * budget * epochs * 100 * step_seconds(size)
    if epochs <= 1000:
        assert plan.count(epochs) == plan.start + plan.end + len(after(plan, epochs - 1))


def test_jacobians_come_with_long_trainings_of_small_layers() -> None:
    assert [planned(epochs).jacobian for epochs in (30, 1000)] == [False, True]
    assert not planned(1_000_000, size=WIDE, layers=WIDE_LAYERS).jacobian
    assert jacobian_seconds(WIDE, WIDE_LAYERS) > LONGEST_JACOBIANS


def test_jacobians_that_were_asked_for_are_measured_at_both_ends_at_least() -> None:
    plan = planned(1, size=WIDE, layers=WIDE_LAYERS, jacobian="always")
    assert (plan.start, plan.end, plan.jacobian) == (True, True, True)
    assert not planned(1000, jacobian="never").jacobian
    assert planned(1000, jacobian="never").start


def test_layers_without_a_jacobian_cost_nothing() -> None:
    picture = replace(DIGITS_LAYERS[0], kind="conv", shape=(4, 4, 4))
    state = replace(DIGITS_LAYERS[0], kind="lstm")
    assert jacobian_seconds(DIGITS, (picture, state)) == 0
    assert jacobian_seconds(DIGITS, DIGITS_LAYERS) > 0


@pytest.mark.parametrize("grown", ["layers", "weights", "units", "members", "products"])
def test_more_of_anything_is_expected_to_take_longer(grown: str) -> None:
    more = replace(DIGITS, **{grown: 10 * getattr(DIGITS, grown)})
    assert taking_seconds(more, 300) > 1.1 * taking_seconds(DIGITS, 300)
