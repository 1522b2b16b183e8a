"""Stories from trouble to remedy on real data: what goes wrong is named in time, and a remedy that is proposed makes it go away."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from engine.events import Event, Finished, Started
from engine.experiment import Experiment
from engine.insight.diagnosis import Diagnosis
from engine.insight.finding import Finding
from engine.training.loop import train

PLAIN = {"threads": 1, "device": "cpu", "data.name": "digits"}
DEEP_SIGMOID = {
    "model.depth": 10, "model.width": 100, "model.activation": "sigmoid", "model.init": "standard", "optimizer": "sgd", "lr": 0.1,
    "batch_size": 10, "epochs": 4,
}  # fmt: skip


@dataclass
class Told:
    """A training, what was found in it while it went on, and how it ended."""

    experiment: Experiment
    findings: tuple[Finding, ...] = ()
    steps_per_epoch: int = 0
    accuracy: float = 0.0

    def found(self, rule: str) -> Finding:
        """The finding of this rule."""
        return next(each for each in self.findings if each.rule == rule)

    def lasting(self) -> set[str]:
        """The rules that still hold at the end."""
        return {each.rule for each in self.findings if each.closed is None}


def told(experiment: Experiment) -> Told:
    seen, diagnosis = Told(experiment), Diagnosis()
    for event in train([experiment]):
        _take(seen, event)
        diagnosis.apply(event)
    seen.findings = diagnosis.findings()
    return seen


def _take(seen: Told, event: Event) -> None:
    match event:
        case Started():
            seen.steps_per_epoch = event.steps_per_epoch
        case Finished():
            score = event.outcomes[0].test
            seen.accuracy = score.accuracy or 0.0 if score is not None else 0.0


def remedied(trouble: Told, rule: str, words: str) -> Told:
    """The same again with the remedy of this name, from the same seed."""
    remedy = next(each for each in trouble.found(rule).remedies if words.lower() in each.title.lower())
    return told(trouble.experiment.with_settings(dict(remedy.changes)))


def experiment(**settings: object) -> Experiment:
    return Experiment().with_settings({**PLAIN, **{name.replace("__", "."): value for name, value in settings.items()}})


@pytest.fixture(scope="module")
def deep_sigmoid() -> Told:
    return told(Experiment().with_settings({**PLAIN, **DEEP_SIGMOID}))


def test_a_deep_sigmoid_network_is_known_to_vanish_within_its_first_epoch(deep_sigmoid: Told) -> None:
    vanishing = deep_sigmoid.found("vanishing-gradient")
    assert vanishing.opened <= deep_sigmoid.steps_per_epoch
    assert "hidden 1" in vanishing.layers
    assert vanishing.closed is None
    assert deep_sigmoid.accuracy < 0.2


@pytest.mark.parametrize("words", ["ReLU with He", "Batch norm", "residual"])
def test_each_remedy_of_a_deep_sigmoid_network_lets_it_learn(deep_sigmoid: Told, words: str) -> None:
    better = remedied(deep_sigmoid, "vanishing-gradient", words)
    assert "vanishing-gradient" not in better.lasting()
    assert better.accuracy > 0.8


def test_tanh_with_large_weights_is_saturated_at_its_ends() -> None:
    trouble = told(experiment(model__depth=5, model__width=100, model__activation="tanh", model__init="normal(std=1)", epochs=6))
    saturated = trouble.found("saturated-layer")
    assert saturated.opened <= trouble.steps_per_epoch
    better = remedied(trouble, "saturated-layer", "Xavier")
    assert "saturated-layer" not in better.lasting()
    assert better.accuracy > trouble.accuracy


def test_relu_units_die_of_a_large_rate_and_a_low_bias() -> None:
    dying = experiment(model__depth=3, model__width=64, model__bias_init=-3.0, optimizer="sgd", lr=0.5, epochs=10)
    trouble = told(dying)
    dead = trouble.found("dead-units")
    assert dead.closed is None
    assert dead.remedies
    assert any("dead-units" not in told(dying.with_settings(dict(each.changes))).lasting() for each in dead.remedies)


def test_equal_weights_are_named_before_they_are_trained_for_long() -> None:
    trouble = told(experiment(model__depth=3, model__init="zeros", optimizer="sgd", lr=0.1, epochs=5))
    assert trouble.found("symmetric-initialization").opened <= trouble.steps_per_epoch
    assert "dead-units" not in trouble.lasting(), "no learning rate would bring units back that were never told apart"
    better = remedied(trouble, "symmetric-initialization", "He")
    assert "symmetric-initialization" not in better.lasting()
    assert better.accuracy > trouble.accuracy + 0.5


def test_few_examples_are_learned_by_heart() -> None:
    few = experiment(data__train_size=150, data__label_noise=0.2, model__depth=3, model__width=200, epochs=150)
    trouble = told(few)
    overfitting = trouble.found("overfitting")
    assert overfitting.remedies
    titles = " ".join(each.title for each in overfitting.remedies).lower()
    assert "dropout" in titles
    assert "l2" in titles
    assert any("overfitting" not in told(few.with_settings(dict(each.changes))).lasting() for each in overfitting.remedies)


@pytest.mark.parametrize(("factor", "rule"), [(100, "learning-rate-too-high"), (0.01, "learning-rate-too-low")])
def test_a_rate_a_hundred_times_off_is_named_and_put_right(factor: float, rule: str) -> None:
    trouble = told(experiment(optimizer="adam", lr=0.001 * factor, epochs=10))
    assert trouble.found(rule).remedies
    better = told(trouble.experiment.with_settings(dict(trouble.found(rule).remedies[0].changes)))
    assert rule not in better.lasting()
    assert better.accuracy > trouble.accuracy


def test_plain_steps_a_hundred_times_too_small_are_named_though_the_cost_falls() -> None:
    trouble = told(experiment(optimizer="sgd", lr=0.001, epochs=10))
    assert trouble.lasting() == {"learning-rate-too-low"}
    better = remedied(trouble, "learning-rate-too-low", "")
    assert "learning-rate-too-low" not in better.lasting()
    assert better.accuracy > trouble.accuracy + 0.2
    assert "learning-rate-too-low" not in {each.rule for each in told(experiment(optimizer="sgd", lr=0.001, epochs=100)).findings}
