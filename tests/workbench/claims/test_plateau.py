"""The plateaus of the cost surface as a quantity of claims: Glorot & Bengio 2010, figure 5."""

from __future__ import annotations

import pytest

from engine.insight.surface import surface_of
from tests.workbench.reproduction.written import planned
from workbench.claims.records import Outcome, Unit
from workbench.reproduction.events import Judged
from workbench.reproduction.running import Reproduction

BASE = """[base]
data.name = "noise"
data.inputs = 6
model.depth = 1
model.width = 2
model.activation = "tanh"
model.output = "softmax"
steps = 1
device = "cpu"
threads = 1
"""
COSTS = '[vary]\ncost = { path = "cost", values = ["quadratic", "cross_entropy"] }\n'


def test_a_claim_measures_the_surface_of_each_run_at_its_first_weights(tmp_path):
    plan = planned(tmp_path, ["plateau(cost=quadratic) > 2 * plateau(cost=cross_entropy)"], base=BASE, vary=COSTS)
    (judged,) = [each for each in Reproduction(plan, tmp_path / "h.db").events() if isinstance(each, Judged)]
    assert judged.verdict.outcome is Outcome.PASS
    for number, group in zip(judged.verdict.numbers, plan.groups, strict=True):
        assert number.unit is Unit.SHARE or number.text.startswith("2")
        shares = [surface_of(experiment).plateau for experiment in group.experiments]
        factor = 2 if number.text.startswith("2") else 1
        assert number.values == pytest.approx([factor * share for share in shares])


def test_a_surface_that_is_not_finite_has_no_plateaus_to_count(tmp_path):
    """Thirty linear layers with weights of 100 are more than 32 bits hold."""
    base = BASE.replace("depth = 1", "depth = 30").replace('"tanh"', '"identity"\nmodel.init = "normal(std=100)"')
    plan = planned(tmp_path, ["plateau < 0.5"], base=base, vary="")
    (judged,) = [each for each in Reproduction(plan, tmp_path / "h.db").events() if isinstance(each, Judged)]
    assert judged.verdict.outcome is Outcome.ERROR
    assert "not finite everywhere" in judged.verdict.words
