"""How much a layer stretches small changes: the mean singular value of the Jacobian of what leaves it by what enters it.

Glorot & Bengio 2010, section 4.2.1. For a dense layer h = f(x W + b) the Jacobian at one example is diag(f'(z)) W'. It has
min(inputs, outputs) singular values; they are averaged over themselves and over a few examples.

The paper takes z by the z of the layer below, W' diag(f'(z below)): the same factors, in pairs that lie one layer lower. It names 0.5
for the standard and 0.8 for the normalized initialization. Only square layers compare with that: where f' is 1 theirs is
8 / (3 pi) sqrt(n Var W) (the quarter-circle law), 0.49 and 0.85. The further a matrix is from square, the nearer to one another are
its singular values, and fewer are counted.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.events import Floats
from engine.network.activated import PostActivation, PreActivation
from engine.network.activations import Softmax
from engine.network.block import Block, Chain, Layer
from engine.network.joints import Residual, Split
from engine.network.layers import Affine, AffineMap, BatchNorm, SequenceAffine
from engine.network.network import Network
from engine.network.shaping import Arrange
from engine.network.single import ActivationBlock, BatchNormBlock, DropoutBlock

JACOBIAN_EXAMPLES = 10
"""Examples that are averaged over: the first of the last forward pass. In layers of 64 units two of them differ by a tenth."""

EXAMPLES_OF_WIDE_LAYERS = 3
"""The same for layers of more than `WIDE` units, in which they differ less and take longer."""

WIDE = 256

MATRIX_VALUES = 2**23
"""Numbers of the matrices that are worked on at a time: 64 MiB."""


def mean_singular_values(network: Network) -> Floats:
    """The mean singular value of each layer's Jacobian, `[P, L]`, at the last forward pass, which was in evaluation mode.

    Exact for dense layers, for residuals and splits made of them, and for blocks of one operation on each number. Not-a-number for
    convolutions, poolings and recurrent layers, whose Jacobians are too large, and for a member whose numbers are not finite.
    """
    return np.stack([_of_layer(layer, network).cpu().numpy() for layer in network.layers], -1)


def jacobian_examples(width: int) -> int:
    """Examples that are averaged over in a layer of so many units."""
    return EXAMPLES_OF_WIDE_LAYERS if width > WIDE else JACOBIAN_EXAMPLES


def _of_layer(layer: Layer, network: Network) -> Tensor:
    """`[P]`."""
    assert layer.h is not None
    members, batch, width = layer.h.shape[0], layer.h.shape[1], layer.h.shape[-1]
    count = min(batch, jacobian_examples(width))
    diagonal = _diagonal(layer, slice(0, count))
    if diagonal is not None:
        return diagonal.abs().flatten(1).mean(1)
    group = max(1, MATRIX_VALUES // (members * network.widest * width))
    found = []
    for first in range(0, count, group):
        matrices = _jacobian(layer, slice(first, min(first + group, count)))
        if matrices is None:
            return layer.h.new_full((members,), torch.nan, dtype=torch.float64)
        found.append(_mean_singular_value(matrices))
    return torch.cat(found, 1).mean(1)


def _mean_singular_value(matrices: Tensor) -> Tensor:
    """`[P, E]` of `[P, E, out, in]`: the square roots of the eigenvalues of J J', which takes a third of the time of `svdvals`."""
    wide = matrices.shape[-2] <= matrices.shape[-1]
    squares = matrices @ matrices.mT if wide else matrices.mT @ matrices
    finite = squares.isfinite().all(-1).all(-1)
    squares = torch.where(finite[..., None, None], squares, 0.0)
    eigenvalues: Tensor = torch.linalg.eigvalsh(squares)
    return torch.where(finite, eigenvalues.clamp_(min=0).sqrt_().mean(-1), torch.nan)


