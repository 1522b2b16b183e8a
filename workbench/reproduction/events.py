"""What a reproduction says while it goes on."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.claims.records import Verdict
from workbench.history.reproductions import ReproductionRow
from workbench.recipes.records import Group, Plan
from workbench.runner import Runner


@dataclass(frozen=True, slots=True)
class Begun:
    """It is known what has to be trained."""

    plan: Plan
    runs: int
    """All that the recipe is made of, at its scale."""
    there: int
    """Those of them that the history holds already."""


@dataclass(frozen=True, slots=True)
class Going:
    """A portion is being trained; said again and again as long as that lasts."""

    runner: Runner
    labels: tuple[str, ...]
    """The groups that it belongs to."""
    done: int
    """Runs that are over, those that were there already included."""
    runs: int


@dataclass(frozen=True, slots=True)
class GroupTrained:
    """All runs of a group are there."""

    group: Group
    runs: tuple[int, ...]
    """Their ids, in the order of its experiments."""
    done: int
    """Groups of which this is so."""
    groups: int


@dataclass(frozen=True, slots=True)
class Broke:
    """The training of a portion broke off with an error. The others go on."""

    labels: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that whoever trains should know."""

    message: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim is decided, or will not be."""

    number: int
    """From 1, in the order of the recipe's file."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over."""

    made: ReproductionRow
    """What came of it; its id is 0 where it was not kept in the history."""
    verdicts: tuple[tuple[int, Verdict], ...]
    """The claims that were judged, each by its number, in the order of the recipe's file."""
    interrupted: bool


Event = Begun | Going | GroupTrained | Broke | Noted | Judged | Ended
