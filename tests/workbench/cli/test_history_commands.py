"""The commands on stored runs."""

from __future__ import annotations

import io
import re
import sqlite3

import pytest

from engine.vocabulary import Status
from tests.workbench.cli.conftest import query, record
from workbench.cli.run_tables import print_runs
from workbench.history import History
from workbench.plots import format_number, format_share


class Terminal(io.StringIO):
    """Takes what is printed as a terminal would."""

    def isatty(self) -> bool:
        return True


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


def test_a_filter_on_a_field_that_runs_do_not_have_is_wrong_usage(command, stored):
    ended = command("runs", "statu=done")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(
        "workbench: unknown field 'statu'. Did you mean 'status'? Fields: id, name, tag, finding, status,"
    )


def test_a_score_is_that_of_the_test_and_a_dash_where_there_is_none(command, stored):
    with sqlite3.connect(stored) as connection:
        connection.execute("update runs set train_accuracy = 0.1, validation_cost = 4.0 where id = 3")
        connection.execute("update runs set nonfinite = null, test_cost = 0.5, test_accuracy = 0.75 where id = 2")
    head, _, wild, smooth, _ = command("runs").out.splitlines()
    cost, score = head.index("test cost"), head.index("test score")
    ends = cost + len("test cost"), score + len("test score")
    assert [line[cost : ends[0]].strip() for line in (wild, smooth)] == ["–", "0.5"]
    assert [line[score : ends[1]].strip() for line in (wild, smooth)] == ["–", "75%"]


def test_a_network_without_hidden_layers_is_linear(command, db):
    record(db, [{"model.depth": 0}])
    (line,) = command("runs").out.splitlines()[2:]
    assert line.split()[2:6] == ["digits", "linear", "adam", "0.001"]


def test_a_row_fits_into_a_terminal_of_80_columns(stored, monkeypatch):
    settings = {"data.name": "breast_cancer", "model.depth": 12, "model.width": 1024, "model.activation": "leaky_relu"}
    record(stored, [settings], name="a name that is far too long", tags=("and", "tags"), status=Status.INTERRUPTED)
    with History.open(stored) as history:
        records = history.runs()
    monkeypatch.setenv("COLUMNS", "80")
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    print_runs(records)
    lines = screen.getvalue().splitlines()
    assert "  interrupted  " in lines[2]
    assert " cost  " in lines[0]
    assert lines[-1] == "Cost and score are those on the test data."
    assert max(map(len, lines)) <= 80


def test_runs_are_filtered_by_conditions(command, stored):
    assert [each["run"] for each in command("runs", "activation=tanh", "OR", "lr>1", "--json").objects] == [3, 2]
    assert [each["run"] for each in command("runs", "NOT tag:baseline seed=3", "--json").objects] == [2]


def test_what_is_wrong_with_a_filter_is_shown_at_its_place(command, stored):
    ended = command("runs", "tanh", "(seed=3")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "workbench: this bracket is not closed\n  tanh (seed=3\n       ^\n"


def test_runs_are_sorted_and_columns_chosen(command, stored):
    ended = command("runs", "--sort", "lr", "--reverse", "--columns", "lr,model.dropout,tag", "--json")
    assert ended.objects[0] == {"run": 3, "lr": 10.0, "model.dropout": 0.0, "tag": []}
    assert {each["run"] for each in ended.objects[1:]} == {1, 2}
    lines = command("runs", "--sort", "seed", "--columns", "seed,dropout,tag").out.splitlines()
    assert lines[0].split() == ["run", "seed", "model.dropout", "tag"]
    assert [line.split() for line in lines[2:]] == [["3", "0", "0"], ["1", "0", "0", "#baseline"], ["2", "3", "0"]]
    ended = command("runs", "--sort", "nonsense")
    assert (ended.code, "unknown field 'nonsense'" in ended.err) == (2, True)
    assert command("runs", "--columns", "sed").code == 2


def test_runs_are_summed_up_by_groups(command, stored):
    relu, tanh = command("runs", "--group", "activation", "--json").objects
    assert (relu["group"], relu["value"], relu["runs"], relu["figure"]) == ("activation", "relu", 2, "validation_cost")
    assert (relu["best_run"], tanh["value"], tanh["runs"]) == (1, "tanh", 1)
    lines = command("runs", "--group", "activation", "--sort", "test_error").out.splitlines()
    assert lines[0].split() == ["activation", "runs", "diverged", "median", "test_error", "best", "best", "run"]
    assert command("runs", "mnist", "--group", "activation").out == f"No runs that match in {stored}.\n"
    assert (relu["diverged"], relu["unfinished"], tanh["unfinished"]) == (1, 0, 0)
    query(stored, "UPDATE runs SET status = 'interrupted' WHERE id = 1")
    lines = command("runs", "--group", "activation").out.splitlines()
    assert lines[0].split()[:5] == ["activation", "runs", "diverged", "unfinished", "median"]
    assert [line.split()[:4] for line in lines[2:4]] == [["relu", "2", "1", "1"], ["tanh", "1", "0", "0"]]
    assert lines[-1] == "Unfinished: running, interrupted or failed; median and best are of the others."
    assert [each["value"] for each in command("runs", "--group", "activation", "--limit", "1", "--json").objects] == ["relu"]
    assert "The first 1 of 2 groups are shown" in command("runs", "--group", "activation", "--limit", "1").out
    assert len(command("runs", "--group", "activation", "--limit", "1", "--all", "--json").objects) == 2


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--group", "activation", "--deleted"), "--deleted does not go with --group"),
        (("--group", "activation", "--columns", "lr"), "--columns does not go with --group"),
        (("--archived", "--deleted"), "give --archived or --deleted, not both"),
    ],
)
def test_options_that_would_do_nothing_are_refused(command, stored, words, problem):
    ended = command("runs", *words)
    assert ended.code == 2
    assert problem in ended.err


