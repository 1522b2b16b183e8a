"""What a forecast follows through a network: moments of signals and of gradients, and what the parts of layers make of them.

The mean is over the draw of the weights, over units and examples (Poole et al. 2016; Schoenholz et al. 2017; He et al. 2015 for
ReLU; in the linear regime Glorot & Bengio 2010). Needs no torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from engine.catalog import Pick
from engine.insight.theory.curves import SELU_ALPHA, SELU_SCALE, Floats, Function, curve
from engine.insight.theory.gaussian import expected_pair, nodes, passed, passed_pair

NORM_EPS = 1e-5
"""That of batch norm."""
ALIKE = 0.2
"""Share of the variance up to which the means of units count as one."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Numbers of a layer: their first and second moments. Groups of examples, and of pairs of them, are those of `Inputs`."""

    mean: Floats  # [G] of each group of examples
    square: Floats  # [G] mean square
    cross: Floats  # [R] mean product of one unit's values for two examples
    peaked: float = 3.0  # E h^4 / (E h^2)^2, which is 3 of Gaussian numbers
    made: Made | None = None  # how they were made of Gaussian numbers; None: they are taken as Gaussian themselves

    def variance_over(self, examples: int, units: int) -> float:
        """The variance over a batch and the units of one network, as it is measured.

        Of the part that a unit's values have in common for all examples, units show the share 1 - 1/units.
        """
        mean, square, cross = float(self.mean.mean()), float(self.square.mean()), float(self.cross.mean())
        between = max(cross - mean * mean, 0.0)
        within = max(square - cross, 0.0)
        variance = square - mean * mean - (between + within / examples) / units
        return 0.0 if variance <= 1e-13 * square else variance

    def shifted(self, shift: float) -> Signal:
        """With a number added to all."""
        return Signal(
            self.mean + shift,
            self.square + 2 * shift * self.mean + shift**2,
            self.cross + 2 * shift * float(self.mean.mean()) + shift**2,
        )

    def plus(self, other: Signal) -> Signal:
        """The sum with numbers of other, independent weights."""
        product = float(self.mean.mean() * other.mean.mean())
        square = self.square + other.square + 2 * self.mean * other.mean
        return Signal(self.mean + other.mean, square, self.cross + other.cross + 2 * product)


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
class Gradient:
    """Gradients of each example's own cost with respect to a layer's numbers: second moments. Their mean is 0 save at the top."""

    square: Floats  # [G]
    cross: Floats  # [R] mean product for two examples
    mean: float = 0.0
    balanced: bool = False  # whether the gradients of an example add up to 0 over the units: those of softmax

    def plus(self, other: Gradient) -> Gradient:
        """The sum with gradients that came back through other weights."""
        return Gradient(self.square + other.square, self.cross + other.cross)

    def times(self, factor: float) -> Gradient:
        """Sums over so many independent weights of variance 1."""
        return Gradient(self.square * factor, self.cross * factor)

    def variance_over(self, examples: int, units: int) -> float:
        """The variance over a batch and the units of one network, as it is measured."""
        square, cross = float(self.square.mean()), float(self.cross.mean())
        if self.balanced:
            return square
        return max(square - self.mean**2 - (cross - self.mean**2 + (square - cross) / examples) / units, 0.0)


@dataclass(frozen=True, slots=True)
class Slopes:
    """What an activation does to gradients that come back to it: means over its pre-activations."""

    square: Floats  # [G] of the squared slope
    cross: Floats  # [R] of the product of the slopes for two examples
    along: float  # of the slope times the standardized pre-activation
    again: tuple[Floats, Floats] | None = None
    """Of an activation behind another one, the slopes not being independent: what to multiply gradients by that go on to it."""

    def back(self, gradient: Gradient) -> Gradient:
        """The gradient at the pre-activation."""
        return Gradient(gradient.square * self.square, gradient.cross * self.cross)

    def onward(self, gradient: Gradient) -> Gradient:
        """The gradient below the pre-activation, for what stands below to multiply by its own slopes."""
        return gradient if self.again is None else Gradient(gradient.square * self.again[0], gradient.cross * self.again[1])


def affine(signal: Signal, variance: float, inputs: float, shift: float) -> Signal:
    """Z = x W + b with independent weights of mean 0: Var z = n Var W E x^2, whatever the mean of x."""
    factor = variance * inputs
    square = _spread_out(signal.square, max(signal.peaked - 1, 0.0) / inputs)
    return Signal(np.full_like(signal.mean, shift), factor * square + shift**2, factor * signal.cross + shift**2)


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


