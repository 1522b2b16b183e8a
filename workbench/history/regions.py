"""Planes and regions as rows: arrays of bytes, compressed with zlib.

`planes.points` holds for each point x, y and target as 32-bit floating-point numbers, the lower byte first, and then a byte for each
point that says whether it is held out. `regions.cells` holds a byte for the answer of each cell, row by row from the top, and then a
byte for its strength; see `engine.pictures`.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from engine.pictures import Plane, Region
from workbench.history.detail_records import PlaneRow, RegionRow
from workbench.history.rows import insert

_EDGES = ("left", "right", "bottom", "top", "low", "high")
PLANES_INSERT = insert("planes", ("run", "rows", "columns", *_EDGES, "points"))
REGIONS_INSERT = insert("regions", ("run", "step", "epoch", "cells"))
_POINT_BYTES = 3 * 4 + 1
_FAST = 1  # a region comes while training waits


def plane_row(event: Plane, run_id: int) -> tuple[Any, ...]:
    """For `PLANES_INSERT`."""
    numbers = np.column_stack([event.points, event.targets]).astype("<f4")
    points = zlib.compress(numbers.tobytes() + event.held_out.astype(np.uint8).tobytes())
    return run_id, event.rows, event.columns, *(float(getattr(event, name)) for name in _EDGES), points


def plane_of(row: PlaneRow) -> Plane:
    """As it was told."""
    points = zlib.decompress(row.points)
    count = len(points) // _POINT_BYTES
    numbers = np.frombuffer(points, "<f4", count=3 * count).reshape(-1, 3).astype(np.float32)
    held_out = np.frombuffer(points, np.uint8, offset=numbers.nbytes).astype(np.bool_)
    edges = (row.left, row.right, row.bottom, row.top)
    return Plane(*edges, row.rows, row.columns, row.low, row.high, numbers[:, :2], numbers[:, 2], held_out)


def region_row(event: Region, member: int, run_id: int) -> tuple[Any, ...]:
    """The row of one member, for `REGIONS_INSERT`."""
    cells = event.answers[member].tobytes() + event.strengths[member].tobytes()
    return run_id, event.step, event.epoch, zlib.compress(cells, _FAST)


def region_of(row: RegionRow, plane: PlaneRow) -> Region:
    """As it was told of one member."""
    cells = np.frombuffer(zlib.decompress(row.cells), np.uint8).reshape(2, 1, plane.rows, plane.columns)
    return Region(row.step, row.epoch, cells[0], cells[1])
