"""What `workbench show` tells of a run beside its curves."""

from __future__ import annotations

import sqlite3

import pytest

from engine.experiment import Experiment
from engine.vocabulary import PERCENTILES, QUANTITIES
from tests.workbench.cli.conftest import SCRIPT, lines_of, query, record
from tests.workbench.cli.test_history_commands import Terminal
from tests.workbench.scripted import scripted_events
from workbench.history import Recorder
from workbench.history.records import Origin

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
        (
            ("2", "--confusion", "--png", "x.png"),
            "--png goes with one of --curves, --worst, --region, --reconstructions, --weights",
        ),
        (("2", "--png", "x.png"), "--png goes with one of"),
        (("2", "--curves", "--worst", "--png", "x.png"), "--png goes with one of"),
        (("2", "--worst", "--svg", "x.svg"), "--svg goes with --curves"),
        (("2", "--worst", "--reconstructions", "--png", "x.png"), "--png goes with one of"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_not_there_is_said(command, full, words, said):
    record(full, [{}])
    for form in ((), ("--json",)):
        ended = command("show", *words, *form)
        assert (ended.code, ended.out) == (2, "")
        assert said in ended.err


def test_why_there_are_no_distributions_is_said(command, db):
    record(db, [{}, {"monitor.distributions": "never"}])
    assert "it was too short for them; --set monitor.distributions=1 asks" in command("show", "1", "--distributions").err
    assert "monitor.distributions is never; --set monitor.distributions=1 asks" in command("show", "2", "--distributions").err


def test_parts_as_json_are_rows_that_say_what_they_are(command, full):
    objects = command("show", "2", "--distributions", "--confusion", "--worst", "--json").objects
    assert {each["what"] for each in objects} == {"distributions", "probes", "confusion", "worst"}
    histograms = [each for each in objects if each["what"] == "distributions"]
    assert len(histograms) == 6 * 4 * len(QUANTITIES)
    assert sum(histograms[0]["counts"]) == sum(range(129, 137))
    assert next(each for each in objects if each["what"] == "worst")["shape"] == [8, 8]
