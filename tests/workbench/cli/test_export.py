"""Writing measurements for other programs."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.vocabulary import STATISTICS
from tests.workbench.cli.conftest import query, record


def test_export_writes_one_csv_row_per_step(command, stored):
    rows = list(csv.DictReader(io.StringIO(command("export", "1").out)))
    assert [int(row["step"]) for row in rows] == list(range(1, 51))
    assert [float(row["loss"]) for row in rows] == [row[0] for row in query(stored, "select loss from steps where run = 1")]


def test_export_keeps_infinity_in_csv_and_writes_null_in_json(command, stored):
    rows = list(csv.DictReader(io.StringIO(command("export", "3").out)))
    assert rows[-1]["loss"] == "inf"
    assert json.loads(command("export", "3", "--format", "json").out)[-1]["loss"] is None


def test_json_is_one_object_per_line_and_the_format_json_one_array(command, stored):
    lines = command("export", "1", "--json").objects
    assert [line["step"] for line in lines] == list(range(1, 51))
    assert json.loads(command("export", "1", "--format", "json").out) == lines
    assert command("export", "3", "--json").objects[-1]["loss"] is None


def test_export_of_layers_has_all_statistics_by_name(command, stored):
    rows = command("export", "1", "2", "--what", "layers", "--json").objects
    assert [(len(rows),)] == query(stored, "select count(*) from layer_stats where run in (1, 2)")
    assert set(rows[0]) == {"run", "step", "layer", "name", *map(str, STATISTICS)}
    assert {row["run"] for row in rows} == {1, 2}
    expected = query(stored, "select step, gradient_std from layer_stats where run = 2 and layer = 3")
    assert len(expected) > 1
    assert [(row["step"], row["gradient_std"]) for row in rows if (row["run"], row["name"]) == (2, "output")] == expected


def test_export_of_epochs_has_each_part_and_the_final_scores(command, stored):
    rows = list(csv.DictReader(io.StringIO(command("export", "1", "--what", "epochs").out)))
    assert {(row["epoch"], row["part"]) for row in rows} >= {("1", "train"), ("2", "validation"), ("2", "test")}
    assert [row["part"] for row in rows if row["final"] == "True"] == ["train", "validation", "test"]


def test_export_of_runs_has_a_column_for_every_setting_of_any_of_them(command, stored):
    record(stored, [{"model.widths": [16, 8]}])
    rows = list(csv.DictReader(io.StringIO(command("export", "1", "4", "--what", "run").out)))
    assert [row["experiment.model.activation"] for row in rows] == ["relu", "relu"]
    assert [row["experiment.model.widths"] for row in rows] == ["", "16 8"]


def test_export_to_a_file_says_so_on_stderr(command, stored, tmp_path):
    ended = command("export", "1", "--output", "steps.csv")
    assert (ended.code, ended.out, ended.err) == (0, "", "1 run written to steps.csv\n")
    assert (tmp_path / "steps.csv").read_text().startswith("run,step,seconds,loss,")
    assert len(list(tmp_path.glob("*steps*"))) == 1


def test_export_to_a_folder_that_is_not_there_says_so(command, stored):
    ended = command("export", "1", "-o", "nowhere/steps.csv")
    assert ended.code == 1
    assert "nowhere" in ended.err
    assert "No such file or directory" in ended.err


def test_export_writes_through_a_link_and_keeps_the_rights_of_the_file(command, stored, tmp_path):
    file, link = tmp_path / "real.csv", tmp_path / "link.csv"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    assert command("export", "1", "-o", "link.csv", "--force").code == 0
    assert link.is_symlink()
    assert file.read_text().startswith("run,step,")
    assert file.stat().st_mode & 0o777 == 0o640
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "new.csv")
    assert command("export", "1", "-o", "dangling.csv").code == 0
    assert (tmp_path / "new.csv").read_text() == file.read_text()


def test_a_file_that_is_there_is_replaced_only_by_force(command, stored, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("dear")
    ended = command("export", "1", "-o", "mine.csv")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "workbench: mine.csv is there already; name another file, or replace it with --force\n"
    assert file.read_text() == "dear"
    assert command("export", "1", "-o", "mine.csv", "--force").code == 0
    assert file.read_text() == command("export", "1").out


def test_export_writes_into_a_pipe_and_leaves_it_one(command, stored, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        assert command("export", "1", "-o", "pipe").code == 0
        assert reader.communicate()[0] == command("export", "1").out
    assert pipe.is_fifo()


def test_export_leaves_devices_as_they_are(command, stored):
    assert command("export", "1", "-o", os.devnull).code == 0
    assert Path(os.devnull).is_char_device()


@pytest.mark.skipif(sys.platform != "linux", reason="only some systems name stdout as a file")
def test_export_to_the_name_of_stdout_goes_where_stdout_goes(program, stored, tmp_path):
    assert program("export", "1", "-o", "/dev/stdout").out == program("export", "1").out
    with (tmp_path / "all.csv").open("w") as file:
        for words in (("export", "1", "-o", "/dev/stdout"), ("tag", "1")):
            subprocess.run([sys.executable, "-m", "workbench", *words], stdout=file, check=True, capture_output=False)
    lines = (tmp_path / "all.csv").read_text().splitlines()
    assert (lines[0][:9], lines[-1]) == ("run,step,", "run 1: #baseline")


@pytest.mark.parametrize("name", ["nowhere/steps.csv", "folder", "n" * 300], ids=["no folder", "a folder", "too long"])
def test_an_export_that_cannot_be_written_names_the_file_as_it_was_given_and_leaves_nothing(command, stored, tmp_path, name):
    (tmp_path / "folder").mkdir()
    ended = command("export", "1", "-o", name)
    assert ended.code == 1
    assert ended.err.startswith(f"workbench: {name}: ")
    assert [path for path in tmp_path.iterdir() if not path.name.startswith(stored.name)] == [tmp_path / "folder"]
