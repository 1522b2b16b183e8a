"""What acts in training only: dropout, alpha dropout, batch norm. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.insight.subject import RECTIFYING
from engine.insight.theory.curves import SELU_ALPHA, SELU_SCALE
from engine.insight.theory.fluctuation import added, still
from engine.insight.theory.gradient import Gradient, Returned
from engine.insight.theory.signal import Made, Signal

ALIKE = 0.2
"""Share of the variance up to which the means of units count as one."""


def drop(h: Signal, rate: float) -> Signal:
    """Dropout in training: h mask / (1 - p)."""
    moved = h.moved and h.moved.into(np.diag([1.0, 1 / (1 - rate), 1.0]))
    return replace(h, square=h.square / (1 - rate), peaked=h.peaked / (1 - rate), made=None, moved=moved)


def alpha_drop(h: Signal, rate: float) -> Signal:
    """Alpha dropout in training: units at the floor of SELU, then scaled and shifted (Klambauer et al. 2017)."""
    keep, floor = 1 - rate, -SELU_SCALE * SELU_ALPHA
    scale = alpha_scale(rate)
    square = keep * h.square - 2 * keep * rate * floor * h.mean + keep * rate * floor**2
    into = np.array(
        [[scale * keep, 0, 0], [-2 * scale**2 * keep * rate * floor, scale**2 * keep, 0], [0, 0, (scale * keep) ** 2]]
    )
    moved = h.moved and h.moved.into(into)
    return Signal(scale * keep * h.mean, scale**2 * square, (scale * keep) ** 2 * h.cross, moved=moved)


def alpha_scale(rate: float) -> float:
    """By which alpha dropout restores the variance."""
    floor = -SELU_SCALE * SELU_ALPHA
    return float(((1 - rate) * (1 + rate * floor**2)) ** -0.5)


def undrop(gradient: Returned, rate: float, *, alpha: bool) -> Returned:
    """The gradient before dropout."""
    slope = alpha_scale(rate) if alpha else 1 / (1 - rate)
    keep = 1 - rate
    return gradient.times_each(keep * slope**2, (keep * slope) ** 2)


@dataclass(frozen=True, slots=True)
class Norm:
    """Batch norm of a signal, over the batch of `examples`: each unit's values less their mean, over their deviation."""

    before: Signal
    examples: int
    eps: float

    @property
    def variance(self) -> float:
        """Of a unit's values over the batch."""
        return max(float(self.before.square.mean() - self.before.cross.mean()), 0.0) * (1 - 1 / self.examples)

    def forward(self, shift: float) -> Signal:
        """What leaves it: what all examples have in common is taken away."""
        scale = 1 / (self.variance + self.eps)
        common = float(self.before.cross.mean())
        length = np.sqrt(self.before.square)  # long examples have more in common with the others
        apart = self.before.square - 2 * common * length / max(float(length.mean()), 1e-150) + common
        square = np.maximum(apart, 0.0) * (1 - 1 / self.examples) * scale
        cross = (self.before.cross - common - self.variance / self.examples) * scale
        moved = self.before.moved and replace(
            still(self.before.moved.causes, 3), held=1.0, by_pair=scale * self.before.moved.by_pair
        )
        return Signal(
            np.full_like(self.before.mean, shift), square + shift**2, cross + shift**2, made=self._made(shift), moved=moved
        )

    @property
    def note(self) -> str:
        """What is to be said of the gradients below: where units of a layer differ, those that vary little have little slope, too."""
        made = self.before.made
        if made is None or made.pick.kind not in RECTIFYING or self._alike:
            return ""
        return "batch norm scales units up that are off for nearly all examples: gradients below it may be a third larger"

    @property
    def _alike(self) -> bool:
        """Whether units have about the same mean over the batch."""
        mean = float(self.before.mean.mean())
        between, spread = float(self.before.cross.mean()) - mean**2, float(self.before.square.mean()) - mean**2
        return between <= ALIKE * spread

    def _made(self, shift: float) -> Made | None:
        """Scaled alike in all units, as long as these are alike."""
        made = self.before.made
        if made is None or not self._alike:
            return None
        mean = float(self.before.mean.mean())
        scale = (self.variance + self.eps) ** -0.5
        return replace(made, scale=made.scale * scale, shift=(made.shift - mean) * scale + shift)

    def backward(self, gradient: Gradient, with_values: float) -> Gradient:
        """Without its mean over the batch, and without what goes along with the values.

        `with_values` is the square mean of that part.
        """
        # A batch's gradients lose two degrees of freedom, which the mean of 1/variance over batches makes up for.
        scale = 1 / (self.variance + self.eps)
        common = float(gradient.cross.mean())
        square = np.maximum(gradient.square - common - with_values, 0.0) * scale
        rest = float(square.mean()) / max(self.examples - 1, 1)
        moved = None
        if gradient.moved is not None and self.before.moved is not None and self.variance > 0:
            kept, longer = float(square.mean()), self.before.moved.of(np.array([0.0, 1.0, -1.0])) / self.variance
            own = added(gradient.moved.rows[0] * scale, -kept * longer)
            moved = replace(gradient.moved, rows=np.stack([own, -own / self.examples]))
        return Gradient(square, (gradient.cross - common) * scale - rest, alike=gradient.alike, moved=moved)
