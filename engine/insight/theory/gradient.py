"""Gradients on their way back through a network: second moments, and what of them goes along with the signal. Needs no torch."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from engine.insight.theory.curves import Floats
from engine.insight.theory.fluctuation import Moved, half
from engine.insight.theory.signal import Signal


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
    """What of it goes along with the signal here."""

    def apart(self, x: Signal) -> Returned:
        """In two parts: what goes along with the signal x, and the rest."""
        square, cross = self.square - self.along.own * x.square, self.cross - self.along.pair * x.cross
        return Returned(np.maximum(square, 0.0), cross, self.alike, self.moved, self.by_cross, self.along)

    def at_part(self, x: Signal, total: Signal) -> Returned:
        """In two parts at x, which is one of several independent signals with this sum: it has more of x than x where means are not 0."""
        square, mean = float(x.square.mean()), float(x.mean.mean())
        more = mean * (float(total.mean.mean()) - mean) / square if square > 0 else 0.0
        return replace(self, along=self.along.times(1 + more)).apart(x)

    def through(self, factor: float) -> Returned:
        """Sums over so many independent weights of variance 1; nothing is taken from the rest yet."""
        return Returned(self.square, self.cross, self.alike, self.moved, self.by_cross, self.along).times_each(factor, factor)

    def scaled(self, square: Floats | float, cross: Floats | float) -> Gradient:
        """With other mean squares and products; all else stays as it is."""
        return replace(self, square=self.square * square, cross=self.cross * cross)

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


@dataclass(frozen=True, slots=True)
class Returned:
    """What has come back through weights: what goes along with the signal, and the rest, whose second moments these are.

    The two are kept apart because the next activation hands them on by different factors.
    """

    square: Floats  # [G]
    cross: Floats  # [R]
    alike: float = 0.0
    moved: Moved | None = None
    by_cross: float = 0.0
    along: Along = ACROSS

    def whole(self, x: Signal) -> Gradient:
        """Both parts together, x being the signal."""
        square, cross = self.square + self.along.own * x.square, self.cross + self.along.pair * x.cross
        return Gradient(square, cross, alike=self.alike, moved=self.moved, by_cross=self.by_cross, along=self.along)

    def plus(self, other: Returned) -> Returned:
        """The sum with gradients that came back through other weights."""
        one, two = float(self.square.mean()), float(other.square.mean())
        share = one / (one + two) if one + two > 0 else 0.5
        return Returned(
            self.square + other.square,
            self.cross + other.cross,
            alike=(share * math.sqrt(self.alike) + (1 - share) * math.sqrt(other.alike)) ** 2,
            moved=self.moved.plus(other.moved.rows) if self.moved is not None and other.moved is not None else None,
            by_cross=self.by_cross + other.by_cross,
            along=self.along.plus(other.along),
        )

    def times_each(self, square: float, cross: float) -> Returned:
        """With factors of their own for the square and for the product of two examples."""
        return Returned(
            self.square * square,
            self.cross * cross,
            alike=self.alike * min(cross / square, 1.0) ** 2 if square > 0 else 0.0,
            moved=self.moved and self.moved.into(np.diag([square, cross])),
            by_cross=self.by_cross * cross,
            along=self.along.times(square),
        )

    def larger(self, factor: float) -> Returned:
        """With all mean squares and products larger by so much, over networks whose weights differ in variance."""
        along = Along(self.along.mean * factor, self.along.own * factor, self.along.pair * factor)
        return replace(self, square=self.square * factor, cross=self.cross * factor, by_cross=self.by_cross * factor, along=along)
