"""What a person types to find runs, as a condition on the table of runs."""

from __future__ import annotations

import difflib
import re
from dataclasses import fields

from workbench.history.errors import HistoryError
from workbench.history.records import RunRecord

_SEARCHED = ("name", "data", "activation", "init", "optimizer", "status")
_HIDDEN = frozenset(("tags", "experiment_json", "data_json", "versions_json"))
_COLUMNS = frozenset(field.name for field in fields(RunRecord)) - _HIDDEN
_ALIASES = {"initializer": "init", "run": "id"}
LISTED = (
    "id", "name", "tag", "status", "data", "task", "depth", "width", "activation", "init", "optimizer", "lr", "seed", "device",
    "epoch", "step", "reason", "parent", "origin", "population", "ensemble",
)  # fmt: skip
"""The fields that a message names; the other columns of the list and the settings can be filtered by as well."""
_WORD = re.compile(r"(?:[^\s(]|\([^)]*\)?)+")
"""Between blanks, save for those in brackets: `adam(beta1=0.9, beta2=0.99)` is one word."""
_SETTING = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


def condition(text: str) -> tuple[str, list[str | float]]:
    """The condition for `WHERE` that holds for runs that fit every word, and the values of its question marks.

    Raises:
        HistoryError: a word is `field=value` with a field that runs do not have; exit code 2.
    """
    parts: list[str] = []
    values: list[str | float] = []
    for word in _WORD.findall(text):
        part, more = _equality(word) or _occurrence(word)
        parts.append(part)
        values.extend(more)
    return " AND ".join(parts) or "1", values


def _occurrence(word: str) -> tuple[str, list[str | float]]:
    """The word is the id, or part of one of the fields that a list shows, or of a tag."""
    pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    likes = " OR ".join(f"{name} LIKE ? ESCAPE '\\'" for name in _SEARCHED)
    tagged = "EXISTS (SELECT 1 FROM tags WHERE run = runs.id AND tag LIKE ? ESCAPE '\\')"
    return f"(CAST(id AS TEXT) = ? OR {likes} OR {tagged})", [word.removeprefix("#"), *[pattern] * (len(_SEARCHED) + 1)]


def _equality(word: str) -> tuple[str, list[str | float]] | None:
    """`field=value`; None if the word is something else, or not yet typed to its end."""
    field, separator, value = word.partition("=")
    field = _ALIASES.get(field.lower(), field.lower())
    if not separator or not value or not _SETTING.fullmatch(field):
        return None
    if field == "tag":
        return "EXISTS (SELECT 1 FROM tags WHERE run = runs.id AND tag = ? COLLATE NOCASE)", [value]
    if field not in _COLUMNS:
        _check_setting(field)
    found = field if field in _COLUMNS else f"json_extract(experiment_json, '$.{field}')"
    same_text = f"CAST({found} AS TEXT) = ? COLLATE NOCASE OR {found} LIKE ? ESCAPE '\\'"
    values: list[str | float] = [value, value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "(%"]
    number = _number(value)
    if number is None:
        return f"({same_text})", values
    return f"({same_text} OR (typeof({found}) IN ('integer', 'real') AND {found} = ?))", [*values, number]


def _check_setting(field: str) -> None:
    """See that a field that is no column of the list is a setting of an experiment."""
    from engine.experiment import SETTINGS  # late: it loads pydantic, and most filters name a column

    if field in SETTINGS:
        return
    near = [path for path in SETTINGS if path.rpartition(".")[2] == field]
    near = near or difflib.get_close_matches(field, [*LISTED, *sorted(_COLUMNS - set(LISTED)), *SETTINGS], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise HistoryError(
        f"unknown field {field!r}.{hint} Fields: {', '.join(LISTED)}, and settings such as model.dropout", exit_code=2
    )


def _number(text: str) -> float | None:
    """The number that a value stands for: JSON's true and false are 1 and 0 in SQLite."""
    lowered = text.lower()
    if lowered in ("true", "yes", "false", "no"):
        return float(lowered in ("true", "yes"))
    try:
        return float(text)
    except ValueError:
        return None
