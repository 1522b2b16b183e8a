"""Which cost and which outputs a network has, with `auto` filled in. Needs no torch."""

from __future__ import annotations

from engine.catalog import Pick
from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.parts import cost_output_problem

CANONICAL_OUTPUT = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}


def resolve_cost(experiment: Experiment, task: str) -> Pick:
    """The cost with `auto` filled in.

    Raises:
        ConfigurationError: the cost needs classes and the task has none, or does not fit the output activation.
    """
    pick = experiment.cost
    if pick.kind == "auto":
        pick = Pick("cross_entropy" if task == "classification" else "mean_squared")
    if task == "regression" and pick.kind in CANONICAL_OUTPUT:
        raise ConfigurationError.at("cost", f"{pick.kind} needs classes, but this data has numbers to predict; use mean_squared")
    problem = cost_output_problem(pick.kind, experiment.model.output.kind)
    if problem:
        raise ConfigurationError.at("model.output", problem)
    return pick


def resolve_output(experiment: Experiment, cost: Pick) -> Pick:
    """The output activation with `auto` filled in."""
    pick = experiment.model.output
    return Pick(CANONICAL_OUTPUT.get(cost.kind, "identity")) if pick.kind == "auto" else pick


def output_width(cost: Pick, task: str, classes: int) -> int:
    """Outputs of the network: one for a number or a yes-or-no, else one for each class."""
    if task == "regression" or (cost.kind == "binary_cross_entropy" and classes == 2):
        return 1
    return classes
