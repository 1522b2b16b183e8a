"""Ensembles: who is in them, and which examples each member learns from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from engine.errors import ConfigurationError
from engine.events import Started
from engine.experiment import Experiment
from engine.population import expand, populations, whole_ensemble
from engine.training import Callback, Run
from engine.training.control import Control
from engine.training.loop import Training, train
from engine.training.prepare import prepare
from tests.engine.conftest import experiment, trained

E = {"steps": None, "epochs": 3}


# --- who is in it ------------------------------------------------------------


def test_an_ensemble_is_a_population_of_members_with_seeds_of_their_own() -> None:
    members = expand(experiment(seed=5, ensemble__members=3))
    assert [e.seed for e in members] == [5, 6, 7]
    assert [e.ensemble.member for e in members] == [0, 1, 2]
    assert populations(members) == [[0, 1, 2]]
    assert len({e.hash for e in members}) == 1


def test_what_is_no_ensemble_or_a_member_already_stays_as_it_is() -> None:
    plain, member = experiment(), expand(experiment(ensemble__members=3))[2]
    assert expand(plain) == (plain,)
    assert expand(member) == (member,)


def test_every_member_leads_back_to_the_whole_ensemble() -> None:
    whole = experiment(seed=5, ensemble__members=3)
    assert [whole_ensemble(member) for member in expand(whole)] == [whole] * 3
    assert whole_ensemble(experiment(seed=5)) == experiment(seed=5)


def test_seeds_that_are_not_there_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="leaves no seeds for 3 members"):
        expand(experiment(seed=2**63 - 2, ensemble__members=3))
    assert len(expand(experiment(seed=2**63 - 3, ensemble__members=3))) == 3


def test_ensembles_that_differ_are_trained_apart_even_where_members_would_fit_together() -> None:
    first, second = (expand(experiment(ensemble__members=2, lr=lr)) for lr in (0.1, 0.2))
    other_seeds = expand(experiment(ensemble__members=2, lr=0.1, seed=2))
    experiments = [*first, *second, *other_seeds, experiment(), experiment(lr=0.5), *first]
    assert populations(experiments) == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]


# --- what members learn from -------------------------------------------------


def rows(members: Sequence[Experiment]) -> torch.Tensor:
    found = prepare(members).rows
    assert found is not None
    return found


def test_by_seed_all_learn_from_everything() -> None:
    assert prepare(expand(experiment(ensemble__members=3))).rows is None


def test_bagging_draws_as_many_examples_with_replacement() -> None:
    """A draw of n from n leaves out a share of about (1 - 1/n)^n, which is 1/e."""
    drawn = rows(expand(experiment(data__name="digits", ensemble__members=4, ensemble__by="bagging")))
    examples = prepare([experiment(data__name="digits")]).data.train
    assert drawn.shape == (4, examples)
    left_out = [1 - len(set(member.tolist())) / examples for member in drawn]
    np.testing.assert_allclose(left_out, (1 - 1 / examples) ** examples, atol=0.03)
    assert len({tuple(member.tolist()) for member in drawn}) == 4


def test_disjoint_parts_are_equal_and_share_nothing() -> None:
    members = expand(experiment(ensemble__members=7, ensemble__by="disjoint"))
    parts = rows(members)
    assert parts.shape == (7, 17)  # 120 examples
    assert len(set(parts.flatten().tolist())) == 7 * 17
    started = next(iter(train(members)))
    assert isinstance(started, Started)
    assert started.data.notes[-1] == (
        "each of the 7 members learns from 17 training examples of its own; 1 is left out; scores for train are of everyone's"
    )
    assert started.steps_per_epoch == 2


def test_the_partition_hangs_on_the_data_and_not_on_the_members_seeds() -> None:
    settings = {"ensemble__members": 3, "ensemble__by": "disjoint"}
    assert torch.equal(rows(expand(experiment(**settings))), rows(expand(experiment(**settings, seed=9))))
    other = rows(expand(experiment(**settings, data__seed=9)))
    assert not torch.equal(rows(expand(experiment(**settings))), other)


class Seen(Callback):
    """Collects the examples that each member is shown in an epoch."""

    def __init__(self) -> None:
        self.inputs: list[torch.Tensor] = []

    def on_step_end(self, run: Run) -> None:
        if run.epoch == 1:
            self.inputs.append(run._training.network.hidden[0].affine._x.clone())


@pytest.mark.parametrize("batch_size", [16, "full"])
@pytest.mark.parametrize("by", ["bagging", "disjoint"])
def test_members_are_shown_their_examples_and_no_others(by: str, batch_size: object) -> None:
    members = expand(experiment(**E, ensemble__members=3, ensemble__by=by, batch_size=batch_size))
    seen, prepared = Seen(), prepare(members)
    list(Training(prepared, Control(), callbacks=[("seen", seen)]).events())
    shown = torch.cat(seen.inputs, 1)
    for member in range(3):
        expected = prepared.train.inputs[prepared.rows[member]]
        assert sorted(shown[member].tolist()) == sorted(expected.tolist())


@pytest.mark.parametrize("by", ["seed", "bagging", "disjoint"])
def test_a_member_learns_in_the_ensemble_what_it_would_learn_alone(by: str) -> None:
    members = expand(experiment(**E, ensemble__members=3, ensemble__by=by, model__dropout=0.2))
    together = trained(members)
    for member, e in enumerate(members):
        alone = trained([e])
        for ours, theirs in zip(together.network.parameters, alone.network.parameters, strict=True):
            torch.testing.assert_close(ours.value[member], theirs.value[0], rtol=0, atol=1e-10)


def test_batches_must_fit_the_members_part() -> None:
    with pytest.raises(ConfigurationError, match="16 is more than the 10 training examples"):
        prepare(expand(experiment(ensemble__members=12, ensemble__by="disjoint")))
    with pytest.raises(ConfigurationError, match="130 members cannot share 120 training examples"):
        prepare(expand(experiment(ensemble__members=130, ensemble__by="disjoint")))
    with pytest.raises(ConfigurationError, match="shapeset has no end"):
        experiment(data__name="shapeset", ensemble__members=3, ensemble__by="bagging")
