"""How the runs of a recipe were made: what varies, what does not, on which machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import starmap
from pathlib import Path
from typing import Any

from engine.experiment import Experiment
from engine.parts import is_file
from workbench.history.records import RunRecord
from workbench.plots.numbers import format_duration
from workbench.recipes.records import Axis
from workbench.recipes.tables import flattened, value_name
from workbench.report.markdown import cell, code
from workbench.report.stored import Result

UNTOLD = frozenset(("seed", "data.dir", "epochs", "steps", "device", "threads"))
"""Settings that are told otherwise, or belong to a machine."""
DATE = 10
"""Characters of the day in a time as the history keeps it."""


def setup_rows(result: Result) -> Iterator[tuple[str, str]]:
    """What is told, each with its text; Markdown."""
    if result.plan.axes:
        yield "varied", "<br>".join(_axis_words(axis) for axis in result.plan.axes)
    yield "always", ", ".join(starmap(_setting, _common(result))) or "the default experiment"
    groups, runs = len(result.plan.groups), result.there
    yield "runs", f"{_counted(groups, 'group')}, {_counted(result.made.seeds, 'seed')} each: {_counted(len(runs), 'run')}"
    if runs:
        yield "training", _training_words(runs)
        yield "data", "<br>".join(dict.fromkeys(_data_words(run) for run in runs))
        yield "machine", cell(_machine_words(result))
    yield "date", f"{result.made.ended[:DATE]}; {format_duration(result.made.seconds)} of training"
    seeds = f" --seeds {result.made.seeds}" if result.made.seeds != result.plan.scale.seeds else ""
    yield "again", code(f"workbench reproduce {result.recipe.name} --scale {result.made.scale}{seeds}")


def _axis_words(axis: Axis) -> str:
    if axis.path:
        return f"{cell(axis.name)} ({code(axis.path)}): {', '.join(axis.names)}"
    parts = []
    for each in axis.variations:
        settings = ", ".join(f"{path} = {_value_words(path, value)}" for path, value in each.settings.items())
        parts.append(f"{cell(each.name)} ({code(settings)})" if settings else cell(each.name))
    return f"{cell(axis.name)}: {', '.join(parts)}"


def _common(result: Result) -> list[tuple[str, Any]]:
    """The settings that all groups share and that are not the usual ones."""
    usual = flattened(Experiment().to_dict())
    groups = [flattened(group.experiments[0].to_dict()) for group in result.plan.groups]
    shared = {path: value for path, value in groups[0].items() if all(each.get(path) == value for each in groups)}
    told = [(path, value) for path, value in shared.items() if path not in UNTOLD and value is not None]
    return [(path, value) for path, value in told if value != usual.get(path)]


def _setting(path: str, value: Any) -> str:
    return code(f"{path} = {_value_words(path, value)}")


def _value_words(path: str, value: Any) -> str:
    if path == "data.name" and is_file(str(value)):
        return Path(value).name
    return value_name(value).replace("|", "/")


def _training_words(runs: Sequence[RunRecord]) -> str:
    steps = _span([run.step if run.ended_step is None else run.ended_step for run in runs])
    epochs = _span([run.epoch if run.ended_epoch is None else run.ended_epoch for run in runs])
    return f"{steps} steps, {epochs} epochs, of networks of {_span([run.parameters for run in runs])} parameters"


def _span(values: Sequence[int]) -> str:
    least, most = min(values), max(values)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _data_words(run: RunRecord) -> str:
    told = json.loads(run.data_json)
    parts = [f"{told[part]:,} {part}" for part in ("train", "validation", "test") if isinstance(told.get(part), int)]
    return f"{cell(Path(run.data).name)}: {', '.join(parts)} examples" if parts else cell(Path(run.data).name)


def _machine_words(result: Result) -> str:
    versions = json.loads(result.made.versions_json)
    threads = _span(sorted({run.threads for run in result.there}))
    on = f"{result.made.device}, {threads} {'thread' if threads == '1' else 'threads'}"
    names = {"system": "", "python": "Python ", "torch": "torch ", "numpy": "numpy ", "workbench": "workbench "}
    return ", ".join([on, *(f"{words}{versions[name]}" for name, words in names.items() if name in versions)])


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + "s" * (count != 1)
