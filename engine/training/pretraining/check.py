"""Whether the hidden layers of an experiment can be pre-trained as it asks, seen before training."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor

from engine.catalog import Pick
from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.parts import ONLINE
from engine.training.memory import memory_of

MACHINES = ("dbn", "gaussian_dbn")
"""Ways of pre-training whose layers are restricted Boltzmann machines."""

_SKIPPED = ("dropout", "flatten")
"""Blocks that may stand between dense ones: they do nothing to flat numbers while dropout is off."""

_UNIT = (0.5, 2.0)
"""Standard deviations of all inputs together that count as about 1."""


def check_pretraining(experiment: Experiment, inputs: Tensor, members: int = 1) -> None:
    """Refuse what `pretrain` could not do.

    Args:
        experiment: of any member; all have the same pre-training.
        inputs: of the training examples, `[N, D]`, scaled as the network sees them.
        members: of the population.

    Raises:
        ConfigurationError: there is nothing to pre-train, a block is not dense, or activation or inputs do not fit.
    """
    kind = experiment.pretraining.kind
    if kind == "none":
        return
    hidden = _hidden(experiment)
    if not hidden:
        raise _problem(f"{kind} needs hidden layers, and this network has none; give it some, or take pretraining none")
    for name, _, activation in hidden:
        _check_activation(kind, name, activation)
    _check_inputs(experiment, inputs)
    _check_memory(members, [width for _, width, _ in hidden], inputs)


def takes_probabilities(inputs: Tensor) -> bool:
    """Whether all inputs are numbers from 0 to 1."""
    return bool(inputs.amin() >= 0) and bool(inputs.amax() <= 1)


def _hidden(experiment: Experiment) -> list[tuple[str, int, Pick]]:
    """Name, width and activation of each hidden layer."""
    model = experiment.model
    if not model.blocks:
        return [(f"hidden {number}", width, model.activation) for number, width in enumerate(model.hidden, start=1)]
    hidden = []
    for number, block in enumerate(model.blocks, start=1):
        if block.kind == "dense":
            hidden.append((f"block {number}, {block},", block.whole("width"), block.pick("activation", model.activation)))
        elif block.kind not in _SKIPPED:
            raise _problem(
                f"block {number}, {block}, cannot be pre-trained: only dense blocks can, with nothing but "
                f"{' or '.join(_SKIPPED)} between them; use other blocks, or pretraining none"
            )
    return hidden


def _check_activation(kind: str, name: str, activation: Pick) -> None:
    if kind in MACHINES and activation.kind != "sigmoid":
        raise _problem(
            f"the units of a Boltzmann machine are on or off, so {kind} needs sigmoid hidden units, but {name} has {activation}; "
            "use activation sigmoid, or pretraining denoising"
        )
    if activation.kind == "maxout":
        raise _problem(
            f"{kind} decodes with the weights that it codes with, one for each unit, which {activation} does not have ({name}); "
            "use another activation"
        )


def _check_inputs(experiment: Experiment, inputs: Tensor) -> None:
    kind, data = experiment.pretraining.kind, experiment.data
    if kind == "dbn" and not takes_probabilities(inputs):
        scaled = data.scaling != "none" and data.name not in ONLINE  # whose pictures have pixels below 0
        remedy = "data.scaling none if they are pictures, or " if scaled else ""
        raise _problem(
            f"dbn takes inputs for probabilities, from 0 to 1, but they lie between {inputs.amin():.3g} and {inputs.amax():.3g}; "
            f"use {remedy}pretraining gaussian_dbn"
        )
    if kind == "gaussian_dbn":
        std = float(inputs.double().std(correction=0))
        if not _UNIT[0] <= std <= _UNIT[1]:
            raise _problem(
                f"gaussian_dbn takes inputs for numbers of variance 1, but their standard deviation is {std:.3g}; "
                "use data.scaling auto, standardize or global"
            )


def _check_memory(members: int, widths: list[int], inputs: Tensor) -> None:
    """The code of all examples is kept until that of the next layer has been made of it; the last layer's is never made."""
    examples = len(inputs)
    width = max(below + above for below, above in pairwise([0, *widths[:-1], 0]))
    need = members * examples * width * inputs.element_size()
    have = memory_of(inputs.device)
    if need > have:
        raise _problem(
            f"the activations of {examples:,} examples in {width:,} units of {members:,} networks need {need / 2**30:,.0f} GiB, but "
            f"{inputs.device} has {have / 2**30:,.0f} GiB; use a smaller data.train_size or width, or fewer seeds"
        )


def _problem(message: str) -> ConfigurationError:
    return ConfigurationError.at("pretraining", message)