def _jacobian(block: Block, examples: slice) -> Tensor | None:
    """d(what leaves) / d(what enters) of flat numbers, `[P, E, out, in]` in float64; E is 1 where all examples share it."""
    match block:
        case PostActivation():
            matrix = _matrix(block.affine)
            if matrix is not None and block.norm is not None:
                matrix = matrix * _scale(block.norm).mT.unsqueeze(1)
            return None if matrix is None else _activated(block, matrix, examples)
        case PreActivation():
            matrix = _matrix(block.affine)
            slopes = _slopes(block, examples)
            if block.norm is not None:
                slopes = slopes * _scale(block.norm)
            return None if matrix is None else matrix * slopes.unsqueeze(2)
        case Residual():
            inside = _jacobian(block.inside, examples)
            skipped = None if inside is None else _skipped(block, inside)
            return None if inside is None or skipped is None else _activated(block, inside + skipped, examples)
        case Split():
            return _merged(block, examples)
        case Chain():
            return _product(block, examples)
        case _:
            diagonal = _diagonal(block, examples)
            return None if diagonal is None or not _is_flat(block) else diagonal.diag_embed()


def _matrix(affine: AffineMap) -> Tensor | None:
    """W' as `[P, 1, out, in]`; None for a map of pictures or sequences."""
    if not isinstance(affine, Affine) or isinstance(affine, SequenceAffine):
        return None
    return affine.weight.value.double().mT.unsqueeze(1)


def _skipped(block: Residual, inside: Tensor) -> Tensor | None:
    """The Jacobian of what goes past the blocks inside."""
    if block.projection is None:
        return torch.eye(inside.shape[-1], dtype=inside.dtype, device=inside.device)
    return _matrix(block.projection)


def _merged(block: Split, examples: slice) -> Tensor | None:
    matrices = [matrix for branch in block.branches if (matrix := _jacobian(branch, examples)) is not None]
    if len(matrices) < len(block.branches):
        return None
    most = max(matrix.shape[1] for matrix in matrices)
    matrices = [matrix.expand(-1, most, -1, -1) for matrix in matrices]
    return torch.stack(matrices).sum(0) if block.axis is None else torch.cat(matrices, 2)


def _product(chain: Chain, examples: slice) -> Tensor | None:
    """By the chain rule; None if it holds anything that is not measured, or nothing at all."""
    product: Tensor | None = None
    for block in chain.blocks:
        if isinstance(block, Arrange):
            continue  # the numbers stay the same
        matrix = _jacobian(block, examples)
        if matrix is None:
            return None
        product = matrix if product is None else matrix @ product
    return product


def _activated(layer: Layer, before: Tensor, examples: slice) -> Tensor:
    """The Jacobian behind the activation from the one before it."""
    if isinstance(layer.activation, Softmax):
        assert layer.h is not None
        h = layer.h[:, examples].double()
        return (h.diag_embed() - h.unsqueeze(-1) * h.unsqueeze(-2)) @ before
    assert layer.activation is not None
    after = _slopes(layer, examples).unsqueeze(-1) * before
    pieces = layer.activation.pieces  # of which all but the winner have slope 0
    return after if pieces == 1 else torch.unflatten(after, 2, (-1, pieces)).sum(3)


def _slopes(layer: Layer, examples: slice) -> Tensor:
    """f'(z), with the axes of z."""
    assert layer.activation is not None
    assert layer.z is not None
    assert layer.h is not None
    return layer.activation.backward(torch.ones_like(layer.h), layer.z, layer.h)[:, examples].double()


def _scale(norm: BatchNorm) -> Tensor:
    """What batch norm multiplies each unit or channel with in evaluation, `[P, 1, W]`."""
    return norm.gamma.value.double() * torch.rsqrt(norm.running_var.double() + norm.eps)


def _diagonal(block: Block, examples: slice) -> Tensor | None:
    """The Jacobian of an operation on each number by itself; None for other blocks. Its examples may be one for all."""
    match block:
        case ActivationBlock():
            return _slopes(block, examples)
        case BatchNormBlock():
            return _scale(block.norm)
        case DropoutBlock():
            assert block.h is not None
            return torch.ones_like(block.h[:, :1], dtype=torch.float64)
        case _:
            return None


def _is_flat(block: Block) -> bool:
    """Whether flat numbers leave a block."""
    return isinstance(block, Layer) and block.h is not None and block.h.ndim == 3
