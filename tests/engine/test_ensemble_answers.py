"""How good the members of an ensemble are together, against NumPy on their outputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from engine.events import EpochEnded, Event, Finished, Score
from engine.experiment import Experiment
from engine.population import expand
from engine.training.control import Control
from engine.training.loop import Training, train
from engine.training.prepare import Prepared, prepare
from engine.training.scores import Part
from engine.vocabulary import Status
from tests.engine.conftest import experiment

E = {"steps": None, "epochs": 3}


def finished(events: Sequence[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


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
