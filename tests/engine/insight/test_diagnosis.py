from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.events import Divergence, FindingRaised, MemberEnded, Resumed
from engine.experiment import Experiment
from engine.insight.diagnosis import MOST_KEPT, Diagnosis
from engine.insight.finding import Severity
from engine.insight.rules import RULES
from engine.pictures import Examined, Mistaken
from engine.vocabulary import Statistic, Status
from tests.engine.insight.series import cut, epochs, falling, finished, frames, guessing, started

SIGMOIDS = Experiment.parse({"model": {"activation": "sigmoid", "depth": 4}, "optimizer": "sgd"})
VANISHING = (1e-6, 1e-5, 1e-3, 0.05, 0.3)


def diagnosed(*events):
    diagnosis = Diagnosis()
    for event in events:
        diagnosis.apply(event)
    return diagnosis


def rules_of(diagnosis, member=0):
    return {finding.rule for finding in diagnosis.findings(member)}


def the(diagnosis, rule, member=0):
    found = [finding for finding in diagnosis.findings(member) if finding.rule == rule]
    assert len(found) == 1, [finding.rule for finding in diagnosis.findings(member)]
    return found[0]


def test_nothing_is_found_in_a_healthy_training():
    start = started()
    assert rules_of(diagnosed(start, frames(start, falling()), finished(start, 0.01))) == set()


def test_all_small_gradients_of_a_converged_network_are_not_vanishing():
    start = started(total=800)
    costs = np.concatenate([falling(400), np.full(400, 1e-4)])
    shrinking = 10 ** -np.linspace(1, 7, 201)[:, None] * np.ones(5)
    uneven = shrinking * np.array([1, 1, 1, 1, 1])
    uneven[101:] *= np.array([1e-4, 1e-3, 1, 1, 1])
    assert "vanishing-gradient" not in rules_of(diagnosed(start, frames(start, costs, {Statistic.GRADIENT_STD: uneven})))


def test_a_vanishing_gradient_is_named_with_its_layers_and_numbers():
    start = started(SIGMOIDS)
    found = the(diagnosed(start, frames(start, guessing(), {Statistic.GRADIENT_STD: VANISHING})), "vanishing-gradient")
    assert found.severity is Severity.SERIOUS
    assert (found.opened, found.updated, found.closed) == (1, 400, None)
    assert found.layers == ("hidden 1", "hidden 2")
    assert found.evidence[0].value == pytest.approx(1e-6 / 0.05, rel=1e-4)
    assert found.evidence[0].bound == pytest.approx(1e-2)
    assert found.evidence[0].layer == "hidden 1"
    assert found.words.startswith("The gradient falls to 2e-05 of its size on its way down to hidden 1")
    assert found.remedies[0].title == "ReLU with He initialization"


def test_below_dead_units_no_gradient_vanishes():
    start = started()
    changes = {Statistic.GRADIENT_STD: (0, 0, 0.01, 0.05, 0.3), Statistic.DEAD: (0.1, 0.1, 1.0, 0.1, 0)}
    assert rules_of(diagnosed(start, frames(start, guessing(), changes))) >= {"dead-units"}
    assert "vanishing-gradient" not in rules_of(diagnosed(start, frames(start, guessing(), changes)))


def test_an_early_warning_is_closed_when_the_gradient_comes_back():
    start = started(SIGMOIDS)
    gradients = np.tile([0.05] * 4 + [0.3], (101, 1))
    gradients[:20, :2] = 1e-6
    found = the(diagnosed(start, frames(start, guessing(), {Statistic.GRADIENT_STD: gradients})), "vanishing-gradient")
    assert (found.opened, found.updated) == (1, 76)
    assert found.closed == 88  # the third measurement in a row that is within the laxer bound


