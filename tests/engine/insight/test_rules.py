from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.events import Event, Frame, Score, Started
from engine.experiment import Experiment
from engine.insight.diagnosis import Diagnosis
from engine.insight.finding import Finding
from engine.insight.rules import RULES
from engine.insight.rules.changes import rate, remedies
from engine.insight.rules.measured import LayerMeasurements
from engine.insight.rules.rule import Case
from engine.insight.rules.steps import look_updates
from engine.insight.subject import Subject
from engine.pictures import Mistaken
from engine.vocabulary import Statistic, Status
from tests.engine.insight.series import GUESSING, falling, finished, frames, guessing, started

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
    "learning-rate-too-high learning-rate-too-low update-ratio-out-of-range not-learning overfitting underfitting "
    "weights-collapse class-collapse inputs-not-standardized unbalanced-classes output-does-not-fit-cost stop-earlier "
    "noisy-batches not-finite layers-learn-at-different-speeds"
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


def all_remedies(settings: dict) -> dict[str, dict[str, str]]:
    """What the rules offer for an experiment: settings by title."""
    case = case_of(settings)
    changes = (rule.changes(case) for rule in RULES.values())
    return {remedy.title: dict(remedy.changes) for each in changes for remedy in remedies(case.experiment, each)}


@pytest.mark.parametrize(
    ("family", "there", "not_there"),
    [
        ("Xavier", ("sigmoid", "xavier_uniform"), ("sigmoid", "he_normal")),
        ("Xavier", ("tanh", "xavier_normal"), ("tanh", "normal")),
        ("He ", ("relu", "he_uniform"), ("relu", "xavier_uniform")),
        ("He ", ("gelu", "he_uniform"), ("gelu", "normal")),
        ("LeCun", ("selu", "lecun_uniform"), ("selu", "he_normal")),
        ("ReLU", ("relu", "he_uniform"), ("tanh", "he_uniform")),
        ("Leaky ReLU", ("leaky_relu(slope=0.2)", "he_uniform"), ("relu", "he_uniform")),
    ],
)
def test_an_initializer_of_the_family_that_there_is_is_no_remedy(family, there, not_there):
    def offered(activation, init):
        titles = all_remedies({"model": {"activation": activation, "init": init, "depth": 8}})
        return [title for title in titles if title.startswith(family)]

    assert not offered(*there)
    assert offered(*not_there)


def test_an_initializer_with_a_gain_of_its_own_is_given_the_usual_one():
    found = all_remedies({"model": {"activation": "tanh", "init": "xavier_normal(gain=5)"}})
    assert found["Xavier (Glorot) initialization with its usual gain"] == {"model.init": "xavier_normal"}


def test_blocks_with_an_initializer_of_their_own_are_given_the_one_that_suits():
    model = {"activation": "relu", "init": "he_normal", "blocks": "residual(dense(8, init=normal(std=3)), dense(8)), dense(8)"}
    assert "He initialization, which suits relu" in all_remedies({"model": model})


@pytest.mark.parametrize(
    ("factor", "words"),
    [(0.1, "0.001: 1/10 of what it is"), (0.3, "0.003: 0.3 times what it is"), (100, "1: 100 times what it is")],
)
def test_another_learning_rate_is_told_as_a_whole_part_or_as_a_multiple(factor, words):
    assert rate(case_of({"lr": 0.01}), factor)[0] == f"Learning rate {words}"


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


def found_in(start: Started, frame: Frame, *later: Event) -> dict[str, Finding]:
    """Findings of the first member, by rule."""
    diagnosis = Diagnosis()
    for event in (start, frame, *later):
        diagnosis.apply(event)
    return {finding.rule: finding for finding in diagnosis.findings()}


def titles_of(finding: Finding) -> list[str]:
    return [remedy.title for remedy in finding.remedies]


DEEP = Experiment.parse({"model": {"activation": "sigmoid", "depth": 8, "init": "xavier_uniform"}, "optimizer": "sgd", "lr": 0.1})
VANISHING = {Statistic.GRADIENT_STD: (1e-6, 1e-5, 1e-3, 0.05, 0.3), Statistic.UPDATE_RATIO: (1e-7, 1e-6, 5e-6, 1e-4, 1e-4)}


