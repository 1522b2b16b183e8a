"""Moments through layers of units, and gradients back through them. Needs no torch."""

from __future__ import annotations

from dataclasses import replace
from math import exp

import numpy as np

from engine.catalog import Pick
from engine.experiment import Experiment
from engine.insight.theory.activation import Slopes, activate
from engine.insight.theory.first_weights import SCALED_ON_DATA
from engine.insight.theory.fluctuation import added
from engine.insight.theory.gradient import ACROSS, Gradient, Returned
from engine.insight.theory.in_training import Norm, alpha_drop, drop, undrop
from engine.insight.theory.inputs import Inputs
from engine.insight.theory.matrices import block_weights
from engine.insight.theory.signal import Signal, affine
from engine.insight.theory.trace import Back, Beyond, Delta, Flow, Return, Trace, Weights
from engine.insight.theory.weight_gradient import weight_gradient_doubt, weight_gradient_variance
from engine.network.plan import Planned, Shape

LSUV_EXAMPLES = 256
"""In the batch that LSUV looks at."""
PLAIN, PRE, BARE = "plain", "pre", "bare"
"""How a layer of units is put together: as usual; activation first; without activation, because it follows a sum."""
IDENTITY = Pick("identity")
GROWING = 1.05
"""d log q' / d log q of a mean square from one layer to the next, from which on differences count as growing."""
UNSTEADY = 0.75
"""Relative standard deviation of the mean square of examples and networks up to which gradients are followed where it grows."""