def test_what_the_training_came_through_is_closed_at_its_end():
    start = started(SIGMOIDS)
    series = frames(start, guessing(), {Statistic.GRADIENT_STD: VANISHING})
    assert the(diagnosed(start, series, finished(start, 0.01)), "vanishing-gradient").closed == 400
    assert the(diagnosed(start, series, finished(start, 0.9)), "vanishing-gradient").closed is None
    assert the(diagnosed(start, series, finished(start, 0.9)), "not-learning").closed is None
    assert the(diagnosed(start, series, finished(start, 0.5)), "not-learning").closed == 400


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 399), max_size=12), st.integers(0, 3), st.lists(st.floats(0, 1), min_size=30, max_size=30))
def test_findings_do_not_depend_on_how_records_are_cut_into_frames(after, looks, noise):
    start = started(SIGMOIDS, members=2)
    random = np.random.default_rng(int(sum(noise) * 1000))
    costs = guessing() * np.repeat(np.linspace(1, 0.2, 10), 40)
    costs[random.integers(0, 400, 5)] *= 8
    gradients = np.array(VANISHING) * 10 ** random.normal(0, 1.5, (101, 5))
    updates = 10 ** random.normal(-3, 1.5, (101, 5))
    whole = frames(
        start,
        costs,
        {Statistic.GRADIENT_STD: gradients, Statistic.UPDATE_RATIO: updates, Statistic.SATURATED: random.uniform(0, 1, (101, 5))},
    )
    scores = epochs(start, np.linspace(1, 0.1, 20), 0.5 + random.uniform(0, 0.5, 20))

    def told(edges, clock):
        diagnosis = Diagnosis(clock)
        diagnosis.apply(start)
        waiting = list(scores)
        for frame in cut(whole, sorted({*edges, *(each.step for each in scores)})):
            diagnosis.apply(frame)
            while waiting and waiting[0].step <= frame.steps[-1]:
                diagnosis.apply(waiting.pop(0))
        diagnosis.apply(finished(start, 0.2))
        return diagnosis.findings(0), diagnosis.findings(1)

    seconds = count()
    assert told(after, lambda: 0.0) == told([], lambda: float(next(seconds) * 10**looks))


def test_a_noisy_series_around_a_bound_gives_few_findings():
    random = np.random.default_rng(3)
    start = started(SIGMOIDS, total=4000)
    gradients = np.tile([0.05] * 4 + [0.3], (1001, 1))
    gradients[:, 0] = 0.05 * 1e-2 * 10 ** random.normal(0, 0.15, 1001)
    diagnosis = diagnosed(start, frames(start, guessing(4000), {Statistic.GRADIENT_STD: gradients}))
    assert len([finding for finding in diagnosis.findings() if finding.rule == "vanishing-gradient"]) == 1


def test_members_have_findings_of_their_own():
    start = started(SIGMOIDS, members=3)
    series = frames(start, guessing())
    series.layers[:, 1, :, list(Statistic).index(Statistic.SATURATED)] = 0.95
    diagnosis = diagnosed(start, series)
    assert "saturated-layer" in rules_of(diagnosis, 1)
    assert "saturated-layer" not in rules_of(diagnosis, 0) | rules_of(diagnosis, 2)
    assert the(diagnosis, "saturated-layer", 1).member == 1


@pytest.mark.parametrize(("mean", "end"), [(0.02, "its lower end"), (0.98, "its upper end"), (0.5, "both ends")])
def test_a_saturated_layer_says_at_which_end(mean, end):
    start = started(SIGMOIDS)
    saturated = {Statistic.SATURATED: (0.2, 0.2, 0.9, 0.2, 0.9), Statistic.ACTIVATION_MEAN: mean}
    found = the(diagnosed(start, frames(start, falling(), saturated)), "saturated-layer")
    assert found.layers == ("hidden 3",)  # not the output, whose answers may be sure
    assert found.words.endswith(f"at {end}.")


def test_half_of_the_relu_values_may_be_off():
    start = started()
    assert rules_of(diagnosed(start, frames(start, falling(), {Statistic.SATURATED: 0.7}))) == set()


