"""What a recipe is, as it stands in its file, and the experiments that it comes to. Frozen; nothing is checked here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine.experiment import Experiment


class ShowKind(StrEnum):
    """What is shown of the runs."""

    TABLE = "table"  # a row for each group
    CURVES = "curves"  # a line for each group, over epochs
    LAYERS = "layers"  # a line for each group, over layers
    AXIS = "axis"  # over the values of an axis, a line for each combination of the others
    LAYER_CURVES = "layer_curves"  # a line for each layer of one group, over epochs
    HEAT = "heat"  # layers by steps, of one group
    SURFACE = "surface"  # the cost over two weights, of one group


@dataclass(frozen=True, slots=True)
class Variation:
    """One place on an axis."""

    name: str
    settings: Mapping[str, Any]
    """What it sets, by dotted path."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One way in which the experiments of a recipe differ."""

    name: str
    variations: tuple[Variation, ...]
    path: str = ""
    """The setting whose values they are; empty where each variation has a name of its own."""
    numeric: bool = False
    """Whether all names are numbers, so that what rises over the axis rises in their order."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its variations, in the order of the file."""
        return tuple(each.name for each in self.variations)

    def label(self, name: str) -> str:
        """How one of its variations is called among those of other axes: `relu`, or `depth=10`."""
        return f"{self.name}={name}" if self.path else name


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of a recipe is trained."""

    name: str
    seeds: int
    """Runs of each group."""
    settings: Mapping[str, Any]
    """What it sets over base and variations, by dotted path."""
    only: Mapping[str, tuple[str, ...]]
    """Of some axes, the variations that it is made of; all of them where an axis is not named."""
    cost: str = ""
    """In words; empty if nothing was said."""


@dataclass(frozen=True, slots=True)
class Published:
    """A figure that others came to, and where."""

    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement about the runs, and the check that bears it out."""

    says: str
    check: str
    scales: tuple[str, ...]
    """Where it is judged; empty: at every scale."""
    published: Published | None
    place: str
    """Where it stands in the file, such as `claim 3`."""

    def judged_at(self, scale: str) -> bool:
        """Whether it is judged at this scale."""
        return not self.scales or scale in self.scales


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    of: str
    """A quantity without its group."""
    title: str
    """What stands above it; the quantity itself if nothing was said."""


@dataclass(frozen=True, slots=True)
class Show:
    """A table or picture of the runs. What its kind has no use for is empty."""

    kind: ShowKind
    of: str = ""
    """A quantity or series without its group; of a heat map a statistic."""
    title: str = ""
    log: bool = False
    axis: str = ""
    group: str = ""
    """Of one group its label, such as `sigmoid, depth=10`."""
    columns: tuple[Column, ...] = ()
    place: str = ""
    """Where it stands in the file, such as `show 2`."""


@dataclass(frozen=True, slots=True)
class Selection:
    """An axis whose best variation is taken for each combination of the others."""

    axis: str
    by: str
    """The quantity of a run that tells which is best, by its mean over seeds: the least, or the greatest of an accuracy or r2."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A question, the experiments that answer it, and what they must bear out."""

    name: str
    """The name of its file, without ending."""
    path: Path
    title: str
    question: str
    source: str
    look: str
    """What to look at while it is trained and afterwards."""
    shows: tuple[str, ...]
    """Rules of `workbench explain` that it is an example of."""
    notes: str
    base: Experiment
    axes: tuple[Axis, ...]
    """The first varies slowest; without any there is one group."""
    choose: Selection | None
    scales: Mapping[str, Scale]
    claims: tuple[Claim, ...]
    show: tuple[Show, ...]
    digest: str
    """16 hex digits of the text of its file."""

    def axis(self, name: str) -> Axis | None:
        """The axis of that name, or None."""
        return next((axis for axis in self.axes if axis.name == name), None)


@dataclass(frozen=True, slots=True)
class Group:
    """The experiments of one combination of variations, which differ in their seeds alone."""

    names: tuple[tuple[str, str], ...]
    """Axis and variation, in the order of the axes."""
    experiments: tuple[Experiment, ...]
    """One for each seed; of an ensemble all members for each seed, in their order."""
    label: str = ""
    """`relu, depth=10`; empty where nothing varies."""

    def on(self, axis: str) -> str:
        """The name of its variation on an axis."""
        return dict(self.names)[axis]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a recipe trains at one scale."""

    recipe: Recipe
    scale: Scale
    groups: tuple[Group, ...]
    """Those of the first axis slowest."""
    seeds: int
    """Seeds of each group."""

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes with those of their variations that are in the plan."""
        there = {pair for group in self.groups for pair in group.names}
        return tuple(
            replace(axis, variations=tuple(each for each in axis.variations if (axis.name, each.name) in there))
            for axis in self.recipe.axes
        )
