"""What is wrong with runs, on the command line: while they are trained, in lists, in comparisons, on files, and with remedies."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from engine.events import FindingRaised
from engine.experiment import Experiment
from tests.workbench.cli.conftest import SMALL, query
from tests.workbench.findings import DEAD, Told, finding
from tests.workbench.scripted import scripted_events
from workbench import diagnosing
from workbench.history import Recorder


@pytest.fixture
def told(monkeypatch) -> None:
    """Trainings are found to be as the script says."""
    monkeypatch.setattr(diagnosing, "new_diagnosis", Told)


def recorded(db, *findings, name: str = "", diagnosed: bool = False, **settings) -> None:
    """Record a scripted training with these findings; one without any may have been looked through or not."""
    experiment = Experiment().with_settings({"steps": 50, "epochs": None, "model.width": 16, "device": "cpu", **settings})
    with Recorder(db, name=name) as recorder:
        for event in scripted_events(steps=50, experiments=[experiment]):
            recorder.record(event, diagnosed=diagnosed or bool(findings))
        for each in findings:
            recorder.record(FindingRaised(each))


@pytest.fixture
def some(db):
    """A run with a serious finding and a warning that was gone, one with nothing, one with a warning."""
    recorded(db, finding(20, 40), replace(DEAD, closed=45), name="sick")
    recorded(db, name="sound", diagnosed=True)
    recorded(db, DEAD, name="half")
    return db


# --- while it is trained ------------------------------------------------------------


VANISHING = "The gradient in hidden 1 is 2e-06 of that in the output."
SIGNS = ("▲", "△", "○", "✓")
LONGER = [word if word != "2" else "3" for word in SMALL]


def lines(err: str) -> list[str]:
    """What was said above the bar."""
    return [line for line in re.split(r"(?:\x1b\[[0-9;?]*[a-zA-Z]|[\r\n])+", err) if line[:1] in SIGNS]


@pytest.mark.usefixtures("told")
def test_on_a_terminal_a_run_says_what_it_finds(command, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert lines(command("run", *LONGER).err) == [
        f"▲ Vanishing gradient: {VANISHING}",
        "△ Dead units: Half of the units are dead.",
        "✓ Dead units: gone at step 60",
    ]
    three = f"▲ Vanishing gradient (3 of 3 runs, first run 2): {VANISHING}"
    assert lines(command("run", *SMALL, "--seeds", "3").err)[0] == three
    assert lines(command("run", *SMALL, "--quiet").err) == []
    assert lines(command("run", *SMALL, "--json").err) == []


@pytest.mark.usefixtures("told")
def test_a_run_sums_up_what_it_has_found(command, db):
    ended = command("run", *SMALL)
    assert (ended.code, ended.err) == (0, "")
    assert "▲ Vanishing gradient, since step 20: The gradient in hidden 1" in ended.out
    assert "remedy: ReLU with He initialization; `workbench fix 1 --finding vanishing-gradient` tries it" in ended.out
    assert query(db, "SELECT rule, opened, closed FROM findings") == [("vanishing-gradient", 20, None), ("dead-units", 40, None)]


@pytest.mark.usefixtures("told")
def test_what_is_gone_is_summed_up_as_well(command):
    assert "✓ Dead units: gone, from step 40 to 60" in command("run", *LONGER).out


@pytest.mark.usefixtures("told")
def test_of_several_runs_it_is_said_once(command):
    ended = command("run", *SMALL, "--seeds", "3")
    assert "▲ Vanishing gradient in 3 of 3 runs (1–3): The gradient" in ended.out


@pytest.mark.usefixtures("told")
def test_quiet_says_nothing_and_json_has_objects(command):
    assert command("run", *SMALL, "--quiet").err == ""
    ended = command("run", *SMALL, "--json")
    assert ended.err == ""
    found = [each for each in ended.objects if each["event"] == "finding"]
    assert next((each["run"], each["rule"], each["opened"], each["closed"]) for each in found) == (
        2,
        "vanishing-gradient",
        20,
        None,
    )
    last = found[-1]["evidence"] if found[-1]["rule"] == "vanishing-gradient" else found[-2]["evidence"]
    assert last[1] == {"quantity": "gradient_std", "layer": "hidden 2", "value": None, "bound": 0.01, "step": 40}
    assert found[0]["remedies"][1] == {"title": "Learning rate 0.0001", "changes": {"lr": "0.0001"}}


def test_a_diagnosis_that_fails_is_told_once_and_ends_nothing(command, monkeypatch):
    class Broken(Told):
        def apply(self, event):
            raise ZeroDivisionError("one by nothing")

    monkeypatch.setattr(diagnosing, "new_diagnosis", Broken)
    ended = command("run", *SMALL)
    assert ended.code == 0
    assert ended.err == "workbench: nothing more was looked for that goes wrong: ZeroDivisionError: one by nothing\n"


# --- of stored runs -----------------------------------------------------------------


def test_a_list_shows_how_many_and_the_worst(command, some):
    ended = command("runs")
    assert "findings" in ended.out.splitlines()[0]
    assert "▲ vanishing-gradient" in ended.out
    assert [row["findings"] for row in command("runs", "--json").objects] == [["dead-units"], [], ["vanishing-gradient"]]
    assert [row["severity"] for row in command("runs", "--json").objects] == ["warning", None, "serious"]
    assert [row["run"] for row in command("runs", "--finding", "vanishing", "--json").objects] == [1]
    assert [row["run"] for row in command("runs", "--finding", "any", "sick OR half", "--json").objects] == [3, 1]
    refused = command("runs", "--finding", "vanshing-gradient")
    assert refused.code == 2
    assert "there is no finding 'vanshing-gradient'; did you mean vanishing-gradient or" in refused.err
    assert [row["run"] for row in command("runs", "finding:none", "--json").objects] == [2]
    chosen = command("runs", "--columns", "finding,findings,severity", "--json").objects
    assert chosen[0] == {"run": 3, "finding": ["dead-units"], "findings": 1, "severity": "warning"}


def test_a_list_in_which_nothing_was_found_has_no_column_for_it(command, stored):
    assert "findings" not in command("runs").out


def test_show_says_what_was_found(command, some):
    out = command("show", "sick").out
    assert "▲ Vanishing gradient, since step 20: The gradient in hidden 1" in out
    assert "✓ Dead units: gone, from step 40 to 45" in out
    assert "▲" not in command("show", "sound").out


def test_compare_has_a_row_for_each_rule(command, some):
    lines = command("compare", "1", "2", "3").out.splitlines()
    begin = lines.index("findings")
    dead, vanishing = lines[begin + 1 : begin + 3]  # the cause before what it brings about
    assert vanishing.split() == ["Vanishing", "gradient", "▲", "since", "step", "20"]
    assert dead.split("  ")[-1].strip() == "△ since step 40"
    assert "✓ from step 40 to 45" in dead
    objects = command("compare", "1", "2", "--json").objects
    assert [[each["rule"] for each in row["findings"]] for row in objects] == [["vanishing-gradient", "dead-units"], []]
    assert "findings" not in command("compare", "2", "2", "--baseline", "2", "1", "--view", "curves").out.splitlines()


def test_they_can_be_exported(command, some):
    rows = command("export", "1", "2", "--what", "findings", "--json").objects
    assert [(row["run"], row["rule"], row["closed"]) for row in rows] == [(1, "vanishing-gradient", None), (1, "dead-units", 45)]
    table = command("export", "1", "--what", "findings")
    assert table.out.splitlines()[0].startswith("run,rule,severity,opened,updated,closed,words,layers,evidence,remedies")
    assert "NaN" not in table.out
    ended = command("export", "2", "--what", "findings")
    assert (ended.code, ended.out) == (0, "")
    assert "nothing was found to be wrong with run 2" in ended.err


# --- diagnose -----------------------------------------------------------------------


@pytest.mark.usefixtures("told")
def test_a_run_that_was_recorded_without_is_diagnosed(command, db):
    recorded(db)
    out = command("diagnose", "1").out
    assert out.splitlines()[0] == "Run 1, done after 50 steps: 2 findings"
    assert "▲ Vanishing gradient (serious), since step 20, hidden 1, hidden 2" in out
    assert "gradient std" in out
    assert "  2. Learning rate 0.0001 (lr=0.0001)" in out
    assert query(db, "SELECT count(*) FROM findings") == [(0,)]
    assert command("diagnose", "1", "--store").code == 0
    assert query(db, "SELECT rule, opened FROM findings") == [("vanishing-gradient", 20), ("dead-units", 40)]
    again = command("diagnose", "1", "--store", "--json").objects
    assert [(each["run"], each["rule"], each["updated"]) for each in again] == [
        (1, "dead-units", 40),
        (1, "vanishing-gradient", 40),
    ]
    assert query(db, "SELECT count(*) FROM findings") == [(2,)]


@pytest.mark.usefixtures("told")
def test_several_runs_are_diagnosed_one_after_the_other_and_then_count_as_looked_through(command, db):
    recorded(db, name="one")
    recorded(db, name="two")
    assert command("runs", "diagnosed=yes", "--json").objects == []
    out = command("diagnose", "two", "1", "--store").out
    assert [line for line in out.splitlines() if line.startswith("Run ")] == [
        "Run 2 two, done after 50 steps: 2 findings",
        "Run 1 one, done after 50 steps: 2 findings",
    ]
    assert [row["run"] for row in command("runs", "finding!=overfitting", "--json").objects] == [2, 1]
    assert [row["diagnosed"] for row in command("runs", "--json").objects] == [True, True]


@pytest.mark.usefixtures("told")
def test_what_a_diagnosis_finds_anew_in_a_run_that_was_looked_at_in_part_can_be_remedied(command, db):
    recorded(db)
    with Recorder(db) as recorder:  # what was found before its process was killed
        for event in list(scripted_events(steps=50))[:-1]:
            recorder.record(event)
        recorder.record(FindingRaised(finding(20)))
    assert "Dead units" in command("diagnose", "2").out
    assert command("fix", "2", "--finding", "dead-units", "--quiet").out.startswith("Run 2  △ Dead units")


def test_a_run_in_which_nothing_is_found_is_fine_too(command, db, monkeypatch):
    class Silent(Told):
        script = {}  # noqa: RUF012

    monkeypatch.setattr(diagnosing, "new_diagnosis", Silent)
    recorded(db)
    ended = command("diagnose", "latest")
    assert (ended.code, ended.out) == (0, "Run 1, done after 50 steps: nothing found to be wrong\n\n")
    assert command("diagnose", "7").code == 2


# --- fix ----------------------------------------------------------------------------


@pytest.fixture
def healed(monkeypatch) -> None:
    """Only trainings with sigmoids are found to be ill."""

    class OfSigmoids(Told):
        def apply(self, event):
            raised = super().apply(event)
            started = self.seen[0]
            return raised if str(started.experiments[0].model.activation) == "sigmoid" else ()

        def findings(self, member=0):
            return super().findings(member) if str(self.seen[0].experiments[0].model.activation) == "sigmoid" else ()

    monkeypatch.setattr(diagnosing, "new_diagnosis", OfSigmoids)


@pytest.mark.usefixtures("healed")
def test_a_remedy_is_trained_recorded_and_judged(command, db):
    recorded(db, finding(20), **{"model.activation": "sigmoid", "seed": 7})
    ended = command("fix", "1", "--quiet")
    assert ended.code == 0
    assert ended.out.startswith("Run 1  ▲ Vanishing gradient: The gradient in hidden 1")
    assert "Remedy 1 of 2: ReLU with He initialization (model.activation=relu, model.init=he_normal)" in ended.out
    lines = [line.split() for line in ended.out.splitlines()]
    assert ["model.activation", "sigmoid", "relu"] in lines
    assert ["Vanishing", "gradient", "▲", "since", "step", "20", "✓", "not", "found"] in lines
    assert ended.out.splitlines()[-1].startswith("Vanishing gradient: gone, ")
    stored = query(db, "SELECT parent, origin, seed, activation, note FROM runs WHERE id = 2")
    assert stored == [(1, "fix", 7, "relu", "remedy for vanishing-gradient of run 1: ReLU with He initialization")]
    assert "a remedy for run 1" in command("show", "2").out


@pytest.mark.usefixtures("healed")
def test_a_verdict_can_be_read_by_programs(command, db):
    recorded(db, finding(20), **{"model.activation": "sigmoid"})
    *_, verdict = command("fix", "1", "--remedy", "2", "--json", "--name", "slower", "--tag", "tried").objects
    assert (verdict["event"], verdict["run"], verdict["parent"], verdict["rule"]) == ("verdict", 2, 1, "vanishing-gradient")
    assert verdict["gone"] is False  # still a sigmoid
    assert verdict["after"]["opened"] == 20
    assert [each["rule"] for each in verdict["new"]] == ["dead-units"]
    assert verdict["test_error"]["before"] == pytest.approx(query(db, "SELECT 1 - test_accuracy FROM runs WHERE id = 1")[0][0])
    assert query(db, "SELECT lr, name FROM runs WHERE id = 2") == [(0.0001, "slower")]


@pytest.mark.usefixtures("healed")
def test_of_a_training_that_diverges_at_once_it_is_not_known_whether_it_is_gone(command, db, monkeypatch):
    recorded(db, finding(20), **{"model.activation": "sigmoid", "lr": 1e3, "optimizer": "sgd", "data.name": "diabetes"})
    words = ("fix", "1", "--finding", "vanishing-gradient")
    ended = command(*words)
    assert ended.code == 3
    assert "not known whether it is gone, for the run diverged at step" in ended.out
    assert any(line.split()[:2] == ["Vanishing", "gradient"] and line.endswith("? not known") for line in ended.out.splitlines())
    assert command(*words, "--json").objects[-1]["gone"] is None


def test_where_looking_broke_off_it_is_not_known_whether_it_is_gone(command, db, monkeypatch):
    class Breaks(Told):
        def apply(self, event):
            raise ZeroDivisionError("one by nothing")

    recorded(db, finding(20), **{"model.activation": "sigmoid"})
    monkeypatch.setattr(diagnosing, "new_diagnosis", Breaks)
    ended = command("fix", "1", "--quiet")
    assert ended.code == 0
    assert "not known whether it is gone, for looking for it broke off;" in ended.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("fix", "2"), "nothing was found to be wrong with run 2, so there is nothing to remedy"),
        (("fix", "1", "--finding", "overfitting"), "run 1 has no finding 'overfitting'; it has vanishing-gradient, dead-units"),
        (
            ("fix", "1", "--remedy", "3"),
            "vanishing-gradient of run 1 has no remedy 3: there are 2; `workbench diagnose 1` shows them",
        ),
        (("fix", "4"), "what was found in run 4 was gone by its end; --finding takes one of dead-units"),
        (("fix", "9"), "no run '9'"),
    ],
)
def test_what_cannot_be_remedied_is_said(command, some, monkeypatch, words, said):
    recorded(some, replace(DEAD, closed=45))
    monkeypatch.setattr(diagnosing, "diagnosed", lambda events: ())
    monkeypatch.setattr("workbench.remedy.diagnosed", lambda events: ())
    ended = command(*words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert query(some, "SELECT count(*) FROM runs") == [(4,)]


# --- explain ------------------------------------------------------------------------


WITHOUT_EXAMPLE = ("unbalanced-classes",)
"""All data sets that come with the program are balanced."""


def test_all_findings_are_listed_and_each_has_a_page(command):
    from engine.insight.rules import RULES

    listed = command("explain", "--json").objects
    assert [each["rule"] for each in listed] == list(RULES)
    out = command("explain").out
    for key, rule in RULES.items():
        assert key in out
        page = command("explain", key)
        assert page.code == 0
        assert f"{rule.title}  ({key}, {rule.severity})" in page.out
        told = command("explain", key, "--json").objects[0]
        assert told["definition"] == rule.definition
        assert told["formula"], key
        if key not in WITHOUT_EXAMPLE:
            assert told["command"].startswith("workbench run --"), key
            assert len(told["picture"]) > 5, key
            assert told["remedies"], key
        assert max(map(len, page.out.splitlines())) <= 110


def test_a_page_is_found_by_the_beginning_of_its_key(command):
    assert command("explain", "vanish").out.startswith("▲")
    assert "(vanishing-gradient, " in command("explain", "Vanishing Gradient").out
    ended = command("explain", "vanishing-gradiant")
    assert (ended.code, ended.out) == (2, "")
    assert "did you mean vanishing-gradient" in ended.err
