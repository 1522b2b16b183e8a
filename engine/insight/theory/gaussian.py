"""Means over Gaussian pre-activations: what an activation makes of their moments. Needs no torch.

Integrals are sums of Gauss-Legendre rules on panels that end where the activation bends, and that are as fine as its features
where these are narrower than the Gaussian. What was worked out once is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.catalog import Pick
from engine.insight.theory.curves import Floats, Function, curve
from engine.insight.theory.maxout import largest_moments, same_winner

_RULE = np.polynomial.legendre.leggauss(6)
_PAIR_RULE = np.polynomial.legendre.leggauss(5)
_COARSE_RULE = np.polynomial.legendre.leggauss(3)
_STEPS = np.array([-8.0, -4.5, -2.7, -1.3, 0.0, 1.3, 2.7, 4.5, 8.0])  # ends of panels, in standard deviations
_PAIR_STEPS = np.array([-6.0, -3.2, -1.5, 0.0, 1.5, 3.2, 6.0])
_FEATURES = np.array([0.6, 1.5, 4.0, 12.0, 40.0, 150.0, 600.0, 2400.0, 1e4, 1e5])  # ends of panels, in units of z
_NARROW = np.array([-2.5, -1.0, 1.0, 2.5])  # ends of panels around a kink, in units of what is not common
_ROUNDING = 1e-9
"""Share of a mean square below which a difference is taken as one of rounding."""
KEPT = 65_536
"""Integrals of each kind."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Means over a Gaussian z of the values h = f(z) and of the slopes f'(z), `[G]`; of maxout those of one of its pieces."""

    mean: Floats
    square: Floats
    fourth: Floats  # E h^4
    slope_square: Floats
    slope_with_z: Floats  # E f'(z) (z - E z) / std z, which batch norm takes out of gradients
    value_slope_square: Floats  # E (f(z) f'(z))^2
    kept: Floats  # E f(z) f'(z) (z - b) / E (z - b)^2, b being the bias
    leak: Floats  # mean square of what (z - b) f'(z) has that is not a multiple of f(z)


@dataclass(frozen=True, slots=True)
class PassedPair:
    """Means over two Gaussians."""

    values: float  # E f(z) f(z')
    slopes: float  # E f'(z) f'(z'); of maxout the probability that one certain piece is the largest in both
    value_slopes: float  # E f(z) f'(z) f(z') f'(z')
    leak: float  # mean product of what (z - b) f'(z) has that is not a multiple of f(z)


@lru_cache(KEPT)
def passed(pick: Pick, means: tuple[float, ...], variances: tuple[float, ...], shift: float = 0.0) -> Passed:
    """What an activation makes of z ~ N(mean, variance), for each group of examples; `shift` is what in z is a bias, and no signal."""
    mean, std = np.array(means), np.sqrt(np.array(variances))
    if pick.kind == "maxout":
        pieces = int(pick["pieces"])
        first, second, third, fourth = largest_moments(pieces)
        square = mean**2 + 2 * mean * std * first + std**2 * second
        fourths = (
            mean**4 + 4 * mean**3 * std * first + 6 * (mean * std) ** 2 * second + 4 * mean * std**3 * third + std**4 * fourth
        )
        even = np.ones_like(mean)
        ever = 1 / pieces
        longer = std**2 + (mean - shift) ** 2
        kept = (square - shift * (mean + std * first)) * ever / np.maximum(longer, 1e-300)
        return Passed(mean + std * first, square, fourths, even * ever, even * first * ever, square * ever, kept, 0 * even)
    f = curve(pick)
    z, weight = nodes(mean, std, np.array(f.kinks))
    h, slope = f.value(z), f.slope(z)
    along = slope * (z - mean[:, None]) / np.maximum(std, 1e-150)[:, None]
    signal = z - shift
    stretched, square = slope * signal, (weight * h * h).sum(-1)
    share = (weight * stretched * h).sum(-1) / np.maximum(square, 1e-300)
    rest = stretched - share[:, None] * h
    rest[(weight * rest**2).sum(-1) < _ROUNDING * (weight * stretched**2).sum(-1)] = 0.0
    kept = h * stretched / np.maximum((weight * signal**2).sum(-1), 1e-300)[:, None]
    others = [(weight * values).sum(-1) for values in (h**4, slope * slope, along, (h * slope) ** 2, kept, rest**2)]
    return Passed((weight * h).sum(-1), square, *others)


