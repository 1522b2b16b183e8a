"""The examples on their device, and the batches of one epoch after another in each member's own order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import torch
from torch import Generator, Tensor

from engine.generators import set_states, states_of
from engine.training.records import Place

CHUNK_BYTES = 2 * 2**20
"""Batches are gathered several at a time, into memory that stays in the processor's cache and is used again."""

Batch = tuple[Tensor, Tensor]
"""Inputs `[P, B, D]` and targets `[P, B, C]`."""


class Batches(ABC):
    """What the two kinds have in common. The size of the batches may change between any two of them.

    Args:
        examples: of an epoch.
        size: examples in a batch; as many as an epoch has, or more, is one full batch.
        example_bytes: of one example of all members.
    """

    def __init__(self, examples: int, size: int, example_bytes: int) -> None:
        self.examples = examples
        self.cursor = 0
        self._before = 0
        self._example_bytes = example_bytes
        self.resize(size)

    def resize(self, size: int) -> None:
        """Make batches of `size` examples from the next one on."""
        self.size = min(size, self.examples)
        self._origin = self.cursor
        self._batches_per_chunk = max(1, min(CHUNK_BYTES // (self._example_bytes * self.size), self.examples // self.size))
        self._ready: Iterator[Batch] = iter(())

    @property
    def per_epoch(self) -> int:
        """Batches in an epoch; the last may be smaller."""
        return -(-self.examples // self.size)

    @property
    def left(self) -> int:
        """Batches left in this epoch."""
        return -(-(self.examples - self.cursor) // self.size)

    def next(self) -> Batch:
        """The next batch of this epoch, which must have one left. It is good until the one after it is asked for."""
        batch = next(self._ready, None)
        if batch is None:
            self._ready = self._chunk()
            batch = next(self._ready)
        self.cursor += batch[1].shape[1]
        return batch

    def next_epoch(self) -> None:
        """Begin the next epoch."""
        self._before += self.examples
        self.cursor = self._origin = 0
        self._ready = iter(())

    def _chunk(self) -> Iterator[Batch]:
        """The batches from here to the end of a chunk.

        Where chunks begin depends on the place in the epoch alone, so that each batch lies at the same place in memory after
        a resumption: matrix products may depend on that in their last digit.
        """
        done = (self.cursor - self._origin) // self.size
        passed = done % self._batches_per_chunk
        first = self._origin + (done - passed) * self.size
        whole = min(self._batches_per_chunk, (self.examples - first) // self.size)
        if passed >= whole:
            return self._cut(self.cursor, 1, self.examples - self.cursor)
        batches = self._cut(first, whole, self.size)
        return islice(batches, passed, None) if passed else batches

    @abstractmethod
    def _cut(self, first: int, count: int, size: int) -> Iterator[Batch]:
        """`count` batches of `size` examples, from the example `first` of this epoch on."""

    # --- to go on later ------------------------------------------------------

    def place(self) -> Place:
        """Where this training stands."""
        return Place(self.cursor, self._origin, self._order_is_drawn, self._before)

    def generators(self) -> Tensor | None:
        """The states of the generators at the beginning of this epoch, `[P, bytes]`; None where there are none."""
        return None

    def restore(self, place: Place, generators: Tensor | None) -> None:
        """Go on from a place; the size of the batches must have been set before."""
        del generators
        self.cursor, self._origin, self._before = place.cursor, place.origin, place.before
        self._ready = iter(())

    @property
    def _order_is_drawn(self) -> bool:
        return False


class StoredBatches(Batches):
    """Batches of examples that are all there, in each member's own order.

    Args:
        inputs: `[N, D]`.
        targets: `[N, C]`, or `[N, 1]` class indices.
        size: examples in a batch; an epoch's or more is one full batch in the order of the data.
        generators: one for each member, for its order.
        rows: `[P, N']`, the examples that each member learns from; None: all of them.
    """

    def __init__(
        self, inputs: Tensor, targets: Tensor, size: int, generators: Sequence[Generator], rows: Tensor | None = None
    ) -> None:
        self._inputs = inputs
        self._targets = targets
        self._generators = generators
        self._rows = rows
        self._order: Tensor | None = None
        self._states: Tensor | None = None
        self._full: Batch | None = None
        example_bytes = inputs[0].numel() * inputs.element_size() * len(generators)
        super().__init__(len(inputs) if rows is None else rows.shape[1], size, example_bytes)

    def resize(self, size: int) -> None:
        super().resize(size)
        rows = self._batches_per_chunk * len(self._generators) * self.size
        self._input_rows = self._inputs.new_empty((rows, *self._inputs.shape[1:]))
        self._target_rows = self._targets.new_empty((rows, *self._targets.shape[1:]))

    def next_epoch(self) -> None:
        super().next_epoch()
        self._order = self._states = None

    def generators(self) -> Tensor:
        return states_of(self._generators) if self._states is None else self._states

    def restore(self, place: Place, generators: Tensor | None) -> None:
        super().restore(place, generators)
        assert generators is not None
        set_states(self._generators, generators)
        self._order = self._draw() if place.drawn else None

    @property
    def _order_is_drawn(self) -> bool:
        return self._order is not None

    def _draw(self) -> Tensor:
        """The order of an epoch: indices of examples, `[P, N']`."""
        self._states = states_of(self._generators)
        order = torch.stack([torch.randperm(self.examples, generator=g) for g in self._generators])
        order = order.to(self._inputs.device)
        return order if self._rows is None else self._rows.gather(1, order)

    def _cut(self, first: int, count: int, size: int) -> Iterator[Batch]:
        members = len(self._generators)
        if size == self.examples:
            return iter((self._everything(),))
        if self._order is None:
            self._order = self._draw()
        chunk = self._order[:, first : first + count * size]
        # [P, batches, B] -> [batches, P, B]: each batch is then contiguous.
        picked = chunk.reshape(members, count, size).transpose(0, 1)
        rows = picked.flatten()
        inputs = torch.index_select(self._inputs, 0, rows, out=self._input_rows[: len(rows)])
        targets = torch.index_select(self._targets, 0, rows, out=self._target_rows[: len(rows)])
        return zip(inputs.view(*picked.shape, -1).unbind(0), targets.view(*picked.shape, -1).unbind(0), strict=True)

    def _everything(self) -> Batch:
        """All examples in one batch, in the order of the data."""
        if self._full is None:
            members = len(self._generators)
            if self._rows is None:
                self._full = self._inputs.expand(members, -1, -1), self._targets.expand(members, -1, -1)
            else:
                self._full = self._inputs[self._rows], self._targets[self._rows]
        return self._full


class StreamedBatches(Batches):
    """Batches of a stream of examples that has no end; all members see the same ones.

    Args:
        examples: inputs `[B, D]` and targets `[B, C]` of so many examples from one on, on the device.
        per_epoch: examples that are called an epoch.
        size: examples in a batch.
        members: P.
        example_bytes: of one example.
    """

    def __init__(
        self, examples: Callable[[int, int], Batch], per_epoch: int, size: int, members: int, example_bytes: int
    ) -> None:
        self._examples = examples
        self._members = members
        super().__init__(per_epoch, size, example_bytes)

    def _cut(self, first: int, count: int, size: int) -> Iterator[Batch]:
        inputs, targets = self._examples(self._before + first, count * size)
        for begin in range(0, count * size, size):
            x, y = inputs[begin : begin + size], targets[begin : begin + size]
            yield x.expand(self._members, -1, -1), y.expand(self._members, -1, -1)
