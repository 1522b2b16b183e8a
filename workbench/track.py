"""Rows of numbers that go on coming, kept in bounded memory and shared with readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Track:
    """Rows that go on coming, of which at most `capacity` are kept: of many, every 2nd, 4th, … from the first, and the latest.

    Which ones are kept depends on how many have come, not on how they were handed over. What was handed out is never changed.
    """

    def __init__(self, capacity: int, row: Mapping[str, Array]) -> None:
        """Make an empty track.

        Args:
            capacity: At least 3.
            row: For each column, an array with the shape and type of one row, and the values shown while there is none.
        """
        self._capacity = capacity - 1  # one place is for the latest
        self._stride = 1
        self._came = 0
        self._kept = 0
        self._size = min(256, self._capacity)
        self._latest = {name: one.copy() for name, one in row.items()}
        self._columns = {name: np.empty((self._size, *one.shape), one.dtype) for name, one in row.items()}

    def __len__(self) -> int:
        return self._kept + self._latest_apart

    def extend(self, rows: Mapping[str, Array]) -> None:
        """Take in rows: for each column [N, ...], N at least 1."""
        count = len(next(iter(rows.values())))
        done = 0
        while done < count:
            first = done + -self._came % self._stride
            wanted = len(range(first, count, self._stride))
            if wanted and self._kept == self._size:
                self._make_room()
                continue
            taken = min(wanted, self._size - self._kept)
            end = first + taken * self._stride if taken < wanted else count
            for name, column in self._columns.items():
                column[self._kept : self._kept + taken] = rows[name][first : end : self._stride]
            self._kept += taken
            self._came += end - done
            done = end
        for name, one in self._latest.items():
            one[...] = rows[name][-1]

    def pieces(self, name: str, member: int | None = None) -> tuple[Array, Array]:
        """A column as it is now, of one member if given, in two read-only pieces: [kept, ...], and the latest row if apart.

        The first is shared and costs nothing, however long the track is; the second, [0 or 1, ...], is a copy.
        """
        rows, latest = self._columns[name][: self._kept], self._latest[name][None][: int(self._latest_apart)]
        if member is not None:
            rows, latest = rows[:, member], latest[:, member]
        latest = latest.copy()
        rows.flags.writeable = latest.flags.writeable = False
        return rows, latest

    def column(self, name: str, member: int | None = None) -> Array:
        """A column as it is now, read-only: [kept, ...], of one member if given. Copied only where the latest row is apart."""
        return joined(self.pieces(name, member))

    def latest(self, name: str, member: int) -> Array:
        """A read-only copy of a member's part of the latest row, or of the one shown while there is none."""
        one: Array = self._latest[name][member].copy()
        one.flags.writeable = False
        return one

    @property
    def _latest_apart(self) -> bool:
        """Whether the latest row is not among those that the stride picks."""
        return self._came > 0 and (self._came - 1) % self._stride != 0

    def _make_room(self) -> None:
        """Twice the space, up to the capacity; after that, every second row is dropped.

        In new arrays: the old ones are left to whoever still looks at them.
        """
        step = 1
        if self._size < self._capacity:
            self._size = min(2 * self._size, self._capacity)
        else:
            step = 2
        left = -(-self._kept // step)
        for name, column in self._columns.items():
            moved = np.empty((self._size, *column.shape[1:]), column.dtype)
            moved[:left] = column[: self._kept : step]
            self._columns[name] = moved
        self._kept = left
        self._stride *= step


def joined(pieces: tuple[Array, Array]) -> Array:
    """The rows of both pieces, read-only; the first piece itself where the second is empty."""
    rows, latest = pieces
    if len(latest):
        rows = np.concatenate([rows, latest])
        rows.flags.writeable = False
    return rows
