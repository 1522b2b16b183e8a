"""Frames as rows of the tables `steps` and `layer_stats`: whole columns at a time, as plain Python numbers.

Plain, because SQLite would keep a NumPy scalar as a blob.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.events import Frame
from engine.vocabulary import STATISTICS, WEIGHT_STATISTICS
from workbench.history.columns import STEP_NUMBERS
from workbench.history.marker import marker


def insert(table: str, columns: Sequence[str]) -> str:
    """The statement that adds a row with these columns."""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608


STEPS_INSERT = insert("steps", ("run", "step", "seconds", *STEP_NUMBERS, "nonfinite"))
LAYER_STATS_INSERT = insert("layer_stats", ("run", "step", "layer", *STATISTICS, "nonfinite"))
OF_WEIGHTS = np.array([statistic in WEIGHT_STATISTICS for statistic in STATISTICS])
"""[K] whether a statistic is one that a layer without weights does not have."""


def while_finite(frame: Frame, member: int) -> Frame:
    """The frame up to and with the first record at which a member's loss is not finite; all of it if there is none."""
    lost = np.flatnonzero(~np.isfinite(frame.loss[:, member]))
    if len(lost) == 0:
        return frame
    records = int(lost[0]) + 1
    measured = int(np.searchsorted(frame.layer_steps, frame.steps[records - 1], side="right"))
    scalars = {name: getattr(frame, name)[:records] for name in ("steps", "seconds", *STEP_NUMBERS)}
    return Frame(**scalars, layer_steps=frame.layer_steps[:measured], layers=frame.layers[:measured])


def step_rows(frame: Frame, member: int, run_id: int) -> Iterator[tuple[Any, ...]]:
    """The rows of one member for `STEPS_INSERT`, in the order of the steps."""
    numbers = np.stack([frame.loss[:, member], frame.l1[:, member], frame.l2[:, member], frame.lr[:, member]], axis=1)
    columns, markers = number_columns(STEP_NUMBERS, numbers)
    return zip(repeat(run_id), frame.steps.tolist(), frame.seconds.tolist(), *columns, markers, strict=False)


def layer_stat_rows(frame: Frame, member: int, run_id: int, weightless: NDArray[np.bool_]) -> Iterator[tuple[Any, ...]]:
    """The rows of one member for `LAYER_STATS_INSERT`: for each measured step its layers in their order.

    Args:
        frame: What was measured.
        member: Whose rows these are.
        run_id: Its run.
        weightless: [L] whether a layer is without weights: not-a-number in statistics of weights is then nothing measured.
    """
    layers = frame.layers.shape[2]
    steps = np.repeat(frame.layer_steps, layers).tolist()
    positions = list(range(layers)) * len(frame.layer_steps)
    values = frame.layers[:, member]  # [M, L, K]
    absent = np.isnan(values) & weightless[:, None] & OF_WEIGHTS if weightless.any() else None
    rows = (-1, len(STATISTICS))
    columns, markers = number_columns(STATISTICS, values.reshape(rows), None if absent is None else absent.reshape(rows))
    return zip(repeat(run_id), steps, positions, *columns, markers, strict=False)


def number_columns(
    names: Sequence[str], numbers: NDArray[Any], absent: NDArray[np.bool_] | None = None
) -> tuple[list[list[float]], Iterable[str | None]]:
    """Columns of numbers [N, C] as C lists, with what is not finite as not-a-number (NULL for SQLite), and the N markers.

    Markers say nothing of what is `absent` [N, C], for it was not measured.
    """
    finite = np.isfinite(numbers)
    if finite.all():
        return numbers.T.tolist(), repeat(None)
    told = ~finite if absent is None else ~finite & ~absent
    markers: list[str | None] = [None] * len(numbers)
    odd = np.flatnonzero(told.any(axis=1))
    kinds = np.where(told[odd], numbers[odd], 0.0)
    previous, text = None, None
    for row, kind in zip(odd.tolist(), kinds, strict=True):
        if (key := kind.tobytes()) != previous:  # rows of a diverged run are mostly alike
            previous, text = key, marker(names, kind.tolist())
        markers[row] = text
    return np.where(finite, numbers, np.nan).T.tolist(), markers
