"""Every command explains itself, and wrong words are answered in words."""

from __future__ import annotations

import pytest
from typer.main import get_command

from workbench.cli.app import app

GROUP = get_command(app)
COMMANDS = tuple(GROUP.commands)  # type: ignore[attr-defined]


def test_the_commands_are_those_of_the_contract():
    expected = {
        "run",
        "step",
        "predict",
        "runs",
        "show",
        "compare",
        "diagnose",
        "fix",
        "forecast",
        "surface",
        "explain",
        "export",
        "tag",
        "note",
        "rename",
        "delete",
        "restore",
        "archive",
        "unarchive",
        "choices",
        "presets",
        "recipes",
        "report",
        "reproduce",
        "describe",
        "doctor",
        "data",
    }
    assert set(COMMANDS) == expected


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_every_option_has_help(name, command):
    ended = command(name, "--help")
    assert ended.code == 0
    assert f"workbench {name}" in ended.out
    of_command = GROUP.commands[name]  # type: ignore[attr-defined]
    assert of_command.help
    assert [parameter.name for parameter in of_command.params if not parameter.help] == []


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("run", "data")])
def test_every_command_has_json(name):
    options = {option for parameter in GROUP.commands[name].params for option in parameter.opts}  # type: ignore[attr-defined]
    assert "--json" in options


def test_the_first_line_of_each_command_fits_the_list(command):
    listed = command("--help").out.partition("Commands:")[2]
    assert all(f"  {name} " in listed for name in COMMANDS)
    assert "..." not in listed


def test_help_says_the_exit_codes(command):
    text = command("--help").out
    assert "0 done, 1 failed, 2 wrong usage or configuration, 3 diverged" in " ".join(text.split())


def test_the_version_is_that_of_the_package(command):
    from importlib.metadata import version

    ended = command("--version")
    assert (ended.code, ended.out) == (0, f"workbench {version('training-workbench')}\n")


@pytest.mark.parametrize("words", [("rums",), ("run", "--dept", "3"), ("show",), ("choices", "fruit")])
def test_wrong_words_end_with_code_2_and_no_traceback(words, command, db):
    ended = command(*words)
    assert (ended.code, ended.out) == (2, "")
    assert "Error: " in ended.err
    assert "Traceback" not in ended.err
    assert not db.exists()


def test_a_mistyped_command_is_answered_with_the_nearest(command):
    assert "Did you mean 'runs'" in command("rums").err


def test_a_wrong_choice_is_answered_in_plain_words(command):
    said = command("choices", "fruit").err
    assert "Invalid value for 'kind': 'fruit' is not one of 'activations', 'outputs'," in said
    assert "Value error" not in said


def test_the_history_may_be_named_before_or_after_any_command(command, stored, tmp_path, monkeypatch):
    monkeypatch.delenv("WORKBENCH_DB")
    for words in (("runs",), ("show", "1"), ("compare", "1", "2"), ("export", "1"), ("tag", "1"), ("doctor", "--json")):
        before, after = command("--db", str(stored), *words), command(*words, "--db", str(stored))
        assert (before.code, before.out) == (0, after.out)
    assert command("--db", str(tmp_path / "other.db"), "runs", "--db", str(stored), "--json").objects != []
