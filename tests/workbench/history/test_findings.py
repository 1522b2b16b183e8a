"""Findings in the history: kept as they stand, told again, found by, and upgraded to."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from engine.events import FindingRaised, Frame, Started
from engine.insight.finding import Severity
from engine.vocabulary import Status
from tests.workbench.findings import DEAD, Told, finding
from tests.workbench.history.processes import python
from tests.workbench.history.recorded import record, rows, view_of
from tests.workbench.history.test_schema import GOLDEN, restored
from tests.workbench.scripted import scripted_events
from workbench.history import FilterError, History, HistoryError, Ordering, Recorder, mark_interrupted
from workbench.history.completion import completions, unknown_value
from workbench.history.findings import replace_findings


def record_with_findings(path: Path, **script: object) -> tuple[int, ...]:
    """Record a scripted training and what is told to be wrong with it."""
    told = Told()
    with Recorder(path) as recorder:
        for event in scripted_events(**{"steps": 100, "steps_per_epoch": 20, **script}):
            recorder.record(event, *told.apply(event), diagnosed=True)
        return recorder.run_ids


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "h.db"


def same(first, second) -> bool:
    """Whether two findings are the same; not-a-number is like itself."""
    return repr(first) == repr(second)


def test_a_finding_has_one_row_that_says_how_it_stands(path):
    record_with_findings(path)
    with History.open(path) as history:
        vanishing, dead = history.findings(1)
    assert same(vanishing, finding(20, 60))
    assert same(dead, replace(DEAD, closed=60))


def test_numbers_that_are_not_finite_are_null_with_a_marker(path):
    record_with_findings(path)
    ((evidence, marked),) = rows(path, "SELECT evidence, nonfinite FROM findings WHERE rule = 'vanishing-gradient'")
    assert "NaN" not in evidence
    assert "Infinity" not in evidence
    assert marked == "inf:value1 nan:value2 -inf:bound2"
    assert (
        rows(path, "SELECT typeof(opened), typeof(updated), typeof(words) FROM findings") == [("integer", "integer", "text")] * 2
    )


def test_each_member_has_its_own_and_one_that_diverged_too(path):
    script = {20: (finding(20),), 60: (finding(60, rule="not-finite", member=1),)}
    with Recorder(path) as recorder:
        for event in scripted_events(steps=100, members=2, steps_per_epoch=20, diverges_at=60, diverging=[1]):
            last = int(event.steps[-1]) if isinstance(event, Frame) else 0
            recorder.record(event, *map(FindingRaised, script.get(last, ())))
    with History.open(path) as history:
        assert [each.rule for each in history.findings(1)] == ["vanishing-gradient"]
        assert [(each.rule, each.member) for each in history.findings(2)] == [("not-finite", 0)]
        assert history.run(2).status == "diverged"


def test_one_that_comes_back_after_it_was_gone_is_another(path):
    record(path, [*scripted_events(), *map(FindingRaised, (finding(20), finding(20, closed=30), finding(70)))])
    with History.open(path) as history:
        assert [(each.opened, each.closed) for each in history.findings(1)] == [(20, 30), (70, None)]
        assert history.run(1).status == "done"  # told at the very end


def test_a_live_run_and_a_stored_one_have_the_same(path):
    record_with_findings(path, members=2)
    told = Told()
    events = [each for event in scripted_events(steps=100, members=2, steps_per_epoch=20) for each in (event, *told.apply(event))]
    with History.open(path) as history:
        for member in (0, 1):
            live, again = view_of(events, member).findings, view_of(history.events(member + 1)).findings
            assert [each.rule for each in live] == ["vanishing-gradient", "dead-units"]
            assert same(tuple(replace(each, member=0) for each in live), again)


def test_a_finding_is_written_with_the_event_that_showed_it_or_not_at_all(path):
    with Recorder(path) as recorder:
        for event in scripted_events(steps=40):
            if isinstance(event, Frame):
                broken = FindingRaised(replace(finding(), words=object()))
                with pytest.raises(HistoryError):
                    recorder.record(event, FindingRaised(finding()), broken)
                break
            recorder.record(event)
    assert rows(path, "SELECT count(*) FROM findings") == [(0,)]
    assert rows(path, "SELECT count(*) FROM steps") == [(0,)]


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.workbench.findings import Told
from tests.workbench.scripted import scripted_events
from workbench.history import Recorder
told, recorder = Told(), Recorder(Path(sys.argv[1]))
for event in scripted_events(steps=1000, steps_per_epoch=20):
    recorder.record(event, *told.apply(event))
    if getattr(event, "steps", [0])[-1] == 60:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_found_outlives_a_process_that_is_killed(path):
    process = python(KILLED, path)
    process.communicate(timeout=60)
    assert process.returncode < 0
    with History.open(path) as history:
        assert same(history.findings(1), (finding(20, 60), replace(DEAD, closed=60)))
        assert rows(path, "SELECT max(step) FROM steps") == [(60,)]


def test_a_run_that_goes_on_from_before_knows_what_was_found_until_then(path):
    record_with_findings(path)
    record(path, scripted_events(steps=20))
    gone = replace(DEAD, closed=60)
    later = finding(60, rule="overfitting")
    record(path, [*scripted_events(steps=100, status=Status.STOPPED), *map(FindingRaised, (finding(20, 60), DEAD, gone, later))])
    with Recorder(path, resume=(3,)) as recorder:
        for event in scripted_events(steps=100, begins=50):
            recorder.record(event)
    with History.open(path) as history:
        found = [(each.rule, each.opened, each.updated, each.closed) for each in history.findings(3)]
        assert found == [("vanishing-gradient", 20, 50, None), ("dead-units", 40, 40, None)]
        assert same(history.findings(1)[1], gone)  # of another run


def test_one_that_is_closed_leaves_the_one_that_is_open_alone(path):
    record(path, [*scripted_events(), *map(FindingRaised, (finding(20), finding(70), finding(20, closed=30)))])
    with History.open(path) as history:
        assert [(each.opened, each.closed) for each in history.findings(1)] == [(20, 30), (70, None)]


def test_a_recorder_puts_findings_in_place_of_those_that_its_runs_have(path):
    with Recorder(path) as recorder:
        for event in scripted_events(members=2):
            recorder.record(event)
        for member in (0, 1):
            recorder.record(FindingRaised(finding(20, member=member)))
        recorder.replace_findings([[DEAD], []])
    with History.open(path) as history:
        assert [[each.rule for each in history.findings(run)] for run in (1, 2)] == [["dead-units"], []]


def test_findings_of_a_run_can_be_replaced_but_not_while_it_is_trained(path):
    record_with_findings(path)
    replace_findings(path, 1, [DEAD])
    with History.open(path) as history:
        assert same(history.findings(1), (DEAD,))
    with pytest.raises(HistoryError, match="no run 9"):
        replace_findings(path, 9, [])
    with Recorder(path) as recorder:
        recorder.record(next(event for event in scripted_events() if isinstance(event, Started)))
        with pytest.raises(HistoryError, match="still being trained"):
            replace_findings(path, 2, [])


def test_a_history_of_before_there_were_findings_takes_them(tmp_path):
    path = restored(GOLDEN / "history_schema_4.sql", tmp_path / "old.db")
    with History.open(path) as history:
        assert history.findings(1) == ()
        assert history.run(1).findings == ()
        assert history.listing("finding:none").ids == ()  # nobody has looked
    replace_findings(path, 1, [finding()])
    replace_findings(path, 2, [])
    with History.open(path) as history:
        assert same(history.findings(1), (finding(),))
        assert history.listing("finding:any").ids == (1,)
        assert history.listing("finding:none").ids == (2,)


def test_it_is_not_known_of_runs_of_older_schemas_whether_they_were_diagnosed_to_their_end(tmp_path):
    for dump in GOLDEN.glob("history_schema_*.sql"):
        with History.open(restored(dump, tmp_path / f"{dump.stem}.db")) as history:
            is_known = int(dump.stem.rpartition("_")[2]) >= 7
            assert [run.diagnosed for run in history.runs()] == [is_known, is_known]
            assert history.listing("finding:none").ids == ((2,) if is_known else ())


def test_findings_of_every_released_schema_that_has_them_are_read(tmp_path):
    for dump in GOLDEN.glob("history_schema_*.sql"):
        if int(dump.stem.rpartition("_")[2]) >= 5:
            with History.open(restored(dump, tmp_path / f"{dump.stem}.db")) as history:
                assert same(history.findings(1), (finding(5, 12),))
                assert same(history.findings(2), (finding(5, 12, closed=12),))


@pytest.fixture
def several(path) -> Path:
    """Runs 1 to 4: with a serious one and a warning that was gone, with a warning, with nothing, with both kinds."""
    record_with_findings(path)
    for found in ((DEAD,), (), (DEAD, finding())):
        record(path, [*scripted_events(steps=20), *map(FindingRaised, found)], diagnosed=True)
    return path


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("finding:vanishing-gradient", (4, 1)),
        ("finding:vanishing", (4, 1)),
        ("finding:VANISHING", (4, 1)),
        ("finding:gradient", ()),
        ("finding~gradient", (4, 1)),
        ("finding=vanishing", ()),
        ("finding=dead-units", (4, 2)),
        ("finding:dead", (4, 2)),  # that of run 1 was gone
        ("finding!=dead-units", (3, 1)),
        ("finding:any", (4, 2, 1)),
        ("finding:none", (3,)),
        ("finding!=any", (3,)),
        ("finding!=none", (4, 2, 1)),
        ("NOT finding:any", (3,)),
        ("finding:dead finding:vanishing", (4,)),
        ("finding:dead OR finding:none", (4, 3, 2)),
        ("finding:%", ()),
        ("findings>=2", (4,)),
        ("findings=0", (3,)),
        ("severity=serious", (4, 1)),
        ("severity:warning", (2,)),
    ],
)
def test_runs_are_found_by_what_is_wrong_with_them(several, text, ids):
    with History.open(several) as history:
        assert history.listing(text).ids == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("finding:none", (3,)),
        ("finding!=any", (3,)),
        ("finding!=dead-units", (3, 1)),
        ("finding:any", (6, 4, 2, 1)),  # what was found was found
        ("NOT finding:any", (7, 5, 3)),
        ("NOT finding:dead", (7, 6, 5, 3, 1)),
        ("diagnosed=yes", (4, 3, 2, 1)),
        ("NOT diagnosed=yes", (7, 6, 5)),
        ("diagnosed=no findings=0", (7, 5)),
    ],
)
def test_that_nothing_is_wrong_holds_only_of_runs_that_were_looked_through_to_their_end(several, text, ids):
    """Runs 5 to 7: never looked at, looked at in part, and still being trained."""
    record(several, scripted_events(steps=20))
    record(several, [*scripted_events(steps=20), FindingRaised(finding())])
    with Recorder(several) as recorder:
        recorder.record(next(iter(scripted_events())))
        with History.open(several) as history:
            assert history.listing(text).ids == ids


def test_a_killed_training_was_not_looked_through(path):
    record_with_findings(path)
    process = python(
        "import sys\n"
        "from tests.workbench.scripted import scripted_events\n"
        "from workbench.history import Recorder\n"
        "recorder = Recorder(sys.argv[1])\n"
        "for event, _ in zip(scripted_events(), range(5)):\n"
        "    recorder.record(event, diagnosed=True)\n"
        "print('there', flush=True)\n"
        "sys.stdin.readline()\n",
        path,
    )
    assert process.stdout.readline() == "there\n"
    process.kill()
    process.communicate()
    assert mark_interrupted(path) == (2,)
    with History.open(path) as history:
        assert history.run(2).status == "interrupted"
        assert not history.run(2).diagnosed
        assert history.listing("finding!=overfitting").ids == (1,)


def test_findings_have_no_order(several):
    with History.open(several) as history, pytest.raises(FilterError, match="no order"):
        history.listing("finding>dead-units")


def test_a_list_has_what_is_wrong_the_worst_first(several):
    with History.open(several) as history:
        found = [(run.findings, run.severity) for run in history.records([1, 2, 3, 4])]
        assert found == [
            (("vanishing-gradient",), "serious"),
            (("dead-units",), "warning"),
            ((), None),
            (("vanishing-gradient", "dead-units"), "serious"),
        ]
        assert history.listing("", Ordering("findings")).ids == (4, 2, 1, 3)


def test_the_keys_are_completed_with_how_often_they_occur(several):
    with History.open(several) as history:
        found = completions("finding:", history.common_values)
        assert dict(zip(found.texts, found.notes, strict=True)) == {
            "dead-units": "2",
            "vanishing-gradient": "2",
            "any": "whichever",
            "none": "diagnosed, nothing found",
        }
        assert completions("finding:va", history.common_values).texts == ("vanishing-gradient",)
        assert "finding:" in completions("find", history.common_values).texts
        assert unknown_value("finding:van", history.common_values) == ""
        assert unknown_value("finding:any", history.common_values) == ""
        assert "did you mean dead-units" in unknown_value("finding:dead-unit-s", history.common_values)


def test_the_severities_are_ranked_as_they_are_meant(path):
    kinds = [finding(1, rule=str(kind), severity=kind) for kind in (Severity.NOTE, Severity.WARNING, Severity.SERIOUS)]
    record(path, [*scripted_events(steps=20), *map(FindingRaised, kinds)])
    with History.open(path) as history:
        assert history.run(1).findings == ("serious", "warning", "note")
        assert math.isinf(history.findings(1)[0].evidence[1].value)
