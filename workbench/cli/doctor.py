"""The command that looks whether everything is in place."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from workbench.cli.errors import ExitCode
from workbench.cli.history import AsJson, Db

WAL_FAULT_MENDED = (3, 51, 3)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    subject: str
    finding: str
    problem: str | None = None
    """What is wrong and what to do; None if it is well."""
    essential: bool = True
    """Whether a problem keeps the workbench from working."""


def doctor(*, db: Db = None, as_json: AsJson = False) -> None:
    """Look whether everything is in place.

    Versions, devices, threads and the history. The exit code is 1 if something essential is wrong.
    """
    from workbench.cli.history import history_path
    from workbench.cli.output import make_table, print_json, print_table

    checks = [*_versions(), *_torch(), *_sqlite(), *_history(history_path(db))]
    failed = any(check.problem and check.essential for check in checks)
    if as_json:
        for check in checks:
            print_json(
                {"subject": check.subject, "finding": check.finding, "problem": check.problem, "essential": check.essential}
            )
    else:
        table = make_table(["", "found", ""])
        for check in checks:
            table.add_row(check.subject, check.finding, _verdict(check))
        print_table(table)
        print("Something essential is wrong, see above." if failed else "Everything essential is in order.")
    raise typer.Exit(ExitCode.FAILED if failed else ExitCode.DONE)


def _verdict(check: Check) -> str:
    if check.problem is None:
        return "ok"
    return f"{'WRONG' if check.essential else 'note'}: {check.problem}"


def _versions() -> Iterator[Check]:
    import platform
    import re
    from importlib.metadata import PackageNotFoundError, requires, version

    yield Check("workbench", version("training-workbench"))
    wrong = None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed"
    yield Check("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}", wrong)
    needed = [need for need in requires("training-workbench") or () if "extra ==" not in need]
    for package in sorted(re.split(r"[^\w.-]", need)[0] for need in needed):
        try:
            yield Check(package, version(package))
        except PackageNotFoundError:
            yield Check(package, "missing", f"install it: pip install {package}")


def _torch() -> Iterator[Check]:
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: a shared library of torch is missing
        yield Check("devices", "unknown", f"torch cannot be loaded: {' '.join(str(error).split())}; install it anew")
        return
    names = ["cpu"]
    if torch.cuda.is_available():
        names += [f"cuda:{number} ({torch.cuda.get_device_name(number)})" for number in range(torch.cuda.device_count())]
    yield Check("devices", ", ".join(names))
    finding = f"{os.cpu_count()} cores, torch would use {torch.get_num_threads()}"
    policy = os.environ.get("OMP_WAIT_POLICY", "")
    wrong = None if policy.upper() == "PASSIVE" else "OMP_WAIT_POLICY is not PASSIVE; several threads may be slow"
    yield Check("threads", finding, wrong, essential=False)


def _sqlite() -> Iterator[Check]:
    import sqlite3

    wrong = None
    if sqlite3.sqlite_version_info < WAL_FAULT_MENDED:
        wrong = "before 3.51.3 a write during a checkpoint of another process could, very rarely, be lost; one writer is safe"
    yield Check("SQLite", sqlite3.sqlite_version, wrong, essential=False)


def _history(path: Path) -> Iterator[Check]:
    """Look at the history without changing or making it."""
    from workbench.history import History, HistoryError
    from workbench.history.connection import check_writable, network_filesystem, open_reader

    try:
        check_writable(path)
        yield Check("history", f"{path}, {'writable' if path.exists() else 'will be made by the first run'}")
        connection = open_reader(path)
        if connection is None:
            return
        try:
            mode = str(connection.execute("PRAGMA journal_mode").fetchone()[0])
            damage = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        finally:
            connection.close()
        with History.open(path) as history:
            runs = len(history.runs())
    except HistoryError as error:
        yield Check("history", str(path), str(error))
        return
    yield Check("runs", f"{runs:,}")
    network = network_filesystem(path)
    slow = f"the file lies on a network ({network}), where readers wait for writers; a local disk is better" if network else None
    yield Check("journal", mode, slow, essential=False)
    yield Check("integrity", damage, None if damage == "ok" else "the history is damaged; restore a copy or begin a new one")
