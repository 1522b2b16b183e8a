"""docs/interface.md names every key of the interface and every command, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from tests.workbench.tui.bindings import every_binding, keys_of
from workbench.cli.app import app
from workbench.cli.data import data_app

TABLES = (Path(__file__).parents[3] / "docs" / "interface.md").read_text(encoding="utf-8")


def rows(cells: int) -> list[tuple[str, ...]]:
    """The rows of all tables with so many columns, without their headings."""
    lines = re.findall(r"^\| (.*) \|$", TABLES, flags=re.MULTILINE)
    split = [tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)) for line in lines]
    return [row for row in split if len(row) == cells and not row[0].startswith("---") and row[0] not in ("key", "command")]


def test_every_key_is_in_the_table_and_no_other():
    there = {
        (keys_of(binding), binding.description) for _, binding in every_binding() if binding.description and keys_of(binding)
    }
    told = {(key.replace("`", ""), what) for key, what, *_ in rows(3)}
    missing = sorted(f"| `{key}` | {what} | |" for key, what in there - told)
    gone = sorted(f"{key} {what}" for key, what in told - there)
    assert not missing, "not in docs/interface.md:\n" + "\n".join(missing)
    assert not gone, "in docs/interface.md, but no key: " + ", ".join(gone)


def test_every_key_has_an_equal_or_is_only_for_the_eye():
    for key, what, equal in rows(3):
        assert equal == "display" or "`" in equal, (key, what, equal)


def commands() -> set[str]:
    """The names of all commands."""
    names = {command.name or command.callback.__name__ for command in app.registered_commands}
    groups = {f"data {command.name or command.callback.__name__}" for command in data_app.registered_commands}
    return names | groups


def test_every_command_is_in_the_table_and_no_other():
    told = {re.sub(r"^`workbench |`$", "", command) for command, _ in rows(2)}
    assert told - {"`workbench`", "workbench"} == commands()


def test_the_commands_and_options_that_are_named_exist():
    root = typer.main.get_command(app)
    for words in re.findall(r"`workbench ([^`]*)`", TABLES):
        command, *rest = words.replace("\\|", "|").split()
        if command.startswith("-") or command == "COMMAND":
            continue
        found = root.commands[command]
        if command == "data":
            found = found.commands[rest[0]]
        options = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in rest if word.startswith("--")} <= options, words