def activate(pick: Pick, z: Signal) -> tuple[Signal, Slopes]:
    """The values f(z), z taken as Gaussian, or as what an activation has made of Gaussian numbers."""
    plain = pick.kind in ("maxout", "identity")
    if z.made is not None and not plain:
        return _activate_again(pick, z.made)
    spread = np.maximum(z.square - z.mean**2, 0.0)
    groups = passed(pick, tuple(z.mean.tolist()), tuple(spread.tolist()))
    mean, variance = _pair_moments(z)
    pairs = [passed_pair(pick, mean, variance, covariance) for covariance in _covariances(z)]
    h = Signal(
        groups.mean,
        groups.square,
        np.array([values for values, _ in pairs]),
        peaked=float((groups.fourth / np.maximum(groups.square, 1e-150) ** 2).mean()),
        made=None if plain else Made(pick, z),
    )
    slopes = np.array([slope for _, slope in pairs])
    return h, Slopes(groups.slope_square, slopes, float(groups.slope_along.mean()))


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

    functions = (value, slope, below, both)
    cross = [[expected_pair(each, kinks, mean, variance, shared) for shared in _covariances(z)] for each in functions]
    h, slopes, entering = value(points), slope(points), made.then(lambda y: y)(points)
    centred = entering - (weight * entering).sum(-1, keepdims=True)
    deviation = np.sqrt((weight * centred**2).sum(-1))
    along = (weight * slopes * centred).sum(-1) / np.maximum(deviation, 1e-150)
    signal = Signal((weight * h).sum(-1), (weight * h**2).sum(-1), np.array(cross[0]))
    squares = [(weight * each**2).sum(-1) for each in (slopes, below(points), both(points))]
    again = (_ratio(squares[2], squares[0] * squares[1]), _ratio(np.array(cross[3]), np.array(cross[1]) * np.array(cross[2])))
    return signal, Slopes(squares[0], np.array(cross[1]), float(along.mean()), again)


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


def drop(h: Signal, rate: float) -> Signal:
    """Dropout in training: h mask / (1 - p)."""
    return replace(h, square=h.square / (1 - rate), peaked=h.peaked / (1 - rate), made=None)


def alpha_drop(h: Signal, rate: float) -> Signal:
    """Alpha dropout in training: units at the floor of SELU, then scaled and shifted (Klambauer et al. 2017)."""
    keep, floor = 1 - rate, -SELU_SCALE * SELU_ALPHA
    scale = alpha_scale(rate)
    square = keep * h.square - 2 * keep * rate * floor * h.mean + keep * rate * floor**2
    return Signal(scale * keep * h.mean, scale**2 * square, (scale * keep) ** 2 * h.cross)


def alpha_scale(rate: float) -> float:
    """By which alpha dropout restores the variance."""
    floor = -SELU_SCALE * SELU_ALPHA
    return float(((1 - rate) * (1 + rate * floor**2)) ** -0.5)


def undrop(gradient: Gradient, rate: float, *, alpha: bool) -> Gradient:
    """The gradient before dropout."""
    slope = alpha_scale(rate) if alpha else 1 / (1 - rate)
    keep = 1 - rate
    return Gradient(gradient.square * keep * slope**2, gradient.cross * (keep * slope) ** 2)


@dataclass(frozen=True, slots=True)
class Norm:
    """Batch norm of a signal, over the batch of `examples`: each unit's values less their mean, over their deviation."""

    before: Signal
    examples: int

    @property
    def variance(self) -> float:
        """Of a unit's values over the batch."""
        return max(float(self.before.square.mean() - self.before.cross.mean()), 0.0) * (1 - 1 / self.examples)

    def forward(self, shift: float) -> Signal:
        """What leaves it: what all examples have in common is taken away."""
        scale = 1 / (self.variance + NORM_EPS)
        common = float(self.before.cross.mean())
        length = np.sqrt(self.before.square)  # long examples have more in common with the others
        apart = self.before.square - 2 * common * length / max(float(length.mean()), 1e-150) + common
        square = np.maximum(apart, 0.0) * (1 - 1 / self.examples) * scale
        cross = (self.before.cross - common - self.variance / self.examples) * scale
        return Signal(np.full_like(self.before.mean, shift), square + shift**2, cross + shift**2, made=self._made(shift))

    def _made(self, shift: float) -> Made | None:
        """Scaled alike in all units, as long as these have about the same mean over the batch."""
        made, before = self.before.made, self.before
        mean = float(before.mean.mean())
        between, spread = float(before.cross.mean()) - mean**2, float(before.square.mean()) - mean**2
        if made is None or between > ALIKE * spread:
            return None
        scale = (self.variance + NORM_EPS) ** -0.5
        return replace(made, scale=made.scale * scale, shift=(made.shift - mean) * scale + shift)

    def backward(self, gradient: Gradient, along: float) -> Gradient:
        """Without its mean over the batch, and without what goes along with the values.

        `along` is the square mean of that part.
        """
        # A batch's gradients lose two degrees of freedom, which the mean of 1/variance over batches makes up for.
        scale = 1 / (self.variance + NORM_EPS)
        common = float(gradient.cross.mean())
        square = np.maximum(gradient.square - common - along, 0.0) * scale
        rest = float(square.mean()) / max(self.examples - 1, 1)
        return Gradient(square, (gradient.cross - common) * scale - rest)


def weight_gradient_variance(x: Signal, delta: Gradient, examples: int, inputs: int, units: int) -> float:
    """Variance over a matrix of dC/dW = mean over the batch of x_i delta_j.

    Two examples add to it as far as both their signals and their gradients have something in common.
    """
    share = 1 / examples
    own = share * float((x.square * delta.square).mean()) + (1 - share) * float((x.cross * delta.cross).mean())
    if delta.balanced:
        return max(own, 0.0)
    mean, d = float(x.mean.mean()), delta.mean**2
    square, cross = float(x.square.mean()), float(x.cross.mean())
    alike = (mean**2 + (square - mean**2) / inputs) * (d + (float(delta.square.mean()) - d) / units)
    apart = (mean**2 + (cross - mean**2) / inputs) * (d + (float(delta.cross.mean()) - d) / units)
    return max(own - share * alike - (1 - share) * apart, 0.0)
