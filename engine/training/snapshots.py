"""Copies of what members have learned, to be put back later."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from engine.network.network import Network


def learned(network: Network) -> list[Tensor]:
    """All tensors that training changes, `[P, …]`: the learned ones, then the buffers."""
    return [*(parameter.value for parameter in network.parameters), *network.buffers]


class Snapshots:
    """One copy of each member's learned tensors and buffers. Memory is taken with the first copy."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.tensors: list[Tensor] = []
        """The copies, `[P, …]`; none before the first was made. What was not copied is 0."""

    def take(self, members: Iterable[int]) -> None:
        """Copy members as they are now."""
        live = learned(self._network)
        if not self.tensors:
            self.tensors = [torch.zeros_like(tensor) for tensor in live]
        for member in members:
            for copy, tensor in zip(self.tensors, live, strict=True):
                copy[member] = tensor[member]

    def put_back(self, members: Iterable[int]) -> None:
        """Make members what they were when they were copied."""
        for member in members:
            for copy, tensor in zip(self.tensors, learned(self._network), strict=True):
                tensor[member] = copy[member]

    def restore(self, tensors: Iterable[Tensor]) -> None:
        """Take the place of earlier snapshots: `[P, …]` each."""
        self.tensors = list(tensors)
