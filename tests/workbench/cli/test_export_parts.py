"""What `workbench export` tells of a run beside its curves."""

from __future__ import annotations

import csv
import io

import pytest

from tests.workbench.cli.conftest import query, record
from workbench.cli.exported import What

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


@pytest.mark.parametrize("form", [(), ("--json",), ("--format", "json"), ("--output", "made.csv")])
def test_that_there_is_nothing_to_export_is_said_with_how_to_get_it(command, db, tmp_path, form):
    record(db, [{}])
    ended = command("export", "1", "--what", "distributions", *form)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("workbench: no distributions of run 1 were taken: it was too short for them; --set monitor.")
    assert not (tmp_path / "made.csv").exists()


def test_runs_that_lack_rows_are_named_beside_the_rows_of_others(command, full):
    record(full, [{}])
    ended = command("export", "2", "3", "--what", "confusion", "--json")
    assert ended.code == 0
    assert {each["run"] for each in ended.objects} == {2}
    assert ended.err.startswith("workbench: what run 3 mistook for what is not known")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("interventions", "no setting of run 1 was changed while it was trained"),
        ("ensemble", "run 1 was not trained in an ensemble (--ensemble 5 trains one)"),
        ("pretraining", "run 1 was not pre-trained (--pretraining dbn and others do that)"),
        ("checkpoints", "run 1 has no checkpoints"),
    ],
)
def test_where_none_is_an_answer_it_is_given(command, db, what, said):
    record(db, [{}])
    ended = command("export", "1", "--what", what, "--format", "json")
    assert (ended.code, ended.out, ended.err) == (0, "[\n]\n", f"workbench: {said}\n")