@pytest.mark.parametrize(("steps", "is_found"), [(900, False), (3841, True)])
def test_a_network_that_does_not_learn_is_told_of_however_long_its_training_was_planned(steps, is_found):
    start = started(DEEP, total=46_000)
    found = found_in(start, frames(start, guessing(steps)))
    assert ("not-learning" in found) is is_found
    assert not is_found or 1000 <= found["not-learning"].opened < 1200


def test_epochs_of_many_steps_are_waited_for():
    start = replace(started(DEEP, total=46_000), steps_per_epoch=700)
    assert "not-learning" not in found_in(start, frames(start, guessing(3300)))
    assert "not-learning" in found_in(start, frames(start, guessing(4200)))


@pytest.mark.parametrize(
    ("steps", "cost", "accuracy", "is_found"),
    [(600, 1.0, 0.1, True), (600, 0.9, 0.1, False), (600, 1.0, 0.3, False), (150, 1.0, 0.1, False)],
)
def test_where_a_training_is_stopped_it_is_told_whether_it_has_learned(steps, cost, accuracy, is_found):
    start = started(DEEP, total=46_000)
    score = Score(cost * GUESSING, accuracy=accuracy)
    ended = finished(start, cost, status=Status.STOPPED, step=steps, train=score)
    found = found_in(start, frames(start, guessing(steps), VANISHING), ended)
    assert ("not-learning" in found) is is_found
    if is_found:
        assert found["not-learning"].opened == steps
        assert titles_of(found["not-learning"])[0] == "ReLU with He initialization"


def test_a_cost_that_is_on_its_way_down_where_it_is_stopped_is_learning():
    start = started(DEEP, total=46_000)
    score = Score(1.0 * GUESSING, accuracy=0.1)
    frame = frames(start, GUESSING * np.linspace(3, 1, 600))
    assert "not-learning" not in found_in(start, frame, finished(start, 1.0, status=Status.STOPPED, step=600, train=score))


@pytest.mark.parametrize(("step", "is_found"), [(400, False), (800, True)])
def test_classes_are_missed_after_some_hundred_steps_however_many_were_planned(step, is_found):
    start = started(total=46_000)
    confusion = np.zeros((1, 10, 10), np.int64)
    confusion[:, :, 0] = 18
    shown = [Mistaken(each, each // 20, confusion, ((),)) for each in (step - 20, step)]
    assert ("class-collapse" in found_in(start, frames(start, falling()), *shown)) is is_found


@pytest.mark.parametrize(("value", "bound"), [(1.2e-6, 1e-5), (0.3, 0.1), (1e-3, 0.1)])
def test_an_update_ratio_is_held_against_the_bound_that_it_breaks(value, bound):
    start = started(DEEP)
    frame = frames(start, guessing(), {Statistic.UPDATE_RATIO: value})
    values = np.moveaxis(frame.layers.astype(np.float64), -1, 0)
    look = look_updates(LayerMeasurements(Subject(start), frame.layer_steps, values, values[:, 0], np.ones((101, 1, 1))))
    assert look.figures[0].bound_of(value) == bound


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        (VANISHING, "ReLU with He initialization"),
        ({Statistic.UPDATE_RATIO: 1e-7, Statistic.SATURATED: 0.9}, "Batch norm in the hidden layers"),
        ({Statistic.UPDATE_RATIO: 1e-7, Statistic.WEIGHT_STD: 0.0}, "Small random first weights"),
        ({Statistic.UPDATE_RATIO: 1e-7, Statistic.ACTIVATION_STD: 1e-4}, "Orthogonal initialization scaled to the data (LSUV)"),
    ],
    ids=("vanishing", "saturated", "symmetric", "dying"),
)
def test_no_rate_is_offered_against_small_updates_that_have_another_cause(changes, first):
    start = started(DEEP)
    titles = titles_of(found_in(start, frames(start, guessing(), changes))["update-ratio-out-of-range"])
    assert titles[0] == first
    assert not [title for title in titles if title.startswith("Learning rate")]


def test_a_higher_rate_is_offered_against_small_updates_that_have_no_other_cause():
    start = started(DEEP)
    found = found_in(start, frames(start, guessing(), {Statistic.UPDATE_RATIO: 1e-7}))
    assert titles_of(found["update-ratio-out-of-range"])[0] == "Learning rate 1: 10 times what it is"
    assert titles_of(found["learning-rate-too-low"])[0] == "Learning rate 1: 10 times what it is"


