"""`workbench run`, with real trainings on the digits, small enough to take no time."""

from __future__ import annotations

import re

from engine.vocabulary import STATISTICS
from tests.workbench.cli.conftest import SMALL, query

# --- what it says ------------------------------------------------------------------


def test_json_tells_the_run_from_its_start_to_its_end(command, db):
    ended = command("run", *SMALL, "--json")
    objects = ended.objects
    assert ended.code == 0
    assert objects[0]["event"] == "started"
    assert {each["event"] for each in objects} >= {"started", "frame", "epoch", "checkpointed", "finished"}
    assert {each["run"] for each in objects} == {1}
    started, finished = objects[0], objects[-1]
    assert started["layers"] == ["hidden 1", "output"]
    assert started["experiment"]["model"]["width"] == 8
    assert [each["epoch"] for each in objects if each["event"] == "epoch"] == [1, 2]
    assert finished["event"] == "finished"
    assert finished["status"] == "done"
    assert finished["steps"] == started["total_steps"] == 2 * started["steps_per_epoch"]
    assert finished["db"] == str(db)
    assert 0 < finished["test_accuracy"] <= 1
    assert finished["test_cost"] > 0
    assert finished["train_r2"] is None


def test_json_frames_have_a_number_per_layer_for_each_statistic(command):
    frames = [each for each in command("run", *SMALL, "--json").objects if each["event"] == "frame"]
    measured = [frame for frame in frames if "gradient_std" in frame]
    assert measured
    for frame in measured:
        assert all(len(frame[str(statistic)]) == 2 for statistic in STATISTICS)
    steps = [frame["step"] for frame in frames]
    assert steps == sorted(set(steps))
    assert all(frame["loss"] > 0 for frame in frames)


def test_what_json_says_is_what_the_history_keeps(command, db):
    objects = command("run", *SMALL, "--json").objects
    told = [(each["step"], each["loss"]) for each in objects if each["event"] == "frame"]
    assert query(db, "select step, loss from steps order by rowid") == told
    final = objects[-1]
    assert query(db, "select test_accuracy, test_cost, status from runs") == [
        (final["test_accuracy"], final["test_cost"], final["status"])
    ]


def test_people_read_scores_layers_and_where_it_was_saved(command, db):
    ended = command("run", *SMALL)
    assert ended.code == 0
    assert ended.err == ""  # progress is for terminals
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines[2:5]] == ["train", "validation", "test"]
    assert any(line.startswith("hidden 1") for line in lines)
    assert lines[-1].startswith("Run 1: done after ")
    assert re.search(r" on cpu, measuring took \d+\.\d % of the time\. Saved in ", lines[-1])
    assert lines[-1].endswith(f"Saved in {db}")
    shown = command("show", "1").out.splitlines()
    assert "measuring took" in shown[2]


def test_seeds_are_trained_as_one_population_and_summed_up(command, db):
    ended = command("run", *SMALL, "--seeds", "3", "--seed", "4")
    assert ended.code == 0
    assert query(db, "select id, seed, population from runs") == [(1, 4, 1), (2, 5, 1), (3, 6, 1)]
    assert "Test accuracy over 3 runs: mean " in ended.out
    assert "Runs 1 to 3: done" in ended.out


def test_seeds_as_json_end_with_one_line_per_run(command):
    objects = command("run", *SMALL, "--seeds", "2", "--json").objects
    assert [(each["event"], each["run"]) for each in objects[-2:]] == [("finished", 1), ("finished", 2)]
    assert [each["seed"] for each in objects if each["event"] == "started"] == [0, 1]


def test_name_tags_and_note_are_kept(command):
    command("run", *SMALL, "--name", "mine", "--tag", "a", "--tag", "b", "--note", "words")
    (run,) = command("runs", "--json").objects
    assert (run["name"], run["tags"], run["note"]) == ("mine", ["a", "b"], "words")


# --- the same again ------------------------------------------------------------------


