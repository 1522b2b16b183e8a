"""`workbench run` from a checkpoint, or once more. The training is scripted; history, files and command line are real."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.events import Change, Intervened
from tests.workbench.cli.conftest import Ended, query
from tests.workbench.keeping import Keeping

WORDS = ("--depth", "2", "--width", "16", "--steps", "110", "--device", "cpu")


@pytest.fixture
def trained(monkeypatch, command) -> Callable[..., Ended]:
    """Run a command that trains with a source; the default one breaks off after 80 steps."""

    def run(*words: str, source: Keeping | None = None) -> Ended:
        monkeypatch.setattr("workbench.runner._engine", lambda: source or Keeping())
        return command("run", *words)

    return run


@pytest.fixture
def broken(trained, db) -> Path:
    """A history with a run that broke off after its checkpoint of step 80."""
    assert trained(*WORDS, "--name", "mine", source=Keeping(breaks_at=70)).code == 1
    return db


# --- going on -----------------------------------------------------------------


def test_a_run_goes_on_and_its_summary_says_from_where(trained, broken):
    source = Keeping()
    ended = trained("--resume", "mine", source=source)
    assert ended.code == 0, ended.err
    assert ended.out.splitlines()[-1].startswith("Run 1: done after 110 steps, resumed from step 80 (epoch 4), in ")
    assert source.asked[0]["resume"] == broken.parent / "history.checkpoints" / "run-1" / "last-80.json"
    assert query(broken, "SELECT name, status, (SELECT count(*) FROM steps) FROM runs") == [("mine", "done", 110)]


def test_the_summary_of_a_run_that_went_on_shows_its_layers_from_the_beginning(trained, broken, monkeypatch):
    shown = []
    monkeypatch.setattr("workbench.cli.summary.print_layers", shown.append)
    trained("--resume", "1")
    assert (shown[0].layer_steps[0], shown[0].layer_steps[-1]) == (1, 110)


def test_going_on_is_told_as_json(trained, broken):
    objects = trained("--resume", "1", "--json").objects
    assert [each["event"] for each in objects[:3]] == ["started", "resumed", "frame"]
    assert (objects[1]["run"], objects[1]["step"], objects[1]["epoch"]) == (1, 80, 4)
    kept = [each for each in objects if each["event"] == "checkpointed"]
    assert [(each["step"], each["kind"], Path(each["path"]).name) for each in kept] == [(100, "last", "last-100.json")]


def test_a_run_whose_process_was_killed_goes_on(trained, broken):
    with sqlite3.connect(broken) as connection:
        connection.execute("UPDATE runs SET status = 'running', ended = NULL, process_started = 'of another process'")
    assert trained("--resume", "latest").code == 0
    assert query(broken, "SELECT status, message FROM runs") == [("done", None)]


def test_all_that_were_trained_together_go_on(trained, db):
    assert trained(*WORDS, "--seeds", "3", source=Keeping(breaks_at=70)).code == 1
    ended = trained("--resume", "2")
    assert ended.code == 0, ended.err
    assert "Runs 1 to 3: done after 110 steps, resumed from step 80" in ended.out
    assert query(db, "SELECT status FROM runs") == [("done",)] * 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--width", "8"), "--resume goes on with the run as it is; leave out --width, or begin a new one with --branch"),
        (("--set", "lr=1", "--seeds", "2"), "leave out --set, --seeds"),
        (("--name", "other", "--tag", "a", "--note", "b"), "leave out --name, --tag, --note"),
        (("--like", "1"), "give --resume or --like, not both"),
        (("mine.toml",), "give an experiment file or --resume, not both"),
        (("--at", "40"), "--at names a checkpoint of the run that --branch begins from"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_goes_on_is_as_it_was(trained, broken, words, said):
    ended = trained("--resume", "1", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert query(broken, "SELECT status FROM runs") == [("failed",)]


@pytest.mark.parametrize(
    ("ref", "said"),
    [("7", "no run '7'"), ("done", "nothing is left to be trained"), ("bare", "no checkpoint to go on from")],
)
def test_a_run_that_cannot_go_on_says_why(trained, broken, ref, said):
    trained(*WORDS, "--name", "done")
    trained(*WORDS, "--name", "bare", source=Keeping(breaks_at=10))
    with sqlite3.connect(broken) as connection:
        connection.execute("DELETE FROM checkpoints WHERE run = 3")
    ended = trained("--resume", ref)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


# --- branches --------------------------------------------------------------------


def test_a_branch_is_a_new_run_with_changed_settings(trained, broken):
    source = Keeping()
    ended = trained("--branch", "mine", "--lr", "0.5", "--set", "l2=0.25", "--name", "other", source=source)
    assert ended.code == 0, ended.err
    assert "Run 2: done after 110 steps, branched from run 1 at step 80 (epoch 4), in " in ended.out
    (experiment,) = source.asked[0]["experiments"]
    assert (experiment.lr, experiment.l2, experiment.model.width) == (0.5, 0.25, 16)
    asked = source.asked[0]["branch"]
    assert (asked.path.name, asked.member) == ("last-80.json", 0)
    assert query(broken, "SELECT parent, origin, name, status FROM runs WHERE id = 2") == [(1, "branch", "other", "done")]


def test_a_branch_may_begin_at_an_earlier_checkpoint(trained, broken):
    assert trained("--branch", "1", "--at", "40", "--lr", "0.5").code == 0
    assert query(broken, "SELECT min(step), max(step) FROM steps WHERE run = 2") == [(41, 110)]
    ended = trained("--branch", "1", "--at", "41")
    assert (ended.code, ended.out) == (2, "")
    assert "those that are there: 20, 40, 60, 80" in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--seeds", "2"), "--branch begins one run"),
        (("--ensemble", "3"), "--branch begins one run"),
        (("--activation", "rellu"), "--activation: unknown activation"),
    ],
    ids=" ".join,
)
def test_what_a_branch_cannot_be_is_said(trained, broken, words, said):
    ended = trained("--branch", "1", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert query(broken, "SELECT count(*) FROM runs") == [(1,)]


# --- once more ---------------------------------------------------------------------


def test_a_repetition_makes_the_same_changes_at_the_same_steps(trained, db):
    made = (Intervened(20, (Change("lr", 0.001, 0.5),)), Intervened(60, (Change("l1", 0.0, 0.25),)))
    assert trained(*WORDS, "--seed", "4", source=Keeping(made=made)).code == 0
    source = Keeping()
    assert trained("--replay", "1", "--name", "again", source=source).code == 0
    assert source.asked[0]["interventions"] == made
    assert [experiment.seed for experiment in source.asked[0]["experiments"]] == [4]
    stored = "SELECT step, path, after FROM interventions WHERE run = {}"
    assert query(db, stored.format(2)) == query(db, stored.format(1)) != []
    assert query(db, "SELECT parent, origin FROM runs WHERE id = 2") == [(1, "replay")]


def test_the_repetition_of_a_branch_begins_from_the_same_checkpoint(trained, broken):
    trained("--branch", "1", "--at", "40", "--lr", "0.5")
    source = Keeping()
    assert trained("--replay", "2", source=source).code == 0
    assert source.asked[0]["branch"].path.name == "last-40.json"
    assert source.asked[0]["experiments"][0].lr == 0.5
    numbers = "SELECT step, loss FROM steps WHERE run = {}"
    assert query(broken, numbers.format(3)) == query(broken, numbers.format(2)) != []


def test_a_repetition_takes_no_settings(trained, broken):
    ended = trained("--replay", "1", "--lr", "0.5")
    assert (ended.code, ended.out) == (2, "")
    assert "--replay repeats the run as it was; leave out --lr, or begin from it with --like" in ended.err


# --- ensembles -----------------------------------------------------------------------


def test_an_ensemble_is_a_population_of_members(trained, db):
    source = Keeping(everything=True)
    ended = trained(*WORDS, "--ensemble", "3", "--seed", "5", source=source)
    assert ended.code == 0, ended.err
    (asked,) = source.asked
    assert [(each.seed, each.ensemble.member) for each in asked["experiments"]] == [(5, 0), (6, 1), (7, 2)]
    assert query(db, "SELECT ensemble, population FROM runs") == [(3, 1)] * 3
    assert [line.split()[:2] for line in ended.out.splitlines() if "together" in line] == [
        ["validation,", "together"],
        ["test,", "together"],
    ]


def test_like_and_replay_of_a_member_are_of_the_whole_ensemble(trained, db):
    trained(*WORDS, "--ensemble", "3", "--ensemble-by", "bagging", "--seed", "5")
    for number, words in enumerate((("--like", "2"), ("--replay", "3"))):
        source = Keeping()
        assert trained(*words, source=source).code == 0
        assert [(each.seed, each.ensemble.member) for each in source.asked[0]["experiments"]] == [(5, 0), (6, 1), (7, 2)]
        assert {each.ensemble.by for each in source.asked[0]["experiments"]} == {"bagging"}
        assert query(db, f"SELECT DISTINCT parent FROM runs WHERE id > {3 * number + 3}") == [(number + 2,)]


def test_a_branch_of_a_member_is_one_run(trained, command, db):
    trained(*WORDS, "--ensemble", "3", source=Keeping(breaks_at=70))
    assert trained("--branch", "2", "--lr", "0.5").code == 0
    assert "member 2 of an ensemble of 3, runs 1 to 3\n" in command("show", "2").out
    assert "member 2 of an ensemble of 3, run 4\n" in command("show", "4").out


def test_seeds_and_ensemble_do_not_go_together(trained, db):
    ended = trained(*WORDS, "--ensemble", "3", "--seeds", "2")
    assert (ended.code, ended.out) == (2, "")
    assert "--seeds and --ensemble both make several networks" in ended.err
    assert not db.exists()