class Units:
    """The layers that hold no others, and what they have in common, on one walk through a network.

    Args:
        experiment: whose network it is.
        inputs: what they are like.
        batch: examples in it.
        training: whether dropout and batch norm do as in training; else as LSUV finds them.
        scaled: variances of weights that LSUV has scaled, by layer; in a walk that is not in training they are found.
    """

    def __init__(self, experiment: Experiment, inputs: Inputs, batch: int, *, training: bool, scaled: dict[str, float]) -> None:
        self.traces: list[Trace] = []
        self.scaled = scaled
        self.model = experiment.model
        self._inputs = inputs
        self._batch = batch
        self._training = training

    def behind(self, trace: Trace, block: Planned, x: Signal, form: str) -> tuple[Flow, Back]:
        """Affine map, batch norm, activation, dropout."""
        pick = block.pick
        activation = IDENTITY if form == BARE else pick.pick("activation", self.model.activation)
        weights = block_weights(block, self.initializer(block), activation, self.scaled)
        if isinstance(weights, Beyond):
            trace.h = weights
            return weights, noting(trace)
        trace.pre_activations = weights.columns
        normed = self.model.normed(pick)
        weights = self.scale(trace, weights, x)
        z = self.drawn(trace, affine(x, weights.variance, weights.inputs, 0.0 if normed else self.model.bias_init))
        norm = Norm(z, self._batch, self.model.batch_norm_eps) if normed and self._training else None
        if normed:
            z = z.shifted(self.model.bias_init) if norm is None else norm.forward(self.model.bias_init)
        h, slopes = self.activated(trace, activation, z.spread(self.model.bias_std))
        rate, alpha = self._rate(block), activation.kind == "selu"

        def back(gradient: Return) -> Return:
            gradient = coming_back(trace, gradient)
            if isinstance(gradient, Beyond):
                trace.delta = gradient
                return gradient
            behind = undrop(gradient, rate, alpha=alpha)
            delta = self.gradient(trace, slopes.back(behind))
            if norm is not None:
                delta = norm.backward(delta, float(behind.cross.mean()) * slopes.with_z**2)
            return self.through_weights(trace, weights, x, delta)

        return self._dropped(h, rate, alpha=alpha), back

    def before(self, trace: Trace, block: Planned, x: Signal, form: str) -> tuple[Flow, Back]:
        """Batch norm, activation, dropout, affine map."""
        activation = block.pick.pick("activation", self.model.activation)
        weights = block_weights(block, self.initializer(block), activation, self.scaled)
        if isinstance(weights, Beyond):
            trace.h = weights
            return weights, noting(trace)
        trace.units = trace.pre_activations = channels_of(block.inputs)
        bias = self.model.bias_init
        norm = Norm(x, self._batch, self.model.batch_norm_eps) if self.model.normed(block.pick) and self._training else None
        trace.note = "" if norm is None else norm.note
        h, slopes = self.activated(trace, activation, x if norm is None else norm.forward(bias).spread(self.model.bias_std))
        rate, alpha = self._rate(block), activation.kind == "selu"
        entering = self._dropped(h, rate, alpha=alpha)
        weights = self.scale(trace, weights, entering)
        z = self.drawn(trace, affine(entering, weights.variance, weights.inputs, bias)).spread(self.model.bias_std)

        def back(gradient: Return) -> Return:
            whole = gradient if isinstance(gradient, Beyond) else gradient.whole(z)
            below = coming_back(trace, self.through_weights(trace, weights, entering, whole))
            if isinstance(below, Beyond):
                trace.delta = below
                return below
            behind = undrop(below, rate, alpha=alpha)
            delta = self.gradient(trace, slopes.back(behind))
            delta = delta if norm is None else norm.backward(delta, float(behind.cross.mean()) * slopes.with_z**2)
            return slopes.onward(delta).apart(x)

        return z, back

    def single(self, trace: Trace, block: Planned, x: Signal) -> tuple[Flow, Back]:
        """Dropout, batch norm, an activation."""
        rate = block.pick.number("rate") if block.pick.kind == "dropout" else 0.0
        norm = Norm(x, self._batch, self.model.batch_norm_eps) if block.pick.kind == "batch_norm" and self._training else None
        if block.pick.kind == "activation":
            trace.pre_activations = trace.units
            h, slopes = self.activated(trace, block.pick.pick("kind", self.model.activation), x)
        else:
            trace.h = h = self._dropped(x, rate, alpha=False) if norm is None else norm.forward(0.0)
            trace.note, slopes = "" if norm is None else norm.note, None

        def back(gradient: Return) -> Return:
            gradient = coming_back(trace, gradient)
            if isinstance(gradient, Beyond):
                trace.delta = gradient
                return gradient
            trace.delta = delta = gradient.whole(h)
            if slopes is not None:
                return slopes.onward(self.gradient(trace, slopes.back(gradient))).apart(x)
            return undrop(gradient, rate, alpha=False) if norm is None else norm.backward(delta, 0.0).apart(x)

        return h, back

    def activated(self, trace: Trace, activation: Pick, z: Signal) -> tuple[Signal, Slopes]:
        """The values behind an activation, noted."""
        h, slopes = activate(activation, z, trace.units if self._training else 0)
        trace.z, trace.h = z, h
        if slopes.layer is not None:
            trace.unsteady = slopes.layer.grows > GROWING and slopes.layer.spread > UNSTEADY
            trace.doubts["z_std"] = z.doubt(z.variance_over(self._batch, trace.pre_activations), slopes.layer.seen)
            trace.doubts["activation_std"] = h.doubt(h.variance_over(self._batch, trace.units))
        return h, slopes

    def gradient(self, trace: Trace, delta: Gradient) -> Gradient:
        """The gradient at a pre-activation, noted."""
        trace.delta = delta
        trace.doubts["gradient_std"] = delta.doubt()
        return delta

    # --- weights ---------------------------------------------------------------

    def initializer(self, block: Planned) -> Pick:
        """Its own, or the model's."""
        own = block.pick.values["init"]
        return own if isinstance(own, Pick) else self.model.init

    def scale(self, trace: Trace, weights: Weights, x: Signal) -> Weights:
        """The weights as LSUV leaves them, where it is the initializer; found once, without dropout and batch norm."""
        trace.weights = weights
        if weights.pick.kind != SCALED_ON_DATA or self._training:
            return weights
        variance = affine(x, weights.variance, weights.inputs, 0.0).variance_over(LSUV_EXAMPLES, weights.columns)
        scaled = weights.variance
        if variance > 0 and abs(variance - 1) > weights.pick["tolerance"]:
            scaled /= variance
        self.scaled[trace.name] = scaled
        trace.weights = found = replace(weights, variance=scaled)
        return found

    def drawn(self, trace: Trace, z: Signal) -> Signal:
        """How far the draw of these weights leaves the length of z to chance: orthogonal ones keep it, and LSUV sets it."""
        weights = trace.weights
        if z.moved is None or weights is None:
            return z
        if weights.pick.kind != SCALED_ON_DATA:
            return replace(z, moved=replace(z.moved, held=weights.held_forward))
        variance = float((z.square - z.mean**2).mean())
        alike = (float(z.cross.mean()) - float(z.mean.mean()) ** 2) / variance
        longer = z.moved.rows[1] / variance
        rows = z.moved.rows - np.outer([0.0, variance, alike * variance], longer)
        drawn = 2 * (alike**2 + (1 - alike**2) / self._batch) / weights.columns * (1 - weights.held_forward)
        trace.weights = replace(weights, moved=-added(longer, z.moved.causes.new(np.array([[drawn]]))[0]))
        return replace(z, moved=replace(z.moved, rows=rows, held=1.0))

    def through_weights(self, trace: Trace, weights: Weights, x: Signal, delta: Delta) -> Return:
        """The gradient of the weights, kept; and of what entered."""
        if isinstance(delta, Beyond):
            return delta
        if weights.shared:
            trace.note = "the gradient of weights that act at many places depends on how alike these are"
        else:
            trace.weight_gradient = weight_gradient_variance(x, delta, self._batch, weights)
            trace.doubts["weight_gradient_std"] = weight_gradient_doubt(x, delta)
        below = _below(delta, trace.weights or weights, x)
        if below.moved is None:
            return below
        moved = replace(below.moved, held=weights.held_back)
        if trace.weights is not None and trace.weights.moved is not None:
            moved = moved.plus(np.outer([float(below.square.mean()), float(below.cross.mean())], trace.weights.moved))
        return replace(below, moved=moved)

    # --- dropout ---------------------------------------------------------------

    def _rate(self, block: Planned) -> float:
        own = block.pick.values["dropout"]
        return float(own if isinstance(own, int | float) else self.model.dropout)

    def _dropped(self, h: Signal, rate: float, *, alpha: bool) -> Signal:
        if not (rate and self._training):
            return h
        return alpha_drop(h, rate) if alpha else drop(h, rate)


