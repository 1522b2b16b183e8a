"""Writing what a training tells beside its steps and epochs. All of it inside a transaction of the recorder."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from engine.events import Checkpointed, Distributions, Intervened, PretrainingEpoch, Reconstructed
from engine.pictures import Examined, Mistaken, Plane, Region
from workbench.history.detail_rows import (
    CHECKPOINTS_INSERT,
    CONFUSION_INSERT,
    HISTOGRAMS_INSERT,
    INTERVENTIONS_INSERT,
    LAYER_PROBES_INSERT,
    MISTAKEN_INSERT,
    PRETRAINING_INSERT,
    checkpoint_row,
    confusion_rows,
    histogram_rows,
    intervention_rows,
    mistaken_row,
    pretraining_row,
    probe_numbers,
    probe_rows,
)
from workbench.history.member import Member
from workbench.history.pictures import PICTURES_INSERT, reconstruction_rows, worst_rows
from workbench.history.regions import PLANES_INSERT, REGIONS_INSERT, plane_row, region_row
from workbench.thinning import REGIONS, dispensable

Going = Sequence[tuple[int, Member]]
"""Members with their places."""
Detail = Intervened | Checkpointed | PretrainingEpoch | Reconstructed | Distributions | Plane | Region | Mistaken | Examined


def write_detail(
    connection: sqlite3.Connection, event: Detail, members: Sequence[Member], folder: Path, image_shape: tuple[int, ...]
) -> None:
    """Write an event for all members that are not over.

    Args:
        connection: In a transaction.
        event: What was told.
        members: All of the population.
        folder: That of the history.
        image_shape: Of the inputs; empty where they are no pictures.
    """
    going = [(position, member) for position, member in enumerate(members) if not member.over]
    match event:
        case Intervened():
            _intervened(connection, event, going)
        case Checkpointed():
            _checkpointed(connection, event, members, folder)
        case PretrainingEpoch():
            connection.executemany(PRETRAINING_INSERT, [pretraining_row(event, at, member.run_id) for at, member in going])
        case Reconstructed():
            _reconstructed(connection, event, going)
        case Distributions():
            _distributions(connection, event, going)
        case Plane():
            _plane(connection, event, members)
        case Mistaken():
            _mistaken(connection, event, going, image_shape)
        case Region():  # those that ended early are looked at with the others
            _region(connection, event, _sound(members))
        case Examined():
            _examined(connection, event, _sound(members), image_shape)


def note_removed(connection: sqlite3.Connection, members: Sequence[Member], folder: Path) -> None:
    """See which of the checkpoints are no longer on disk."""
    for member in members:
        query = "SELECT rowid, path FROM checkpoints WHERE run = ? AND NOT removed"
        rows = connection.execute(query, (member.run_id,)).fetchall()
        gone = [(rowid,) for rowid, path in rows if not (folder / path).exists()]
        connection.executemany("UPDATE checkpoints SET removed = 1 WHERE rowid = ?", gone)


def _intervened(connection: sqlite3.Connection, event: Intervened, going: Going) -> None:
    """A change that was to be made again, after the training went on from before it, has been made by now."""
    for _, member in going:
        member.interventions += 1
        again = "DELETE FROM interventions WHERE run = ? AND pending AND step <= ?"
        connection.execute(again, (member.run_id, event.step))
        connection.executemany(INTERVENTIONS_INSERT, intervention_rows(event, member.run_id, member.interventions))


def _checkpointed(connection: sqlite3.Connection, event: Checkpointed, members: Sequence[Member], folder: Path) -> None:
    for position in event.members:
        member = members[position]
        row = checkpoint_row(event, position, member.run_id, member.interventions, folder)
        path = row[4]
        connection.execute("DELETE FROM checkpoints WHERE run = ? AND path = ?", (member.run_id, path))  # written anew
        connection.execute(CHECKPOINTS_INSERT, row)
        member.checkpoint_step = event.step


def _reconstructed(connection: sqlite3.Connection, event: Reconstructed, going: Going) -> None:
    """The latest of a layer takes the place of an earlier one."""
    for position, member in going:
        connection.execute("DELETE FROM pictures WHERE run = ? AND layer = ?", (member.run_id, event.layer))
        connection.executemany(PICTURES_INSERT, reconstruction_rows(event, position, member.run_id))


def _distributions(connection: sqlite3.Connection, event: Distributions, going: Going) -> None:
    """At the step from which a training went on they may be told for the second time."""
    probed = probe_numbers(event)
    for position, member in going:
        for table in ("histograms", "layer_probes"):
            connection.execute(f"DELETE FROM {table} WHERE run = ? AND step = ?", (member.run_id, event.step))  # noqa: S608
        connection.executemany(HISTOGRAMS_INSERT, histogram_rows(event, position, member.run_id))
        connection.executemany(LAYER_PROBES_INSERT, probe_rows(event, probed, position, member.run_id))


def _plane(connection: sqlite3.Connection, event: Plane, members: Sequence[Member]) -> None:
    """Told again where a training goes on."""
    query = "SELECT coalesce(population, id) FROM runs WHERE id = ?"
    (run_id,) = connection.execute(query, (members[0].run_id,)).fetchone()
    connection.execute("DELETE FROM planes WHERE run = ?", (run_id,))
    connection.execute(PLANES_INSERT, plane_row(event, run_id))


def _mistaken(connection: sqlite3.Connection, event: Mistaken, going: Going, image_shape: tuple[int, ...]) -> None:
    """The latest takes the place of the earlier one."""
    for position, member in going:
        connection.execute("DELETE FROM mistaken WHERE run = ?", (member.run_id,))
        connection.execute("DELETE FROM pictures WHERE run = ? AND kind = 'mistake'", (member.run_id,))
        connection.execute(MISTAKEN_INSERT, mistaken_row(event, position, member.run_id))
        connection.executemany(PICTURES_INSERT, worst_rows(event, position, member.run_id, image_shape))


def _examined(connection: sqlite3.Connection, event: Examined, sound: Going, image_shape: tuple[int, ...]) -> None:
    for position, member in sound:
        connection.executemany(CONFUSION_INSERT, confusion_rows(event, position, member.run_id))
        connection.executemany(PICTURES_INSERT, worst_rows(event, position, member.run_id, image_shape))


def _region(connection: sqlite3.Connection, event: Region, sound: Going) -> None:
    """It takes the place of an earlier one of the same step, and of too many one goes."""
    for position, member in sound:
        run_id = member.run_id
        connection.execute("DELETE FROM regions WHERE run = ? AND step = ?", (run_id, event.step))
        connection.execute(REGIONS_INSERT, region_row(event, position, run_id))
        steps = [row[0] for row in connection.execute("SELECT step FROM regions WHERE run = ? ORDER BY rowid", (run_id,))]
        surplus = dispensable(steps, REGIONS)
        if surplus is not None:
            connection.execute("DELETE FROM regions WHERE run = ? AND step = ?", (run_id, steps[surplus]))


def _sound(members: Sequence[Member]) -> Going:
    return [(position, member) for position, member in enumerate(members) if not member.lost]
