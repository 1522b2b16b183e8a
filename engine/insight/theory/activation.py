"""What an activation makes of the moments of a layer's signal, and of the gradients that come back to it. Needs no torch."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from engine.catalog import Pick
from engine.insight.theory.curves import Floats, curve
from engine.insight.theory.fluctuation import added, covariance
from engine.insight.theory.gaussian import expected_pair, nodes, passed, passed_pair
from engine.insight.theory.gradient import Gradient, Returned
from engine.insight.theory.one_unit import Unit, unit
from engine.insight.theory.signal import HUGE, TINY, Made, Signal


@dataclass(frozen=True, slots=True)
class OfSignal:
    """What an activation does to the part c * h of a gradient, which becomes c h s, of which c' z goes along with z.

    (z - b) s is a multiple of h and a rest: as far as this goes along with other parts of the gradient, they come to lie along z.
    """

    square: Floats  # [G] mean of (h s)^2
    cross: Floats  # [R] of the product of h s for two examples
    kept: float  # c' / c, the mean of (z - b) h s / E (z - b)^2, b being the bias
    leak_own: Floats  # [G] c'^2 from the mean square of the other parts
    leak_pair: Floats  # [R] the same of two examples


@dataclass(frozen=True, slots=True)
class Slopes:
    """What an activation does to gradients that come back to it: means over its pre-activations."""

    square: Floats  # [G] of the squared slope, for gradients that do not go along with the signal
    cross: Floats  # [R] of the product of the slopes for two examples, likewise
    with_z: float  # of the slope times the standardized pre-activation
    of_signal: OfSignal
    again: Again | None = None
    """Of an activation behind another one; None: it is behind Gaussian numbers."""
    layer: OneLayer | None = None
    """What one network has of it; None: not followed."""

    def back(self, gradient: Returned) -> Gradient:
        """The gradient at the pre-activation."""
        of = self.of_signal
        square = gradient.square * self.square + gradient.along.own * of.square
        cross = gradient.cross * self.cross + gradient.along.pair * of.cross
        along = gradient.along.times(of.kept).leaking(of.leak_own * gradient.square, of.leak_pair * gradient.cross)
        behind = Gradient(square, cross, by_cross=gradient.by_cross * float(self.cross.mean()), along=along)
        return behind if self.layer is None else self.layer.back(gradient, behind)

    def onward(self, gradient: Gradient) -> Gradient:
        """The gradient below the pre-activation, for what stands below to multiply by its own slopes."""
        if self.again is None:
            return gradient
        again = self.again
        return replace(gradient.scaled(again.square, again.cross), along=gradient.along.times(again.kept))


@dataclass(frozen=True, slots=True)
class Again:
    """What to multiply gradients by that go on to the activation before, for its slopes and those behind it are not independent."""

    square: Floats  # [G]
    cross: Floats  # [R]
    kept: float  # of c in the part c * h that goes along with the signal


@dataclass(frozen=True, slots=True)
class OneLayer:
    """So many units that were drawn."""

    unit: Unit
    units: int
    longer: Floats  # response of the logarithm of the variance of z
    more_alike: Floats  # response of the covariance of z for two examples where its variance stays as it is
    steeper: Floats  # response of the logarithm of the mean squared slope of the units that were drawn
    differ: float  # the variance of a unit's s^2 / E s^2 that this follows
    seen: Floats  # response of the variance of z as it is measured
    grows: float  # d log E h^2 / d log Var z
    spread: float  # relative standard deviation of Var z, over examples and networks

    def back(self, gradient: Returned, behind: Gradient) -> Gradient:
        """How the gradient `behind` the activation moves, if `gradient` came back to it."""
        if gradient.moved is None:
            return behind
        before = float(gradient.square.mean()), float(gradient.cross.mean())
        now = np.array([float(behind.square.mean()), float(behind.cross.mean())])
        factors = np.array([new / old if old else 0.0 for new, old in zip(now, before, strict=True)])
        steeper = added(
            np.outer(self.unit.slope_by_scale, self.longer), np.outer([0.0, self.unit.slope_by_cross], self.more_alike)
        )
        steeper = added(steeper, np.outer([1.0, 1.0], self.steeper))
        both = zip(gradient.moved.rows, steeper, before, strict=True)
        together = [covariance(row, more) / old if old else 0.0 for row, more, old in both]
        behind = behind.scaled(*np.exp(np.clip(together, -1.0, 1.0)))
        by_cross = behind.by_cross * float(self.unit.by_cross[2]) + self.unit.slope_by_cross * float(behind.cross.mean())
        moved = gradient.moved.into(np.diag(factors)).plus(now[:, None] * steeper)
        drawn = self._drawn(gradient, now[0], before[1] * factors[0]) / self.units
        fresh = moved.causes.new(drawn * (1 - moved.settled**2))
        alike = gradient.alike * self.unit.common**2 + (1 - gradient.alike) / self.units
        return replace(behind, by_cross=by_cross, alike=alike, moved=replace(moved.plus(fresh), held=0.0, settled=0.0))

    def _drawn(self, gradient: Returned, square: float, common: float) -> Floats:
        """Covariance over units of the squared gradient and the product of two examples' gradients, less that of `steeper`.

        A gradient is y s with Gaussian y: over the batch, E of (y s)^2 and of the squared mean of y s have these second moments, of which
        the one of ReLU, where all examples are alike, is 3 E s^4 / (E s^2)^2 - 1 = 5.
        """
        assert gradient.moved is not None
        one, share, held = self.unit, 1 / gradient.moved.causes.examples, gradient.moved.held
        alike = gradient.alike + share * (1 - gradient.alike)
        pairs = (1 + 2 * gradient.alike) * one.pair - 1 - 2 * held * alike
        of_square = square * square * ((1 - share) * pairs + share * (3 * one.same - 1))
        mean = max(common * one.common + square * share, 0.0)
        second = common**2 * one.fourth + 2 * common * square * share * one.mixed + (square * share) ** 2 * one.pair
        of_mean = 3 * second - (1 + 2 * held) * mean**2
        both = square * (common * one.mixed + square * share * one.pair) * (1 + 2 * alike) - square * mean * (
            1 + 2 * held * alike
        )
        of_square, of_mean, both = (
            of_square - square**2 * self.differ,
            of_mean - mean**2 * self.differ,
            both - square * mean * self.differ,
        )
        change = np.array([[1.0, 0.0], [-share, 1.0]])
        return np.asarray(change @ np.array([[of_square, both], [both, of_mean]]) @ change.T)


def activate(pick: Pick, z: Signal, units: int = 0) -> tuple[Signal, Slopes]:
    """The values f(z), z taken as Gaussian, or as what an activation has made of Gaussian numbers.

    Of so many units, what differs from network to network is followed as well.
    """
    h, slopes = _activate(pick, z, units)
    mean, variance = _pair_moments(z)
    if z.moved is None or not units or not TINY < variance < HUGE:
        return h, slopes
    alike = math.sqrt(float(np.mean(np.square(_covariances(z)))))
    one = unit(pick, mean, variance, alike, z.moved.causes.examples)
    drawn = one.covariance - z.moved.held * np.outer(one.covariance[0], one.covariance[0]) / max(one.covariance[0, 0], 1e-300)
    fresh = z.moved.causes.new(drawn * (1 - z.moved.settled**2) / units)
    q, c = float(h.square.mean()), float(h.cross.mean())
    by_chance = max(float(one.covariance[2, 2] - one.covariance[3, 3]) + q**2 - c**2, 0.0) / units
    followed = (
        replace(z.moved, held=0.0, settled=0.0).into(np.stack([np.zeros(3), one.by_square, one.by_cross]).T).plus(fresh[1:4])
    )
    followed = replace(followed, by_pair=added(followed.by_pair, z.moved.causes.new(np.array([[by_chance]]))[0]))
    longer = z.moved.rows[1] / variance
    more_alike = z.moved.rows[2] - float(np.mean(_covariances(z))) * longer
    seen = z.moved.plus(fresh[[0, 0, 0]]).rows[1]
    grows = float(one.by_square[1]) * variance / max(q, 1e-300)
    layer = OneLayer(
        unit=one,
        units=units,
        longer=longer,
        more_alike=more_alike,
        steeper=fresh[4],
        differ=float(drawn[4, 4]),
        seen=seen,
        grows=grows,
        spread=math.hypot(float(z.square.std()) / variance, float(np.linalg.norm(longer))),
    )
    return replace(h, moved=followed), replace(slopes, layer=layer)


def _activate(pick: Pick, z: Signal, units: int) -> tuple[Signal, Slopes]:
    plain = pick.kind in ("maxout", "identity")
    if z.made is not None and not plain:
        return _activate_again(pick, z.made)
    spread = np.maximum(z.square - z.mean**2, 0.0)
    groups = passed(pick, tuple(z.mean.tolist()), tuple(spread.tolist()), z.shift)
    mean, variance = _pair_moments(z)
    pairs = [passed_pair(pick, mean, variance, shared, z.shift) for shared in _covariances(z)]
    h = Signal(
        groups.mean,
        groups.square,
        np.array([pair.values for pair in pairs]),
        peaked=float((groups.fourth / np.maximum(groups.square, 1e-150) ** 2).mean()),
        made=None if plain else Made(pick, z),
    )
    size = variance + (mean - z.shift) ** 2
    by_chance = 1 / (units * size**2) if units and TINY < size < HUGE else 0.0
    of_signal = OfSignal(
        groups.value_slope_square,
        np.array([pair.value_slopes for pair in pairs]),
        float(groups.kept.mean()),
        by_chance * groups.leak,
        by_chance * np.array([pair.leak for pair in pairs]),
    )
    square = _across(groups.slope_square, groups.value_slope_square, groups.square, np.ones(1), units)
    alike = h.cross / max(float(h.square.mean()), 1e-300)
    cross = _across(np.array([pair.slopes for pair in pairs]), of_signal.cross, h.cross, np.clip(alike, -1, 1) ** 2, units)
    return h, Slopes(square, cross, float(groups.slope_with_z.mean()), of_signal)


def _across(slopes: Floats, with_values: Floats, values: Floats, share: Floats, units: int) -> Floats:
    """The mean of squared slopes over all directions but that of the signal, in which ReLU has none that is 0.

    Of the product of two examples' slopes the `share` in which their directions are one.
    """
    if not units:
        return slopes
    along = np.where(values > 0, with_values / np.where(values > 0, values, 1.0), slopes)
    return np.maximum(slopes + share * (slopes - along) / units, 0.0)


def _activate_again(pick: Pick, made: Made) -> tuple[Signal, Slopes]:
    """One activation behind another, as in front of a pre-activation block."""
    f, z = curve(pick), made.z
    kinks = (*curve(made.pick).kinks, *f.kinks)
    value, slope = made.then(f.value), made.then(f.slope)
    points, weight = nodes(z.mean, np.sqrt(np.maximum(z.square - z.mean**2, 0.0)), np.array(kinks))
    mean, variance = _pair_moments(z)
    below = curve(made.pick).slope

    def both(at: Floats) -> Floats:
        """The product of the two slopes."""
        return slope(at) * below(at)

    def with_signal(at: Floats) -> Floats:
        """The product of value and slope."""
        return value(at) * slope(at)

    functions = (value, slope, below, both, with_signal)
    cross = [[expected_pair(each, kinks, mean, variance, shared) for shared in _covariances(z)] for each in functions]
    h, slopes, entering = value(points), slope(points), made.then(lambda y: y)(points)
    centred = entering - (weight * entering).sum(-1, keepdims=True)
    deviation = np.sqrt((weight * centred**2).sum(-1))
    along = (weight * slopes * centred).sum(-1) / np.maximum(deviation, 1e-150)
    signal = Signal((weight * h).sum(-1), (weight * h**2).sum(-1), np.array(cross[0]))
    squares = [(weight * each**2).sum(-1) for each in (slopes, below(points), both(points))]
    kept = (weight * h * slopes * centred).sum(-1) / np.maximum(deviation, 1e-150) ** 2
    from_below = [(weight * y * below(points) * (points - mean)).sum(-1) for y in (h * slopes, entering)]
    again = Again(
        _ratio(squares[2], squares[0] * squares[1]),
        _ratio(np.array(cross[3]), np.array(cross[1]) * np.array(cross[2])),
        float(_ratio(from_below[0], kept * from_below[1]).mean()),
    )
    nothing = np.zeros(1)
    of_signal = OfSignal((weight * (h * slopes) ** 2).sum(-1), np.array(cross[4]), float(kept.mean()), nothing, nothing)
    return signal, Slopes(squares[0], np.array(cross[1]), float(along.mean()), of_signal, again)


def _ratio(of: Floats, to: Floats) -> Floats:
    """1 where there is nothing to compare with."""
    return np.where(to > 0, of / np.where(to > 0, to, 1.0), 1.0)


def _pair_moments(z: Signal) -> tuple[float, float]:
    """Mean and variance that both examples of a pair are taken to have."""
    mean = float(z.mean.mean())
    return mean, max(float(z.square.mean()) - mean**2, 0.0)


def _covariances(z: Signal) -> list[float]:
    mean, variance = _pair_moments(z)
    return [float(np.clip(cross - mean**2, -variance, variance)) for cross in z.cross]
