"""What a forecast follows through a network: moments of signals. Those of gradients are in `gradient`.

The mean is over the draw of the weights, over units and examples (Poole et al. 2016; Schoenholz et al. 2017; He et al. 2015 for
ReLU; in the linear regime Glorot & Bengio 2010). Needs no torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from engine.catalog import Pick
from engine.insight.theory.curves import Floats, Function, curve
from engine.insight.theory.fluctuation import Moved, half


@dataclass(frozen=True, slots=True)
class Signal:
    """Numbers of a layer: their first and second moments. Groups of examples, and of pairs of them, are those of `Inputs`."""

    mean: Floats  # [G] of each group of examples
    square: Floats  # [G] mean square
    cross: Floats  # [R] mean product of one unit's values for two examples
    peaked: float = 3.0  # E h^4 / (E h^2)^2, which is 3 of Gaussian numbers
    made: Made | None = None  # how they were made of Gaussian numbers; None: they are taken as Gaussian themselves
    moved: Moved | None = None  # mean, square and cross in one network; None: not followed
    shift: float = 0.0  # what is a bias in it

    def variance_over(self, examples: int, units: int) -> float:
        """The variance over a batch and the units of one network, as it is measured.

        Of the part that a unit's values have in common for all examples, units show the share 1 - 1/units.
        """
        mean, square, cross = float(self.mean.mean()), float(self.square.mean()), float(self.cross.mean())
        between = max(cross - mean * mean, 0.0)
        within = max(square - cross, 0.0)
        variance = square - mean * mean - (between + within / examples) / units
        return 0.0 if variance <= 1e-13 * square else variance

    def doubt(self, variance: float, seen: Floats | None = None) -> float | None:
        """The relative standard deviation, from network to network and batch to batch, of the root of its `variance_over`.

        `seen`: how the mean square was seen to move, if not as it does in what is handed on.
        """
        if self.moved is None or not variance > 0:
            return None
        moved = self.moved.of(np.array([-2 * float(self.mean.mean()), 1.0, 0.0])) if seen is None else seen
        return half(moved / variance, float((self.square / variance).var()) / self.moved.causes.examples)

    def shifted(self, shift: float) -> Signal:
        """With a number added to all."""
        return Signal(
            self.mean + shift,
            self.square + 2 * shift * self.mean + shift**2,
            self.cross + 2 * shift * float(self.mean.mean()) + shift**2,
            moved=self.moved and self.moved.into(np.array([[1, 0, 0], [2 * shift, 1, 0], [2 * shift, 0, 1]])),
            shift=self.shift + shift,
        )

    def spread(self, std: float) -> Signal:
        """With a number of its own added to each unit, the same for all examples, drawn around 0."""
        if not std:
            return self
        moved = self.moved and replace(self.moved, held=0.0)
        return replace(self, square=self.square + std**2, cross=self.cross + std**2, made=None, moved=moved)

    def plus(self, other: Signal) -> Signal:
        """The sum with numbers of other, independent weights."""
        product = float(self.mean.mean() * other.mean.mean())
        square = self.square + other.square + 2 * self.mean * other.mean
        return Signal(
            self.mean + other.mean,
            square,
            self.cross + other.cross + 2 * product,
            moved=self._moved_with(other),
            shift=self.shift + other.shift,
        )

    def _moved_with(self, other: Signal) -> Moved | None:
        if self.moved is None or other.moved is None:
            return None
        one, two = 2 * float(self.mean.mean()), 2 * float(other.mean.mean())
        moved = self.moved.into(np.array([[1, 0, 0], [two, 1, 0], [two, 0, 1]]))
        return moved.with_other(other.moved.into(np.array([[1, 0, 0], [one, 1, 0], [one, 0, 1]])))


@dataclass(frozen=True, slots=True)
class Made:
    """Numbers that are scale * f(z) + shift of Gaussian z."""

    pick: Pick
    z: Signal
    scale: float = 1.0
    shift: float = 0.0

    def then(self, outer: Function) -> Function:
        """Another function of them, as one of z."""
        inner = curve(self.pick).value
        return lambda z: outer(self.scale * inner(z) + self.shift)


TINY, HUGE = 1e-120, 1e120
"""Variances between which squares of them are numbers."""


def affine(signal: Signal, variance: float, inputs: float, shift: float) -> Signal:
    """Z = x W + b with independent weights of mean 0: Var z = n Var W E x^2, whatever the mean of x."""
    factor = variance * inputs
    square = _spread_out(signal.square, max(signal.peaked - 1, 0.0) / inputs)
    moved = signal.moved and signal.moved.into(np.diag([0.0, factor, factor]))
    return Signal(
        np.full_like(signal.mean, shift), factor * square + shift**2, factor * signal.cross + shift**2, moved=moved, shift=shift
    )


def _spread_out(squares: Floats, more: float) -> Floats:
    """Mean squares of groups whose logarithms have `more` variance, and that have the same mean.

    The mean square over a layer's units varies from network to network and from example to example, for units are few.
    """
    mean = float(squares.mean())
    if len(squares) == 1 or not float(squares.min()) > 0 or not mean < math.inf:
        return squares
    logs = np.log(squares / mean)
    logs -= logs.mean()
    variance = float((logs**2).mean())
    if variance <= 0:
        return squares
    wider = np.exp(logs * math.sqrt((variance + more) / variance))
    return np.asarray(wider * (mean / wider.mean()))
