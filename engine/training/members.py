"""Which training examples the members of an ensemble learn from."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.generators import generator


def member_rows(experiments: Sequence[Experiment], examples: int) -> Tensor | None:
    """Positions of the training examples that each member learns from, `[P, N']`; None where it is all of them.

    Bagging draws as many examples as there are, with replacement, from a generator of the member's own seed (Breiman 1996).
    Disjoint parts are equal shares of one random permutation, which hangs on the data's seed and the size of the ensemble
    alone; what is left over belongs to nobody.

    Args:
        experiments: one for each member.
        examples: in the training part.

    Raises:
        ConfigurationError: there are not enough examples for disjoint parts.
    """
    lead = experiments[0]
    if lead.ensemble.by == "bagging":
        draws = [generator(experiment.seed, "bootstrap") for experiment in experiments]
        return torch.stack([torch.randint(examples, (examples,), generator=draw) for draw in draws])
    if lead.ensemble.by == "disjoint":
        members = lead.ensemble.members
        share = examples // members
        if share == 0:
            raise ConfigurationError.at(
                "ensemble.members", f"{members} members cannot share {examples} training examples; use at most {examples}"
            )
        order = torch.randperm(examples, generator=generator(lead.data.seed, "disjoint parts"))
        parts = order[: members * share].view(members, share)
        return torch.stack([parts[experiment.ensemble.member] for experiment in experiments])
    return None


def rows_note(lead: Experiment, rows: Tensor | None, examples: int) -> tuple[str, ...]:
    """What the user is told of it."""
    if rows is None:
        return ()
    if lead.ensemble.by == "bagging":
        return (f"each member learns from {examples} training examples drawn with replacement; scores for train are of them all",)
    share, left_over = rows.shape[1], examples % lead.ensemble.members
    note = f"each of the {lead.ensemble.members} members learns from {share} training example{'s' * (share != 1)} of its own"
    rest = f"; {left_over} {'is' if left_over == 1 else 'are'} left out" if left_over else ""
    return (f"{note}{rest}; scores for train are of everyone's",)
