"""The examples on their device, and the batches of an epoch in each member's own order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Generator, Tensor

CHUNK_BYTES = 2 * 2**20
"""Batches are gathered several at a time, into memory that stays in the processor's cache and is used again."""


class Batches:
    """Batches of the training examples for a population.

    Args:
        inputs: `[N, D]`.
        targets: `[N, C]`, or `[N, 1]` class indices.
        size: examples in a batch; N or more is one full batch in the order of the data.
        generators: one for each member, for its order.
    """

    def __init__(self, inputs: Tensor, targets: Tensor, size: int, generators: Sequence[Generator]) -> None:
        self._inputs = inputs
        self._targets = targets
        self._generators = generators
        self._examples = len(inputs)
        self.size = min(size, self._examples)
        example_bytes = inputs[0].numel() * inputs.element_size() * len(generators)
        self._batches_per_chunk = max(1, min(CHUNK_BYTES // (example_bytes * self.size), self._examples // self.size))
        rows = self._batches_per_chunk * len(generators) * self.size
        self._input_rows = inputs.new_empty((rows, *inputs.shape[1:]))
        self._target_rows = targets.new_empty((rows, *targets.shape[1:]))

    @property
    def per_epoch(self) -> int:
        """Batches in an epoch; the last may be smaller."""
        return -(-self._examples // self.size)

    def epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield inputs `[P, B, D]` and targets `[P, B, C]` until every member has seen every example once.

        A batch is good until the next one is asked for: its memory is used again.
        """
        members = len(self._generators)
        if self.size == self._examples:
            yield self._inputs.expand(members, -1, -1), self._targets.expand(members, -1, -1)
            return
        order = torch.stack([torch.randperm(self._examples, generator=g) for g in self._generators])
        order = order.to(self._inputs.device)
        whole = self._examples // self.size
        for first in range(0, whole, self._batches_per_chunk):
            count = min(self._batches_per_chunk, whole - first)
            chunk = order[:, first * self.size : (first + count) * self.size]
            # [P, batches, B] -> [batches, P, B]: each batch is then contiguous.
            picked = chunk.reshape(members, count, self.size).transpose(0, 1)
            yield from zip(*self._gather(picked), strict=True)
        rest = order[:, whole * self.size :].unsqueeze(0)
        if rest.numel():
            yield from zip(*self._gather(rest), strict=True)

    def _gather(self, picked: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """The examples with indices `[batches, P, B]`: inputs `[P, B, D]` of each batch, and targets."""
        rows = picked.flatten()
        inputs = torch.index_select(self._inputs, 0, rows, out=self._input_rows[: len(rows)])
        targets = torch.index_select(self._targets, 0, rows, out=self._target_rows[: len(rows)])
        return inputs.view(*picked.shape, -1).unbind(0), targets.view(*picked.shape, -1).unbind(0)