def numbers(objects: list[dict]) -> list[tuple]:
    timeless = [
        {key: value for key, value in each.items() if key not in ("run", "seconds", "measuring", "path")} for each in objects
    ]
    return [tuple(sorted((key, str(value)) for key, value in each.items())) for each in timeless]


def test_the_same_command_twice_gives_the_same_numbers(command):
    first, second = (command("run", *SMALL, "--dropout", "0.2", "--json").objects for _ in range(2))
    assert [each["run"] for each in (first[0], second[0])] == [1, 2]
    assert numbers(first) == numbers(second)


def test_how_often_layers_are_measured_does_not_change_what_is_learned(command):
    sparse = command("run", *SMALL, "--set", "monitor.every=1000", "--json").objects[-1]
    dense = command("run", *SMALL, "--set", "monitor.every=1", "--json").objects[-1]
    assert numbers([sparse]) == numbers([dense])


def test_like_repeats_a_stored_run_and_names_it_as_parent(command, db):
    first = command("run", *SMALL, "--dropout", "0.2", "--seed", "9", "--json").objects
    again = command("run", "--like", "1", "--json").objects
    assert numbers(first) == numbers(again)
    assert query(db, "select parent, experiment_json = (select experiment_json from runs where id = 1) from runs") == [
        (None, 1),
        (1, 1),
    ]


def test_like_says_when_the_data_have_changed_since(command, tmp_path):
    path = tmp_path / "table.csv"
    rows = "\n".join(f"{number},{number % 3},{number / 3}" for number in range(60))
    path.write_text(f"a,b,y\n{rows}\n")
    small = ("--depth", "1", "--width", "4", "--epochs", "1", "--device", "cpu", "--batch-size", "8")
    command("run", "--data", "table.csv", "--target", "y", *small)
    assert command("run", "--like", "1").err == ""
    path.write_text(f"a,b,y\n{rows}e1\n")
    warning = f"workbench: the data is not what run 1 was trained on: {path} has changed since\n"
    assert command("run", "--like", "1").err == warning
    assert command("run", "--like", "1", "--json").err == warning
    assert command("run", "--like", "3").err == ""
    other = command("run", "--like", "1", "--target", "b")  # other data were asked for
    assert other.err == ""
    assert "\ndata: b has 3 different whole numbers and is taken for classes" in other.out
    first, changed = (each["differences"]["data"] for each in command("compare", "1", "3", "--json").objects)
    assert first != changed
    assert ["data", first, changed] in [line.split() for line in command("compare", "1", "3").out.splitlines()]
    assert "The experiments are the same in every setting." in command("compare", "1", "2").out
    assert "The experiments are the same in every setting." in command("compare", "3", "5").out


def test_like_with_flags_changes_only_these(command):
    command("run", *SMALL, "--seed", "9")
    command("run", "--like", "latest", "--activation", "tanh")
    assert [each["differences"] for each in command("compare", "1", "2", "--json").objects] == [
        {"model.activation": "relu"},
        {"model.activation": "tanh"},
    ]


def test_a_file_is_run_and_flags_override_it(command, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('epochs = 1\ndevice = "cpu"\n[data]\nname = "iris"\n[model]\ndepth = 1\nwidth = 4\n')
    assert command("run", str(file), "--width", "6", "--quiet").code == 0
    (run,) = command("runs", "--json").objects
    assert (run["data"], run["depth"], run["width"], run["epoch"]) == ("iris", 1, "6", 1)


def test_a_csv_file_is_found_again_from_elsewhere(command, tmp_path, monkeypatch):
    rows = "\n".join(f"{number},{number % 3},{number % 2}" for number in range(60))
    (tmp_path / "table.csv").write_text(f"a,b,label\n{rows}\n")
    words = ("--task", "classification")
    small = ("--depth", "1", "--width", "4", "--epochs", "1", "--device", "cpu", "--batch-size", "8")
    first = command("run", "--data", "table.csv", "--target", "label", "--set", f"data.task={words[1]}", *small)
    assert first.code == 0, first.err
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert command("run", "--like", "latest").code == 0