def test_a_member_that_diverges_has_lost_its_numbers_by_its_rate():
    start = started()
    costs = falling()
    costs[200:] = np.nan
    divergence = Divergence(200, "hidden 2", "weights")
    over = finished(start, 1, status=Status.DIVERGED, step=201, train=None, divergence=divergence)
    diagnosis = diagnosed(start, frames(start, costs, {Statistic.SATURATED: 0.9}), over)
    found = the(diagnosis, "not-finite")
    assert (found.opened, found.layers, found.severity) == (200, ("hidden 2",), Severity.SERIOUS)
    assert found.words == "The weights of hidden 2 ceased to be finite at step 200."
    assert the(diagnosis, "learning-rate-too-high").remedies[0].changes == (("lr", "0.0001"),)


def test_a_rise_of_the_validation_cost_is_overfitting_unless_the_best_weights_are_put_back():
    start = started(total=600)
    scores = epochs(start, np.linspace(0.6, 0.01, 30), [*np.linspace(0.6, 0.2, 10), *np.linspace(0.22, 0.6, 20)])
    costs = frames(start, falling(600))
    ended = diagnosed(start, costs, *scores, finished(start, 0.01))
    assert the(ended, "overfitting").closed is None
    assert "epoch 10" in the(ended, "stop-earlier").words
    restored = diagnosed(start, costs, *scores, finished(start, 0.01, restored_step=200))
    assert {the(restored, rule).closed for rule in ("overfitting", "stop-earlier")} == {600}


def test_a_validation_cost_that_jumps_about_is_no_overfitting():
    start = started(total=600)
    random = np.random.default_rng(0)
    scores = epochs(start, np.linspace(0.6, 0.01, 30), 0.3 + random.normal(0, 0.01, 30))
    assert rules_of(diagnosed(start, frames(start, falling(600)), *scores)) == set()