@lru_cache(KEPT)
def passed_pair(pick: Pick, mean: float, variance: float, covariance: float, shift: float = 0.0) -> PassedPair:
    """What an activation makes of two Gaussians of the same mean and variance."""
    own = passed(pick, (mean,), (variance,), shift)
    correlation = covariance / variance if variance > 0 else 1.0
    if correlation >= 1 - 1e-12:
        return PassedPair(*(float(each[0]) for each in (own.square, own.slope_square, own.value_slope_square, own.leak)))
    if pick.kind == "maxout":
        pieces = int(pick["pieces"])
        same, area = same_winner(pieces, correlation)
        values = float(own.mean[0]) ** 2 + variance * area
        # That winners are the same and that they are large is taken as independent: up to a sixth too small between 0 and 1.
        return PassedPair(values, same / pieces, values * same / pieces, 0.0)
    f = curve(pick)

    def looked_at(z: Floats) -> Floats:
        h, slope = f.value(z), f.slope(z)
        return np.stack([h, slope, h * slope, (z - shift) * slope - share * h])

    share = float(own.kept[0]) * (variance + (mean - shift) ** 2) / max(float(own.square[0]), 1e-300)
    values, slopes, along, leak = _paired(looked_at, f.kinks, mean, variance, covariance).tolist()
    return PassedPair(values, slopes, along, leak if own.leak[0] > 0 else 0.0)


def expected_pair(function: Function, kinks: tuple[float, ...], mean: float, variance: float, covariance: float) -> float:
    """E F(z) F(z') of any function."""
    if variance <= 0 or covariance >= variance * (1 - 1e-12):
        z, weight = nodes(np.array(mean), np.sqrt(np.array(max(variance, 0.0))), np.array(kinks))
        return float((weight * function(z) ** 2).sum())
    return float(_paired(lambda z: function(z)[None], kinks, mean, variance, covariance)[0])


def nodes(mean: Floats, std: Floats, kinks: Floats) -> tuple[Floats, Floats]:
    """Points z and their weights, `[..., M]`, with which means over N(mean, std^2) are sums; the weights add up to 1."""
    return _points(mean, std, _breaks(kinks, float(np.max(std)), float(np.max(np.abs(mean)))), _STEPS, _RULE)


def _paired(functions: Function, kinks: tuple[float, ...], mean: float, variance: float, covariance: float) -> Floats:
    """Z = mean + common u + private a: the mean over u of (the mean over a)^2, of each of the functions `[K, ...]`.

    With a negative covariance it is that of a product, where one u is the other's negative.
    """
    common, private = np.sqrt(abs(covariance)), np.sqrt(max(variance - abs(covariance), 0.0))
    bends = np.array(kinks)
    breaks = _breaks(bends, float(np.sqrt(variance)), abs(mean))
    around = np.concatenate([breaks, (bends[:, None] + private * _NARROW).ravel()])
    centres, weight = _points(np.array(mean), np.array(common), around, _PAIR_STEPS, _PAIR_RULE)

    def smoothed(at: Floats) -> Floats:
        z, inner = _points(at, np.full_like(at, private), breaks, _PAIR_STEPS, _PAIR_RULE)
        return np.asarray(np.einsum("kua,ua->ku", functions(z), inner))

    here = smoothed(centres)
    there = here if covariance >= 0 else smoothed(2 * mean - centres)
    return np.asarray((here * there) @ weight)


def _breaks(kinks: Floats, std: float, mean: float) -> Floats:
    """Ends of panels in units of z: kinks, and features of the activation that lie within what z reaches."""
    near = _FEATURES[6 * std + mean > _FEATURES]
    return np.concatenate([kinks, near, -near, [0.0]])


def common_and_private(
    kinks: tuple[float, ...], mean: float, variance: float, covariance: float
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Points of z = mean + sqrt(c) u + sqrt(q - c) v with which means are sums: weights and u `[U]`, z, v and their weights `[U, V]`.

    Less exact than `expected_pair`.
    """
    common, private = np.sqrt(covariance), np.sqrt(max(variance - covariance, 0.0))
    bends = np.array(kinks)
    breaks = _breaks(bends, float(np.sqrt(variance)), abs(mean))
    around = np.concatenate([breaks, (bends[:, None] + private * _NARROW).ravel()])
    u, weight = _rule(np.array(mean), np.array(common), around, _PAIR_STEPS, _COARSE_RULE)
    centres = mean + common * u
    v, inner = _rule(centres, np.full_like(centres, private), breaks, _PAIR_STEPS, _COARSE_RULE)
    return weight, u, centres[:, None] + private * v, v, inner


def _points(mean: Floats, std: Floats, breaks: Floats, steps: Floats, rule: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    u, weight = _rule(mean, std, breaks, steps, rule)
    return mean[..., None] + std[..., None] * u, weight


def _rule(mean: Floats, std: Floats, breaks: Floats, steps: Floats, rule: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Standardized points and their weights, `[..., M]`."""
    shape = (*mean.shape, len(breaks) + len(steps))
    ends = np.empty(shape)
    ends[..., : len(steps)] = steps
    ends[..., len(steps) :] = np.clip((breaks - mean[..., None]) / np.maximum(std, 1e-150)[..., None], steps[0], steps[-1])
    ends.sort(-1)
    half = (ends[..., 1:] - ends[..., :-1])[..., None] / 2
    u = (ends[..., :-1, None] + half) + half * rule[0]
    weight = (half * rule[1] * np.exp(-0.5 * u * u)).reshape(*mean.shape, -1)
    weight /= weight.sum(-1, keepdims=True)
    return u.reshape(*mean.shape, -1), weight
