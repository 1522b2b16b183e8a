"""What ends a command, its message for the user, and the exit code: 1 failed, 2 wrong usage or configuration."""

from __future__ import annotations

import errno
import functools
import os
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import ParamSpec

import typer

DEBUG = "WORKBENCH_DEBUG"


class ExitCode(IntEnum):
    """How a command ended, for scripts."""

    DONE = 0
    FAILED = 1
    WRONG_USAGE = 2
    DIVERGED = 3
    INTERRUPTED = 130


class CommandError(Exception):
    """Ends a command with a message for the user."""

    def __init__(self, message: str, exit_code: ExitCode = ExitCode.WRONG_USAGE) -> None:
        super().__init__(message)
        self.exit_code = exit_code


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

P = ParamSpec("P")


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Make a command end with a message and an exit code, whatever happens in it; never with a traceback."""

    @functools.wraps(command)
    def guard(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except BrokenPipeError:
            nobody_reads()
        except typer.Exit:
            raise
        except Exception as error:
            if type(error).__module__.startswith("typer"):  # a wrong word on the command line: Typer tells of it
                raise
            raise typer.Exit(report(error)) from None

    return guard


def finish(code: int) -> int:
    """Write what is left to write on stdout and return the exit code: 1 if a command that went well cannot be read."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        nobody_reads()
    except OSError as error:
        if code == ExitCode.DONE:
            code = report(error)
        nobody_reads()
    return code


def nobody_reads() -> None:
    """The reader of stdout has all it wanted, as in `workbench runs | head`, or it is gone: write no more, without a word."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123  only the descriptor is wanted
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def report(error: BaseException) -> int:
    """Tell the user what was wrong, on stderr and without a traceback; return the exit code."""
    if os.environ.get(DEBUG):
        import traceback

        traceback.print_exception(error)
    message, code = _message(error)
    print(f"workbench: {message}", file=sys.stderr)
    return code


def _message(error: BaseException) -> tuple[str, int]:
    from engine.errors import ConfigurationError, EngineError
    from workbench.history import HistoryError

    if isinstance(error, CommandError):
        return str(error), error.exit_code
    if isinstance(error, ConfigurationError):
        lines = "".join(f"\n  {problem}" for problem in error.problems)
        return f"the experiment cannot be run as described:{lines}", ExitCode.WRONG_USAGE
    if isinstance(error, EngineError):  # the data or the device that was asked for
        return str(error), ExitCode.WRONG_USAGE
    if isinstance(error, HistoryError):
        return str(error), error.exit_code
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}", ExitCode.FAILED
    if isinstance(error, OSError) and error.errno in _NO_ROOM:  # of a named file it would have told the name
        return f"the output cannot be written: {error.strerror}", ExitCode.FAILED
    text = " ".join(str(error).split()) or "no message"
    hint = "" if os.environ.get(DEBUG) else f" (an error that was not expected; {DEBUG}=1 shows where it came from)"
    return f"{type(error).__name__}: {text}{hint}", ExitCode.FAILED
