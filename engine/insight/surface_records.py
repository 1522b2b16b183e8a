"""The cost over two weights or two directions, as plain data. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FLAT = 0.01
"""Of the steepest slope on a surface: up to this share a slope counts as that of a plateau."""


@dataclass(frozen=True, slots=True)
class WeightAt:
    """One weight of a network.

    Attributes:
        layer: the name of its layer, such as `hidden 1` or `output`.
        position: in the layer's weights, from 0: [input, unit] of a dense layer, [map, channel, row, column] of a convolution.
    """

    layer: str
    position: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.layer}[{', '.join(map(str, self.position))}]"


@dataclass(frozen=True, slots=True)
class Directions:
    """Two random directions in which all weights change, as long as the weights themselves, filter by filter.

    Every entry is drawn from N(0, 1); then the weights that lead into a unit (the kernel of a feature map) are scaled to the norm of
    the network's own. Biases and parameters of batch norm do not change (Li, Xu, Taylor, Studer & Goldstein 2018, section 4).

    Attributes:
        seed: of the directions; None: the experiment's.
    """

    seed: int | None = None


Along = tuple[WeightAt, WeightAt] | Directions
"""What the two axes of a surface are."""


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceAxis:
    """One of the two axes.

    Attributes:
        label: the weight, or `direction 1`.
        values: `[K]`, rising at equal distances: of the weight, or how many times the direction is added.
        here: where on it the network stands.
    """

    label: str
    values: Floats
    here: float


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The mean data cost of a batch over two axes, R values of `y` by K values of `x`.

    Attributes:
        cost: its name, such as `cross_entropy`.
        x: across.
        y: up.
        costs: `[R, K]`; penalties left out.
        gradients: `[2, R, K]` the back-propagated derivatives of the cost along x and along y.
        here: the cost where the network stands.
        examples: how many the cost is the mean of.
    """

    cost: str
    x: SurfaceAxis
    y: SurfaceAxis
    costs: Floats
    gradients: Floats
    here: float
    examples: int

    @property
    def slopes(self) -> Floats:
        """The norm of the gradient along the two axes, `[R, K]`: how steep the surface is."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(np.hypot(self.gradients[0], self.gradients[1]))

    @property
    def steepest(self) -> float:
        """The largest finite slope; not-a-number where none is finite."""
        finite = self.slopes[np.isfinite(self.slopes)]
        return float(finite.max()) if finite.size else float("nan")

    @property
    def flat(self) -> NDArray[np.bool_]:
        """Which points lie on a plateau, `[R, K]`: those with a slope of at most `FLAT` times the steepest of this surface.

        Since each surface is its own measure, costs of different units can be compared. Where the slope is not finite there is
        no plateau; where it is zero everywhere, all is one.
        """
        with np.errstate(invalid="ignore"):
            return np.asarray(self.slopes <= FLAT * self.steepest)

    @property
    def plateau(self) -> float:
        """The share of the points that lie on a plateau."""
        return float(self.flat.mean())
