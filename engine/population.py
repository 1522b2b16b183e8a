"""Which experiments can be trained together in one set of stacked tensors."""

from __future__ import annotations

from collections.abc import Sequence

from engine.experiment import Experiment

FREE_SETTINGS = ("seed", "lr", "l1", "l2", "schedule", "model.dropout", "model.init", "model.bias_init")
"""What the members of a population may have of their own. Optimizers may differ in their parameters, not in kind."""


def population_key(experiment: Experiment) -> str:
    """Text that two experiments share if and only if they can be trained in one population."""
    values = experiment.to_dict()
    for path in FREE_SETTINGS:
        *parents, name = path.split(".")
        table = values
        for parent in parents:
            table = table[parent]
        table.pop(name)
    values["optimizer"] = experiment.optimizer.kind
    return repr(values)


def populations(experiments: Sequence[Experiment]) -> list[list[int]]:
    """Group experiments that can be trained together; each group lists positions in `experiments`."""
    groups: dict[str, list[int]] = {}
    for position, experiment in enumerate(experiments):
        groups.setdefault(population_key(experiment), []).append(position)
    return list(groups.values())
