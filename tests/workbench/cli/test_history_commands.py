"""The commands on stored runs."""

from __future__ import annotations

import re
import sqlite3

import pytest

from tests.workbench.cli.conftest import query, record

# --- runs ---------------------------------------------------------------------


def test_runs_lists_newest_first_with_what_was_trained_and_how_it_ended(command, stored):
    lines = command("runs").out.splitlines()[2:]
    assert [line.split()[0] for line in lines] == ["3", "2", "1"]
    assert "diverged" in lines[0]
    assert all(word in lines[1] for word in ("done", "digits", "3x16 tanh", "adam 0.001", "smooth"))
    assert "plain #baseline" in lines[2]


def test_runs_can_be_narrowed_by_words(command, stored):
    assert [each["run"] for each in command("runs", "digits", "tanh", "--json").objects] == [2]
    assert [each["run"] for each in command("runs", "status=diverged", "--json").objects] == [3]
    assert "No runs that match" in command("runs", "mnist").out


def test_runs_says_when_there_are_more_than_it_shows(command, stored):
    ended = command("runs", "--limit", "2")
    assert "The newest 2 are shown; --all" in ended.out
    assert [each["run"] for each in command("runs", "--limit", "2", "--json").objects] == [3, 2]
    assert [each["run"] for each in command("runs", "--limit", "2", "--all", "--json").objects] == [3, 2, 1]


def test_runs_of_a_history_that_does_not_exist_are_none_and_nothing_is_made(command, db):
    ended = command("runs")
    assert (ended.code, ended.out) == (0, f"No runs in {db}.\n")
    assert command("runs", "--json").out == ""
    assert not db.exists()


def test_json_of_a_run_has_its_figures_and_experiment_and_null_for_what_is_not_finite(command, stored):
    wild, smooth, _ = command("runs", "--json").objects
    assert smooth["experiment"]["model"]["activation"] == "tanh"
    assert (smooth["status"], smooth["name"], smooth["step"], smooth["deleted"]) == ("done", "smooth", 50, None)
    assert smooth["test_accuracy"] > 0
    assert (wild["diverged_step"], wild["diverged_layer"], wild["loss"]) == (30, "output", None)


def test_a_run_whose_process_died_is_listed_as_interrupted(command, stored):
    with sqlite3.connect(stored) as connection:
        connection.execute("update runs set status = 'running', ended = null, process_started = '0' where id = 2")
    assert command("runs", "smooth", "--json").objects[0]["status"] == "interrupted"


# --- show, compare --------------------------------------------------------------


def test_show_tells_settings_scores_layers_and_loss(command, stored):
    text = command("show", "latest").out
    assert text.startswith("Run 3  wild  diverged\n")
    assert ["lr", "10.0"] in [line.split() for line in text.splitlines()]
    assert "hidden 1" in text
    assert "Run 3 diverged: at step 30 the numbers in output (pre-activation) were no longer finite. Try" in text
    text = command("show", "plain").out
    assert "Run 1  plain  done  #baseline" in text
    assert re.search("loss \\(log\\) [▁-█]{2}", text)
    assert "activation std" in text
    assert ["model.activation", "relu"] in [line.split() for line in text.splitlines()]


def test_show_of_json_is_the_run_of_the_list(command, stored):
    assert command("show", "smooth", "--json").objects == [command("runs", "--json").objects[1]]


def test_compare_shows_only_what_differs(command, stored):
    text = command("compare", "plain", "smooth").out
    assert "model.activation" in text
    assert "seed" in text
    assert "model.init" not in text
    assert "test accuracy" in text
    assert "loss (log)" in text
    assert re.search("[▁-█]{2}", text)


def test_compare_of_equal_experiments_says_so(command, stored):
    record(stored, [{"model.width": 16}])
    assert "The experiments are the same in every setting." in command("compare", "1", "4").out


def test_compare_as_json_has_one_object_per_run(command, stored):
    plain, wild = command("compare", "1", "3", "--json").objects
    assert (plain["differences"], wild["differences"]) == ({"lr": "0.001"}, {"lr": "10.0"})
    assert plain["test_cost"] > 0
    assert wild["test_cost"] is None


@pytest.mark.parametrize("refs", [("1",), ("1", "plain")])
def test_compare_needs_two_different_runs(refs, command, stored):
    ended = command("compare", *refs)
    assert ended.code == 2
    assert "at least two different runs" in ended.err


# --- tag, note, delete, restore ----------------------------------------------------


def test_tags_are_added_and_taken_away(command, stored):
    assert command("tag", "plain", "paper", "deep", "--remove", "baseline").out == "run 1: #deep #paper\n"
    assert command("tag", "1").out == "run 1: #deep #paper\n"
    assert command("tag", "1", "--remove", "deep", "--remove", "paper", "--json").objects[0]["tags"] == []


def test_a_note_replaces_the_one_before(command, stored):
    command("note", "1", "first")
    assert command("note", "1", "the second").out == "run 1: the second\n"
    assert "the second" in command("show", "1").out
    assert command("note", "1", "").out == "run 1: no note\n"


def test_deleted_runs_leave_the_lists_and_come_back(command, stored):
    assert command("delete", "1", "smooth").code == 0
    assert [each["run"] for each in command("runs", "--json").objects] == [3]
    assert [each["run"] for each in command("runs", "--deleted", "--json").objects] == [2, 1]
    assert command("restore", "1", "2").out == "run 1: restored\nrun 2: restored\n"
    assert [each["run"] for each in command("runs", "--json").objects] == [3, 2, 1]


def test_deleting_says_how_to_take_it_back(command, stored):
    assert command("delete", "1").out == "run 1: deleted; `workbench restore 1` brings it back\n"


def test_one_unknown_run_among_several_changes_nothing(command, stored):
    ended = command("delete", "1", "99")
    assert ended.code == 2
    assert "99" in ended.err
    assert query(stored, "select count(*) from runs where deleted is not null") == [(0,)]


def test_names_and_notes_are_shown_as_they_were_written(command, stored):
    record(stored, [{}], name="[bold]:smile:[/x]")
    command("note", "4", "[red]")
    assert "[bold]:smile:[/x]" in command("runs").out
    text = command("show", "4").out
    assert "[bold]:smile:[/x]" in text
    assert "[red]" in text


def test_what_was_done_to_the_data_is_shown(command, stored):
    assert "data: scripted\n" in command("show", "1").out