def test_archived_runs_leave_the_lists_and_come_back(command, stored):
    assert command("archive", "1", "smooth").out.splitlines()[0] == "run 1: archived; `workbench unarchive 1` brings it back"
    assert [each["run"] for each in command("runs", "--json").objects] == [3]
    assert [each["run"] for each in command("runs", "--archived", "--json").objects] == [2, 1]
    assert [each["run"] for each in command("runs", "archived", "tanh", "--json").objects] == [2]
    assert command("show", "1").code == 0
    assert command("unarchive", "1", "2", "--json").objects[0]["archived"] is None
    assert [each["run"] for each in command("runs", "--json").objects] == [3, 2, 1]


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


def test_compare_shows_the_latest_measurement_of_each_layer_side_by_side(command, stored):
    record(stored, [{"model.width": 16, "model.depth": 4}])
    plain, deep = command("compare", "1", "4", "--json").objects
    for run, each in ((1, plain), (4, deep)):
        expected = query(
            stored,
            "select name, gradient_std, saturated from layer_stats join layers using (run, layer)"
            f" where run = {run} and step = {each['measured_step']} order by layer",
        )
        assert each["measured_step"] == query(stored, f"select max(step) from layer_stats where run = {run}")[0][0]
        assert [(row["name"], row["gradient_std"], row["saturated"]) for row in each["layers"]] == expected
    lines = [line.split() for line in command("compare", "1", "4").out.splitlines()]
    blocks = [lines.index(title.split()) for title in ("gradient std by layer", "saturated by layer")]
    for start, figure in zip(blocks, ("gradient_std", "saturated"), strict=True):
        assert [" ".join(line[:-2]) for line in lines[start + 1 : start + 6]] == [
            "hidden 1", "hidden 2", "hidden 3", "hidden 4", "output",
        ]  # fmt: skip
        show = format_share if figure == "saturated" else format_number
        assert lines[start + 4][-2:] == ["–", show(deep["layers"][3][figure])]
        assert lines[start + 5][-2:] == [show(plain["layers"][3][figure]), show(deep["layers"][4][figure])]


def test_compare_of_very_deep_networks_shows_the_first_and_last_layers(command, db):
    record(db, [{"model.depth": 40, "model.width": 2}, {"model.depth": 40, "model.width": 2, "seed": 1}])
    text = command("compare", "1", "2").out
    assert "  hidden 12 " in text
    assert "  hidden 13 " not in text
    assert "  …\n" in text
    assert "  hidden 30 " in text


def test_compare_of_a_run_without_measurements_has_no_layers(command, stored):
    with sqlite3.connect(stored) as connection:
        connection.execute("delete from layer_stats")
    assert "by layer" not in command("compare", "1", "2").out
    assert [(each["measured_step"], each["layers"]) for each in command("compare", "1", "2", "--json").objects] == [
        (None, []),
        (None, []),
    ]


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


def test_a_run_is_given_a_name_and_called_by_it(command, stored):
    assert command("rename", "1", "deep one").out == "run 1: deep one\n"
    assert command("note", "deep one", "a word").out == "run 1: a word\n"
    assert command("rename", "deep one", "").out == "run 1: no name\n"


def test_names_and_notes_are_shown_as_they_were_written(command, stored):
    record(stored, [{}], name="[bold]:smile:[/x]")
    command("note", "4", "[red]")
    assert "[bold]:smile:[/x]" in command("runs").out
    text = command("show", "4").out
    assert "[bold]:smile:[/x]" in text
    assert "[red]" in text


def test_what_was_done_to_the_data_is_shown(command, stored):
    assert "data: scripted\n" in command("show", "1").out


def test_show_says_how_much_there_was_to_learn_from(command, stored):
    rows = "data: 1,438 / 180 / 179 rows to train / validate / test, 64 inputs, 10 classes\n"
    assert rows in command("show", "1").out


def test_the_table_of_layers_fits_into_80_columns(command, stored):
    lines = command("show", "1").out.splitlines()
    head = next(line for line in lines if line.startswith("layer "))
    assert re.split(r"  +", head) == ["layer", "activation std", "gradient std", "saturated", "dead", "update ratio"]
    assert max(len(line) for line in lines[lines.index(head) :]) <= 80
