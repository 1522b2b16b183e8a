"""What is trained at once fits into memory and does not take for ever, and ensembles stay whole."""

from __future__ import annotations

import pytest

from engine.data_outline import known
from engine.experiment import Experiment
from engine.outline import outline
from engine.population import expand
from tests.workbench.reproduction.written import planned
from workbench.recipes.records import Group
from workbench.reproduction import portions as module
from workbench.reproduction.portions import portions
from workbench.reproduction.sizes import cost_of, size_of
from workbench.reproduction.trials import trials_of

SMALL = Experiment.parse({"model": {"depth": 2, "width": 16}, "steps": 40, "device": "cpu"})


def trials(*experiments):
    return trials_of(Group((), experiments))


def seeds(experiment, count):
    return [experiment.with_settings({"seed": seed}) for seed in range(count)]


def sizes(wanted):
    return [[len(trial.experiments) for trial in portion] for portion in portions(wanted)]


def test_experiments_of_one_shape_are_trained_together_and_others_apart():
    deep = SMALL.with_settings({"model.depth": 3})
    wanted = trials(SMALL, deep, SMALL.with_settings({"lr": 0.5}), deep.with_settings({"seed": 1}))
    made = portions(wanted)
    assert [[trial.experiments[0].model.depth for trial in portion] for portion in made] == [[2, 2], [3, 3]]


def test_so_many_seeds_are_cut_into_portions_of_like_size():
    count = module.MOST_MEMBERS + 2
    assert [len(portion) for portion in portions(trials(*seeds(SMALL, count)))] == [count // 2, count // 2]


def test_what_takes_long_is_trained_alone(monkeypatch):
    size = size_of(SMALL, read=False)
    monkeypatch.setitem(module.OPERATIONS, "cpu", 2.5 * size.operations)
    assert [len(portion) for portion in portions(trials(*seeds(SMALL, 5)))] == [2, 2, 1]
    monkeypatch.setitem(module.OPERATIONS, "cpu", 0.1 * size.operations)
    assert [len(portion) for portion in portions(trials(*seeds(SMALL, 3)))] == [1, 1, 1]


def test_what_needs_much_memory_is_trained_alone(monkeypatch):
    memory = module._device("cpu")[1]
    monkeypatch.setattr(module, "SHARE_OF_MEMORY", 3 * size_of(SMALL, read=False).memory / memory)
    assert [len(portion) for portion in portions(trials(*seeds(SMALL, 6)))] == [3, 3]


def test_ensembles_are_never_parted_and_never_together():
    ensembles = [member for seed in (0, 5) for member in expand(SMALL.with_settings({"ensemble.members": 5, "seed": seed}))]
    assert sizes(trials(*ensembles, SMALL)) == [[5], [5], [1]]


def test_data_that_cannot_be_read_are_left_to_the_training_to_tell(tmp_path):
    absent = SMALL.with_settings({"data.name": str(tmp_path / "absent.csv"), "data.target": "y"})
    assert size_of(absent, read=True) is None
    assert sizes(trials(*seeds(absent, 2))) == [[1], [1]]


def test_a_size_is_that_of_the_outline():
    made = outline(SMALL, known(SMALL.data))
    size = size_of(SMALL, read=False)
    assert size.operations == (made.forward + made.backward) * 40
    assert size.memory > 4 * made.memory.parameters


def test_the_cost_of_a_plan_counts_each_run_once(tmp_path):
    plan = planned(tmp_path)
    cost = cost_of(plan)
    each = [size_of(group.experiments[0], read=False).operations for group in plan.groups]
    assert (cost.runs, cost.operations) == (4, 2 * sum(each))


def test_the_cost_of_files_is_not_known_before_they_are_read(tmp_path):
    (tmp_path / "points.csv").write_text("x,y\n" + "".join(f"{x},{x % 7}\n" for x in range(60)), encoding="utf-8")
    base = '[base]\ndata.name = "points.csv"\ndata.target = "y"\nsteps = 40\n'
    cost = cost_of(planned(tmp_path, base=base))
    assert (cost.runs, cost.operations) == (4, None)


@pytest.mark.parametrize("name", ["cpu", "cuda:99"])
def test_a_device_that_is_not_there_is_left_to_the_training_to_tell(name):
    assert module._device(name)[1] > 0
