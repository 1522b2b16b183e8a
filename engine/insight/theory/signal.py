"""What a forecast follows through a network: moments of signals and of gradients, and what the parts of layers make of them.

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
        return moved.plus(other.moved.into(np.array([[1, 0, 0], [one, 1, 0], [one, 0, 1]])).rows)


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


@dataclass(frozen=True, slots=True)
class Along:
    """The part c * x that the gradient of an example's cost has along its signal x, because the cost depends on how long x is.

    The mean of c is that of the second derivative of the cost (Stein's lemma). Layers hand this part on by other factors than all
    other directions: with ReLU x . g is the same at all of them.
    """

    mean: float  # of c
    own: float  # E c^2
    pair: Floats  # [R] E c c' of two examples

    def plus(self, other: Along) -> Along:
        """The sum with what came back another way: of one gradient, whose c is large or small on both ways."""
        own = (self.own * other.own) ** 0.5 * (1 if self.mean * other.mean >= 0 else -1)
        pair = np.sqrt(np.abs(self.pair * other.pair)) * np.sign(self.mean * other.mean)
        return Along(self.mean + other.mean, self.own + other.own + 2 * own, self.pair + other.pair + 2 * pair)

    def times(self, factor: float) -> Along:
        """Handed on through layers that multiply c."""
        return Along(self.mean * factor, self.own * factor**2, self.pair * factor**2)

    def leaking(self, own: Floats, pair: Floats) -> Along:
        """With more that came to lie along the signal by chance."""
        return Along(self.mean, self.own + float(own.mean()), self.pair + pair)


TINY, HUGE = 1e-120, 1e120
"""Variances between which squares of them are numbers."""
ACROSS = Along(0.0, 0.0, np.zeros(1))
"""Nothing is known to go along with the signal."""


@dataclass(frozen=True, slots=True)
class Gradient:
    """Gradients of each example's own cost with respect to a layer's numbers: second moments. Their mean is 0 save at the top."""

    square: Floats  # [G]
    cross: Floats  # [R] mean product for two examples
    mean: float = 0.0
    balanced: bool = False  # whether the gradients of an example add up to 0 over the units: those of softmax
    alike: float = 0.0  # the mean squared cosine between those of two examples
    moved: Moved | None = None  # square and cross in one network; None: not followed
    by_cross: float = 0.0
    """How `cross` changes with what the two examples have in common here, for pairs that are more alike than others."""
    along: Along = ACROSS
    """What it has of the signal; of what has come back through weights, `square` and `cross` are without it."""

    def apart(self, x: Signal) -> Gradient:
        """Without what goes along with the signal."""
        square, cross = self.square - self.along.own * x.square, self.cross - self.along.pair * x.cross
        return replace(self, square=np.maximum(square, 0.0), cross=cross)

    def whole(self, x: Signal) -> Gradient:
        """With what goes along with the signal."""
        return replace(self, square=self.square + self.along.own * x.square, cross=self.cross + self.along.pair * x.cross)

    def plus(self, other: Gradient) -> Gradient:
        """The sum with gradients that came back through other weights."""
        one, two = float(self.square.mean()), float(other.square.mean())
        share = one / (one + two) if one + two > 0 else 0.5
        alike = (share * math.sqrt(self.alike) + (1 - share) * math.sqrt(other.alike)) ** 2
        moved = self.moved.plus(other.moved.rows) if self.moved is not None and other.moved is not None else None
        return Gradient(
            self.square + other.square,
            self.cross + other.cross,
            alike=alike,
            moved=moved,
            by_cross=self.by_cross + other.by_cross,
            along=self.along.plus(other.along),
        )

    def scaled(self, square: Floats | float, cross: Floats | float) -> Gradient:
        """With other mean squares and products; all else stays as it is."""
        return replace(self, square=self.square * square, cross=self.cross * cross)

    def times(self, factor: float) -> Gradient:
        """Sums over so many independent weights of variance 1."""
        return self.times_each(factor, factor)

    def times_each(self, square: float, cross: float) -> Gradient:
        """With factors of their own for the square and for the product of two examples."""
        alike = self.alike * min(cross / square, 1.0) ** 2 if square > 0 else 0.0
        moved = self.moved and self.moved.into(np.diag([square, cross]))
        return Gradient(
            self.square * square,
            self.cross * cross,
            alike=alike,
            moved=moved,
            by_cross=self.by_cross * cross,
            along=self.along.times(square),
        )

    def variance_over(self, examples: int, units: int) -> float:
        """The variance over a batch and the units of one network, as it is measured."""
        square, cross = float(self.square.mean()), float(self.cross.mean())
        if self.balanced:
            return square
        return max(square - self.mean**2 - (cross - self.mean**2 + (square - cross) / examples) / units, 0.0)

    def doubt(self) -> float | None:
        """The relative standard deviation, from network to network and batch to batch, of the root of its mean square."""
        square = float(self.square.mean())
        if self.moved is None or not square > 0:
            return None
        return half(self.moved.rows[0] / square, float((self.square / square).var()) / self.moved.causes.examples)


def affine(signal: Signal, variance: float, inputs: float, shift: float) -> Signal:
    """Z = x W + b with independent weights of mean 0: Var z = n Var W E x^2, whatever the mean of x."""
    factor = variance * inputs
    square = _spread_out(signal.square, max(signal.peaked - 1, 0.0) / inputs)
    moved = signal.moved and signal.moved.into(np.diag([0.0, factor, factor]))
    moved = moved and replace(moved, scatter=factor**2 * moved.scatter)
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
