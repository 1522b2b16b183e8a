"""How far one network and one batch lie from the mean over many, to first order. Needs no torch.

Theory gives means over the draw of weights. In one network of n units the mean over units of anything differs from that by a random
number of variance Var / n; what a layer hands on wrong in this way, those behind it take over, stretch or shrink, and add to. Every
such number is a cause of variance 1, independent of all others. What depends on it is kept as its response to each cause, so that
what meets again (both sides of a residual sum, signals and the gradients that come back) is known to have the same causes.

The squared length of a signal is then a product of about independent factors, and its logarithm a sum: Hanin & Nica (2020),
"Products of many large random matrices and gradients in deep neural networks", with variance 5/n for each ReLU layer; Hanin & Rolnick
(2018), "How to start training".
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import sqrt

import numpy as np

from engine.insight.theory.curves import Floats


@dataclass(slots=True)
class Causes:
    """Counts what is drawn in one walk through a network, of so many examples."""

    examples: int
    count: int = 0

    def new(self, covariance: Floats) -> Floats:
        """Responses of numbers `[K]` with this covariance to causes that nothing else has had before, `[K, causes so far]`."""
        finite = np.where(np.isfinite(covariance), covariance, 0.0)
        size = np.sqrt(np.maximum(np.diag(finite), 0.0))  # numbers of very different sizes: roots are taken of correlations
        unit = np.where(size > 0, size, 1.0)
        values, vectors = np.linalg.eigh(finite / unit[:, None] / unit)
        responses = np.zeros((len(covariance), self.count + len(covariance)))
        responses[:, self.count :] = size[:, None] * vectors * np.sqrt(np.maximum(values, 0.0))
        self.count += len(covariance)
        return responses


@dataclass(frozen=True, slots=True)
class Moved:
    """Responses of some moments to all causes, `[moments, causes]`, in units of the moments.

    Of a signal: mean, mean square, mean product of two examples. Of a gradient: the last two.
    """

    causes: Causes
    rows: Floats
    held: float = 0.0
    """Share of the draw of the next layer that does not vary: orthogonal weights keep lengths, LSUV and batch norm set them."""
    settled: float = 0.0
    """Share of the mean square that is not drawn anew by the next layer: what goes around a residual."""
    by_pair: Floats = field(default_factory=lambda: np.zeros(0))
    """Of a signal: responses, to causes that every pair of examples has of its own, of what the two have in common `[causes]`."""

    @property
    def scatter(self) -> float:
        """Of a signal: variance over pairs of examples of what they have in common, as far as it is chance."""
        return float(self.by_pair @ self.by_pair)

    def into(self, matrix: Floats) -> Moved:
        """Linear functions of them, the last of which is of the last of them alone as far as it differs from pair to pair."""
        return replace(self, rows=matrix @ self.rows, by_pair=matrix[-1, -1] * self.by_pair)

    def plus(self, more: Floats) -> Moved:
        """With other responses added."""
        return replace(self, rows=added(self.rows, more))

    def with_other(self, other: Moved) -> Moved:
        """The sum with the same moments of other numbers of the same examples."""
        return replace(self, rows=added(self.rows, other.rows), by_pair=added(self.by_pair, other.by_pair))

    def of(self, weights: Floats) -> Floats:
        """Responses of one number that is a sum of the moments with these weights."""
        response: Floats = weights @ self.rows
        return response


def still(causes: Causes, moments: int) -> Moved:
    """Moments that are the same in all networks."""
    return Moved(causes, np.zeros((moments, causes.count)))


def added(one: Floats, other: Floats) -> Floats:
    """Sums of responses of which one may know of more causes."""
    if one.shape[-1] < other.shape[-1]:
        one, other = other, one
    total = one.copy()
    total[..., : other.shape[-1]] += other
    return total


def covariance(one: Floats, other: Floats) -> float:
    """Of two numbers with these responses."""
    known = min(len(one), len(other))
    return float(one[:known] @ other[:known])


def half(response: Floats, more: float) -> float:
    """The relative standard deviation of a square root: half that of the square, which responds so, and varies by `more` besides."""
    return 0.5 * sqrt(float(response @ response) + more)
