"""Greedy pre-training: one hidden layer after the other learns to code what the layers below make of the inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from engine.catalog import Pick
from engine.events import Floats, PretrainingEpoch, Reconstructed
from engine.experiment import Experiment
from engine.generators import generator
from engine.network.activated import PostActivation
from engine.network.activations import Sigmoid
from engine.network.layers import BatchNorm
from engine.network.network import Network
from engine.training.clock import Stopwatch
from engine.training.pretraining.check import MACHINES, takes_probabilities
from engine.training.pretraining.coder import Coder, Tied
from engine.training.pretraining.denoising import DenoisingAutoencoder
from engine.training.pretraining.examples import LayerInputs
from engine.training.pretraining.rbm import RBM

SHOWN = 10
"""Examples whose reconstructions are told."""


def pretrain(
    network: Network,
    experiments: Sequence[Experiment],
    inputs: Tensor,
    image_shape: tuple[int, ...] = (),
    *,
    rows: Tensor | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[PretrainingEpoch | Reconstructed]:
    """Pre-train the hidden layers from the first to the last (Hinton, Osindero & Teh 2006; Bengio et al. 2007).

    Weights and hidden biases are learned in place in the network. A layer is given the code of the layers below, without
    chance; dropout is off. Under batch norm a layer is pre-trained without it; scale, shift and running moments are then
    set such that the layer still computes what it has learned. Biases of visible units are thrown away.

    Inputs of the first layer count as probabilities if they lie between 0 and 1, save for gaussian_dbn; those of the others
    if they come from sigmoids.

    Every member has its own order of the examples and its own chance. Layers that follow in the network are not touched.

    Args:
        network: of the population, as built.
        experiments: one for each member, with the same `pretraining`; they have passed `check_pretraining`.
        inputs: of the training examples, `[N, D]`, on the network's device.
        image_shape: of the inputs where they are pixels, to be told with reconstructions.
        rows: the training examples that each member learns from, `[P, N']`; None: all of them.
        should_stop: asked before every step; the generator ends as soon as it says yes. It may wait, for a pause.

    Yields:
        `PretrainingEpoch` after every epoch of each layer, its error that of a layer's own inputs: of RBMs the error of
        the first reconstruction, of auto-encoders that of the reconstruction from the damaged copy. `Reconstructed` after
        each layer, for ten training examples that lie evenly apart, coded by all layers so far and decoded again.
    """
    pick = experiments[0].pretraining
    if pick.kind == "none":
        return
    watch = Stopwatch()
    generators = [generator(e.seed, "pretraining", inputs.device) for e in experiments]
    given = LayerInputs.of_network(inputs, len(experiments), rows)
    apart = torch.linspace(0, len(inputs) - 1, min(SHOWN, len(inputs)), device=inputs.device).round().long()
    shown = inputs[apart].expand(len(experiments), -1, -1)
    coders: list[Coder] = []
    epochs = int(pick["epochs"])
    bernoulli = pick.kind != "gaussian_dbn" and takes_probabilities(inputs)
    for place, layer in enumerate(network.hidden):
        if not isinstance(layer, PostActivation):
            continue  # dropout
        if coders:
            given = given.coded(coders[-1])
        coder = _coder(pick, layer, given, generators, bernoulli=bernoulli)
        for epoch in range(1, epochs + 1):
            error = _epoch(coder, epoch, given, int(pick["batch_size"]), generators, _asked(should_stop, watch))
            if error is None:
                return
            yield PretrainingEpoch(place, layer.name, epoch, epochs, watch.seconds, error)
        coders.append(coder)
        if layer.norm is not None:
            _set_norm(layer.norm, coder.tied, given)
        yield Reconstructed(place, layer.name, _numpy(shown[0]), _numpy(_up_and_down(coders, shown)), image_shape)
        bernoulli = isinstance(layer.activation, Sigmoid)


def _asked(should_stop: Callable[[], bool], watch: Stopwatch) -> Callable[[], bool]:
    """The same question, with the watch standing still while the answer is waited for."""

    def ask() -> bool:
        watch.hold()
        stop = should_stop()
        watch.go()
        return stop

    return ask


def _epoch(
    coder: Coder, epoch: int, given: LayerInputs, size: int, generators: Sequence[Generator], should_stop: Callable[[], bool]
) -> Floats | None:
    """One pass over the examples; the mean squared error of an input of each member, `[P]`, or None if it was stopped."""
    total: Tensor | float = 0.0
    coder.begin_epoch(epoch)
    for batch in given.batches(size, generators):
        if should_stop():
            return None
        total = coder.step(batch).mul_(batch.shape[1]).add_(total)
    assert isinstance(total, Tensor)
    return total.double().div_(given.examples).cpu().numpy()


def _coder(pick: Pick, layer: PostActivation, given: LayerInputs, generators: Sequence[Generator], *, bernoulli: bool) -> Coder:
    """The layer, ready to be pre-trained."""
    assert layer.activation is not None
    bias = layer.affine.bias
    if bias is None:
        assert layer.norm is not None
        hidden = layer.norm.beta.value.clone()
    else:
        hidden = bias.value
    tied = Tied(layer.affine.weight.value, hidden, _first_visible_bias(given, bernoulli=bernoulli))
    if pick.kind in MACHINES:
        return RBM(
            tied,
            layer.activation,
            generators,
            bernoulli=bernoulli,
            k=int(pick["k"]),
            lr=pick["lr"] if bernoulli else pick["first_lr"],
            momentum=pick["momentum"],
            weight_cost=pick["weight_cost"],
        )
    return DenoisingAutoencoder(
        tied, layer.activation, generators, bernoulli=bernoulli, corruption=pick["corruption"], lr=pick["lr"]
    )


def _first_visible_bias(given: LayerInputs, *, bernoulli: bool) -> Tensor:
    """Biases `[P, 1, D]` from which a code of zeros is decoded to the mean of each input (Hinton 2012, section 8).

    ln(p / (1 - p)) for probabilities, with p = (sum + 1) / (N + 2), so that it is finite where an input never varies.
    """
    mean = given.mean()
    if not bernoulli:
        return mean
    n = given.examples
    return mean.mul_(n).add_(1).div_(n + 2).logit_()


def _set_norm(norm: BatchNorm, tied: Tied, given: LayerInputs) -> None:
    """Make batch norm of z = x W the same as z + b, over all examples: y = gamma (z - mean) / sqrt(var + eps) + beta."""
    total, squares = (torch.zeros_like(tied.hidden, dtype=torch.float64) for _ in range(2))
    for x in given.chunks():
        z = torch.bmm(x, tied.weight).double()
        total += z.sum(1, keepdim=True)
        squares += z.square_().sum(1, keepdim=True)
    mean = total / given.examples
    var = (squares / given.examples - mean.square()).clamp_(min=0)
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(var)
    norm.gamma.value.copy_((var + norm.eps).sqrt_())
    norm.beta.value.copy_(mean + tied.hidden)


def _up_and_down(coders: Sequence[Coder], x: Tensor) -> Tensor:
    """Return x `[P, n, D]` coded by all layers, then decoded again."""
    for coder in coders:
        x = coder.encode(x)
    for coder in reversed(coders):
        x = coder.decode(x)
    return x


def _numpy(values: Tensor) -> NDArray[np.float32]:
    return values.float().cpu().numpy()
