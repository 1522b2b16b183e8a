"""LSUV: orthonormal weights, scaled layer by layer until a batch's pre-activations have variance 1 (Mishkin & Matas 2016)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor

from engine.catalog import Pick
from engine.experiment import Experiment
from engine.generators import generator
from engine.network.activated import PostActivation, PreActivation
from engine.network.block import Layer
from engine.network.joints import Residual
from engine.network.layers import AffineMap, HeardAffine
from engine.network.network import Network
from engine.network.parameters import of_members
from engine.network.plan import plan, walk_planned
from engine.network.recurrent import Recurrent

EXAMPLES = 256
"""Training examples in the batch that is looked at."""


def lsuv_on_data(
    network: Network, experiments: Sequence[Experiment], inputs: Tensor, shape: Sequence[int], *, rows: Tensor | None = None
) -> None:
    """Scale the first weights of the layers and members whose initializer is `lsuv`; leave all others as they are.

    Args:
        network: as built, with orthonormal weights where the initializer is `lsuv`.
        experiments: one for each member.
        inputs: of the training examples, `[N, D]`, on the network's device. Each member takes a batch of its own.
        shape: of one example, as the network was built for.
        rows: the training examples that each member learns from, `[P, N']`; None: all of them.
    """
    inits = _initializers(network, experiments, shape)
    if not _any_lsuv(inits):
        return
    examples = len(inputs) if rows is None else rows.shape[1]
    generators = [generator(e.seed, "lsuv") for e in experiments]
    chosen = torch.stack([torch.randperm(examples, generator=g)[:EXAMPLES] for g in generators]).to(inputs.device)
    lsuv(network, inputs[chosen if rows is None else rows.gather(1, chosen)], inits)


def uses_lsuv(network: Network, experiments: Sequence[Experiment], shape: Sequence[int]) -> bool:
    """Whether `lsuv_on_data` has anything to do."""
    return _any_lsuv(_initializers(network, experiments, shape))


def _initializers(network: Network, experiments: Sequence[Experiment], shape: Sequence[int]) -> list[list[Pick]]:
    """For each of `network.layers`, each member's initializer: its block's own, or else the model's."""
    own = {block.name: block.pick.values.get("init") for block in walk_planned(plan(experiments[0].model, tuple(shape)))}
    inits = []
    for layer in network.layers:
        init = own.get(layer.name)
        inits.append([init if isinstance(init, Pick) else e.model.init for e in experiments])
    return inits


def _any_lsuv(inits: Sequence[Sequence[Pick]]) -> bool:
    return any(pick.kind == "lsuv" for picks in inits for pick in picks)


def lsuv(network: Network, x: Tensor, inits: Sequence[Sequence[Pick]]) -> None:
    """Divide weights by the standard deviation of what they make of a batch, from the first layer to the last.

    z = x W + b of all units and examples is to have |Var z - 1| <= tolerance; a layer's weights are divided by std(z) until
    it has, or until its tries are used up. What counts is what leaves the affine map, before any batch norm. Of recurrent
    layers it is the pre-activation of all gates and steps, and the weights of the state are divided as well. A layer whose
    z does not vary is left as it is. Dropout is off; batch norm takes its first running moments, and keeps them.

    Args:
        network: of P members.
        x: the batch, `[P, B, D]`.
        inits: for each of `network.layers`, each member's initializer; of `lsuv` its tolerance and tries are heeded, where
            it is another the weights are not touched.
    """
    scalings = [_Scaling(layer, picks) for layer, picks in zip(network.layers, inits, strict=True) if layer.weight is not None]
    changed = True
    while changed:
        # Layers above a recurrent one that was just scaled wait for the next pass: what they are given is out of date.
        waiting = torch.zeros(network.members, dtype=torch.bool, device=x.device)
        with ExitStack() as stack:
            for scaling in scalings:
                stack.enter_context(scaling.listening(waiting))
            network.output.affine.forward(network.body.forward(x, training=False))
        changed = any(scaling.changed for scaling in scalings)


class _Scaling:
    """The scaling of one layer's weights, each member's by itself."""

    def __init__(self, layer: Layer, inits: Sequence[Pick]) -> None:
        assert layer.weight is not None
        self._layer = layer
        self._weight = layer.weight.value
        wanted = [init if init.kind == "lsuv" else None for init in inits]
        self._tolerance = self._weight.new_tensor([init["tolerance"] if init else 0.0 for init in wanted])
        self._tries = self._weight.new_tensor([init["tries"] if init else 0.0 for init in wanted])
        self.changed = False

    @contextmanager
    def listening(self, waiting: Tensor) -> Iterator[None]:
        """Hear what the weights make of the next forward pass; members that are `waiting` `[P]` are only let through."""
        layer = self._layer
        self.changed = False
        if isinstance(layer, PostActivation | PreActivation):
            affine = layer.affine
            layer.affine = _Told(affine, lambda z: self._divide(z, waiting))
            yield
            layer.affine = affine
        elif isinstance(layer, Residual):
            projection = layer.projection
            assert projection is not None
            layer.projection = _Told(projection, lambda z: self._divide(z, waiting))
            yield
            layer.projection = projection
        else:
            assert isinstance(layer, Recurrent)
            layer.watch = lambda z: self._divide_and_wait(z, waiting)
            yield
            layer.watch = None

    def _divide_and_wait(self, z: Tensor, waiting: Tensor) -> None:
        waiting |= self._divide(z, waiting)

    def _divide(self, z: Tensor, waiting: Tensor) -> Tensor:
        """Divide the weights of the members that need it by their std(z), and return which they were, `[P]`."""
        variance = z.flatten(1).var(1, correction=0)
        varies = (variance > torch.finfo(z.dtype).tiny) & variance.isfinite()
        divided = ((variance - 1).abs() > self._tolerance) & (self._tries > 0) & varies & ~waiting
        if divided.any():
            factor = torch.where(divided, variance.rsqrt(), 1.0)
            self._weight.mul_(of_members(factor, self._weight))
            self._tries -= divided.to(self._tries.dtype)
            self.changed = True
        return divided


class _Told(HeardAffine):
    """An affine map whose z is told to somebody who may change weights on hearing it, and says of which members, `[P]`."""

    def __init__(self, affine: AffineMap, tell: Callable[[Tensor], Tensor]) -> None:
        super().__init__(affine)
        self._tell = tell

    def forward(self, x: Tensor) -> Tensor:
        """Return z by the weights as they are after it was told."""
        z = super().forward(x)
        return super().forward(x) if self._tell(z).any() else z
