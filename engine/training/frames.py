"""What is kept between two frames: the losses of all steps, records of them, and measurements of the layers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.events import Divergence, Floats, Frame
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
        looks: whether the losses can be looked at after every step without cost: on the CPU. On a GPU each look would wait
            for it, so what is needed to tell later where a run broke is kept with the losses.
    """

    def __init__(self, network: Network, members: int, *, looks: bool) -> None:
        self.probes = Probes(network, MEASUREMENTS_KEPT)
        self._network = network
        like = network.parameters[0].value
        self._losses = like.new_zeros((STEPS_KEPT, members))
        self._loss_rows = self._losses.unbind(0)
        self._visible: NDArray[np.floating] | None = self._losses.numpy() if looks else None
        self._sums = None if looks else like.new_zeros((STEPS_KEPT, len(network.layers), members))
        self._before = 0  # steps before the first of the losses kept
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

    def note_activations(self) -> None:
        """Where losses are not looked at: keep of the step just made what tells which layer was not finite first."""
        if self._sums is not None:
            for position, layer in enumerate(self._network.layers):
                assert layer.h is not None
                torch.sum(layer.h, tuple(range(1, layer.h.ndim)), out=self._sums[self._used - 1, position])

    def unseen_divergences(self) -> list[tuple[int, int, Divergence]]:
        """Member, step and origin of each loss that is not finite, the first of each member; of losses not looked at yet."""
        if self._sums is None:
            return []
        broken = ~torch.isfinite(self._losses[: self._used])
        found = []
        for member in broken.any(0).nonzero().flatten().tolist():
            row = int(broken[:, member].nonzero()[0])
            layers = (~torch.isfinite(self._sums[row, :, member])).nonzero().flatten().tolist()
            step = self._before + row + 1
            name, quantity = (self._network.layers[layers[0]].name, "activation") if layers else ("cost", "cost")
            found.append((member, step, Divergence(step, name, quantity)))
        return found

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

    # --- to go on later ------------------------------------------------------

    @property
    def losses_since_record(self) -> Tensor:
        """Those of the steps after the last record, `[S, P]`, once all records were taken."""
        return self._losses[: self._used]

    @property
    def latest_penalties(self) -> Tensor:
        """Those of the latest measurement, `[2, P]`, once all records were taken."""
        return self._penalties[0]

    def restore(self, step: int, losses: Tensor, penalties: Tensor) -> None:
        """Go on after a step, with the losses since the last record and the latest penalties."""
        self._used = len(losses)
        self._before = step - self._used
        self._losses[: self._used] = losses
        self._penalties[0] = penalties

    # --- frames --------------------------------------------------------------

    def take(self, ended: Collection[int] = ()) -> Frame:
        """All records as a frame. Losses after the last record stay for the next one.

        Args:
            ended: members of whom nothing is to be told any more: their numbers are not-a-number.
        """
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
        for member in ended:
            for numbers in (frame.loss, frame.l1, frame.l2, frame.layers):
                numbers[:, member] = np.nan
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
            if self._sums is not None:
                self._sums[:rest] = self._sums[count : self._used].clone()
        self._before += count
        self._penalties[0] = self._penalties[self.row]
        self._used = rest
        self._layer_steps, self._steps, self._ends = [], [], []
        self._penalty_rows, self._seconds, self._rates = [], [], []
