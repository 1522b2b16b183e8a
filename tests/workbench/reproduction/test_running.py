"""Recipes are trained and judged for real, on two hundred points; nothing is trained twice."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from engine.vocabulary import Status
from tests.workbench.history.recorded import erase, rows
from tests.workbench.reproduction.written import FAILS, HOLDS, UNKNOWN, planned
from workbench.claims.judging import judge
from workbench.claims.records import Outcome
from workbench.history import History
from workbench.history.edit import delete
from workbench.history.provenance import program_version
from workbench.history.series import SeriesHistory
from workbench.reproduction.events import Begun, Broke, Ended, Going, GroupTrained, Judged, Noted
from workbench.reproduction.matching import finished, stored_runs
from workbench.reproduction.running import Reproduction
from workbench.reproduction.trials import trials_of
from workbench.runner import Runner

PASS, FAIL, ERROR, OPEN = Outcome.PASS, Outcome.FAIL, Outcome.ERROR, Outcome.OPEN


@pytest.fixture
def path(tmp_path):
    return tmp_path / "h.db"


def done(plan, path, **options):
    """What is said of a reproduction, without what is said again and again."""
    return [event for event in Reproduction(plan, path, **options).events() if not isinstance(event, Going)]


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def outcomes(events):
    return [(event.number, event.verdict.outcome) for event in of(Judged, events)]


def test_what_is_missing_is_trained_and_the_claims_are_judged_and_kept(tmp_path, path):
    events = done(planned(tmp_path, [HOLDS, FAILS, UNKNOWN]), path, settings={"lr": 0.03})
    assert (events[0].runs, events[0].there) == (4, 0)
    assert [(event.group.label, event.runs) for event in of(GroupTrained, events)] == [("depth=0", (1, 2)), ("depth=1", (3, 4))]
    assert dict(outcomes(events)) == {1: PASS, 2: FAIL, 3: ERROR}
    assert rows(path, "SELECT name, seed, tag, population FROM runs JOIN tags ON runs.id = run") == [
        ("xor-depth: depth=0", 0, "xor-depth", 1),
        ("xor-depth: depth=0", 1, "xor-depth", 1),
        ("xor-depth: depth=1", 0, "xor-depth", 3),
        ("xor-depth: depth=1", 1, "xor-depth", 3),
    ]
    made = events[-1].made
    with History.open(path) as history:
        assert history.reproduction(1) == made
        assert made.seconds == history.run(1).seconds + history.run(3).seconds
    assert [verdict.outcome for verdict in made.verdicts] == ["pass", "fail", "error"]
    assert (made.trained, made.device, made.settings) == (4, "cpu", {"lr": 0.03})
    assert made.runs == (("depth=0", 1), ("depth=0", 2), ("depth=1", 3), ("depth=1", 4))


def test_a_claim_is_judged_as_soon_as_its_groups_are_there(tmp_path, path):
    events = done(planned(tmp_path, ["steps(depth=1) > steps(depth=0) - 1", FAILS, HOLDS]), path)
    kinds = [type(event) for event in events]
    assert kinds == [Begun, GroupTrained, Judged, GroupTrained, Judged, Judged, Ended]
    assert outcomes(events) == [(2, FAIL), (1, PASS), (3, PASS)]
    assert [number for number, _ in events[-1].verdicts] == [1, 2, 3]


def test_the_second_time_nothing_is_trained_and_the_claims_are_judged_anew(tmp_path, path):
    plan = planned(tmp_path)
    done(plan, path)
    events = done(plan, path)
    assert (events[0].there, events[-1].made.trained) == (4, 0)
    assert outcomes(events) == [(1, PASS)]
    assert rows(path, "SELECT count(*) FROM runs") == [(4,)]
    assert rows(path, "SELECT count(*) FROM reproductions") == [(2,)]


def test_more_seeds_take_those_that_are_there_and_a_deleted_run_is_trained_again(tmp_path, path):
    done(planned(tmp_path), path)
    delete(path, [3])
    events = done(planned(tmp_path, scale="full"), path)
    assert (events[0].runs, events[0].there) == (6, 3)
    assert [event.runs for event in of(GroupTrained, events)] == [(1, 2, 5), (6, 4, 7)]


def test_runs_that_somebody_deletes_for_good_while_claims_are_judged_make_them_errors(tmp_path, path):
    plan = planned(tmp_path, ["steps(depth=0) >= 40", HOLDS, "finds no overfitting in (depth=1)"])
    done(plan, path)
    events = []
    for event in Reproduction(plan, path).events():
        events.append(event)
        if isinstance(event, Begun):
            erase(path, 3)
    assert (events[0].there, events[-1].made.trained) == (4, 0)
    verdicts = {event.number: event.verdict for event in of(Judged, events)}
    assert {number: verdict.outcome for number, verdict in verdicts.items()} == {1: PASS, 2: ERROR, 3: ERROR}
    assert verdicts[2].words == "1 of 2 runs of depth=1 are there"
    assert [event.runs for event in of(GroupTrained, done(plan, path))] == [(1, 2), (5, 4)]


def test_what_a_run_tells_that_is_deleted_for_good_while_it_is_looked_at_is_an_error_too(tmp_path, path):
    plan = planned(tmp_path, ["loss(depth=1) < 100", "finds no overfitting in (depth=1)", "steps(depth=1) >= 40"])
    done(plan, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET diagnosed = NULL")
    with SeriesHistory.open(path) as history:
        groups = [(group, trials_of(group)) for group in plan.groups]
        found = finished(history, [trial for _, of_group in groups for trial in of_group])
        runs = stored_runs(history, groups, found)
        erase(path, 3)
        verdicts = [judge(claim, plan, runs) for claim in plan.recipe.claims]
    assert [verdict.outcome for verdict in verdicts] == [ERROR, ERROR, PASS]
    assert "loss was not recorded of depth=1, seed 0" in verdicts[0].words
    assert "the run of seed 0 cannot be looked through for findings: no run '3'" in verdicts[1].words


def test_runs_of_another_version_are_trained_anew_and_that_is_said(tmp_path, path):
    plan = planned(tmp_path)
    done(plan, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET versions_json = json_set(versions_json, '$.workbench', '0.0.9') WHERE id IN (2, 3)")
    events = done(plan, path, train=False)
    said = (
        f"2 runs of these experiments were trained by version 0.0.9 of the workbench, and this is {program_version()}: "
        "they do not count; `workbench reproduce --any-version` takes them"
    )
    assert (events[0].there, [event.message for event in of(Noted, events)]) == (2, [said])
    assert outcomes(events) == [(1, OPEN)]
    taken = done(plan, path, train=False, any_version=True)
    assert (taken[0].there, of(Noted, taken), outcomes(taken)) == (4, [], [(1, PASS)])
    events = done(plan, path)
    assert (len(of(Noted, events)), events[-1].made.trained, outcomes(events)) == (1, 2, [(1, PASS)])
    again = done(plan, path)
    assert (again[0].there, of(Noted, again)) == (4, [])


def test_runs_of_other_commands_are_taken(tmp_path, path):
    plan = planned(tmp_path)
    runner = Runner(plan.groups[1].experiments, db=path, name="mine")
    runner.start()
    assert runner.join()
    events = done(plan, path)
    assert events[0].there == 2
    assert {event.group.label: event.runs for event in of(GroupTrained, events)}["depth=1"] == (1, 2)
    assert rows(path, "SELECT name FROM runs WHERE id < 3") == [("mine",), ("mine",)]


def test_groups_that_share_a_run_train_it_once(tmp_path, path):
    vary = "[vary.rate]\nusual = {}\nsame = { lr = 0.03, seed = 1 }\n"
    events = done(planned(tmp_path, ["steps(usual) >= 40"], vary=vary), path)
    assert events[0].runs == 3
    assert [event.runs for event in of(GroupTrained, events)] == [(1, 2), (2, 3)]


def test_looking_trains_nothing_keeps_nothing_and_leaves_open_what_is_not_there(tmp_path, path):
    plan = planned(tmp_path, ["steps(depth=0) >= 40", HOLDS])
    assert outcomes(done(plan, path, train=False)) == [(1, OPEN), (2, OPEN)]
    runner = Runner(plan.groups[0].experiments, db=path)
    runner.start()
    assert runner.join()
    events = done(plan, path, train=False)
    assert outcomes(events) == [(1, PASS), (2, OPEN)]
    assert events[-1].made.id == 0
    assert rows(path, "SELECT count(*) FROM reproductions") == [(0,)]


def test_a_training_that_breaks_off_leaves_the_others_and_its_claims_in_error(tmp_path, path):
    broken = '[vary.network]\ngood = {}\nbad = { callbacks = ["tests.workbench.reproduction.broken:Breaks"] }\n'
    events = done(planned(tmp_path, ["steps(bad) >= 40", "steps(good) >= 40"], vary=broken), path)
    (broke,) = of(Broke, events)
    assert broke.labels == ("bad",)
    assert "broken on purpose" in broke.message
    verdicts = dict(events[-1].verdicts)
    assert (verdicts[1].outcome, verdicts[2].outcome) == (ERROR, PASS)
    assert "bad" in verdicts[1].words
    assert "broken on purpose" in verdicts[1].words
    assert "broken" not in verdicts[2].words
    assert rows(path, "SELECT DISTINCT status FROM runs ORDER BY status") == [("done",), ("failed",)]
    assert rows(path, "SELECT outcome FROM verdicts ORDER BY number") == [("error",), ("pass",)]


def test_what_is_stopped_goes_on_the_next_time_with_what_is_missing(tmp_path, path):
    plan = planned(tmp_path, [HOLDS])
    reproduction = Reproduction(plan, path)
    events = []
    for event in reproduction.events():
        events.append(event)
        if isinstance(event, GroupTrained):
            reproduction.stop()
    assert reproduction.stopping
    assert (events[-1].interrupted, events[-1].made.id, events[-1].verdicts) == (True, 0, ())
    assert rows(path, "SELECT count(*) FROM runs") == [(2,)]
    events = done(plan, path)
    assert (events[0].there, events[-1].made.trained, events[-1].interrupted) == (2, 2, False)


def test_what_is_stopped_while_it_is_judged_is_not_kept(tmp_path, path):
    plan = planned(tmp_path, [HOLDS, HOLDS])
    done(plan, path)
    reproduction = Reproduction(plan, path)
    events = []
    for event in reproduction.events():
        events.append(event)
        if isinstance(event, Judged):
            reproduction.stop()
    assert len(of(Judged, events)) == 1
    assert (events[-1].interrupted, events[-1].made.id) == (True, 0)


def test_an_end_that_is_not_asked_for_ends_the_training(tmp_path, path):
    """As when whoever reads the output has left."""
    base = '[base]\ndata.name = "xor"\nsteps = 10000000\nthreads = 1\ndevice = "cpu"\n'
    events = Reproduction(planned(tmp_path, base=base), path).events()
    going = next(event for event in events if isinstance(event, Going))
    events.close()
    assert going.runner.finished
    assert rows(path, "SELECT DISTINCT status FROM runs") in ([], [(Status.INTERRUPTED.value,)])


def test_an_ensemble_is_one_trial_for_each_seed(tmp_path, path):
    vary = "[vary.many]\ntogether = { ensemble.members = 3 }\nalone = {}\n"
    plan = planned(tmp_path, ["combined_test_error(together) <= 100"], vary=vary)
    events = done(plan, path)
    assert [event.runs for event in of(GroupTrained, events)] == [(1, 2, 3, 4, 5, 6), (7, 8)]
    assert rows(path, "SELECT DISTINCT population FROM runs WHERE ensemble = 3") == [(1,), (4,)]
    assert outcomes(events) == [(1, PASS)]
    assert done(plan, path)[-1].made.trained == 0


def test_claims_of_other_scales_are_left_out(tmp_path, path):
    elsewhere = f'[[claim]]\nsays = "Claim 2"\ncheck = "{HOLDS}"\nscales = ["full"]\n'
    events = done(planned(tmp_path, [HOLDS], rest=elsewhere), path)
    assert [number for number, _ in events[-1].verdicts] == [1]
