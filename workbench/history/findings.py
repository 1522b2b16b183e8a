"""Findings as rows of the table `findings`, and back.

A finding has one row, which is changed as long as it lasts. `layers` is a JSON array of names; `evidence` an array of
`{"quantity", "value", "bound", "step", "layer"}`, with null for a number that is not finite, of which `nonfinite` tells as
`nan:value0 inf:bound2`; `remedies` an array of `{"title", "changes": {path: value}}`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from engine.insight.finding import Evidence, Finding, Remedy, Severity
from workbench.history.connection import open_writer, transaction
from workbench.history.errors import HistoryError
from workbench.history.marker import finite, marker, restored

COLUMNS = "rule, severity, opened, updated, closed, words, layers, evidence, remedies, nonfinite"
_COUNT = len(COLUMNS.split(", "))
_INSERT = f"INSERT INTO findings (run, {COLUMNS}) VALUES (?{', ?' * _COUNT})"  # noqa: S608
_UPDATE = f"UPDATE findings SET ({COLUMNS}) = ({', '.join('?' * _COUNT)}) WHERE run = ? AND rule = ? AND opened = ?"  # noqa: S608


def write_finding(connection: sqlite3.Connection, run_id: int, finding: Finding) -> None:
    """Keep a finding as it now stands, inside a transaction. Those of a run are told apart by rule and step of opening."""
    row = _row(finding)
    if connection.execute(_UPDATE, (*row, run_id, finding.rule, int(finding.opened))).rowcount == 0:
        connection.execute(_INSERT, (run_id, *row))


def put_findings(connection: sqlite3.Connection, run_id: int, findings: Iterable[Finding]) -> None:
    """Keep these findings of a run instead of those that it has, inside a transaction."""
    connection.execute("DELETE FROM findings WHERE run = ?", (run_id,))
    connection.executemany(_INSERT, [(run_id, *_row(finding)) for finding in findings])


def replace_findings(path: Path, run_id: int, findings: Sequence[Finding]) -> None:
    """Keep these findings of a run, which was looked through to its end, instead of those that it has.

    Raises:
        HistoryError: there is no such run, it is still being trained, or the file cannot be written.
    """
    with closing(open_writer(path)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # a recorder in this process does that, and it alone
        with transaction(connection, path):
            found = connection.execute("SELECT status FROM runs WHERE id = ?", (run_id,)).fetchone()
            if found is None:
                raise HistoryError(f"no run {run_id} in {path}", exit_code=2)
            if found[0] == "running":
                raise HistoryError(f"run {run_id} is still being trained, which keeps its findings by itself", exit_code=2)
            put_findings(connection, run_id, findings)
            connection.execute("UPDATE runs SET diagnosed = 1 WHERE id = ?", (run_id,))


def as_finding(row: Sequence[Any]) -> Finding:
    """The finding of a row of `COLUMNS`."""
    rule, severity, opened, updated, closed, words, layers, evidence, remedies, nonfinite = row
    return Finding(
        rule=rule,
        severity=Severity(severity),
        opened=opened,
        updated=updated,
        closed=closed,
        words=words,
        layers=tuple(json.loads(layers)),
        evidence=_evidence(json.loads(evidence), nonfinite),
        remedies=tuple(Remedy(each["title"], tuple(each["changes"].items())) for each in json.loads(remedies)),
    )


def _row(finding: Finding) -> tuple[Any, ...]:
    """Its columns, as plain Python values, for SQLite would keep a NumPy scalar as bytes."""
    evidence = [
        {"quantity": str(each.quantity), "value": finite(each.value), "bound": finite(each.bound), "step": int(each.step)}
        | ({"layer": each.layer} if each.layer else {})
        for each in finding.evidence
    ]
    remedies = [{"title": each.title, "changes": dict(each.changes)} for each in finding.remedies]
    steps = int(finding.opened), int(finding.updated), None if finding.closed is None else int(finding.closed)
    arrays = (list(finding.layers), evidence, remedies)
    numbers = [float(number) for each in finding.evidence for number in (each.value, each.bound)]
    marked = marker(_names(len(finding.evidence)), numbers)
    texts = (json.dumps(array, ensure_ascii=False, separators=(",", ":"), allow_nan=False) for array in arrays)
    return (finding.rule, finding.severity.value, *steps, finding.words, *texts, marked)


def _evidence(rows: list[dict[str, Any]], nonfinite: str | None) -> tuple[Evidence, ...]:
    numbers = restored(_names(len(rows)), [row[name] for row in rows for name in ("value", "bound")], nonfinite)
    pairs = zip(rows, numbers[::2], numbers[1::2], strict=True)
    return tuple(
        Evidence(row["quantity"], value, bound, row["step"], row.get("layer", ""))
        for row, value, bound in pairs
        if value is not None and bound is not None
    )


def _names(count: int) -> list[str]:
    return [f"{name}{number}" for number in range(count) for name in ("value", "bound")]
