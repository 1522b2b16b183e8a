"""The published rates of the rules, and a few of the labelled runs themselves."""

from __future__ import annotations

import pytest

from benchmarks.calibration.kinds import GROUPS, Half, all_kinds
from benchmarks.calibration.report import DOCUMENT, MOST_FALSE, MOST_MISSES, document, rates_of, read_results
from benchmarks.calibration.running import run_all
from engine.insight.rules import RULES

QUICK = (
    "healthy wine",
    "healthy diabetes linear",
    "healthy digits relu uniform He",
    "vanishing sigmoid iris",
    "exploding silu wine",
    "dead units low biases wine",
    "symmetric cancer",
    "saturated hard tanh large weights",
    "too high sgd wine",
    "tiny updates wine",
    "collapse L2 moons tanh",
    "a line cannot do xor sgd",
    "not finite raw inputs linear",
    "overfitting diabetes elu few",
    "unbalanced digits wide",
    "misfit squared sigmoid wine",
    "speeds normed relu wine",
)
"""Kinds that take a second or two."""


@pytest.mark.parametrize("rule", RULES)
def test_published_misses_and_false_alarms_are_within_their_bounds(rule):
    rates = rates_of(rule, read_results(), Half.REPORTING)
    assert rates.faulty >= 4
    assert rates.sound >= 150
    assert rates.misses <= MOST_MISSES
    assert rates.false_alarms <= MOST_FALSE


def test_the_published_results_are_those_of_the_kinds_there_are():
    expected = {(kind.name, kind.half.value): len(kind.variants) for kind in all_kinds()}
    counted = dict.fromkeys(expected, 0)
    for run in read_results():
        counted[run["kind"], run["half"]] += 1
    assert counted == expected


def test_every_kind_is_in_one_half_and_names_rules_that_exist():
    kinds = all_kinds()
    assert len({kind.name for kind in kinds}) == len(kinds)
    assert all(kind.must | kind.may <= set(RULES) for kind in kinds)
    assert all(set(group) <= set(RULES) for group in GROUPS.values())
    assert {half: sum(kind.half is half for kind in kinds) > 100 for half in Half} == dict.fromkeys(Half, True)


def test_the_document_is_written_from_the_rules_and_the_results():
    assert DOCUMENT.read_text(encoding="utf-8") == document(read_results()), "run python -m benchmarks.calibration --document"


@pytest.mark.slow
def test_in_runs_with_faults_they_are_found_and_in_healthy_ones_nothing_is():
    kinds = [kind for kind in all_kinds() if kind.name in QUICK]
    assert len(kinds) == len(QUICK)
    mistakes = {f"{run.kind} [{run.variant}]": (run.missed, run.wrong) for run in run_all(kinds) if run.missed or run.wrong}
    assert mistakes == {}
