"""What a rule is: its description, when it opens and closes, its words and its remedies.

Axes of the arrays: T measurements, P members, L layers (1 where the whole network is judged).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from engine.events import Floats as Floats
from engine.experiment import Experiment
from engine.insight import thresholds
from engine.insight.finding import Severity
from engine.insight.latch import Flags
from engine.insight.subject import Subject
from engine.vocabulary import Statistic

COST = "training cost over that of guessing"
GRADIENT_RATIO = "gradient over that of the layers above"
"""What several rules look at."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a rule looks at, with the bound that it is held against, and a lower one where it has two."""

    quantity: str
    bound: float
    values: Floats  # [T, P, L]
    lower: float = -math.inf  # values below it are out of range as well
    laxer: tuple[float, ...] = ()  # bounds above `bound` below which a value is beyond them in some cases
    beyond: Flags | None = None  # [T, P, L] where it is what opens a finding; None: wherever one opens

    def bound_of(self, value: float) -> float:
        """The bound that a value is held against: the lower one only where it is below that, a laxer one only where it must be."""
        if value < self.lower:
            return self.lower
        return next((bound for bound in (self.bound, *self.laxer) if value < bound), self.bound) if self.laxer else self.bound

    def is_beyond(self, row: int, member: int, layer: int) -> bool:
        """Whether it is evidence for a finding there."""
        return self.beyond is None or bool(self.beyond[row, member, layer])


@dataclass(frozen=True, slots=True)
class Look:
    """What a rule sees in some measurements."""

    bad: Flags  # [T, P, L] beyond the bound
    good: Flags  # [T, P, L] within the laxer bound at which a finding closes
    figures: tuple[Figure, ...]  # the first is the one that decides


def of_network(bad: Flags, good: Flags, *figures: Figure) -> Look:
    """What was seen of whole networks, [T, P]: with an axis for the layers, of which there is one."""
    deeper = (replace(figure, values=figure.values[:, :, None]) for figure in figures)
    return Look(bad[:, :, None], good[:, :, None], tuple(deeper))


@dataclass(frozen=True, slots=True)
class Case:
    """One member at one step for which a rule has opened: what words, severity and remedies are made from."""

    subject: Subject
    member: int
    step: int
    level: float = math.nan  # training cost as a share of the chance level
    layers: tuple[str, ...] = ()
    figures: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # by quantity, one for each of the layers

    @property
    def experiment(self) -> Experiment:
        """The member's."""
        return self.subject.experiments[self.member]

    def least(self, quantity: str) -> float:
        """The smallest figure of all layers."""
        return min(self.figures[quantity])

    def largest(self, quantity: str) -> float:
        """The largest figure of all layers."""
        return max(self.figures[quantity])

    @property
    def where(self) -> str:
        """The layers in words: `hidden 1`, `hidden 1 to hidden 4`."""
        if len(self.layers) <= 1:
            return "".join(self.layers)
        return f"{self.layers[0]} and {self.layers[1]}" if len(self.layers) == 2 else f"{self.layers[0]} to {self.layers[-1]}"


Change = tuple[str, Mapping[str, str]]
"""A title, and settings by path."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One named diagnosis.

    Attributes:
        key: kebab-case.
        title: as lists show it.
        definition: what is measured, and where the bound lies.
        explanation: what it means, in two sentences.
        severity: how bad it is while the network does not learn.
        sources: where it comes from.
        words: one sentence with the numbers of a case.
        changes: what could be changed to make it go away, the best first; those that are not valid are left out later.
        mild: how bad it is where the network learns all the same.
        opens_after: measurements in a row beyond the bound that open a finding.
        closes_after: measurements in a row within the laxer bound that close it.
        settles: whether it is closed at the end where the network has learned all the same.
        shows: the statistic of the layers beside which a mark of it belongs, if it is about layers.
    """

    key: str
    title: str
    definition: str
    explanation: str
    severity: Severity
    sources: tuple[str, ...]
    words: Callable[[Case], str]
    changes: Callable[[Case], Iterable[Change]]
    mild: Severity = Severity.NOTE
    opens_after: int = 3
    closes_after: int = 3
    settles: bool = False
    shows: Statistic | None = None

    def severity_of(self, case: Case) -> Severity:
        """How bad a case is."""
        return self.mild if case.level < thresholds.LEARNING else self.severity


def number(value: float) -> str:
    """Two digits, with a power of ten where that is shorter: `0.12`, `3e-05`, `1,200`."""
    if not math.isfinite(value):
        return "infinity" if value > 0 else "no number"
    if 10 <= abs(value) < 1e6:
        return f"{value:,.0f}"
    return f"{value:.2g}"


def share(value: float) -> str:
    """A share in percent."""
    return f"{value:.0%}"
