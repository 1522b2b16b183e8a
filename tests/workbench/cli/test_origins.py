"""Who changed a setting while a run was trained: somebody who watched, or a callback."""

from __future__ import annotations

import csv
import io

import pytest

from engine.events import CALLBACK, Change, Intervened
from tests.workbench.cli.conftest import SMALL
from tests.workbench.scripted import scripted_events
from workbench.history import Recorder


@pytest.fixture
def changed(db):
    """A run of which somebody changed the learning rate, and later a callback."""
    *events, end = scripted_events(steps=30)
    with Recorder(db) as recorder:
        for event in (
            *events,
            Intervened(30, (Change("lr", 0.1, 0.2),)),
            Intervened(30, (Change("lr", 0.2, 0.3),), CALLBACK),
            end,
        ):
            recorder.record(event)


def test_show_marks_the_changes_of_a_callback(changed, command):
    lines = command("show", "1").out.splitlines()
    assert "after step 30: lr from 0.1 to 0.2" in lines
    assert "after step 30: lr from 0.2 to 0.3 (a callback)" in lines


def test_export_tells_who_changed_a_setting(changed, command):
    rows = command("export", "1", "--what", "interventions", "--json").objects
    assert [(row["after"], row["origin"]) for row in rows] == [(0.2, "user"), (0.3, "callback")]
    assert [row["origin"] for row in csv.DictReader(io.StringIO(command("export", "1", "--what", "interventions").out))] == [
        "user",
        "callback",
    ]


def test_a_run_tells_of_the_changes_of_its_callback(command):
    made = command("run", *SMALL, "--steps", "31", "--callback", "tests.workbench.cli.killing:Decay", "--json").objects
    (event,) = (each for each in made if each["event"] == "intervened")
    assert (event["step"], event["path"], event["origin"]) == (30, "lr", "callback")
