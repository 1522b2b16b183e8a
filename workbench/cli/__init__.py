"""The command line: thin commands over runner and history. Nothing heavy is loaded before a command needs it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn


def main() -> NoReturn:
    """The program `workbench`: run the command that sys.argv names and exit with its code."""
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what its encoding lacks becomes a question mark, not an error
            stream.reconfigure(errors="replace")
    sys.exit(execute(sys.argv[1:]))


def open_closed_streams() -> None:
    """Let what is written to a stream that was closed from the first, as by `workbench … >&-`, go nowhere, without a word.

    The command does what it was asked to do, and its exit code says how that went. The next file that is opened, such as the
    history, must not take the place of the stream: all that is printed would be written into it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):  # each takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115  it stays open


def execute(words: Sequence[str]) -> int:
    """Run one command and return its exit code. Errors are told on stderr, in words."""
    from typer.main import get_command

    from workbench.cli.app import app
    from workbench.cli.errors import finish, report

    try:
        get_command(app).main(list(words), prog_name="workbench")
    except SystemExit as end:
        return finish(end.code if isinstance(end.code, int) else int(end.code is not None))
    except OSError as error:  # in help texts, which no command guards
        return finish(report(error))
    return finish(0)
