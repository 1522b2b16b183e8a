"""Moments through layers of units, and gradients back through them. Needs no torch."""

from __future__ import annotations

from dataclasses import replace

from engine.catalog import Pick
from engine.experiment import Experiment
from engine.insight.theory.first_weights import SCALED_ON_DATA
from engine.insight.theory.inputs import Inputs
from engine.insight.theory.matrices import block_weights
from engine.insight.theory.signal import (
    Norm,
    Signal,
    activate,
    affine,
    alpha_drop,
    drop,
    undrop,
    weight_gradient_variance,
)
from engine.insight.theory.trace import Back, Beyond, Flow, Return, Trace, Weights
from engine.network.plan import Planned, Shape

LSUV_EXAMPLES = 256
"""In the batch that LSUV looks at."""
PLAIN, PRE, BARE = "plain", "pre", "bare"
"""How a layer of units is put together: as usual; activation first; without activation, because it follows a sum."""
IDENTITY = Pick("identity")


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
        z = affine(x, weights.variance, weights.inputs, 0.0 if normed else self.model.bias_init)
        norm = Norm(z, self._batch) if normed and self._training else None
        if normed:
            z = z.shifted(self.model.bias_init) if norm is None else norm.forward(self.model.bias_init)
        trace.z = z
        h, slopes = activate(activation, z)
        trace.h = h
        rate, alpha = self._rate(block), activation.kind == "selu"

        def back(gradient: Return) -> Return:
            if isinstance(gradient, Beyond):
                trace.delta = gradient
                return gradient
            behind = undrop(gradient, rate, alpha=alpha)
            trace.delta = delta = slopes.back(behind)
            if norm is not None:
                delta = norm.backward(delta, float(behind.cross.mean()) * slopes.along**2)
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
        norm = Norm(x, self._batch) if self.model.normed(block.pick) and self._training else None
        trace.z = z = x if norm is None else norm.forward(bias)
        h, slopes = activate(activation, z)
        trace.h = h
        rate, alpha = self._rate(block), activation.kind == "selu"
        entering = self._dropped(h, rate, alpha=alpha)
        weights = self.scale(trace, weights, entering)

        def back(gradient: Return) -> Return:
            below = self.through_weights(trace, weights, entering, gradient)
            if isinstance(below, Beyond):
                trace.delta = below
                return below
            behind = undrop(below, rate, alpha=alpha)
            trace.delta = delta = slopes.back(behind)
            delta = delta if norm is None else norm.backward(delta, float(behind.cross.mean()) * slopes.along**2)
            return slopes.onward(delta)

        return affine(entering, weights.variance, weights.inputs, bias), back

    def single(self, trace: Trace, block: Planned, x: Signal) -> tuple[Flow, Back]:
        """Dropout, batch norm, an activation."""
        rate = block.pick.number("rate") if block.pick.kind == "dropout" else 0.0
        norm = Norm(x, self._batch) if block.pick.kind == "batch_norm" and self._training else None
        if block.pick.kind == "activation":
            trace.z, trace.pre_activations = x, trace.units
            h, slopes = activate(block.pick.pick("kind", self.model.activation), x)
        else:
            h, slopes = (self._dropped(x, rate, alpha=False) if norm is None else norm.forward(0.0)), None
        trace.h = h

        def back(gradient: Return) -> Return:
            trace.delta = gradient
            if isinstance(gradient, Beyond):
                return gradient
            if slopes is not None:
                trace.delta = delta = slopes.back(gradient)
                return slopes.onward(delta)
            return undrop(gradient, rate, alpha=False) if norm is None else norm.backward(gradient, 0.0)

        return h, back

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

    def through_weights(self, trace: Trace, weights: Weights, x: Signal, delta: Return) -> Return:
        """The gradient of the weights, kept; and of what entered."""
        if isinstance(delta, Beyond):
            return delta
        if weights.shared:
            trace.note = "the gradient of weights that act at many places depends on how alike these are"
        else:
            trace.weight_gradient = weight_gradient_variance(x, delta, self._batch, weights.rows, weights.columns)
        return delta.times(weights.variance * weights.outputs)

    # --- dropout ---------------------------------------------------------------

    def _rate(self, block: Planned) -> float:
        own = block.pick.values["dropout"]
        return float(own if isinstance(own, int | float) else self.model.dropout)

    def _dropped(self, h: Signal, rate: float, *, alpha: bool) -> Signal:
        if not (rate and self._training):
            return h
        return alpha_drop(h, rate) if alpha else drop(h, rate)


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