def _below(delta: Gradient, weights: Weights, x: Signal) -> Returned:
    """The gradient of what entered.

    Of what goes another way, Gaussian weights have this one direction less; orthogonal ones only turn the gradient.
    Weights that are scaled on data vary by themselves: 1/v has a larger mean than the inverse of the mean of v.
    """
    below = delta.through(weights.variance * weights.outputs)
    if weights.moved is not None:
        below = below.larger(exp(min(float(weights.moved @ weights.moved), 1.0)))
    below = replace(below, by_cross=below.by_cross * weights.variance * weights.inputs)
    if weights.shared:
        return replace(below, along=ACROSS)
    if weights.orthogonal:
        own, pair = weights.held_back * below.along.own * x.square, weights.held_back * below.along.pair * x.cross
    else:
        own, pair = below.square / weights.rows, below.cross / weights.rows
    return replace(below, square=np.maximum(below.square - own, 0.0), cross=below.cross - pair)


def coming_back(trace: Trace, gradient: Return) -> Return:
    """What comes back to a layer, unless nothing can be said of it there."""
    if not trace.unsteady or isinstance(gradient, Beyond):
        return gradient
    return Beyond(
        "a signal a little longer than expected grows from layer to layer and a shorter one dies out, "
        f"so that the gradients below {trace.name} depend on which examples and networks do the one or the other"
    )


def noting(trace: Trace) -> Back:
    """Nothing is known of a layer.

    What lies below is beyond theory for the same reason as what came back, or as the layer itself.
    """

    def back(gradient: Return) -> Return:
        beyond = gradient if isinstance(gradient, Beyond) else trace.h
        assert isinstance(beyond, Beyond)
        trace.delta = beyond
        return beyond

    return back


def channels_of(shape: Shape) -> int:
    """Units of flat numbers or of each step of a sequence, or channels of a picture."""
    return shape[0] if len(shape) != 2 else shape[1]
