"""What is trained whole or not at all: one experiment, or the members of an ensemble, which answer together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.experiment import Experiment
from workbench.recipes.records import Group


@dataclass(frozen=True, slots=True)
class Key:
    """What tells a trial from others, wherever it was run."""

    hash: str
    seed: int
    """Of an ensemble that of its first member."""
    members: int = 1


@dataclass(frozen=True, slots=True)
class Trial:
    """One experiment with its seed, or one ensemble."""

    key: Key
    experiments: tuple[Experiment, ...]
    """One; or the members of an ensemble in their order."""


def trials_of(group: Group) -> tuple[Trial, ...]:
    """What a group is made of: one trial for each seed."""
    return tuple(_trials(group.experiments))


def distinct(some: Iterable[Trial]) -> tuple[Trial, ...]:
    """Each of them once: groups may share some."""
    return tuple({trial.key: trial for trial in some}.values())


def _trials(experiments: Sequence[Experiment]) -> Iterator[Trial]:
    place = 0
    while place < len(experiments):
        first = experiments[place]
        members = tuple(experiments[place : place + first.ensemble.members])
        yield Trial(Key(first.hash, first.seed, len(members)), members)
        place += len(members)
