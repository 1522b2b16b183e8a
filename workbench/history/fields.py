"""What a run can be asked for by name: columns of the list, figures worked out from them, settings. Each is an expression of SQL.

Loads nothing but the standard library, save where a setting is named.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache

from engine.insight.finding import Severity
from workbench.history.errors import HistoryError
from workbench.history.records import RunRecord

_HIDDEN = frozenset(("tags", "findings", "severity", "experiment_json", "data_json", "versions_json", "nonfinite"))
_TIMES = ("started", "updated", "ended", "deleted", "archived")
_FREE = ("name", "note", "data", "message", "host")
"""Texts of which a part is asked for, rather than the whole."""
_ALIASES = {"initializer": "init", "run": "id", "tags": "tag", "steps_done": "step", "time": "seconds"}
_HIGH = ("accuracy", "r2")
_PARTS = ("train", "validation", "test")

LISTED = (
    "id", "name", "tag", "finding", "status", "data", "task", "depth", "width", "activation", "init", "optimizer", "lr", "seed", "device",
    "epoch", "step", "reason", "parent", "origin", "population", "ensemble",
)  # fmt: skip
"""The fields that a message names; the other columns of the list and the settings can be filtered by as well."""

SMOOTHED_EPOCHS = 5
"""Of so many of the latest epochs the smoothed cost is the mean."""


class Kind(Enum):
    """What a field holds, and so what it may be compared with."""

    TEXT = "text"
    NUMBER = "number"
    SHARE = "share"  # from 0 to 1; also written in per cent
    PERCENT = "per cent"
    TIME = "time"
    TAG = "tag"
    FINDING = "finding"
    SETTING = "setting"  # a number or text, as the experiment has it


class Better(Enum):
    """Which values of a figure are the good ones."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Field:
    """One of them."""

    name: str
    sql: str
    """An expression over the table `runs`; for tags all of them, with line feeds between."""
    kind: Kind
    better: Better | None = None
    """Of a figure of how well a run did."""
    parsed: bool = False
    """Whether the experiment is read for it, run by run, which is slow for very many."""
    switch: bool = False
    """Whether it is on or off; SQLite has 1 and 0 for these."""

    @property
    def free(self) -> bool:
        """Whether `:` asks for a part of it."""
        return self.name in _FREE

    @property
    def downwards(self) -> bool:
        """Whether a list goes from high to low by itself: the best and the latest first."""
        return self.better is Better.HIGH or self.kind is Kind.TIME or self.name in ("id", "findings")


TAGS = "(SELECT group_concat(tag, char(10)) FROM (SELECT tag FROM tags WHERE run = runs.id ORDER BY tag))"
_OPEN = "FROM findings WHERE run = runs.id AND closed IS NULL"
_RANKS = " ".join(f"WHEN '{severity}' THEN {severity.rank}" for severity in Severity)
_RANKED = f"CASE severity {_RANKS} END"
FINDINGS = (
    f"(SELECT group_concat(severity || ' ' || rule, char(10)) FROM (SELECT severity, rule {_OPEN} ORDER BY {_RANKED}, opened))"  # noqa: S608
)
"""What is wrong with a run: `serious vanishing-gradient` and so on, the worst first, with line feeds between."""
_SMOOTHED = (
    "(SELECT avg(cost) FROM (SELECT cost FROM epochs WHERE run = runs.id AND part = 'validation' AND NOT final"  # noqa: S608
    f" ORDER BY rowid DESC LIMIT {SMOOTHED_EPOCHS}))"
)


def _columns() -> dict[str, Field]:
    found: dict[str, Field] = {
        "tag": Field("tag", TAGS, Kind.TAG),
        "finding": Field("finding", FINDINGS, Kind.FINDING),
        "findings": Field("findings", f"(SELECT count(*) {_OPEN})", Kind.NUMBER),
        "severity": Field("severity", f"(SELECT severity {_OPEN} ORDER BY {_RANKED} LIMIT 1)", Kind.TEXT),
        "diagnosed": Field("diagnosed", "coalesce(diagnosed, 0)", Kind.NUMBER, switch=True),
    }
    for column in fields(RunRecord):
        if column.name in _HIDDEN or column.name in found:
            continue
        found[column.name] = Field(column.name, column.name, _kind(column.name, str(column.type)), _better(column.name))
    return found


