"""What a labelled run is. A kind is one configuration with its variants; each is in one of two files, fixed by its name.

`setting.toml` holds the kinds by which thresholds were set, `reporting.toml` those that only report. In the files `must` names
the rules that have to be found in every run of the kind, `may` those that can be, or groups of them; runs vary by seed or by
one setting.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine.experiment import Experiment

UNBALANCED, LARGE = "unbalanced.npz", "large.npz"
"""Data that are made for the purpose."""

_STUCK = ("not-learning", "class-collapse", "update-ratio-out-of-range", "layers-learn-at-different-speeds")
_WILD = (
    *("dead-units", "saturated-layer", "exploding-gradient", "vanishing-gradient", "signal-explodes", "signal-dies"),
    *("not-finite", "learning-rate-too-high", "noisy-batches"),
)
GROUPS: Mapping[str, Sequence[str]] = {
    # what a network shows that does not learn, whatever the reason
    "STUCK": _STUCK,
    # what large steps or large weights can lead to
    "WILD": (*_STUCK, *_WILD),
    # what comes with a gradient that vanishes
    "VANISHING": (*_STUCK, "signal-dies", "learning-rate-too-low"),
    # what comes of too much regularization
    "HELD_DOWN": (*_STUCK, "weights-collapse", "underfitting", "signal-dies", "vanishing-gradient", "dead-units"),
}


class Half(StrEnum):
    """What a kind is for."""

    SETTING = "setting"  # looked at while thresholds were set
    REPORTING = "reporting"  # only counted


@dataclass(frozen=True, slots=True)
class Kind:
    """Runs of one configuration.

    Attributes:
        name: of the kind.
        half: what it is for.
        settings: what its runs share, by path.
        variants: what each run has of its own.
        must: rules that have to be found in every run.
        may: rules that can be found: consequences, and weaker forms of what is wrong.
    """

    name: str
    half: Half
    settings: Mapping[str, object]
    variants: Sequence[Mapping[str, object]]
    must: frozenset[str]
    may: frozenset[str]

    def experiments(self) -> list[Experiment]:
        """One for each run."""
        plain = Experiment.parse({"threads": 1, "device": "cpu", "checkpoint": {"every": "never"}})
        return [plain.with_settings({**self.settings, **variant}) for variant in self.variants]


def all_kinds() -> tuple[Kind, ...]:
    """Those of both halves."""
    return tuple(_kind(half, values) for half in Half for values in _read(half))


def _read(half: Half) -> Iterable[dict[str, Any]]:
    kinds: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name(f"{half}.toml").read_text(encoding="utf-8"))["kind"]
    return kinds


def _kind(half: Half, values: dict[str, Any]) -> Kind:
    varied = values.get("vary", {"seed": range(1, values.get("seeds", 1) + 1)})
    ((path, variants),) = varied.items()
    may = [rule for name in values.get("may", ()) for rule in GROUPS.get(name, (name,))]
    return Kind(
        name=values["name"],
        half=half,
        settings=values.get("settings", {}),
        variants=[{path: value} for value in variants],
        must=frozenset(values.get("must", ())),
        may=frozenset(may),
    )
