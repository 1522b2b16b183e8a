"""What `workbench show` and `workbench export` tell of a run beside its curves."""

from __future__ import annotations

import csv
import io
import sqlite3
from pathlib import Path

import pytest

from engine.experiment import Experiment
from engine.vocabulary import PERCENTILES, QUANTITIES
from tests.workbench.cli.conftest import query, record
from tests.workbench.cli.test_history_commands import Terminal
from tests.workbench.scripted import scripted_events
from workbench.cli.exported import What
from workbench.history import Recorder
from workbench.history.records import Origin

SCRIPT = {"steps": 110, "steps_per_epoch": 20, "everything": True}


@pytest.fixture
def full(db) -> Path:
    """An ensemble of two of which everything is known; the first ended early. Its checkpoints are files."""
    folder = db.parent / "history.checkpoints" / "run-1"
    folder.mkdir(parents=True)
    for step in (80, 100):
        (folder / f"last-{step}.json").touch()
    base = {"model": {"width": 16}, "steps": 110, "device": "cpu"}
    made = [Experiment.parse({**base, "seed": seed, "ensemble": {"members": 2, "member": seed}}) for seed in (0, 1)]
    with Recorder(db, name="full") as recorder:
        for event in scripted_events(**SCRIPT, experiments=made, ends={0: 3}, folder=str(folder)):
            recorder.record(event)
    return db


def lines_of(text: str, begin: str) -> list[str]:
    """The lines of a table from its head to the next blank line."""
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(begin))
    return lines[first : next((n for n in range(first, len(lines)) if not lines[n]), len(lines))]


# --- the overview ------------------------------------------------------------------


def test_show_tells_why_a_run_ended_and_what_happened_on_the_way(command, full):
    text = command("show", "1").out
    assert "member 1 of an ensemble of 2, runs 1 to 2" in text
    assert "Run 1 ended early after step 60 (early stopping) with the weights of step 30." in text
    folder = full.parent / "history.checkpoints" / "run-1"
    assert f"checkpoints in {folder}: step 80 (epoch 4), step 100 (epoch 5)" in text.splitlines()
    assert lines_of(text, "pre-training")[2].split() == ["hidden", "1", "2", "█▁", "1", "to", "0.5"]
    assert [line.split()[:2] for line in text.splitlines() if "together" in line or "by vote" in line] == [
        ["validation,", "together"],
        ["validation,", "by"],
        ["test,", "together"],
        ["test,", "by"],
    ]
    assert "after step 40: lr from 0.001 to 0.004, model.dropout from 0 to 0.25" in text


def test_show_of_a_run_without_all_that_says_nothing_of_it(command, stored):
    text = command("show", "1").out
    for word in ("ensemble", "pre-training", "checkpoint", "ended", "together", "after step"):
        assert word not in text


def test_show_says_how_a_run_came_from_another_and_from_where_it_went_on(command, full):
    made = [Experiment.parse({"model": {"width": 16}, "steps": 110})]
    for origin, begins in ((Origin.LIKE, None), (Origin.REPLAY, None), (Origin.BRANCH, 60)):
        with Recorder(full, parent=1, origin=origin) as recorder:
            for event in scripted_events(**SCRIPT, experiments=made, begins=begins):
                recorder.record(event)
    with sqlite3.connect(full) as connection:
        connection.execute("INSERT INTO resumptions VALUES (5, 80, 4, 0.1, '2026-01-02T03:04:05.000+00:00')")
    words = [command("show", str(run)).out.splitlines()[1] for run in (3, 4, 5)]
    assert [line.rpartition("thread, ")[2] for line in words] == [
        "made from run 1",
        "a repetition of run 1",
        "branched from run 1",
    ]
    _, _, begun, resumed, *_ = command("show", "5").out.splitlines()
    assert begun.endswith("UTC begun from step 60 (epoch 3)")
    assert resumed == "2026-01-02 03:04:05 UTC resumed from step 80 (epoch 4)"


def test_the_settings_of_a_network_of_blocks_are_its_blocks(command, db):
    record(db, [{"model.blocks": "dense(8), dropout(0.5), dense(8)"}])
    settings = [line.split()[0] for line in lines_of(command("show", "1").out, "setting")[2:]]
    assert "model.blocks" in settings
    assert "model.depth" not in settings
    assert "dense-dropout-dense" in command("runs").out


# --- parts ------------------------------------------------------------------------------


