"""Whether examples can be divided into batches of a size."""

from __future__ import annotations

from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.network.plan import Shape, normalizes_alone, plan


def resolve_batch_size(experiment: Experiment, shape: Shape, examples: int) -> int:
    """The size of a batch, with `full` filled in.

    Args:
        experiment: whose batch size it is.
        shape: of one example, as the network takes it.
        examples: training examples in an epoch.

    Raises:
        ConfigurationError: the examples cannot be divided so.
    """
    problem = batch_size_problem(experiment, shape, examples)
    if problem:
        raise ConfigurationError.at("batch_size", problem)
    return examples if experiment.batch_size == "full" else experiment.batch_size


def batch_size_problem(experiment: Experiment, shape: Shape, examples: int, rest: int = 0) -> str:
    """What is wrong with a batch size; empty if nothing is.

    Args:
        experiment: whose batch size it is.
        shape: of one example, as the network takes it.
        examples: training examples in an epoch.
        rest: those left in the epoch within which the size begins to hold.
    """
    size = examples if experiment.batch_size == "full" else experiment.batch_size
    if size > examples:
        return (
            f"{size} is more than the {examples} training examples; use at most {examples}, or full for all of them in each step"
        )
    if 1 not in (size, examples % size, rest % size) or not normalizes_alone(experiment.model, plan(experiment.model, shape)):
        return ""
    if examples == 1:
        return (
            "batch norm finds no spread in one training example; learn from more (fewer members of a disjoint ensemble), "
            "or leave batch norm out"
        )
    if size == 1:
        return "a batch of one example has no spread for batch norm to find; use at least 2"
    fitting = [other for other in range(2, examples + 1) if 1 not in (examples % other, rest % other)]
    nearest = min(fitting, key=lambda other: abs(other - size))
    of = f"{examples} training examples" if examples % size == 1 else f"{rest} training examples left in this epoch"
    return f"{size} leaves a last batch of one of the {of}, in which batch norm finds no spread; use {nearest}"
