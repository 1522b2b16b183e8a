"""From a finding to a changed experiment, and what is said of what came of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.events import Event, FindingRaised, Finished, Outcome, Score
from engine.experiment import Experiment
from engine.insight.finding import Remedy
from engine.vocabulary import Status
from tests.workbench.findings import DEAD, RELU, SLOWER, finding
from tests.workbench.scripted import scripted_events
from workbench import remedy
from workbench.history import History, HistoryError, Recorder
from workbench.history.records import Origin
from workbench.remedy import NoRemedyError, Plan, judged, planned, sentence


@pytest.fixture
def db(tmp_path, monkeypatch) -> Path:
    """Nothing is found in runs that were recorded without."""
    monkeypatch.setattr(remedy, "diagnosed", lambda events: ())
    return tmp_path / "h.db"


def recorded(db: Path, *findings, accuracy: float | None = 0.5, members: int = 1, **settings) -> None:
    """Record a training that ends with this accuracy on the test data; None: it diverged."""
    base = Experiment().with_settings({"steps": 50, "epochs": None, "model.width": 16, "device": "cpu", **settings})
    made = [base]
    if members > 1:
        made = [base.with_settings({"ensemble.members": members, "ensemble.member": m, "seed": m}) for m in range(members)]
    with Recorder(db) as recorder:
        for event in scripted_events(steps=50, experiments=made):
            recorder.record(_ended(event, accuracy))
        for each in findings:
            recorder.record(FindingRaised(each))


def _ended(event: Event, accuracy: float | None) -> Event:
    if not isinstance(event, Finished):
        return event
    score = Score(2.0, accuracy) if accuracy is not None else None
    status = Status.DONE if score else Status.DIVERGED
    return replace(event, outcomes=tuple(Outcome(status, 50, score, score, score) for _ in event.outcomes))


def plan_of(db: Path, run: int = 1, *words, **options) -> Plan:
    with History.open(db) as history:
        return planned(history, run, *words, **options)


def test_the_most_serious_finding_is_remedied_by_its_best_remedy_at_the_same_seed(db):
    recorded(db, DEAD, finding(), seed=9, **{"model.activation": "sigmoid"})
    plan = plan_of(db)
    assert (plan.finding.rule, plan.remedy) == ("vanishing-gradient", RELU)
    (experiment,) = plan.experiments
    assert (str(experiment.model.activation), experiment.seed) == ("relu", 9)
    assert plan.note == "remedy for vanishing-gradient of run 1: ReLU with He initialization"
    assert Origin.FIX == "fix"


def test_another_finding_and_another_remedy_can_be_chosen(db):
    recorded(db, DEAD, finding())
    assert plan_of(db, 1, "dead").finding.rule == "dead-units"
    chosen = plan_of(db, 1, "VANISHING-gradient", 2)
    assert chosen.remedy == SLOWER
    assert chosen.experiments[0].lr == 0.0001


def test_one_that_has_no_remedy_gives_way_to_one_that_has(db):
    recorded(db, finding(remedies=()), DEAD)
    assert plan_of(db).finding.rule == "dead-units"
    with pytest.raises(NoRemedyError, match="vanishing-gradient of run 1 has no remedy 1: none is known"):
        plan_of(db, 1, "vanishing")


def test_of_an_ensemble_all_members_are_trained_again_and_the_same_one_is_looked_at(db):
    recorded(db, finding(member=1), members=3, **{"model.activation": "sigmoid"})
    plan = plan_of(db, 2)
    assert [(each.seed, each.ensemble.member, each.model.activation.kind) for each in plan.experiments] == [
        (0, 0, "relu"),
        (1, 1, "relu"),
        (2, 2, "relu"),
    ]
    assert plan.member == 1


@pytest.mark.parametrize(
    ("found", "words", "said"),
    [
        ((), (), "nothing was found to be wrong with run 1"),
        ((replace(DEAD, closed=50),), (), "gone by its end; --finding takes one of dead-units"),
        ((DEAD,), ("over",), "run 1 has no finding 'over'; it has dead-units"),
        ((DEAD, finding(rule="dead-end")), ("dead",), "several findings of run 1 begin with 'dead'; it has dead-end, dead-units"),
        ((DEAD,), ("dead", 2), "has no remedy 2: there is one; `workbench diagnose 1` shows it"),
        ((finding(remedies=(Remedy("As it is", (("seed", "0"),)),)),), (), "the remedy 'As it is' changes nothing in run 1"),
    ],
)
def test_what_cannot_be_remedied_is_said(db, found, words, said):
    recorded(db, *found)
    with pytest.raises(HistoryError, match=said) as caught:
        plan_of(db, 1, *words)
    assert caught.value.exit_code == 2


def test_a_remedy_that_does_not_fit_is_a_configuration_error(db):
    recorded(db, finding(remedies=(Remedy("Nonsense", (("model.depth", "-3"),)),)))
    with pytest.raises(ConfigurationError):
        plan_of(db)


@pytest.mark.parametrize(
    ("after", "accuracy", "is_gone", "said"),
    [
        ((), 0.9, True, "Vanishing gradient: gone, and the test error fell from 50.00 % to 10.00 %."),
        ((finding(closed=30),), 0.2, True, "Vanishing gradient: gone, but the test error rose from 50.00 % to 80.00 %."),
        ((finding(),), 0.9, False, "Vanishing gradient: still there, but the test error fell from 50.00 % to 10.00 %."),
        ((finding(),), 0.5, False, "Vanishing gradient: still there, but the test error is 50.00 % as before."),
        ((), 0.5, True, "Vanishing gradient: gone, and the test error is 50.00 % as before."),
        ((), None, True, "Vanishing gradient: gone; the run is diverged and has no scores."),
    ],
)
def test_the_verdict_is_one_sentence(db, after, accuracy, is_gone, said):
    recorded(db, finding(), **{"model.activation": "sigmoid"})
    recorded(db, *after, accuracy=accuracy)
    with History.open(db) as history:
        verdict = judged(history, planned(history, 1), 2)
    assert (verdict.before.id, verdict.after.id, verdict.is_gone) == (1, 2, is_gone)
    assert sentence(verdict) == said


def test_a_verdict_names_what_is_newly_wrong(db):
    gone = replace(finding(rule="not-learning"), closed=40)
    recorded(db, finding(), **{"model.activation": "sigmoid"})
    recorded(db, DEAD, gone)
    with History.open(db) as history:
        verdict = judged(history, planned(history, 1), 2)
    assert [each.rule for each in verdict.new] == ["dead-units"]
    assert [(each.name, each.better) for each in verdict.figures][:3] == [
        ("train error", 0),
        ("validation error", 0),
        ("test error", 0),
    ]


def test_a_run_that_diverged_has_no_error_to_compare_with(db):
    recorded(db, finding(rule="not-finite"), accuracy=None, **{"model.activation": "sigmoid"})
    recorded(db, accuracy=0.75)
    with History.open(db) as history:
        verdict = judged(history, planned(history, 1), 2)
    assert sentence(verdict) == "Numbers are not finite: gone, and the test error is 25.00 %."
