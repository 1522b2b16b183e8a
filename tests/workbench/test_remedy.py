"""From a finding to a changed experiment, and what is said of what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.events import CALLBACK, Change, Event, FindingRaised, Finished, Intervened, Outcome, Score
from engine.experiment import Experiment
from engine.insight.finding import Remedy
from engine.vocabulary import Status
from tests.workbench.findings import DEAD, RELU, SLOWER, finding
from tests.workbench.scripted import scripted_events
from workbench import remedy
from workbench.history import History, HistoryError, Recorder
from workbench.history.records import Origin
from workbench.remedy import NoRemedyError, Plan, all_planned, judged, planned, sentence


@pytest.fixture
def db(tmp_path, monkeypatch) -> Path:
    """Nothing is found in runs that were recorded without."""
    monkeypatch.setattr(remedy, "diagnosed", lambda events: ())
    return tmp_path / "h.db"


def recorded(
    db: Path,
    *findings,
    accuracy: float | None = 0.5,
    members: int = 1,
    steps: int = 50,
    status: Status = Status.DONE,
    origin: Origin | None = None,
    events: Sequence[Event] = (),
    **settings,
) -> None:
    """Record a training that ends with this accuracy on the test data; None: it diverged."""
    base = Experiment().with_settings({"steps": 50, "epochs": None, "model.width": 16, "device": "cpu", **settings})
    made = [base]
    if members > 1:
        made = [base.with_settings({"ensemble.members": members, "ensemble.member": m, "seed": m}) for m in range(members)]
    with Recorder(db, origin=origin) as recorder:
        for event in scripted_events(steps=steps, experiments=made):
            for other in events if isinstance(event, Finished) else ():
                recorder.record(other)
            recorder.record(_ended(event, accuracy, status, steps), diagnosed=bool(findings))
        for each in findings:
            recorder.record(FindingRaised(each))


def _ended(event: Event, accuracy: float | None, status: Status, step: int) -> Event:
    if not isinstance(event, Finished):
        return event
    score = Score(2.0, accuracy) if accuracy is not None else None
    how = status if score else Status.DIVERGED
    return replace(event, outcomes=tuple(Outcome(how, step, score, score, score) for _ in event.outcomes))


def plan_of(db: Path, run: int = 1, *words, **options) -> Plan:
    with History.open(db) as history:
        return planned(history, run, *words, **options)


def test_the_most_serious_finding_is_remedied_by_its_best_remedy_at_the_same_seed(db):
    recorded(db, replace(DEAD, rule="overfitting"), finding(), seed=9, **{"model.activation": "sigmoid"})
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
        ((finding(),), 0.5, False, "Vanishing gradient: still there, and the test error is 50.00 % as before."),
        ((), 0.5, True, "Vanishing gradient: gone, and the test error is 50.00 % as before."),
        (
            (),
            None,
            None,
            "Vanishing gradient: not known whether it is gone, for the run diverged at step 50; it has no scores.",
        ),
    ],
)
def test_the_verdict_is_one_sentence(db, after, accuracy, is_gone, said):
    recorded(db, finding(), **{"model.activation": "sigmoid"})
    recorded(db, *after, accuracy=accuracy)
    with History.open(db) as history:
        verdict = judged(history, planned(history, 1), (2,))
    assert (verdict.before.id, verdict.after.id, verdict.is_gone) == (1, 2, is_gone)
    assert sentence(verdict) == said


def test_a_verdict_names_what_is_newly_wrong(db):
    gone = replace(finding(rule="not-learning"), closed=40)
    recorded(db, finding(), **{"model.activation": "sigmoid"})
    recorded(db, DEAD, gone)
    with History.open(db) as history:
        verdict = judged(history, planned(history, 1), (2,))
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
        verdict = judged(history, planned(history, 1), (2,))
    assert sentence(verdict) == "Numbers are not finite: gone, and the test error is 25.00 %."


UNKNOWN = "Vanishing gradient: not known whether it is gone, for"
AS_BEFORE = "; the test error is 50.00 % as before."


@pytest.mark.parametrize(
    ("after", "how", "looked", "is_gone", "said"),
    [
        ((), {"steps": 3, "status": Status.STOPPED}, True, None, f"{UNKNOWN} the run was stopped at step 3{AS_BEFORE}"),
        ((), {"steps": 20, "status": Status.INTERRUPTED}, True, None, f"{UNKNOWN} the run was interrupted at step 20{AS_BEFORE}"),
        ((), {"steps": 21, "status": Status.STOPPED}, True, True, "Vanishing gradient: gone, and the test error is"),
        ((), {"steps": 3}, True, True, "Vanishing gradient: gone, and the test error is"),  # all that was asked for
        ((), {"accuracy": None}, True, None, f"{UNKNOWN} the run diverged at step 50; it has no scores."),
        ((finding(closed=30),), {"accuracy": None}, True, None, f"{UNKNOWN} the run diverged at step 50"),
        ((), {}, False, None, f"{UNKNOWN} looking for it broke off{AS_BEFORE}"),
        ((finding(),), {}, False, False, "Vanishing gradient: still there"),
        ((finding(2),), {"steps": 3, "status": Status.STOPPED}, True, False, "Vanishing gradient: still there"),
    ],
)
def test_that_it_is_gone_is_said_only_where_it_would_have_been_seen(db, after, how, looked, is_gone, said):
    recorded(db, finding(), **{"model.activation": "sigmoid"})
    recorded(db, *after, **how)
    with History.open(db) as history:
        verdict = judged(history, planned(history, 1), (2,), was_looked_at=looked)
    assert verdict.is_gone is is_gone
    assert sentence(verdict).startswith(said)


def test_a_member_that_was_not_begun_cannot_be_judged(db):
    recorded(db, finding(member=1), members=3, **{"model.activation": "sigmoid"})
    with History.open(db) as history:
        plan = planned(history, 2)
        with pytest.raises(HistoryError, match="was not tried: the training ended before that member began"):
            judged(history, plan, (3,))


def test_what_the_remedied_run_does_not_have_from_the_run_is_said(db):
    lower = (Change("lr", 0.1, 0.01),)
    recorded(db, finding(), events=[Intervened(50, lower, CALLBACK)], **{"model.activation": "sigmoid"})
    recorded(db, finding(), origin=Origin.BRANCH, events=[Intervened(50, lower)], **{"model.activation": "sigmoid"})
    assert plan_of(db).cautions == ()
    told = (
        "Run 2 is a branch; the remedied run begins anew, without the branch's weights.",
        "Settings that were changed while run 2 was trained are not changed again.",
    )
    assert plan_of(db, 2).cautions == told
    with History.open(db) as history:
        assert {plan.cautions for plan in all_planned(history, 2)} == {told}
