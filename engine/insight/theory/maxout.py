"""The largest of k independent Gaussians, as maxout takes it: its moments, how often two correlated draws have one winner."""

from __future__ import annotations

from functools import lru_cache
from math import acos, asin, pi, sqrt

import numpy as np

from engine.insight.theory.curves import Floats, normal_density, normal_share

_GRID = np.linspace(-9.0, 9.0, 2001)
_ANGLES = np.cos(pi * (np.arange(7) + 0.5) / 7) * 0.62 + 0.88  # of the correlations at which three pieces or more are worked out
_HERMITE = np.polynomial.hermite_e.hermegauss(40)
_LEGENDRE = np.polynomial.legendre.leggauss(12)


@lru_cache(64)
def largest_moments(pieces: int) -> tuple[float, ...]:
    """The first four moments of the largest of k standard normal numbers."""
    density = pieces * normal_density(_GRID) * normal_share(_GRID) ** (pieces - 1)
    density /= density.sum()
    return tuple(float((density * _GRID**power).sum()) for power in range(1, 5))


def same_winner(pieces: int, correlation: float) -> tuple[float, float]:
    """The probability that the same piece is the largest in both draws, and its integral over correlations from 0 on.

    The integral is what the covariance of the largest values adds to their squared mean, for a variance of 1 (Price 1958).
    """
    if pieces == 2:
        share = 0.5 + asin(correlation) / pi
        area = correlation / 2 + (correlation * asin(correlation) + sqrt(1 - correlation**2) - 1) / pi
        return share, area
    if correlation <= 0:
        return 1 / pieces, correlation / pieces  # to first order; pairs of examples are hardly ever opposed
    share = float(np.polyval(_by_angle(pieces), acos(correlation)))
    at = correlation * (_LEGENDRE[0] + 1) / 2
    area = correlation / 2 * float((_LEGENDRE[1] * np.polyval(_by_angle(pieces), np.arccos(at))).sum())
    return share, area


@lru_cache(16)
def _by_angle(pieces: int) -> Floats:
    """A polynomial in the angle whose cosine is the correlation: smooth, 1 at 0 and 1/k at a right angle."""
    angles = np.concatenate([[0.0, pi / 2], _ANGLES])
    shares = [1.0, 1 / pieces, *(_winner_share(pieces, float(np.cos(angle))) for angle in _ANGLES)]
    weight = np.concatenate([[100.0, 100.0], np.ones(len(_ANGLES))])
    return np.polyfit(angles, shares, 6, w=weight)


def _winner_share(pieces: int, correlation: float) -> float:
    """K times the mean of the bivariate normal distribution function to the power k - 1, over the values of one piece."""
    u, weight = _HERMITE[0], _HERMITE[1] / _HERMITE[1].sum()
    common, private = sqrt(correlation), sqrt(1 - correlation)
    total = 0.0
    for at, share in zip(u, weight, strict=True):  # the common part of the winner's two values
        below = normal_share((common * (at - u))[None, :] / private + u[:, None])
        both = (below * weight) @ below.T
        total += share * float(weight @ both ** (pieces - 1) @ weight)
    return pieces * total