def _kind(name: str, annotation: str) -> Kind:
    if name in _TIMES:
        return Kind.TIME
    if name.endswith("accuracy"):
        return Kind.SHARE
    return Kind.NUMBER if annotation.startswith(("int", "float")) else Kind.TEXT


def _better(name: str) -> Better | None:
    if name.endswith(_HIGH):
        return Better.HIGH
    return Better.LOW if name == "loss" or name.endswith(("_cost", "_mae")) else None


def _derived() -> dict[str, Field]:
    """Figures that are worked out from others."""
    found = {
        f"{part}_error": Field(f"{part}_error", f"(100 * (1 - {part}_accuracy))", Kind.PERCENT, Better.LOW) for part in _PARTS
    }
    for part in _PARTS:
        score = f"coalesce({part}_accuracy, {part}_r2)"
        found[f"{part}_score"] = Field(f"{part}_score", score, Kind.SHARE, Better.HIGH)
    found["error"] = Field("error", "(100 * (1 - coalesce(test_accuracy, validation_accuracy)))", Kind.PERCENT, Better.LOW)
    found["smoothed_validation_cost"] = Field("smoothed_validation_cost", _SMOOTHED, Kind.NUMBER, Better.LOW, parsed=True)
    return found


COLUMNS: Mapping[str, Field] = {**_columns(), **_derived()}
"""All fields but the settings."""


def field(name: str) -> Field:
    """The field of that name: a column, a setting by its path (`model.dropout`), or by the end of it where no other ends so.

    Raises:
        UnknownFieldError: there is none.
    """
    lowered = name.lower()
    known = COLUMNS.get(_ALIASES.get(lowered, lowered))
    return known if known is not None else _setting(lowered)


def figure(name: str) -> Field:
    """The field by which groups are summed up: the one of that name if it says how well a run did, else the validation cost."""
    found = field(name)
    return found if found.better is not None else COLUMNS["validation_cost"]


def settings() -> tuple[str, ...]:
    """The paths of all settings. Loads pydantic."""
    from engine.experiment import SETTINGS

    return SETTINGS


@cache
def _switches() -> frozenset[str]:
    """The settings that are on or off, all of which have a default."""
    from engine.experiment import Experiment

    settings = Experiment().to_dict()
    inner = {
        f"{table}.{name}": value for table, each in settings.items() if isinstance(each, dict) for name, value in each.items()
    }
    return frozenset(path for path, value in (*settings.items(), *inner.items()) if isinstance(value, bool))


@cache
def _endings() -> dict[str, tuple[str, ...]]:
    """The settings by the last word of their paths."""
    found: dict[str, tuple[str, ...]] = {}
    for path in settings():
        ending = path.rpartition(".")[2]
        found[ending] = (*found.get(ending, ()), path)
    return found


def _setting(name: str) -> Field:
    if name in settings():
        return Field(name, f"json_extract(experiment_json, '$.{name}')", Kind.SETTING, parsed=True, switch=name in _switches())
    same_end = _endings().get(name, ())
    if len(same_end) == 1:
        return _setting(same_end[0])
    if same_end:
        raise UnknownFieldError(name, f"several settings are called {name!r}: {', '.join(same_end)}")
    near = difflib.get_close_matches(name, [*LISTED, *sorted(set(COLUMNS) - set(LISTED)), *settings(), *_endings()], n=1)
    hint = f". Did you mean {near[0]!r}?" if near else ""
    raise UnknownFieldError(name, f"unknown field {name!r}{hint}")


class UnknownFieldError(HistoryError):
    """There is no field of that name; `problem` says so in short, the message names those there are."""

    def __init__(self, name: str, problem: str) -> None:
        self.name, self.problem = name, problem
        end = " " if problem.endswith("?") else ". "
        super().__init__(f"{problem}{end}Fields: {', '.join(LISTED)}, and settings such as model.dropout", exit_code=2)
