"""How much the units of a layer differ from each other, and what they make of signals that are longer than expected. Needs no torch.

A unit has z = mean + sqrt(c) u + sqrt(q - c) v: u is its own for all examples of a batch, v for each of them. Over units, means over the
batch vary with u, and a little with the v of finitely many examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.catalog import Pick
from engine.insight.theory.curves import Floats, curve
from engine.insight.theory.gaussian import KEPT, common_and_private
from engine.insight.theory.maxout import largest_moments, same_winner

_MEANS = [0, 1, 2, 4]
"""Of the figures of a unit those that are means over examples; the other is one over pairs."""
_NEAR = 1e-3
"""Between correlations of which a slope is taken."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Numbers of one unit; h = f(z), and s = f'(z).

    Attributes:
        covariance: `[5, 5]` over units of five means over the batch: (z - E z)^2; h; h^2; the product of h of two examples; s^2 / E s^2.
        by_square: how E h, E h^2, E h h' change with the variance of z, `[3]`, and
        by_cross: with its covariance between two examples.
        slope_by_scale: how log E s^2 and log E s s' change with the logarithm of both, `[2]`.
        slope_by_cross: how log E s s' changes with the covariance alone.
        same: E s^4 / (E s^2)^2.
        pair: E s^2 s'^2 / (E s^2)^2 of two examples.
        fourth: E (mean s over the batch)^4, and
        mixed: E (mean s)^2 s^2, in units of (E s^2)^2.
        common: E s s' / E s^2.
    """

    covariance: Floats
    by_square: Floats
    by_cross: Floats
    slope_by_scale: Floats
    slope_by_cross: float
    same: float
    pair: float
    fourth: float
    mixed: float
    common: float


@lru_cache(KEPT)
def unit(pick: Pick, mean: float, variance: float, covariance: float, examples: int) -> Unit:
    """Of an activation whose z have this mean and variance, and this covariance between two examples, which is not negative."""
    if pick.kind == "maxout":
        return _of_maxout(int(pick["pieces"]), mean, variance, covariance, examples)
    f = curve(pick)
    weight, u, z, v, inner = common_and_private(f.kinks, mean, variance, covariance)
    h, s, x = f.value(z), f.slope(z), z - mean
    steep, square = (inner * s).sum(-1), (inner * s * s).sum(-1)
    slope_square = max(float(weight @ square), 1e-150)
    figures = np.stack([x * x, h, h * h, s * s / slope_square])
    expected = (inner * figures).sum(-1)  # [4, outer], given u
    product = np.einsum("iab,jab->ija", inner * figures, figures) - expected[:, None] * expected
    values = np.stack([*expected[:3], expected[1] ** 2, expected[3]])
    apart = np.zeros((5, 5, len(u)))
    apart[np.ix_(_MEANS, _MEANS)] = product
    apart[3, _MEANS] = apart[_MEANS, 3] = 2 * expected[1] * product[1]
    apart[3, 3] = 4 * expected[1] ** 2 * product[1, 1]
    means = values @ weight
    between = (values * weight) @ values.T - np.outer(means, means)
    common, along = float(weight @ steep**2), (inner * s * x).sum(-1)
    changed = weight @ np.stack([along / 2, (inner * h * s * x).sum(-1), expected[1] * along - covariance * steep**2]).T
    scaled = (u * u - 1) / 2
    of_square = weight @ (scaled * square + (inner * s * s * (v * v - 1)).sum(-1) / 2)
    of_common = weight @ (scaled * steep**2 + steep * (inner * s * (v * v - 1)).sum(-1))
    unitless = slope_square**2
    private = variance - covariance
    bent = (inner * s * v).sum(-1)  # sqrt(q - c) times the mean second derivative, given u
    by_cross = float(weight @ bent**2) / (private * common) if private > 0 and common > 1e-9 * slope_square else 0.0
    return Unit(
        covariance=between + (apart @ weight) / examples,
        by_square=changed / variance,
        by_cross=np.array([0.0, 0.0, common]),
        slope_by_scale=np.array([of_square / slope_square, of_common / common if common > 1e-9 * slope_square else 0.0]),
        slope_by_cross=by_cross,
        same=float(weight @ (inner * s**4).sum(-1)) / unitless,
        pair=float(weight @ square**2) / unitless,
        fourth=float(weight @ steep**4) / unitless,
        mixed=float(weight @ (steep**2 * square)) / unitless,
        common=common / slope_square,
    )


def _of_maxout(pieces: int, mean: float, variance: float, covariance: float, examples: int) -> Unit:
    """The largest of so many: one of its pieces has slope 1, so that all units hand on as much.

    Covariances are those where all examples are alike, times the correlation of two examples to the power 1.5, which fits to a tenth.
    """
    first, second, third, fourth = largest_moments(pieces)
    std = variance**0.5
    alike = float((covariance / variance) ** 1.5)
    alike += (1 - alike) / examples
    of_h = mean + std * first, mean**2 + 2 * mean * std * first + variance * second
    third_of_h = mean**3 + 3 * mean**2 * std * first + 3 * mean * variance * second + std**3 * third
    fourth_of_h = (
        mean**4 + 4 * mean**3 * std * first + 6 * (mean * std) ** 2 * second + 4 * mean * std**3 * third + std**4 * fourth
    )
    own = np.array([of_h[1] - of_h[0] ** 2, third_of_h - of_h[0] * of_h[1], fourth_of_h - of_h[1] ** 2])
    table = np.zeros((5, 5))  # the last row stays 0: of each unit one piece has slope 1
    table[0, 0] = 2 * variance**2 / pieces
    table[1:3, 1:3] = [[own[0], own[1]], [own[1], own[2]]]
    table[3, 1:3] = table[1:3, 3] = table[2, 1:3]
    table[3, 3] = table[2, 2]
    share, area = same_winner(pieces, covariance / variance)
    by_mean = first / (2 * std)
    grown = second + mean * first / std
    product = mean * first / std + first**2 + area - covariance / variance * share
    return Unit(
        covariance=table * alike,
        by_square=np.array([by_mean, grown, product]),
        by_cross=np.array([0.0, 0.0, share]),
        slope_by_scale=np.zeros(2),
        slope_by_cross=_more_same_winners(pieces, covariance / variance) / variance,
        same=1.0,
        pair=1.0,
        fourth=share**2,
        mixed=share,
        common=share,
    )


def _more_same_winners(pieces: int, correlation: float) -> float:
    """How the logarithm of the probability of one winner changes with the correlation."""
    below, above = max(correlation - _NEAR, 0.0), min(correlation + _NEAR, 1.0)
    one, other = same_winner(pieces, below)[0], same_winner(pieces, above)[0]
    return (other - one) / (above - below) / one