def test_distributions_are_shown_at_the_start_and_at_the_end(command, full):
    text = command("show", "2", "--distributions").out
    assert text.startswith("Run 2: distributions on 300 held-out examples at step 0 and 100\n")
    head, _, *rows = lines_of(text, "activations")
    assert [f"{percent} %" in head for percent in PERCENTILES] == [True] * len(PERCENTILES)
    assert len(rows) == 2 * 4
    stored = query(full, "SELECT mean, p98 FROM histograms WHERE run = 2 AND layer = 2 AND quantity = 'activation'")
    for row, (mean, p98) in zip(rows[4:6], (stored[0], stored[-1]), strict=True):
        numbers = row.replace("hidden 3", "").split()
        assert numbers[1] == f"{mean:.3g}"
        assert numbers[10] == f"{p98:.3g}"
    for title in ("back-propagated gradients", "weight gradients", "weights"):
        assert len(lines_of(text, title)) == 2 + 2 * 4
    probes = lines_of(text, "layer")
    assert [name in probes[0] for name in ("Var h / below", "Jacobian", "dead units", "mostly saturated")] == [True] * 4
    (ratio,) = query(full, "SELECT activation_ratio FROM layer_probes WHERE run = 2 AND step = 0 AND layer = 1")
    assert f" {ratio[0]:.3g} " in probes[4]


def test_distributions_fit_into_a_terminal_of_80_columns(full, monkeypatch):
    from workbench.cli import execute

    monkeypatch.setenv("COLUMNS", "80")
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    assert execute(["show", "1", "--distributions"]) == 0
    tables = [line for line in screen.getvalue().splitlines() if line.startswith(("hidden 1", "activations"))]
    assert all("98 %" in line or line.startswith("hidden") for line in tables)
    assert max(map(len, tables)) <= 80


def test_a_layer_without_weights_has_no_row_of_weights(command, full):
    with sqlite3.connect(full) as connection:
        connection.execute("DELETE FROM histograms WHERE run = 2 AND layer = 1 AND quantity LIKE 'weight%'")
    text = command("show", "2", "--distributions").out
    assert "hidden 2" in "".join(lines_of(text, "activations"))
    assert "hidden 2" not in "".join(lines_of(text, "weights"))


def test_the_confusion_matrix_has_a_row_for_each_class(command, full):
    text = command("show", "2", "--confusion").out
    assert text.startswith("Run 2: what the test examples were taken for")
    row = lines_of(text, "1 ")[0].split()
    assert row == ["1", "·", "11", "·", "3", "·", "·", "·", "·", "·", "·", "78.57", "%"]


def test_of_many_classes_the_commonest_mistakes_are_listed(command, full, monkeypatch):
    monkeypatch.setattr("workbench.cli.examined.CLASSES_SHOWN", 5)
    lines = command("show", "2", "--confusion").out.splitlines()
    assert lines[4].split() == ["1", "3", "3"]
    assert lines[-1] == "97.35 % right; the least of them for 1."


def test_the_worst_examples_are_listed_and_drawn(command, full):
    text = command("show", "2", "--worst").out
    rows = lines_of(text, "example")
    assert [row.split() for row in rows[2:4]] == [["5", "1", "3", "0.06"], ["4", "1", "3", "0.05"]]
    assert "1 as 3" in rows[-1]


def test_reconstructions_are_drawn_beside_their_inputs(command, full):
    text = command("show", "2", "--reconstructions").out
    titles = [line for line in text.splitlines() if line.startswith("up to")]
    assert titles == [f"up to hidden {n} and down again: mean squared error {(n + 1) ** 2}" for n in (1, 2, 3)]
    assert len(text.splitlines()) == 3 * (1 + 4 + 1 + 1)  # title, eight pixels two by two, captions, a blank


@pytest.mark.parametrize("look", ["--worst", "--reconstructions"])
def test_pictures_are_written_as_png(command, full, tmp_path, look):
    from PIL import Image

    ended = command("show", "2", look, "--png", "made.png")
    assert (ended.code, ended.err) == (0, "Written: made.png\n")
    with Image.open(tmp_path / "made.png") as image:
        assert (image.format, image.width > 64) == ("PNG", True)


