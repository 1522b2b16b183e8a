"""What sets experiments apart: the settings that differ, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.catalog import REGISTRIES, parse_pick
from engine.experiment import SETTINGS, SETTINGS_OUTSIDE_THE_HASH, Experiment
from workbench.plots.numbers import ABSENT


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting in which experiments differ."""

    path: str
    """The setting's dotted path, such as `model.depth`; `data` for the data themselves."""
    values: tuple[str | None, ...]
    """One text for each experiment, in their order; None where the setting is left open."""


def differences(experiments: Sequence[Experiment]) -> tuple[Difference, ...]:
    """The settings that are not the same in all experiments, in the order of the form."""
    return differing([flat_settings(experiment) for experiment in experiments])


def differing(settings: Sequence[Mapping[str, str]], *, but_seeds: bool = False) -> tuple[Difference, ...]:
    """The same of settings that `flat_settings` gave; `but_seeds`: without those that do not make another experiment."""
    found = (Difference(path, tuple(each.get(path) for each in settings)) for path in SETTINGS)
    return tuple(
        difference
        for difference in found
        if len(set(difference.values)) > 1 and not (but_seeds and _outside_hash(difference.path))
    )


def _outside_hash(path: str) -> bool:
    return any(path == outside or path.startswith(f"{outside}.") for outside in SETTINGS_OUTSIDE_THE_HASH)


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """Each path without its table (`activation` for `model.activation`), where that is not another one's name too."""
    names = [path.rpartition(".")[2] for path in paths]
    return {path: name if names.count(name) == 1 else path for path, name in zip(paths, names, strict=True)}


def short_value(path: str, value: str | None) -> str:
    """A setting's text; a choice without those of its parameters that nobody changed."""
    if value is None:
        return ABSENT
    if path not in REGISTRIES or path == "data.name":
        return value
    pick = parse_pick(value, REGISTRIES[path])
    defaults = {parameter.name: parameter.default for parameter in REGISTRIES[path][pick.kind].parameters}
    changed = [f"{name}={number:g}" for name, number in pick.parameters.items() if number != defaults[name]]
    return f"{pick.kind}({', '.join(changed)})" if changed else pick.kind


def data_difference(experiments: Sequence[Experiment], fingerprints: Sequence[str]) -> Difference | None:
    """The data themselves, where experiments that ask for the same were given other numbers: a file was changed in between.

    Args:
        experiments: At least one.
        fingerprints: For each experiment hex digits that equal data share; empty where they are not known.
    """
    known = [(experiment, text) for experiment, text in zip(experiments, fingerprints, strict=True) if text]
    if not any(text != other and same_data_asked(one, another) for one, text in known for another, other in known):
        return None
    return Difference("data", tuple(text or None for text in fingerprints))


def same_data_asked(first: Experiment, second: Experiment) -> bool:
    """Whether two experiments ask for the same data, wherever these lie."""
    return first.data.model_copy(update={"dir": None}) == second.data.model_copy(update={"dir": None})


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
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)
