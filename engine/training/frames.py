"""What is kept between two frames: the losses of all steps, records of them, and measurements of the layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.events import Floats, Frame
from engine.network.network import Network
from engine.probes.probes import Probes

STEPS_KEPT = 4096
MEASUREMENTS_KEPT = 64


class FrameBuffer:
    """Collects measurements on the device and turns them into a `Frame`.

    For each step: `next_loss`, then for a measured step `probes` and `measured`, then for a recorded step `record`.

    Args:
        network: what the probes measure.
        members: P.
    """

    def __init__(self, network: Network, members: int) -> None:
        self.probes = Probes(network, MEASUREMENTS_KEPT)
        like = network.parameters[0].value
        self._losses = like.new_zeros((STEPS_KEPT, members))
        self._loss_rows = self._losses.unbind(0)
        # On the CPU the losses can be looked at without cost; on a GPU each look would wait for it.
        self._visible: NDArray[np.floating] | None = self._losses.numpy() if like.device.type == "cpu" else None
        # Row 0 holds the penalties of the latest measurement before this frame.
        self._penalties = like.new_zeros((MEASUREMENTS_KEPT + 1, 2, members))
        self._used = 0
        self._layer_steps: list[int] = []
        self._steps: list[int] = []
        self._ends: list[int] = []  # for each record, the number of losses up to and with it
        self._penalty_rows: list[int] = []
        self._seconds: list[float] = []
        self._rates: list[Sequence[float]] = []

    @property
    def row(self) -> int:
        """The row that the next measurement takes."""
        return len(self._layer_steps)

    @property
    def full(self) -> bool:
        """Whether there is no room for another step or measurement."""
        return self._used == STEPS_KEPT or self.row == MEASUREMENTS_KEPT

    def __bool__(self) -> bool:
        """Whether there is a record to take."""
        return bool(self._steps)

    def next_loss(self) -> Tensor:
        """The `[P]` tensor that the mean cost of the next step is to be written to."""
        row = self._loss_rows[self._used]
        self._used += 1
        return row

    def last_losses(self) -> NDArray[np.floating] | None:
        """The losses of the step just made `[P]`, if they can be seen without waiting for a device."""
        return None if self._visible is None else self._visible[self._used - 1]

    def measured(self, step: int, l1: Tensor, l2: Tensor) -> None:
        """Note that the probes have filled a row for the step just made, and its penalties `[P]`."""
        self._layer_steps.append(step)
        self._penalties[self.row, 0] = l1
        self._penalties[self.row, 1] = l2

    def record(self, step: int, seconds: float, rates: Sequence[float]) -> None:
        """Make a record of the step just made, with the mean loss since the last record."""
        self._steps.append(step)
        self._ends.append(self._used)
        self._penalty_rows.append(self.row)
        self._seconds.append(seconds)
        self._rates.append(rates)

    def take(self) -> Frame:
        """All records as a frame. Losses after the last record stay for the next one."""
        penalties = self._penalties[: self.row + 1].cpu().numpy().astype(np.float64)[self._penalty_rows]
        frame = Frame(
            steps=np.array(self._steps, dtype=np.int64),
            seconds=np.array(self._seconds),
            loss=self._mean_losses(),
            l1=penalties[:, 0],
            l2=penalties[:, 1],
            lr=np.array(self._rates, dtype=np.float64),
            layer_steps=np.array(self._layer_steps, dtype=np.int64),
            layers=self.probes.take(self.row),
        )
        self._forget(self._ends[-1])
        return frame

    def _mean_losses(self) -> Floats:
        losses = self._losses[: self._ends[-1]].cpu().numpy().astype(np.float64)
        starts = np.array([0, *self._ends[:-1]])
        counts = np.diff(starts, append=self._ends[-1])
        sums: Floats = np.add.reduceat(losses, starts, axis=0)
        return sums / counts[:, None]

    def _forget(self, count: int) -> None:
        rest = self._used - count
        if rest:
            self._losses[:rest] = self._losses[count : self._used].clone()
        self._penalties[0] = self._penalties[self.row]
        self._used = rest
        self._layer_steps, self._steps, self._ends = [], [], []
        self._penalty_rows, self._seconds, self._rates = [], [], []
