"""Moments from the input of a network to its output, and gradients all the way back. Needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from math import prod
from typing import TypeVar

import numpy as np

from engine.insight.theory.at_the_top import Task, at_the_top, centre
from engine.insight.theory.drawn_top import one_top
from engine.insight.theory.first_weights import SCALED_ON_DATA
from engine.insight.theory.fluctuation import Causes, Moved, still
from engine.insight.theory.gradient import Returned
from engine.insight.theory.matrices import dense_weights, projection_weights
from engine.insight.theory.signal import Signal, affine
from engine.insight.theory.trace import Back, Beyond, Flow, Return, Trace
from engine.insight.theory.units import BARE, IDENTITY, PLAIN, PRE, Units, channels_of, coming_back, noting
from engine.network.plan import Planned, Shape, leaving, plan

TOO_LARGE = 1e150
"""Mean squares from here on are no longer followed."""
_Moments = TypeVar("_Moments", Signal, Returned)


class Walk(Units):
    """One walk through a network, block by block."""

    def through(self, shape: Shape, task: Task) -> None:
        """From the input to the cost and back."""
        planned = plan(self.model, shape)
        squares = np.array(self._inputs.squares)
        signal: Flow = Signal(
            np.zeros_like(squares), squares, np.array(self._inputs.products), moved=self._batch_drawn(prod(shape))
        )
        signal, back = self._chain(planned, signal, PLAIN)
        gradient = self._output(signal, prod(leaving(planned, shape)), task)
        if self._training:
            back(gradient)

    def _batch_drawn(self, features: int) -> Moved | None:
        """What examples of a batch have in common by chance."""
        if not self._training:
            return None
        causes = Causes(self._batch)
        told = self._inputs.known or len(self._inputs.products) > 1  # by the groups of pairs
        scatter = 0.0 if told else self._inputs.mean_square**2 / features
        in_common = 2 * (float(np.mean(np.square(self._inputs.products))) + scatter) / self._batch**2
        moved = replace(still(causes, 3), by_pair=causes.new(np.array([[scatter]]))[0])
        return moved.plus(causes.new(np.diag([0.0, 0.0, in_common])))

    def _output(self, x: Flow, entering: int, task: Task) -> Return:
        trace = Trace("output", task.outputs, pre_activations=task.outputs)
        self.traces.append(trace)
        weights = dense_weights("output", self.model.init, (entering, task.outputs), self.scaled)
        if isinstance(x, Beyond):
            trace.h = trace.delta = x
            return x
        if isinstance(weights, Beyond):
            trace.h = trace.delta = weights
            return weights
        weights = self.scale(trace, weights, x)
        if not self._training:
            return Beyond("only what LSUV makes of the weights is looked for")
        trace.z = z = affine(x, weights.variance, weights.inputs, self.model.bias_init).spread(self.model.bias_std)
        trace.h, trace.delta = at_the_top(task, z)
        trace.centre = centre(task)
        if z.moved is not None:
            scaled = weights.pick.kind == SCALED_ON_DATA
            top = one_top(task, z, trace.delta, scaled=scaled)
            trace.delta = top.gradient
            trace.doubts |= top.doubts
            if scaled:
                trace.weights = replace(weights, moved=top.longer)
        return self.through_weights(trace, weights, x, trace.delta)

    # --- blocks ----------------------------------------------------------------

    def _chain(self, planned: Sequence[Planned], x: Flow, form: str) -> tuple[Flow, Back]:
        backs: list[Back] = []
        for position, block in enumerate(planned):
            own = PLAIN if form == BARE and position < len(planned) - 1 else form
            x, back = self._block(block, x, own)
            backs.append(back)
        return x, lambda gradient: _back_through(backs, gradient)

    def _block(self, block: Planned, x: Flow, form: str) -> tuple[Flow, Back]:
        match block.pick.kind:
            case "flatten":
                return x, lambda gradient: gradient
            case "residual":
                return self._residual(block, x)
            case "split":
                return self._split(block, x)
        trace = Trace(block.name, channels_of(block.outputs))
        self.traces.append(trace)
        trace.h = left = self._reached(block, x)
        if isinstance(left, Beyond):
            return left, noting(trace)
        match block.pick.kind:
            case "dense" | "conv":
                return (self.before if form == PRE else self.behind)(trace, block, left, form)
            case _:
                return self.single(trace, block, left)

    def _reached(self, block: Planned, x: Flow) -> Flow:
        """What enters a block, or why theory does not reach it."""
        kind = block.pick.kind
        if isinstance(x, Beyond):
            return x
        if not bool(np.all(x.square < TOO_LARGE)):
            return Beyond(f"the signal that enters {block.name} is larger than any number")
        if kind in ("rnn", "gru", "lstm"):
            return Beyond(
                f"{block.name} is recurrent: the same weights act at every step, so that its signals are not independent"
            )
        if kind in ("max_pool", "average_pool"):
            return Beyond(f"what {block.name} makes of neighbours depends on how alike they are, which first weights do not tell")
        if self.model.normed(block.pick) and len(block.outputs if kind != "batch_norm" else block.inputs) > 1:
            return Beyond(f"batch norm of {block.name} is over places as well, and how alike these are first weights do not tell")
        return x

    # --- blocks that hold others -----------------------------------------------

    def _residual(self, block: Planned, x: Flow) -> tuple[Flow, Back]:
        pick, model = block.pick, self.model
        plain = pick.word("form") == "plain"
        last = pick.chains[0][-1]
        outer = last.pick("activation", model.activation) if last.kind in ("dense", "conv") else model.activation
        inside, inside_back = self._chain(block.chains[0], x, BARE if plain else PRE)
        trace = Trace(block.name, channels_of(block.outputs), pre_activations=channels_of(block.outputs))
        self.traces.append(trace)
        weights = projection_weights(block, self.model.init, self.scaled) if block.projected else None
        beyond = next((each for each in (x, inside, weights) if isinstance(each, Beyond)), None)
        if isinstance(x, Beyond) or isinstance(inside, Beyond) or isinstance(weights, Beyond):
            assert beyond is not None
            trace.h = beyond
            return beyond, lambda gradient: inside_back(noting(trace)(gradient))
        if weights is not None:
            weights = self.scale(trace, weights, x)
        skipped = x if weights is None else affine(x, weights.variance, weights.inputs, 0.0)
        z = _around(skipped, skipped.plus(inside)) if weights is None else skipped.plus(inside)
        trace.h, slopes = self.activated(trace, outer if plain else IDENTITY, z)

        def back(gradient: Return) -> Return:
            gradient = coming_back(trace, gradient)
            trace.delta = delta = gradient if isinstance(gradient, Beyond) else self.gradient(trace, slopes.back(gradient))
            if isinstance(delta, Beyond):
                through = around = inside_back(delta)
            else:
                through = inside_back(delta.apart(inside))
                around = delta.apart(x) if weights is None else self.through_weights(trace, weights, x, delta)
            if isinstance(through, Beyond) or isinstance(around, Beyond):
                return through if isinstance(through, Beyond) else around
            return _around(around, through.plus(around)) if weights is None else through.plus(around)

        return trace.h, back

    def _split(self, block: Planned, x: Flow) -> tuple[Flow, Back]:
        ends: list[Signal] = []
        backs: list[Back] = []
        reached: Flow = x
        for chain in block.chains:
            end, back = self._chain(chain, x, PLAIN)
            backs.append(back)
            if isinstance(end, Beyond):
                reached = end
            else:
                ends.append(end)
        trace = Trace(block.name, channels_of(block.outputs))
        self.traces.append(trace)
        summed = block.pick.word("join") == "sum"
        if isinstance(reached, Beyond):
            trace.h = reached
        elif summed:
            trace.h = reduce(Signal.plus, ends)
        else:
            trace.h = _side_by_side(ends, [prod(leaving(chain, block.inputs)) for chain in block.chains])

        def back_all(gradient: Return) -> Return:
            coming: Sequence[Return] = [gradient] * len(backs)
            if isinstance(gradient, Beyond):
                trace.delta = gradient
            else:
                assert isinstance(trace.h, Signal)
                trace.delta = whole = gradient.whole(trace.h)
                coming = [whole.at_part(end, trace.h) for end in ends] if summed else coming
            through = [back(each) for back, each in zip(backs, coming, strict=True)]
            beyond = next((each for each in through if isinstance(each, Beyond)), None)
            return beyond or reduce(Returned.plus, (each for each in through if isinstance(each, Returned)))

        return trace.h, back_all


def _around(part: _Moments, total: _Moments) -> _Moments:
    """With the share of `part`, which no draw of weights changes any more, noted."""
    if total.moved is None or not total.square.mean() > 0:
        return total
    return replace(total, moved=replace(total.moved, held=0.0, settled=float(part.square.mean() / total.square.mean())))


def _side_by_side(ends: Sequence[Signal], widths: Sequence[int]) -> Signal:
    shares = np.array(widths) / sum(widths)
    parts = ([end.mean for end in ends], [end.square for end in ends], [end.cross for end in ends])
    mean, square, cross = (np.tensordot(shares, np.array(part), 1) for part in parts)
    moved = ends[0].moved and still(ends[0].moved.causes, 3)
    for share, end in zip(shares, ends, strict=True):
        moved = moved.with_other(end.moved.into(share * np.eye(3))) if moved is not None and end.moved is not None else None
    return Signal(mean, square, cross, moved=moved)


def _back_through(backs: Sequence[Back], gradient: Return) -> Return:
    for back in reversed(backs):
        gradient = back(gradient)
    return gradient
