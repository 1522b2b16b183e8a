"""Copies of what members have learned, to be put back later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from engine.network.network import Network


def learned(network: Network) -> list[Tensor]:
    """All tensors that training changes, `[P, …]`: the learned ones, then the buffers."""
    return [*(parameter.value for parameter in network.parameters), *network.buffers]


def mismatch(network: Network, tensors: Sequence[Tensor]) -> str:
    """The first of one member's tensors, in the order of `learned`, that does not fit a network; empty if all do."""
    live = learned(network)
    if len(tensors) != len(live):
        return f"the network has {len(live)} tensors, but {len(tensors)} in the checkpoint"
    owners = {id(parameter): layer.name for layer in network.layers for parameter in layer.own_parameters}
    names = [f"{parameter.name} of {owners[id(parameter)]}" for parameter in network.parameters]
    names += ["running statistic of batch norm"] * len(network.buffers)
    for name, value, tensor in zip(names, live, tensors, strict=True):
        if tensor.shape != value.shape[1:]:
            now, was = ("x".join(map(str, shape)) for shape in (value.shape[1:], tensor.shape))
            return f"the {name} is {now}, but {was} in the checkpoint"
    return ""


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
