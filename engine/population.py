"""Which experiments can be trained together in one set of stacked tensors, and which are made of one."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import ConfigurationError
from engine.experiment import Experiment

FREE_SETTINGS = (
    "seed",
    "lr",
    "l1",
    "l2",
    "schedule",
    "model.dropout",
    "model.init",
    "model.bias_init",
    "model.bias_std",
    "ensemble.member",
)
"""What the members of a population may have of their own. Optimizers may differ in their parameters, not in kind."""


def expand(experiment: Experiment) -> tuple[Experiment, ...]:
    """The experiments of an ensemble's members, one for each: with the seeds `seed`, `seed` + 1, … and their places.

    What is no ensemble, or is one of its members but the first already, is given back alone.

    Raises:
        ConfigurationError: there are not enough seeds.
    """
    members = experiment.ensemble.members
    if members == 1 or experiment.ensemble.member > 0:
        return (experiment,)
    if experiment.seed + members > 2**63:
        raise ConfigurationError.at("seed", f"{experiment.seed} leaves no seeds for {members} members; use a smaller one")
    return tuple(
        experiment.with_settings({"seed": experiment.seed + member, "ensemble.member": member}) for member in range(members)
    )


def whole_ensemble(experiment: Experiment) -> Experiment:
    """Of a member of an ensemble the experiment that it was made from."""
    member = experiment.ensemble.member
    return experiment.with_settings({"seed": experiment.seed - member, "ensemble.member": 0}) if member else experiment


def population_key(experiment: Experiment) -> str:
    """Text that two experiments share if and only if they can be trained in one population.

    The members of an ensemble share it with nobody else: they answer together.
    """
    values = experiment.to_dict()
    alone = experiment.ensemble.members == 1
    for path in FREE_SETTINGS if alone else ("seed", "ensemble.member"):
        *parents, name = path.split(".")
        table = values
        for parent in parents:
            table = table[parent]
        table.pop(name)
    if alone:
        values["optimizer"] = experiment.optimizer.kind
    else:
        values["seed of the first"] = experiment.seed - experiment.ensemble.member
    return repr(values)


def populations(experiments: Sequence[Experiment]) -> list[list[int]]:
    """Group experiments that can be trained together; each group lists positions in `experiments`.

    An ensemble that is there twice makes two groups.
    """
    groups: dict[tuple[str, int], list[int]] = {}
    seen: dict[tuple[str, int], int] = {}  # members of ensembles
    for position, experiment in enumerate(experiments):
        key, repetition = population_key(experiment), 0
        if experiment.ensemble.members > 1:
            member = key, experiment.ensemble.member
            repetition = seen[member] = seen.get(member, -1) + 1
        groups.setdefault((key, repetition), []).append(position)
    return list(groups.values())
