"""What a layer learns from in pre-training: the inputs, or what the layers below make of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Generator, Tensor

from engine.training.pretraining.coder import Coder

CHUNK = 1024
"""Examples that are coded at a time."""


class LayerInputs:
    """All examples as one layer is given them, N' for each member.

    Args:
        values: of all members one after the other, `[R, D]`.
        rows: the rows of `values` that are each member's examples, `[P, N']`.
    """

    def __init__(self, values: Tensor, rows: Tensor) -> None:
        self._values = values
        self._rows = rows
        self.members, self.examples = rows.shape
        self.width = values.shape[1]

    @classmethod
    def of_network(cls, inputs: Tensor, members: int, rows: Tensor | None = None) -> LayerInputs:
        """The examples `[N, D]` themselves; `rows` `[P, N']` are those that each member learns from, None: all of them."""
        if rows is None:
            rows = torch.arange(len(inputs), device=inputs.device).expand(members, -1)
        return cls(inputs, rows)

    def batches(self, size: int, generators: Sequence[Generator]) -> Iterator[Tensor]:
        """Yield `[P, B, D]` until every member has seen each of its examples, in its own order; the last may be smaller.

        A batch is good until the next one is asked for: its memory is used again.
        """
        device = self._rows.device
        order = torch.stack([torch.randperm(self.examples, generator=g, device=device) for g in generators])
        rows = self._rows.gather(1, order)
        size = min(size, self.examples)
        memory = self._values.new_empty(self.members * size, self.width)
        for begin in range(0, self.examples, size):
            yield self._some(rows[:, begin : begin + size], memory)

    def chunks(self) -> Iterator[Tensor]:
        """All examples in their own order, `[P, n, D]` at a time; good until the next chunk is asked for."""
        memory = self._values.new_empty(self.members * min(CHUNK, self.examples), self.width)
        for begin in range(0, self.examples, CHUNK):
            yield self._some(self._rows[:, begin : begin + CHUNK], memory)

    def coded(self, coder: Coder) -> LayerInputs:
        """What the layer above is given: the code of every example, without chance."""
        codes = self._values.new_empty(self.members, self.examples, coder.tied.weight.shape[2])
        for number, chunk in enumerate(self.chunks()):
            codes[:, number * CHUNK : (number + 1) * CHUNK] = coder.encode(chunk)
        rows = torch.arange(self._rows.numel(), device=codes.device)
        return LayerInputs(codes.flatten(0, 1), rows.view(self.members, self.examples))

    def mean(self) -> Tensor:
        """The mean of each input, `[P, 1, D]`."""
        total = self._values.new_zeros(self.members, 1, self.width)
        for chunk in self.chunks():
            total += chunk.sum(1, keepdim=True)
        return total.div_(self.examples)

    def _some(self, rows: Tensor, memory: Tensor) -> Tensor:
        """The examples in these rows `[P, n]`, `[P, n, D]`."""
        picked = torch.index_select(self._values, 0, rows.flatten(), out=memory[: rows.numel()])
        return picked.view(*rows.shape, self.width)