def test_several_parts_are_shown_after_each_other(command, full):
    text = command("show", "2", "--confusion", "--distributions").out
    assert text.index("distributions on 300") < text.index("were taken for")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("3", "--distributions"), "no distributions of run 3 were taken"),
        (("3", "--confusion"), "what run 3 mistook for what is not known"),
        (("3", "--worst"), "what run 3 mistook for what is not known"),
        (("3", "--reconstructions"), "run 3 was not pre-trained"),
        (("2", "--confusion", "--png", "x.png"), "--png goes with one of --worst, --reconstructions, --weights"),
        (("2", "--png", "x.png"), "--png goes with one of"),
        (("2", "--worst", "--reconstructions", "--png", "x.png"), "--png goes with one of"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_not_there_is_said(command, full, words, said):
    record(full, [{}])
    ended = command("show", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_what_is_no_picture_cannot_be_written_as_one(command, full):
    with sqlite3.connect(full) as connection:
        connection.execute("UPDATE pictures SET height = NULL, width = NULL")
    for look in ("--worst", "--reconstructions"):
        assert command("show", "2", look).code == 0
        ended = command("show", "2", look, "--png", "x.png")
        assert ended.code == 2
        assert "are no pictures" in ended.err


def test_parts_as_json_are_rows_that_say_what_they_are(command, full):
    objects = command("show", "2", "--distributions", "--confusion", "--worst", "--json").objects
    assert {each["what"] for each in objects} == {"distributions", "probes", "confusion", "worst"}
    histograms = [each for each in objects if each["what"] == "distributions"]
    assert len(histograms) == 6 * 4 * len(QUANTITIES)
    assert sum(histograms[0]["counts"]) == sum(range(129, 137))
    assert next(each for each in objects if each["what"] == "worst")["shape"] == [8, 8]


def test_the_weights_of_the_first_layer_are_pictures_of_what_its_units_look_for(command, db, tmp_path):
    """A real training: the weights come from its checkpoint."""
    small = ("--data", "digits", "--depth", "1", "--width", "50", "--epochs", "1", "--device", "cpu", "--threads", "1")
    assert command("run", *small).code == 0
    ended = command("show", "1", "--weights", "--png", "made.png")
    assert ended.code == 0, ended.err
    assert ended.out.startswith("Run 1: weights of the first layer after step 23, the first 40 of 50 units; 0 is in the middle")
    assert "unit 40" in ended.out
    assert "unit 41" not in ended.out
    assert (tmp_path / "made.png").stat().st_size > 1000
    units = command("show", "1", "--weights", "--json").objects
    assert [(each["what"], each["unit"], each["shape"]) for each in units] == [("weights", n, [8, 8]) for n in range(1, 51)]
    import torch

    from engine.loading import load_network

    (path,) = query(db, "SELECT path FROM checkpoints")[0]
    layers = [module for module in load_network(tmp_path / path).modules() if isinstance(module, torch.nn.Linear)]
    torch.testing.assert_close(torch.tensor([each["values"] for each in units]), layers[0].weight.detach())


def test_weights_that_are_no_pictures_and_those_that_are_gone_are_told_of(command, db, tmp_path):
    import shutil

    small = ("--depth", "1", "--width", "4", "--epochs", "1", "--device", "cpu", "--threads", "1")
    command("run", "--data", "iris", *small)
    ended = command("show", "1", "--weights")
    assert (ended.code, ended.out) == (2, "")
    assert "run 1: the weights of hidden 1 are no pictures" in ended.err
    shutil.rmtree(tmp_path / "history.checkpoints")
    ended = command("show", "1", "--weights")
    assert (ended.code, ended.out) == (2, "")
    assert "the checkpoints of run 1 are no longer in" in ended.err


# --- export ---------------------------------------------------------------------------------

TABLES = {
    What.DISTRIBUTIONS: "histograms",
    What.PROBES: "layer_probes",
    What.PRETRAINING: "pretraining",
    What.INTERVENTIONS: "interventions",
    What.CHECKPOINTS: "checkpoints",
    What.CONFUSION: "confusion",
}


@pytest.mark.parametrize("what", TABLES)
def test_export_has_a_row_for_each_row_of_the_history(command, full, what):
    objects = command("export", "1", "2", "--what", what, "--json").objects
    assert [(len(objects),)] == query(full, f"SELECT count(*) FROM {TABLES[what]}")
    assert {each["run"] for each in objects} <= {1, 2}


def test_every_kind_of_row_can_be_exported_as_csv(command, full):
    for what in What:
        ended = command("export", "2", "--what", what)
        assert ended.code == 0, ended.err
        rows = list(csv.DictReader(io.StringIO(ended.out)))
        assert rows
        assert all(None not in row.values() and None not in row for row in rows), what  # no row is longer or shorter


def test_exported_lists_are_lists_in_json_and_one_field_in_csv(command, full):
    probe = command("export", "2", "--what", "probes", "--json").objects[0]
    assert len(probe["unit_counts"]) == 16
    row = next(csv.DictReader(io.StringIO(command("export", "2", "--what", "probes").out)))
    assert [int(count) for count in row["unit_counts"].split()] == probe["unit_counts"]


def test_exported_scores_of_an_ensemble_name_how_they_were_combined(command, full):
    rows = command("export", "2", "--what", "ensemble", "--json").objects
    assert [(each["epoch"], each["part"], each["final"], each["method"]) for each in rows[-4:]] == [
        (5, part, True, method) for part in ("validation", "test") for method in ("mean", "vote")
    ]


def test_an_exported_run_has_its_reason_and_its_ensemble(command, full):
    run = command("export", "1", "--what", "run", "--json").objects[0]
    assert (run["reason"], run["restored_step"], run["ended_step"], run["ensemble"]) == ("early stopping", 30, 60, 2)
    assert run["combined_test_accuracy"] > 0