def test_classes_that_are_never_answered_are_seen_twice_before_they_are_told():
    start = started()
    confusion = np.zeros((1, 10, 10), np.int64)
    confusion[:, :, 0] = 18
    shown = [Mistaken(step, step // 20, confusion, ((),)) for step in (100, 200)]
    assert "class-collapse" not in rules_of(diagnosed(start, frames(start, falling()), shown[0]))
    found = the(diagnosed(start, frames(start, falling()), *shown), "class-collapse")
    assert found.words == "9 of 10 classes are never answered; 100% of the answers name one class."
    assert "class-collapse" in rules_of(diagnosed(start, frames(start, falling()), Examined("test", confusion, ((),))))


def test_a_training_that_goes_on_from_a_checkpoint_is_diagnosed_from_there():
    start = started(SIGMOIDS)
    changes = {Statistic.GRADIENT_STD: VANISHING, Statistic.WEIGHT_STD: 0.0}
    later = list(cut(frames(start, guessing(), changes), [200]))[1]
    diagnosis = diagnosed(start, Resumed(200, 10, 0.2), later, finished(start, 1.0))
    assert the(diagnosis, "vanishing-gradient").opened == 204
    assert "symmetric-initialization" not in rules_of(diagnosis)  # which only first weights can tell


def test_a_member_that_ended_early_keeps_its_findings():
    start = started(SIGMOIDS, members=2)
    whole = frames(start, guessing(), {Statistic.GRADIENT_STD: VANISHING})
    first, second = cut(whole, [200])
    second.loss[:, 0] = np.nan
    second.layers[:, 0] = np.nan
    diagnosis = diagnosed(start, first, MemberEnded(0, 200, 10, "early stopping"), second)
    assert (the(diagnosis, "vanishing-gradient").updated, the(diagnosis, "vanishing-gradient").closed) == (200, None)
    assert the(diagnosis, "vanishing-gradient", 1).updated == 400
    assert "not-finite" not in rules_of(diagnosis)


def test_facts_of_the_data_are_told_at_the_start():
    start = started(input_mean=30.0, input_std=100.0, input_scales=(0.01, 300.0), class_shares=(0.9, *[0.1 / 9] * 9))
    diagnosis = Diagnosis()
    raised = diagnosis.apply(start)
    assert {each.finding.rule for each in raised} == {"inputs-not-standardized", "unbalanced-classes"}
    assert rules_of(diagnosis) == {"inputs-not-standardized", "unbalanced-classes"}


def test_runs_that_tell_nothing_of_their_inputs_are_not_blamed_for_them():
    start = started(class_shares=())
    assert rules_of(diagnosed(start, frames(start, falling()), finished(start, 0.01))) == set()


def test_an_open_finding_is_told_again_only_when_it_has_changed():
    diagnosis = Diagnosis(lambda: 0.0)  # looks at every event
    start = started(SIGMOIDS)
    diagnosis.apply(start)
    raised = []
    for frame in cut(frames(start, guessing(390), {Statistic.GRADIENT_STD: VANISHING}), range(10, 390, 10)):
        raised += diagnosis.apply(frame)
    told = [each.finding for each in raised if each.finding.rule == "vanishing-gradient"]
    assert all(isinstance(each, FindingRaised) for each in raised)
    assert {finding.opened for finding in told} == {1}
    expected = [8]  # the third measurement; then whenever the latest one at the end of a frame is a tenth further on
    for latest in (end // 4 * 4 for end in range(20, 391, 10)):
        if latest > 1.1 * expected[-1]:
            expected.append(latest)
    assert [finding.updated for finding in told] == expected
    assert expected[-1] < 388
    last = [each.finding for each in diagnosis.apply(finished(start, 1.0)) if each.finding.rule == "vanishing-gradient"]
    assert [(finding.updated, finding.closed) for finding in last] == [(388, None)]
    assert diagnosis.apply(finished(start, 1.0)) == ()


def test_open_findings_come_first_and_the_serious_ones_first_of_all():
    start = started(SIGMOIDS)
    changes = {Statistic.GRADIENT_STD: VANISHING, Statistic.UPDATE_RATIO: 0.3}
    findings = diagnosed(start, frames(start, guessing(), changes), finished(start, 0.95)).findings()
    keys = [(finding.closed is not None, list(Severity)[::-1].index(finding.severity)) for finding in findings]
    assert keys == sorted(keys)
    assert len(set(keys)) > 1
    assert all(finding.rule in RULES for finding in findings)


def test_members_that_differ_in_the_seed_alone_share_their_remedies():
    start = started(SIGMOIDS, members=3)
    others = (SIGMOIDS.with_settings({"seed": 1}), SIGMOIDS.with_settings({"seed": 2, "lr": 0.3}))
    start = replace(start, experiments=(SIGMOIDS, *others))
    diagnosis = diagnosed(start, frames(start, guessing(), {Statistic.GRADIENT_STD: VANISHING}))
    first, second, third = (the(diagnosis, "vanishing-gradient", member).remedies for member in range(3))
    assert first
    assert first is second  # tried out once
    assert third is not first
    assert third[0] == first[0]


def test_several_events_are_looked_at_at_once_however_long_ago_the_last_look_was():
    start = started(SIGMOIDS)
    seconds = count(step=1000)
    diagnosis = Diagnosis(lambda: float(next(seconds) ** 2))  # every look takes longer than all time before
    first, second = cut(frames(start, guessing(), {Statistic.GRADIENT_STD: VANISHING}), [200])
    assert diagnosis.take([start]) == ()
    assert [each.finding.updated for each in diagnosis.take([first]) if each.finding.rule == "vanishing-gradient"] == [200]
    assert diagnosis.apply(second) == ()
    assert [each.finding.updated for each in diagnosis.take([]) if each.finding.rule == "vanishing-gradient"] == [400]


def test_many_events_are_looked_at_even_if_every_look_takes_too_long():
    start = started(SIGMOIDS)
    seconds = iter([0.0, 0.0, 1000.0])  # so long the first look takes; then time stands still
    diagnosis = Diagnosis(lambda: next(seconds, 1000.0))
    diagnosis.apply(start)
    steps = 2 * MOST_KEPT
    series = list(cut(frames(start, guessing(steps), {Statistic.GRADIENT_STD: VANISHING}), range(steps)))
    looks = [number for number, frame in enumerate(series, 1) if diagnosis.apply(frame)]
    assert looks[0] == 1 + MOST_KEPT  # the first event is looked at as it comes
