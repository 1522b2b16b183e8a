"""What came of recipes: each time that the claims of one were judged, with the runs that they were judged by."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.history.connection import open_writer, transaction
from workbench.history.marker import finite
from workbench.history.provenance import host, versions_json
from workbench.history.reader import Reader

PASSED = "pass"
"""The outcome of a claim that is borne out."""


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """What came of one claim."""

    number: int  # from 1, in the order of the recipe's file
    says: str
    check: str
    outcome: str  # a value of workbench.claims.Outcome
    words: str
    ours: float | None  # the quantity that stands beside the published figure
    published: float | None
    published_source: str

    @property
    def passed(self) -> bool:
        """Whether the claim was borne out."""
        return self.outcome == PASSED


@dataclass(frozen=True, slots=True)
class ReproductionRow:
    """One time that the claims of a recipe were judged. Times are ISO 8601 in UTC."""

    id: int
    recipe: str
    digest: str  # of the text of its file as it was then
    scale: str
    seeds: int  # runs of each group
    settings: Mapping[str, Any]  # what was changed of the recipe, by path; empty if it was taken as it is
    started: str
    ended: str
    seconds: float  # of training, of all runs that were used; what was trained together counts once
    trained: int  # runs that were trained for it; the others were there already
    device: str  # that they were trained on; several with commas between them
    host: str
    versions_json: str
    verdicts: tuple[VerdictRow, ...] = ()
    runs: tuple[tuple[str, int], ...] = ()
    """The group's label and the id of each run that was used, in the order of the groups and their seeds."""

    @property
    def passed(self) -> int:
        """Claims that were borne out."""
        return sum(verdict.passed for verdict in self.verdicts)

    def runs_of(self, label: str) -> tuple[int, ...]:
        """The runs of one group."""
        return tuple(run for of, run in self.runs if of == label)


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that was trained to the end as its experiment says."""

    id: int
    experiment_hash: str
    seed: int
    trained_with: int  # the id of the first run of its population
    member: int
    data_dir: str | None  # where its data were read from; None: not given
    fingerprint: str  # of its data; empty where it was not recorded
    version: str | None  # of the program that trained it; None where it was not recorded


_VERDICT = ("number", "says", '"check"', "outcome", "words", "ours", "published", "published_source")
_PLAIN = ("recipe", "digest", "scale", "seeds", "settings", "started", "ended", "seconds", "trained", "device", "host")
_COLUMNS = (*_PLAIN, "versions_json")


def record_reproduction(path: Path, made: ReproductionRow) -> ReproductionRow:
    """Keep what came of a recipe; return it with its id, this machine and the versions of the packages.

    Raises:
        HistoryError: the file cannot be written.
    """
    kept = replace(made, host=host(), versions_json=versions_json())
    values = [getattr(kept, name) for name in _COLUMNS]
    values[_COLUMNS.index("settings")] = json.dumps(dict(kept.settings), sort_keys=True, allow_nan=False)
    with closing(open_writer(path)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # a recorder in this process does that, and it alone
        with transaction(connection, path):
            number = connection.execute(_insert("reproductions", _COLUMNS), values).lastrowid
            assert number is not None, "a row has just been written"
            _write_parts(connection, number, kept)
    return replace(kept, id=number)


def _write_parts(connection: sqlite3.Connection, number: int, made: ReproductionRow) -> None:
    verdicts = [
        (number, v.number, v.says, v.check, v.outcome, v.words, finite(v.ours), finite(v.published), v.published_source)
        for v in made.verdicts
    ]
    connection.executemany(_insert("verdicts", ("reproduction", *_VERDICT)), verdicts)
    runs = [(number, label, run) for label, run in made.runs]
    connection.executemany(_insert("reproduction_runs", ("reproduction", "label", "run")), runs)


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608


class Reproductions(Reader):
    """The part of the history's reader that tells what came of recipes."""

    def reproduction(self, number: int) -> ReproductionRow | None:
        """One of them with its verdicts and runs, or None if there is none of that id."""
        return next(self._reproductions("id = ?", (number,)), None)

    def latest_reproductions(self, scale: str = "") -> dict[str, ReproductionRow]:
        """The latest of each recipe with its verdicts and runs, by the recipe's name in the order of the names.

        Args:
            scale: Only those at this scale, and of recipes that were taken as they are; empty: whatever was the latest.
        """
        which, values = ("scale = ? AND settings = '{}'", (scale,)) if scale else ("1", ())
        latest = f"id IN (SELECT max(id) FROM reproductions WHERE {which} GROUP BY recipe) ORDER BY recipe"  # noqa: S608
        return {each.recipe: each for each in self._reproductions(latest, values)}

    def reproductions(self, recipe: str) -> list[ReproductionRow]:
        """All of one recipe, the latest first."""
        return list(self._reproductions("recipe = ? ORDER BY id DESC", (recipe,)))

    def finished_runs(self, hashes: Sequence[str]) -> list[FinishedRun]:
        """Runs of these experiments that were trained to the end, the latest first, and in a population by their members.

        They have diverged or are done with their final scores, which a member lacks that ended early in a training that was
        interrupted; they are not deleted, began from first weights, and nobody changed a setting while they went on.
        """
        # The + keeps SQLite from going through all runs that are not deleted, instead of those of the hash.
        query = f"""
            SELECT id, experiment_hash, seed, coalesce(population, id) AS first, member,
                json_extract(experiment_json, '$.data.dir'), coalesce(json_extract(data_json, '$.fingerprint'), ''),
                json_extract(versions_json, '$.workbench')
            FROM runs
            WHERE experiment_hash IN ({", ".join("?" * len(hashes))}) AND +deleted IS NULL AND status IN ('done', 'diverged')
                AND (status = 'diverged' OR EXISTS (SELECT 1 FROM epochs WHERE run = runs.id AND final = 1))
                AND coalesce(origin, '') != 'branch'
                AND id NOT IN (SELECT run FROM interventions WHERE coalesce(origin, '') != 'callback')
            ORDER BY first DESC, member
        """  # noqa: S608
        return [FinishedRun(*row) for row in self._rows(query, tuple(hashes))]

    def _reproductions(self, where: str, values: Sequence[Any]) -> Iterator[ReproductionRow]:
        rows = list(self._rows(f"SELECT id, {', '.join(_COLUMNS)} FROM reproductions WHERE {where}", values))  # noqa: S608
        for number, *columns in rows:
            given = dict(zip(_COLUMNS, columns, strict=True))
            given["settings"] = json.loads(given["settings"])
            yield ReproductionRow(id=number, **given, verdicts=self._verdicts(number), runs=self._runs_used(number))

    def _verdicts(self, number: int) -> tuple[VerdictRow, ...]:
        query = f"SELECT {', '.join(_VERDICT)} FROM verdicts WHERE reproduction = ? ORDER BY number"  # noqa: S608
        return tuple(VerdictRow(*row) for row in self._rows(query, (number,)))

    def _runs_used(self, number: int) -> tuple[tuple[str, int], ...]:
        query = "SELECT label, run FROM reproduction_runs WHERE reproduction = ? ORDER BY rowid"
        return tuple((label, run) for label, run in self._rows(query, (number,)))
