"""Everything that a check may measure: its unit, and when it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from engine.vocabulary import PERCENTILES, QUANTITIES, Statistic
from workbench.claims.records import Unit


class Known(Enum):
    """When a quantity is known."""

    END = "end"  # of the run, at its end alone
    EPOCHS = "epochs"  # of the run, after each epoch and at its end
    STEPS = "steps"  # of the run, at most steps
    LAYERS = "layers"  # of each layer, at some steps


@dataclass(frozen=True, slots=True)
class Measure:
    """One quantity."""

    name: str
    unit: Unit
    known: Known

    @property
    def of_layers(self) -> bool:
        """Whether it is one of each layer."""
        return self.known is Known.LAYERS

    @property
    def has_course(self) -> bool:
        """Whether it is known while a run is trained."""
        return self.known is not Known.END


SHARES = frozenset((Statistic.SATURATED, Statistic.DEAD, Statistic.NEAR_ZERO))
PERCENTILE_NAMES = {f"{quantity}_p{percent}": (quantity, percent) for quantity in QUANTITIES for percent in PERCENTILES}
"""The quantity and the percentile that the name of one stands for."""
PROBES = ("jacobian", "activation_ratio", "gradient_ratio")
DEFINED_WHEN_DIVERGED = frozenset(("loss", "diverged", "steps", "epochs", "seconds", "parameters", "plateau"))
"""What a run that diverged has, too. Its loss counts as infinite from then on."""
_SCORES = {"cost": Unit.NUMBER, "error": Unit.PERCENT, "accuracy": Unit.SHARE, "r2": Unit.NUMBER, "mae": Unit.NUMBER}
_VOTES = {"vote_error": Unit.PERCENT, "vote_accuracy": Unit.SHARE}
_ENDS = {
    "gap": Unit.PERCENT,
    "best_validation_cost": Unit.NUMBER,
    "steps": Unit.COUNT,
    "epochs": Unit.COUNT,
    "seconds": Unit.SECONDS,
    "parameters": Unit.COUNT,
    "diverged": Unit.NUMBER,
    "plateau": Unit.SHARE,  # of the cost over two weights, about the first weights
}


def _measures() -> Mapping[str, Measure]:
    found = []
    for part, known in (("test", Known.END), ("train", Known.EPOCHS), ("validation", Known.EPOCHS)):
        found += [Measure(f"{part}_{score}", unit, known) for score, unit in _SCORES.items()]
    found.append(Measure("loss", Unit.NUMBER, Known.STEPS))
    for part in ("test", "validation"):
        found += [Measure(f"combined_{part}_{score}", unit, Known.END) for score, unit in (_SCORES | _VOTES).items()]
    found += [Measure(name, unit, Known.END) for name, unit in _ENDS.items()]
    found += [Measure(each.value, Unit.SHARE if each in SHARES else Unit.NUMBER, Known.LAYERS) for each in Statistic]
    found += [Measure(name, Unit.NUMBER, Known.LAYERS) for name in (*PERCENTILE_NAMES, *PROBES)]
    return {each.name: each for each in found}


MEASURES = _measures()
"""All of them by name; those of the whole run first."""


def more_is_better(name: str) -> bool:
    """Whether the greatest value of a quantity is the best, as of an accuracy."""
    return name.endswith(("accuracy", "r2"))


def part_of(name: str) -> str:
    """The part of the data that a score is taken on."""
    return name.removeprefix("combined_").partition("_")[0]
