"""From planned blocks to blocks with weights, for all members of a population."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from torch import Generator, Tensor

from engine.catalog import Pick
from engine.experiment import Experiment
from engine.generators import generator
from engine.network.activated import PostActivation, PreActivation
from engine.network.activations import Activation, make_activation
from engine.network.block import Block, Chain
from engine.network.convolution import AveragePool, ChannelNorm, Convolution, MaxPool
from engine.network.initializers import identity_kernels, initial_weights
from engine.network.joints import Residual, Split
from engine.network.layers import (
    Affine,
    AffineMap,
    AlphaDropout,
    BatchNorm,
    Dropout,
    FlatAffine,
    SequenceAffine,
    SequenceNorm,
)
from engine.network.plan import RECURRENT_GATES, Planned, Shape, conv_padding, pool_stride, projection_stride
from engine.network.recurrent import RECURRENT
from engine.network.shaping import Arrange, Rows
from engine.network.single import ActivationBlock, BatchNormBlock, DropoutBlock

_PLAIN, _PRE, _BARE = "plain", "pre", "bare"
"""How a layer of units is put together: as usual; activation first; without activation, because it follows a sum."""

_IDENTITY = Pick("identity")


class Assembly:
    """Makes blocks; weights are drawn in the order of the forward pass, from each member's own generator.

    Args:
        experiments: one for each member.
        like: a tensor with the network's dtype and device.
        drops: each member's generator of dropout.
    """

    def __init__(self, experiments: Sequence[Experiment], like: Tensor, drops: Sequence[Generator]) -> None:
        self._experiments = experiments
        self._model = experiments[0].model
        self._like = like
        self._drops = drops
        self._weights = [generator(experiment.seed, "weights") for experiment in experiments]
        self._biases = [generator(experiment.seed, "biases") for experiment in experiments]

    def body(self, planned: Sequence[Planned], shape: Shape) -> list[Block]:
        """The blocks of a network whose examples come as flat numbers."""
        arranged: list[Block] = [Arrange(shape)] if self._model.blocks and len(shape) > 1 else []
        return arranged + self._chain(planned, first=True)

    def flatten(self, shape: Shape) -> Block:
        """Flat numbers of a picture or a sequence."""
        return Arrange((prod(shape),))

    def affine(self, entering: Shape, width: int, *, first: bool) -> Affine:
        """The affine map of the output layer."""
        return Affine(self._matrix(None, prod(entering), width), self._bias(width), first=first)

    def _chain(self, planned: Sequence[Planned], *, first: bool, form: str = _PLAIN) -> list[Block]:
        blocks: list[Block] = []
        for position, block in enumerate(planned):
            own = form
            if form == _BARE and position < len(planned) - 1:
                own = _PLAIN  # the last one alone leaves its activation to the sum
            blocks += self._block(block, first=first, form=own)
            first = first and not any(block.layers for block in blocks)  # what is measured needs its gradient
        return blocks

    def _block(self, planned: Planned, *, first: bool, form: str) -> list[Block]:
        pick, name = planned.pick, planned.name
        axes = len(planned.inputs) + 2
        match pick.kind:
            case "dense":
                flat = [self.flatten(planned.inputs)] if len(planned.inputs) > 1 else []
                return [*flat, self._units(planned, first=first, form=form)]
            case "conv":
                return [self._units(planned, first=first, form=form)]
            case "rnn" | "gru" | "lstm":
                return self._recurrent(planned, first=first)
            case "max_pool" | "average_pool":
                pool = MaxPool if pick.kind == "max_pool" else AveragePool
                return [pool(name, pick.whole("size"), pool_stride(pick))]
            case "flatten":
                return [self.flatten(planned.inputs)]
            case "batch_norm":
                return [BatchNormBlock(name, axes, self._norm(planned.inputs, self._zeros(_channels(planned.inputs))))]
            case "dropout":
                rates = [pick.number("rate")] * len(self._experiments)
                return [DropoutBlock(name, axes, Dropout(rates, self._drops, self._like, follows_model=False))]
            case "activation":
                return [ActivationBlock(name, axes, self._activation(pick.pick("kind", self._model.activation)))]
            case "residual":
                return [self._residual(planned, first=first)]
            case _:
                branches = [Chain(self._chain(chain, first=first)) for chain in planned.chains]
                axis = None if pick.word("join") == "sum" else (3 if len(planned.outputs) == 2 else 2)
                return [Split(name, branches, axis, first=first, unit_axis=_unit_axis(planned.outputs))]

    def _units(self, planned: Planned, *, first: bool, form: str) -> Block:
        """A dense layer or a convolution."""
        pick, model = planned.pick, self._model
        norm_wanted = {"model": model.batch_norm, "on": True, "off": False}[pick.word("batch_norm")]
        activation_pick = pick.pick("activation", model.activation)
        activation = self._activation(_IDENTITY if form == _BARE else activation_pick)
        before = form == _PRE
        channels = _channels(planned.outputs)
        normed = planned.outputs if not before else (prod(planned.inputs),) if pick.kind == "dense" else planned.inputs
        shift = self._bias(channels * activation.pieces)
        norm = self._norm(normed, self._bias(_channels(normed)) if before else shift) if norm_wanted else None
        affine = self._affine(planned, activation.pieces, None if norm and not before else shift, first=first and not before)
        dropout = self._dropout(pick.values["dropout"], activation.pick)
        layer = PreActivation if before else PostActivation
        return layer(planned.name, affine, activation, norm, dropout, kind=pick.kind)

    def _affine(self, planned: Planned, pieces: int, bias: Tensor | None, *, first: bool) -> AffineMap:
        pick = planned.pick
        init = pick.values["init"]
        assert init is None or isinstance(init, Pick)
        if pick.kind == "dense":
            return Affine(self._matrix(init, prod(planned.inputs), planned.outputs[0], pieces), bias, first=first)
        weight = self._kernels(init, planned.inputs[0], planned.outputs[0], pick.whole("kernel"))
        return Convolution(weight, bias, stride=pick.whole("stride"), padding=conv_padding(pick), first=first)

    def _recurrent(self, planned: Planned, *, first: bool) -> list[Block]:
        pick = planned.pick
        width, gates = pick.whole("width"), RECURRENT_GATES[pick.kind]
        init = pick.values["init"]
        assert init is None or isinstance(init, Pick)
        before: list[Block] = []
        if len(planned.inputs) == 1:
            before = [Arrange((planned.inputs[0], 1))]
        elif len(planned.inputs) == 3:
            before = [Rows()]
        inputs = planned.weights // (width * gates) - width
        weight = torch.cat([self._gates(init, inputs, width, gates), self._gates(init, width, width, gates)], dim=1)
        last = pick.word("states") == "last"
        layer = RECURRENT[pick.kind](planned.name, weight, self._bias(width * gates), width, last=last, first=first)
        return [*before, layer]

    def _residual(self, planned: Planned, *, first: bool) -> Block:
        pick, model = planned.pick, self._model
        plain = pick.word("form") == "plain"
        last = pick.chains[0][-1]
        outer = last.pick("activation", model.activation) if last.kind in ("dense", "conv") else model.activation
        inside = Chain(self._chain(planned.chains[0], first=first, form=_BARE if plain else _PRE))
        projection = self._projection(planned, first=first) if planned.projected else None
        activation = self._activation(outer if plain else _IDENTITY)
        unit_axis = _unit_axis(planned.outputs)
        return Residual(planned.name, inside, activation, projection, first=first, unit_axis=unit_axis)

    def _projection(self, planned: Planned, *, first: bool) -> AffineMap:
        inputs, outputs = planned.inputs, planned.outputs
        if len(outputs) == 3:
            stride = projection_stride(inputs, outputs)
            return Convolution(self._kernels(None, inputs[0], outputs[0], 1), None, stride=stride, first=first)
        if len(outputs) == 2:
            return SequenceAffine(self._matrix(None, inputs[1], outputs[1]), None, first=first)
        kind = Affine if len(inputs) == 1 else FlatAffine
        return kind(self._matrix(None, prod(inputs), outputs[0]), None, first=first)

    # --- tensors -------------------------------------------------------------

    def _drawn(self, init: Pick | None, shape: tuple[int, int], fans: tuple[int, int]) -> Tensor:
        """`[P, *shape]`, each member's by its own initializer, unless the block has one."""
        drawn = [
            initial_weights(init or experiment.model.init, *shape, gen, fans)
            for experiment, gen in zip(self._experiments, self._weights, strict=True)
        ]
        return torch.stack(drawn)

    def _matrix(self, init: Pick | None, n_in: int, n_out: int, pieces: int = 1) -> Tensor:
        """`[P, n_in, n_out * pieces]`, each piece drawn with the fans of its own affine map."""
        if pieces == 1:
            return self._drawn(init, (n_in, n_out), (n_in, n_out)).to(self._like)
        members = []
        for experiment, gen in zip(self._experiments, self._weights, strict=True):
            pick = init or experiment.model.init
            drawn = [initial_weights(pick, n_in, n_out, gen) for _ in range(pieces)]
            members.append(torch.stack(drawn, dim=-1).flatten(1))
        return torch.stack(members).to(self._like)

    def _gates(self, init: Pick | None, n_in: int, width: int, gates: int) -> Tensor:
        """`[P, n_in, gates * width]`, each gate drawn with its own fans."""
        return torch.cat([self._matrix(init, n_in, width) for _ in range(gates)], dim=-1)

    def _kernels(self, init: Pick | None, channels: int, maps: int, kernel: int) -> Tensor:
        """`[P, maps, channels, kernel, kernel]`; the fans count the weights of one place: kernel^2 for each channel or map."""
        square = kernel**2
        drawn = self._drawn(init, (channels * square, maps), (channels * square, maps * square))
        weight = torch.unflatten(drawn.mT, 2, (channels, kernel, kernel)).contiguous()
        for member, experiment in enumerate(self._experiments):
            pick = init or experiment.model.init
            if pick.kind == "identity":
                weight[member] = identity_kernels(pick["gain"], channels, maps, kernel)
        return weight.to(self._like)

    def _bias(self, width: int) -> Tensor:
        """`[P, 1, width]`; nothing is drawn where they begin alike, so that weights are the same with and without."""
        models = [experiment.model for experiment in self._experiments]
        first = torch.tensor([model.bias_init for model in models], dtype=torch.float64).view(-1, 1, 1).repeat(1, 1, width)
        for biases, model, gen in zip(first, models, self._biases, strict=True):
            if model.bias_std:
                biases += model.bias_std * torch.randn(1, width, generator=gen, dtype=torch.float64)
        return first.to(self._like)

    def _zeros(self, width: int) -> Tensor:
        return self._like.new_zeros((len(self._experiments), 1, width))

    def _norm(self, shape: Shape, shift: Tensor) -> BatchNorm:
        kinds: dict[int, type[BatchNorm]] = {1: BatchNorm, 2: SequenceNorm, 3: ChannelNorm}
        return kinds[len(shape)](shift, self._model.batch_norm_eps)

    def _activation(self, pick: Pick) -> Activation:
        return make_activation(pick, len(self._experiments), self._like)

    def _dropout(self, own: object, activation: Pick) -> Dropout:
        """Dropout at a block's own rate, or at the model's. It is there even at rate 0, which may change."""
        kind = AlphaDropout if activation.kind == "selu" else Dropout
        if isinstance(own, int | float):
            return kind([float(own)] * len(self._experiments), self._drops, self._like, follows_model=False)
        rates = [experiment.model.dropout for experiment in self._experiments]
        return kind(rates, self._drops, self._like, follows_model=True)


def _unit_axis(shape: Shape) -> int:
    """Where one unit follows the other in `[P, B, *shape]`."""
    return 2 if len(shape) == 3 else -1


def _channels(shape: Shape) -> int:
    """Units of flat numbers or of each step of a sequence, or channels of a picture."""
    return shape[0] if len(shape) != 2 else shape[1]
