"""Ensembles: who learns from what, and how good the members are together, against NumPy on their outputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from engine.errors import ConfigurationError
from engine.events import EpochEnded, Event, Finished, Score, Started
from engine.experiment import Experiment
from engine.population import expand, populations
from engine.training import Callback, Run
from engine.training.control import Control
from engine.training.loop import Training, train
from engine.training.prepare import Prepared, prepare
from engine.training.scores import Part
from engine.vocabulary import Status
from tests.engine.conftest import experiment, trained

E = {"steps": None, "epochs": 3}


def finished(events: Sequence[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


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


# --- how good they are together ----------------------------------------------


def outputs(prepared: Prepared, part: Part) -> np.ndarray:
    """Each member's outputs `[P, N, C]`, by plain matrix products in NumPy."""
    members = []
    for member in range(len(prepared.experiments)):
        h = part.inputs.numpy()
        for layer in prepared.network.hidden:
            h = np.maximum(h @ layer.affine.weight.value[member].numpy() + layer.affine.bias.value[member].numpy(), 0)
        output = prepared.network.output
        z = h @ output.affine.weight.value[member].numpy() + output.affine.bias.value[member].numpy()
        members.append(z)
    return np.stack(members)


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def assert_score(score: Score | None, cost: float, **others: float) -> None:
    assert score is not None
    assert score.cost == pytest.approx(cost, rel=1e-9)
    for name, value in others.items():
        assert getattr(score, name) == pytest.approx(value, rel=1e-9)


def end_of(members: Sequence[Experiment]) -> tuple[Prepared, Finished, list[Event]]:
    prepared = prepare(members)
    events = list(Training(prepared, Control()).events())
    return prepared, finished(events), events


def test_classes_mean_probability_and_vote() -> None:
    members = expand(experiment(**E, data__name="wine", ensemble__members=4))
    prepared, last, events = end_of(members)
    for part, told in ((prepared.validation, last.combined_validation), (prepared.test, last.combined_test)):
        h = softmax(outputs(prepared, part))
        truth = part.targets[:, 0].numpy()
        each = np.arange(len(truth))
        mean = h.mean(0)
        shares = np.stack([(h.argmax(-1) == k).mean(0) for k in range(3)], -1)
        assert told is not None
        assert_score(told.mean, -np.log(mean[each, truth]).mean(), accuracy=(mean.argmax(-1) == truth).mean())
        with np.errstate(divide="ignore"):
            assert_score(told.vote, -np.log(shares[each, truth]).mean(), accuracy=(shares.argmax(-1) == truth).mean())
    ended = [event for event in events if isinstance(event, EpochEnded)]
    assert ended[-1].combined == last.combined_validation
    assert ended[0].combined != ended[-1].combined


def test_a_yes_or_no_that_members_disagree_on() -> None:
    """One output: the mean of the probabilities, and the share of those above 1/2; in a tie the first class."""
    members = expand(
        experiment(**{**E, "epochs": 1}, data__name="breast_cancer", cost="binary_cross_entropy", ensemble__members=2)
    )
    prepared, last, _ = end_of(members)
    p = 1 / (1 + np.exp(-outputs(prepared, prepared.test)[..., 0]))
    truth = prepared.test.targets[:, 0].numpy()
    mean, share = p.mean(0), (p > 0.5).mean(0)
    assert (share == 0.5).any()
    told = last.combined_test
    assert told is not None
    cost = -np.log(np.where(truth == 1, mean, 1 - mean)).mean()
    assert_score(told.mean, cost, accuracy=((mean > 0.5) == truth).mean())
    with np.errstate(divide="ignore"):
        of_votes = -np.log(np.where(truth == 1, share, 1 - share)).mean()
    assert_score(told.vote, of_votes, accuracy=((share > 0.5) == truth).mean())


@pytest.mark.parametrize("cost", ["quadratic", "mean_absolute", "huber"])
def test_other_costs_are_those_of_the_mean_output(cost: str) -> None:
    members = expand(experiment(**E, cost=cost, model__output="tanh", ensemble__members=3))
    prepared, last, _ = end_of(members)
    h = np.tanh(outputs(prepared, prepared.test))
    y = prepared.test.targets.numpy()
    shares = np.stack([(h.argmax(-1) == k).mean(0) for k in range(3)], -1)

    def of(answer: np.ndarray) -> float:
        d = np.abs(answer - y)
        kinds = {
            "quadratic": 0.5 * (d**2).sum(-1),
            "mean_absolute": d.mean(-1),
            "huber": np.where(d <= 1, d**2 / 2, d - 0.5).mean(-1),
        }
        return float(kinds[cost].mean())

    told = last.combined_test
    assert told is not None
    assert_score(told.mean, of(h.mean(0)), accuracy=(h.mean(0).argmax(-1) == y.argmax(-1)).mean())
    assert_score(told.vote, of(shares), accuracy=(shares.argmax(-1) == y.argmax(-1)).mean())


