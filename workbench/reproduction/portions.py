"""How much is trained at once: experiments of one shape together, as many as memory and time bear."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from engine.population import populations
from workbench.reproduction.sizes import size_of
from workbench.reproduction.trials import Trial

MOST_MEMBERS = 128
"""Networks in one population at the most."""
SHARE_OF_MEMORY = 0.25
"""Of the memory of the device that one population may need."""
OPERATIONS = {"cpu": 2e13, "cuda": 5e15}
"""Floating-point operations of one population, some minutes' work: what an interruption may lose."""


def portions(missing: Sequence[Trial]) -> tuple[tuple[Trial, ...], ...]:
    """Put trials together that are trained in one population, in the order of their first ones.

    Trials of one shape are cut into portions of about the same size, so that in each members x (weights x 7 copies + activations of a
    batch x 3) fit into a quarter of the device's memory, and members x arithmetic of all steps take some minutes. A single network may
    be larger, and so may an ensemble, whose members are never parted.
    """
    leads = [trial.experiments[0] for trial in missing]
    return tuple(tuple(missing[place] for place in part) for together in populations(leads) for part in _parts(together, missing))


def _parts(together: Sequence[int], missing: Sequence[Trial]) -> Iterator[Sequence[int]]:
    most = _most(missing[together[0]])
    count = -(-len(together) // most)
    size = -(-len(together) // count)
    for first in range(0, len(together), size):
        yield together[first : first + size]


def _most(trial: Trial) -> int:
    """How many trials of this shape are trained at once."""
    lead = trial.experiments[0]
    if lead.ensemble.members > 1:
        return 1
    size = size_of(lead, read=True)
    if size is None:
        return 1
    kind, memory = _device(lead.device)
    by_memory = memory * SHARE_OF_MEMORY / max(1, size.memory)
    by_time = OPERATIONS[kind] / max(1, size.operations)
    return max(1, min(MOST_MEMBERS, int(by_memory), int(by_time)))


def _device(name: str) -> tuple[str, int]:
    """Its kind and bytes of memory; of a device that is not there those of this machine, for training will tell of it."""
    from engine.errors import DeviceError
    from engine.training.memory import memory_of
    from engine.training.prepare import resolve_device

    try:
        device = resolve_device(name)
    except DeviceError:
        return "cpu", os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return device.type, memory_of(device)
