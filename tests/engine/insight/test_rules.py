from __future__ import annotations

import math

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.insight.rules import RULES
from engine.insight.rules.changes import remedies
from engine.insight.rules.rule import Case
from engine.insight.subject import Subject
from tests.engine.insight.series import started

EXPERIMENTS = {
    "sigmoids": {"model": {"activation": "sigmoid", "depth": 8}, "optimizer": "sgd"},
    "held down": {"l1": 0.1, "l2": 0.5, "model": {"dropout": 0.9}},
    "widths": {"model": {"widths": [64, 32, 16], "activation": "tanh"}, "optimizer": "adamw(weight_decay=1)"},
    "blocks": {
        "model": {"blocks": "conv(8, activation=tanh), max_pool, residual(dense(32, init=normal(std=3)), dense(32)), dense(16)"}
    },
    "recurrent": {"model": {"blocks": "lstm(16)"}, "batch_size": 1},
    "linear": {"model": {"depth": 0, "output": "sigmoid"}, "cost": "quadratic", "data": {"scaling": "none", "name": "wine"}},
    "no validation": {"data": {"validation": 0}, "batch_size": "full"},
}
KEYS = (
    "vanishing-gradient exploding-gradient saturated-layer dead-units symmetric-initialization signal-dies signal-explodes "
    "learning-rate-too-high learning-rate-too-low update-ratio-out-of-range not-learning overfitting underfitting weights-collapse "
    "class-collapse inputs-not-standardized unbalanced-classes output-does-not-fit-cost stop-earlier noisy-batches not-finite "
    "layers-learn-at-different-speeds"
)


class Anything(dict[str, tuple[float, ...]]):
    """Figures of whatever quantity is asked for."""

    def __missing__(self, _key: str) -> tuple[float, ...]:
        return (0.5, 0.7)

    def __contains__(self, _key: object) -> bool:
        return True


def case_of(settings: dict) -> Case:
    start = started(Experiment.parse(settings))
    return Case(Subject(start), 0, 120, 1.0, ("hidden 1", "hidden 2"), Anything())


def test_the_rules_are_those_that_were_promised():
    assert set(RULES) == set(KEYS.split())
    assert all(key == rule.key for key, rule in RULES.items())


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_what_it_measures_what_it_means_and_where_it_comes_from(rule):
    assert len(rule.definition) > 60
    assert rule.explanation.count(". ") == 1
    assert rule.explanation.endswith(".")
    assert rule.sources
    assert rule.title[0].isupper()


@pytest.mark.parametrize("settings", EXPERIMENTS.values(), ids=EXPERIMENTS)
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_remedies_make_other_valid_experiments(rule, settings):
    case = case_of(settings)
    found = remedies(case.experiment, rule.changes(case))
    hashes = {case.experiment.with_settings(dict(remedy.changes)).hash for remedy in found}
    assert len(hashes) == len(found)
    assert case.experiment.hash not in hashes
    assert all(remedy.title for remedy in found)


@pytest.mark.parametrize("rule", [rule for key, rule in RULES.items() if key != "unbalanced-classes"], ids=lambda rule: rule.key)
def test_there_is_a_remedy_for_some_experiment(rule):
    assert any(remedies(case.experiment, rule.changes(case)) for case in map(case_of, EXPERIMENTS.values()))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_words_are_one_sentence_whatever_the_numbers(rule):
    case = case_of({"model": {"activation": "tanh"}})
    assert rule.words(case).endswith(".")
    for number in (0.0, 1e-30, 0.123456, 1e9, math.inf, math.nan):
        figures = Anything(dict.fromkeys(rule.words.__code__.co_names, (number, number)))
        assert rule.words(Case(case.subject, 0, 1, layers=("hidden 1", "hidden 2"), figures=figures))


def test_blocks_give_up_their_own_activation_and_initializer():
    case = case_of(EXPERIMENTS["blocks"])
    found = remedies(case.experiment, RULES["saturated-layer"].changes(case))
    changed = case.experiment.with_settings(dict(next(each for each in found if each.title.startswith("ReLU")).changes))
    assert "tanh" not in str(changed.model.blocks)
    assert "normal" not in str(changed.model.blocks)


@pytest.mark.parametrize(
    ("cost", "shares", "expected"),
    [
        ("cross_entropy", (0.5, 0.5), math.log(2)),
        ("cross_entropy", (0.9, 0.1), -0.9 * math.log(0.9) - 0.1 * math.log(0.1)),
        ("mean_squared", (0.5, 0.5), 0.25),
        ("quadratic", (0.5, 0.5), 0.25),
    ],
)
def test_the_chance_level_is_the_cost_of_the_best_constant_answer(cost, shares, expected):
    start = started(Experiment.parse({"cost": cost}), classes=("a", "b"), outputs=2, class_shares=shares)
    assert Subject(start).chance == pytest.approx(expected)
    one_hot = np.eye(2)
    if cost != "cross_entropy":
        errors = np.square(one_hot - np.array(shares)).sum(1) @ np.array(shares)
        assert Subject(start).chance == pytest.approx(errors / 2)
