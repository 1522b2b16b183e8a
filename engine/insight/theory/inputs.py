"""What a forecast takes the inputs to be: how long examples are, and how much two of them have in common. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from engine.insight.theory.curves import Floats

UNRELATED = 64
"""From so many independent features on two examples have about nothing in common."""
_GROUPS = 6
_PAIRS = 6
_LOOKED_AT = 600


@dataclass(frozen=True, slots=True)
class Inputs:
    """Examples fall into groups by their length, pairs of them by what they have in common; all groups are equally large.

    Attributes:
        squares: the mean square of a feature, for each group of examples.
        products: the mean product of a feature in two examples, for each group of pairs.
        sum_square: the mean square of the sum of an example's features.
        agreement: for each group of pairs the probability that both are of the same class, or of a regression the mean product of
            their targets; None: nothing is known of it, so that it is that of unrelated examples.
        known: whether they were taken from the data.
    """

    squares: tuple[float, ...]
    products: tuple[float, ...]
    sum_square: float
    agreement: tuple[float, ...] | None = None
    known: bool = False

    @property
    def mean_square(self) -> float:
        """Of a feature, over all examples."""
        return float(np.mean(self.squares))


def gaussian_inputs(features: int, mean_square: float = 1.0) -> Inputs:
    """Independent normal features of mean 0, which is what standardized data are taken for unless they are known.

    Few features differ in their sum of squares from example to example (chi-squared, after Wilson & Hilferty 1931), and two
    examples of few features are never unrelated.
    """
    products = [0.0]
    spread = sqrt(2 / (9 * features))
    middles = np.array([-1.645, -0.948, -0.598, -0.341, -0.111, 0.111, 0.341, 0.598, 0.948, 1.645])
    cubes = np.maximum(1 - spread**2 + spread * middles, 0.05) ** 3
    lengths = cubes / cubes.mean()
    if features < UNRELATED:
        products = [-1 / sqrt(features), 1 / sqrt(features)]
    squares = tuple(mean_square * float(length) for length in lengths)
    return Inputs(squares, tuple(mean_square * each for each in products), features * mean_square)


def inputs_of(examples: NDArray[np.float32], targets: NDArray[np.int64] | NDArray[np.float64]) -> Inputs:
    """What examples `[N, D]` are like, from some hundred of them, spread over all.

    Args:
        examples: of the training part.
        targets: class indices, or numbers of mean 0 and variance 1, `[N]`.
    """
    every = max(1, len(examples) // _LOOKED_AT)
    some = examples[::every][:_LOOKED_AT].astype(np.float64)
    y = targets[::every][:_LOOKED_AT]
    count, features = some.shape
    products = some @ some.T / features
    agree = (y[:, None] == y) if y.dtype.kind == "i" else y[:, None] * y
    pairs = np.triu_indices(count, 1)
    order = np.argsort(products[pairs])
    return Inputs(
        squares=_means(np.sort(np.diag(products)), _GROUPS),
        products=_means(products[pairs][order], _PAIRS) or (0.0,),
        sum_square=float((some.sum(1) ** 2).mean()),
        agreement=_means(agree[pairs][order].astype(np.float64), _PAIRS) or None,
        known=True,
    )


def _means(ordered: Floats, groups: int) -> tuple[float, ...]:
    """Those of so many parts of equal size."""
    return tuple(float(part.mean()) for part in np.array_split(ordered, min(groups, len(ordered)))) if len(ordered) else ()
