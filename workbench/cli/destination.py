"""The file that a command writes to."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryFile
from typing import Annotated, TextIO

import typer

from workbench.cli.errors import CommandError

Png = Annotated[
    Path | None,
    typer.Option("--png", metavar="FILE", help="write the curves or pictures into a PNG file as well", show_default=False),
]
ReplacePng = Annotated[bool, typer.Option("--force", help="replace the file of --png or --svg if it is there already")]


def check_destination(path: Path | None, *, replace: bool = False) -> None:
    """See that a file can be written before the work begins whose outcome it is to hold; as `destination`, with its errors."""
    if path is None:
        return
    found = _found(path, replace=replace)
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    try:
        if found is None:
            TemporaryFile(dir=path.resolve().parent).close()
        elif stat.S_ISREG(found.st_mode):
            path.open("r+").close()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def destination(path: Path | None, *, replace: bool = False) -> Iterator[TextIO]:
    """Where to write text; None is stdout.

    An ordinary file appears under its name when it is complete, with the rights of the one that it replaces; a symbolic link
    stays one. What is something else, such as a pipe or a device, is written to as it is.

    Args:
        path: The file.
        replace: Whether an ordinary file that is there already may be replaced.

    Raises:
        CommandError: the file is there already.
        OSError: it cannot be written; its `filename` is `path`.
    """
    if path is None:
        yield sys.stdout
        return
    found = _found(path, replace=replace)
    if found is not None and _is_stdout(found):  # /dev/stdout: opening it anew would begin at the start of the file
        yield sys.stdout
    elif found is not None and not stat.S_ISREG(found.st_mode):
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
    else:
        try:
            with _replacing(path.resolve(), found) as file:
                yield file
        except OSError as error:  # the user knows nothing of the unfinished file
            raise OSError(error.errno, error.strerror, str(path)) from error


def _found(path: Path, *, replace: bool) -> os.stat_result | None:
    """What has this name already, if it may be written to."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISREG(found.st_mode) and not replace and not _is_stdout(found):
        raise CommandError(f"{path} is there already; name another file, or replace it with --force")
    return found


def _is_stdout(found: os.stat_result) -> bool:
    try:
        return os.path.samestat(found, os.fstat(sys.stdout.fileno()))
    except OSError:  # stdout is closed, or no file
        return False


@contextmanager
def _replacing(path: Path, old: os.stat_result | None) -> Iterator[TextIO]:
    """A new file that takes the place of the old one when all went well."""
    if old is not None:
        path.open("r+").close()  # a file that is read-only is not to be replaced either
    unfinished = path.with_name(f".unfinished-{token_hex(4)}")
    try:
        with unfinished.open("x", encoding="utf-8", newline="") as file:
            yield file
        if old is not None:
            unfinished.chmod(stat.S_IMODE(old.st_mode))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
