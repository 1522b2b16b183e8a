"""`doctor` and `choices`."""

from __future__ import annotations

import re
import sqlite3

import pytest

from engine.catalog import ACTIVATIONS, INITIALIZERS, OPTIMIZERS
from engine.experiment import SETTINGS, Experiment
from tests.workbench.cli.conftest import record


def found(ended) -> dict[str, dict]:
    return {each["subject"]: each for each in ended.objects}


def test_doctor_finds_everything_in_order(command, db):
    record(db, [{}])
    ended = command("doctor", "--json")
    assert ended.code == 0
    checks = found(ended)
    assert checks["SQLite"]["finding"] == sqlite3.sqlite_version
    assert checks["journal"]["finding"] == "wal"
    assert checks["integrity"]["finding"] == "ok"
    assert checks["runs"]["finding"] == "1"
    assert checks["devices"]["finding"].startswith("cpu")
    assert "writable" in checks["history"]["finding"]
    assert {"torch", "numpy", "textual"} <= checks.keys()


def test_doctor_makes_no_history(command, db):
    ended = command("doctor")
    assert ended.code == 0
    assert "will be made by the first run" in ended.out
    assert "Everything essential is in order." in ended.out
    assert not db.exists()


def test_doctor_says_what_is_wrong_and_ends_with_code_1(command, db):
    db.write_text("this is not a database, whatever its name says")
    ended = command("doctor")
    assert ended.code == 1
    assert "WRONG" in ended.out
    assert "is not a history" in ended.out
    assert "Something essential is wrong" in ended.out


def test_choices_show_formula_parameters_and_source_of_each(command):
    text = command("choices", "activations").out
    for key, choice in ACTIVATIONS.items():
        assert key in text
        assert choice.label in text
    assert ACTIVATIONS["relu"].citation in text
    parameter = ACTIVATIONS["leaky_relu"].parameters[0]
    assert f"{parameter.name} = {parameter.default:g}" in text


def test_choices_as_json_are_complete(command):
    objects = command("choices", "initializers", "--json").objects
    assert [each["key"] for each in objects] == list(INITIALIZERS)
    assert all(each["formula"] and each["citation"] for each in objects)


def test_choices_of_settings_name_every_path_with_its_default_and_option(command):
    objects = {each["setting"]: each for each in command("choices", "settings", "--json").objects}
    assert tuple(objects) == SETTINGS
    assert all(each["description"] for each in objects.values())
    assert objects["model.width"]["default"] == str(Experiment().model.width)
    assert objects["model.width"]["option"] == "--width"


def test_choices_alone_show_everything(command):
    text = command("choices").out
    assert all(word in text for word in ("relu", "he_normal", "adam", "cosine", "huber", "digits", "monitor.every"))


@pytest.mark.parametrize("columns", ["60", "80"])
def test_paths_and_keys_are_never_cut_short_on_a_narrow_terminal(columns, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes stdout for a terminal then
    words = command("choices", "settings").out.split()
    assert set(SETTINGS) <= set(words)
    assert set(OPTIMIZERS) <= set(re.sub(r"\x1b\[\d*m", "", command("choices", "optimizers").out).split())


@pytest.mark.parametrize("kind", ["activations", "settings"])
def test_choices_are_never_cut_short_for_a_file(kind, command):
    assert "…" not in command("choices", kind).out