def test_numbers_are_answered_by_their_mean_and_not_voted_on() -> None:
    members = expand(
        experiment(**{**E, "epochs": 20}, data__name="diabetes", ensemble__members=3, ensemble__by="bagging", lr=0.01)
    )
    prepared, last, _ = end_of(members)
    y = prepared.test.targets.numpy()
    error = outputs(prepared, prepared.test).mean(0) - y
    told = last.combined_test
    assert told is not None
    assert told.vote is None
    r2 = 1 - (error**2).sum() / ((y - y.mean()) ** 2).sum()
    assert_score(told.mean, (error**2).mean(), r2=r2, mae=np.abs(error).mean() * prepared.target_std)
    single = [outcome.test.cost for outcome in last.outcomes]
    assert told.mean.cost < np.mean(single)  # the error of the mean is at most the mean error (Krogh & Vedelsby 1995)


def test_members_that_diverged_have_no_voice() -> None:
    settings = {"optimizer": "sgd", "model__activation": "identity", "cost": "quadratic", "dtype": "float32"}
    members = list(expand(experiment(**E, **settings, lr=0.01, ensemble__members=3)))
    members[1] = members[1].with_settings({"lr": 1000.0})
    events = list(Training(prepare([members[0], members[2]]), Control()).events())
    assert finished(events).combined_test is None  # two of three are not the ensemble
    prepared = prepare(expand(experiment(**E, **settings, lr=0.01, ensemble__members=3)))
    prepared.network.parameters[0].value[1] = torch.inf
    last = finished(list(Training(prepared, Control()).events()))
    assert [outcome.status for outcome in last.outcomes] == [Status.DONE, Status.DIVERGED, Status.DONE]
    h = prepared.test.inputs.expand(3, -1, -1)
    answers, _ = prepared.network.forward(h, prepared.test.targets.expand(3, -1, -1), training=False)
    mean = answers[[0, 2]].double().mean(0)
    assert last.combined_test is not None
    expected = 0.5 * (mean - prepared.test.targets).square().sum(-1).mean().item()
    assert last.combined_test.mean.cost == pytest.approx(expected, rel=1e-6)


def test_an_ensemble_without_a_sound_member_answers_nothing() -> None:
    prepared = prepare(expand(experiment(**E, ensemble__members=2)))
    prepared.network.parameters[0].value.fill_(torch.nan)
    last = finished(list(Training(prepared, Control()).events()))
    assert last.combined_test is None


def test_members_that_ended_answer_with_what_they_kept() -> None:
    members = expand(experiment(**{**E, "epochs": 30}, lr=0.1, stop__patience=1, ensemble__members=3))
    prepared, last, _ = end_of(members)
    assert len({outcome.restored_step for outcome in last.outcomes}) > 1
    mean = softmax(outputs(prepared, prepared.test)).mean(0)
    truth = prepared.test.targets[:, 0].numpy()
    assert last.combined_test is not None
    assert_score(last.combined_test.mean, -np.log(mean[np.arange(len(truth)), truth]).mean())
    for member, outcome in enumerate(last.outcomes):
        alone = softmax(outputs(prepared, prepared.test))[member]
        assert_score(outcome.test, -np.log(alone[np.arange(len(truth)), truth]).mean())


def test_who_is_no_ensemble_is_not_told_of_as_one() -> None:
    for population in (
        [experiment(**E)],
        [experiment(**E, seed=k) for k in range(3)],
        expand(experiment(ensemble__members=3))[1:2],
    ):
        events = list(train(population))
        assert finished(events).combined_test is None
        assert all(event.combined is None for event in events if isinstance(event, EpochEnded))


def test_an_interrupted_ensemble_is_not_scored() -> None:
    control = Control()
    events = train(expand(experiment(**E, ensemble__members=3)), control=control)
    next(events)
    control.stop(interrupted=True)
    *_, last = events
    assert isinstance(last, Finished)
    assert last.combined_validation is None