def test_no_symptom_of_a_gradient_that_vanishes_is_met_by_the_learning_rate():
    start = started(DEEP)
    confusion = np.zeros((1, 10, 10), np.int64)
    confusion[:, :, 0] = 18
    shown = [Mistaken(step, step // 20, confusion, ((),)) for step in (100, 200)]
    found = found_in(start, frames(start, guessing(), VANISHING), *shown)
    symptoms = {"not-learning", "learning-rate-too-low", "update-ratio-out-of-range", "class-collapse"}
    assert found.keys() >= symptoms | {"vanishing-gradient"}
    assert {title for key in symptoms for title in titles_of(found[key]) if "earning rate" in title} == set()


@pytest.mark.parametrize("key", ["learning-rate-too-high", "not-finite", "dead-units", "update-ratio-out-of-range"])
def test_of_a_rate_far_above_the_usual_one_the_usual_one_is_the_first_remedy(key):
    far = case_of({"optimizer": "momentum", "lr": 30})
    assert next(iter(RULES[key].changes(far))) == ("The usual learning rate of momentum, 0.01", {"lr": "0.01"})
    near = case_of({"optimizer": "momentum", "lr": 0.05})
    assert next(iter(RULES[key].changes(near)))[1] == {"lr": "0.005"}


@pytest.mark.parametrize(("key", "lr", "wrong"), [("learning-rate-too-high", 1e-4, 0.01), ("learning-rate-too-low", 0.5, 0.01)])
def test_the_usual_rate_is_offered_only_in_the_right_direction(key, lr, wrong):
    found = RULES[key].changes(Case(Subject(started(Experiment.parse({"optimizer": "momentum", "lr": lr}))), 0, 120))
    assert {"lr": f"{wrong:g}"} not in [settings for _, settings in found]


@pytest.mark.parametrize(
    ("ratios", "bounds"), [((1.2e-6, 1e-3, 1e-3, 0.3, 1e-3), (1e-5, 0.1)), ((0.3, 1e-3, 1e-3, 1e-3, 1e-3), (0.1,))]
)
def test_evidence_of_update_ratios_names_the_bound_that_each_layer_breaks(ratios, bounds):
    start = started(DEEP)
    found = found_in(start, frames(start, guessing(), {Statistic.UPDATE_RATIO: ratios}))["update-ratio-out-of-range"]
    assert tuple(each.bound for each in found.evidence) == bounds


def test_layers_within_the_bound_are_not_listed_though_their_finding_lasts():
    start = started(DEEP)
    ratios = np.tile((1e-5, 9e-6, 1e-3, 1.1e-3, 1e-3), (101, 1))
    ratios[50:, 1] = 1.1e-3 / 95.7
    found = found_in(start, frames(start, guessing(), {Statistic.UPDATE_RATIO: ratios}))["layers-learn-at-different-speeds"]
    assert found.layers == ("hidden 1",)
    assert [each.layer for each in found.evidence] == ["hidden 1"]
    assert "hidden 2" not in found.words


def test_a_layer_whose_values_are_all_at_one_end_is_saturated_as_long_as_nothing_is_learned():
    start = started(Experiment.parse({"model": {"activation": "sigmoid"}}))
    pushed = {
        Statistic.SATURATED: 0.0,
        Statistic.ACTIVATION_MEAN: [0.5, 0.5, 0.6, 0.07, 0.1],
        Statistic.ACTIVATION_STD: [0.07, 0.07, 0.1, 0.003, 0.02],
    }
    saturated = found_in(start, frames(start, guessing(), pushed))["saturated-layer"]
    assert saturated.layers == ("hidden 4",)
    assert "close together near one end of the activation: their mean is 0.07" in saturated.words
    spread = {**pushed, Statistic.ACTIVATION_STD: [0.07, 0.07, 0.1, 0.2, 0.02]}
    assert "saturated-layer" not in found_in(start, frames(start, guessing(), spread))
    learned = np.where(np.arange(400) < 20, GUESSING, 0.01)
    assert found_in(start, frames(start, learned, pushed))["saturated-layer"].closed == 40
