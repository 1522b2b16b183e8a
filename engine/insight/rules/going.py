"""How a training goes, as the rules on its cost look at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.events import Floats
from engine.insight import thresholds as bounds
from engine.insight.course import Blocks, Epochs
from engine.insight.latch import Flags


@dataclass(frozen=True, eq=False)
class Going:
    """How a training goes, block by block, from the first on."""

    blocks: Blocks
    epochs: Epochs

    @property
    def ends(self) -> Floats:
        """[B, 1] last step of each block."""
        return self.blocks.ends.rows[:, None]

    @property
    def total(self) -> int:
        """Steps of the whole training."""
        return self.blocks.subject.started.total_steps

    def from_share(self, share_: float, steps: int) -> Flags:
        """[B, 1] whether so large a share of the training, and so many steps, are over."""
        return self.ends >= max(share_ * self.total, min(steps, self.total))

    @property
    def long_enough(self) -> Flags:
        """[B, 1] whether it has gone on for so long, of itself or of what was planned, that it should have begun to learn."""
        started = self.blocks.subject.started
        long = max(bounds.LONG_STEPS, bounds.LONG_EPOCHS * started.steps_per_epoch)
        return self.from_share(min(bounds.NOT_LEARNING_FROM, long / max(self.total, 1)), bounds.NOT_LEARNING_STEPS)

    @property
    def without_dropout(self) -> Floats:
        """[B, P] training cost after the latest epoch; not-a-number before the first."""
        cost = self.epochs.train_before(self.blocks.ends.rows)
        return np.where(np.isinf(cost), np.nan, cost)

    @property
    def level(self) -> Floats:
        """[B, P] cost in training or, where that was lower, after the latest epoch, without dropout."""
        return np.minimum(self.blocks.level.rows, self.epochs.train_before(self.blocks.ends.rows))

    @property
    def at_half(self) -> Floats:
        """[B, P] the same at half of the steps until then."""
        ends = self.blocks.ends.rows
        return self.level[np.searchsorted(ends, ends / 2)]
