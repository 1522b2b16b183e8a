"""Causes are told before what they bring about."""

from __future__ import annotations

import numpy as np
import pytest

from engine.events import Divergence, Finished, Outcome
from engine.experiment import Experiment
from engine.insight.brought import BRINGS, worst_first
from engine.insight.diagnosis import Diagnosis
from engine.insight.finding import Finding, Severity
from engine.insight.rules import RULES
from engine.vocabulary import Statistic, Status
from tests.engine.insight.series import frames, started

RECTIFIERS = {"model": {"depth": 4, "activation": "relu", "init": "normal(std=0.5)"}}


def found(rule: str, opened: int, severity: str = "serious", *, closed: int | None = None, member: int = 0) -> Finding:
    return Finding(rule, Severity(severity), opened, opened, "", closed=closed, member=member)


def order(*findings: Finding) -> list[str]:
    return [each.rule for each in worst_first(findings)]


def test_all_rules_that_bring_others_about_are_rules():
    assert not any(rule in brought for rule, brought in BRINGS.items())
    assert set(BRINGS) | frozenset().union(*BRINGS.values()) <= set(RULES)


def test_a_cause_comes_before_what_it_brings_about_even_if_that_was_seen_earlier():
    dying, penalty, weights = found("signal-dies", 150), found("underfitting", 158), found("weights-collapse", 160)
    assert order(dying, weights, penalty) == ["underfitting", "weights-collapse", "signal-dies"]


def test_a_mild_cause_comes_before_what_is_worse_because_of_it():
    assert order(found("not-finite", 2), found("signal-explodes", 1, "warning")) == ["signal-explodes", "not-finite"]


def test_what_the_first_weights_have_is_not_the_work_of_what_came_later():
    assert order(found("vanishing-gradient", 1), found("learning-rate-too-high", 50)) == [
        "vanishing-gradient",
        "learning-rate-too-high",
    ]


def test_a_signal_that_explodes_later_is_the_work_of_the_learning_rate():
    assert order(found("signal-explodes", 20, "warning"), found("learning-rate-too-high", 40))[0] == "learning-rate-too-high"


@pytest.mark.parametrize("cause", [found("underfitting", 5, "warning", closed=9), found("underfitting", 5, "warning", member=1)])
def test_neither_a_closed_finding_nor_that_of_another_member_is_a_cause(cause):
    assert order(cause, found("dead-units", 50))[0] == "dead-units"


def test_a_signal_that_exploded_before_the_run_diverged_at_once_is_named_though_it_was_measured_once():
    start = started(Experiment.parse(RECTIFIERS))
    blown = frames(start, [80.0], {Statistic.ACTIVATION_STD: [1e3, 1e5, 1e7, 1e9, 1.0][: len(start.layers)]})
    diagnosis = Diagnosis()
    lost = Outcome(Status.DIVERGED, 2, divergence=Divergence(2, start.layers[1].name, "pre-activation"))
    diagnosis.take([start, blown, Finished((lost,), 0.1, 0.0)])
    names = [each.rule for each in diagnosis.findings()]
    assert names[:2] == ["signal-explodes", "not-finite"]
    exploded = diagnosis.findings()[0]
    assert exploded.opened == 1
    assert np.all([each.value > each.bound for each in exploded.evidence])
    assert exploded.remedies[0].title.startswith("He initialization")
