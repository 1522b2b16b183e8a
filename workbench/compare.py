"""What sets experiments apart: the settings that differ, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.experiment import SETTINGS, Experiment


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting in which experiments differ."""

    path: str
    """The setting's dotted path, such as `model.depth`."""
    values: tuple[str | None, ...]
    """One text for each experiment, in their order; None where the setting is left open."""


def differences(experiments: Sequence[Experiment]) -> tuple[Difference, ...]:
    """The settings that are not the same in all experiments, in the order of the form."""
    settings = [flat_settings(experiment) for experiment in experiments]
    found = (Difference(path, tuple(each.get(path) for each in settings)) for path in SETTINGS)
    return tuple(difference for difference in found if len(set(difference.values)) > 1)


def flat_settings(experiment: Experiment) -> dict[str, str]:
    """Every setting of an experiment as text, by dotted path; settings that are left open are left out."""
    return {path: _text(value) for path, value in _leaves(experiment.to_dict(), "") if value != []}


def _leaves(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)
