"""Whole numbers that are too large are refused in plain words, whatever setting they are for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from engine.errors import ConfigurationError
from engine.experiment import Experiment, setting_paths
from engine.parts import Part


def is_whole(kind: Any) -> bool:
    """Whether a type is that of whole numbers, or has it among its alternatives."""
    return kind is int or any(is_whole(part) for part in get_args(kind))


def whole_numbers(part: type[Part] = Experiment, prefix: str = "") -> Iterator[str]:
    """The paths of all settings that are whole numbers."""
    for name, info in part.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, Part):
            yield from whole_numbers(kind, f"{prefix}{name}.")
        elif is_whole(kind) and name not in ("widths", "member"):  # a list; a place that has the number of members above it
            yield f"{prefix}{name}"


def problem(path: str, value: object) -> str:
    part, _, name = path.rpartition(".")
    with pytest.raises(ConfigurationError) as caught:
        Experiment.parse({part: {name: value}} if part else {name: value})
    return next(each.message for each in caught.value.problems if each.path == path)


def test_there_are_settings_that_are_whole_numbers() -> None:
    found = set(whole_numbers())
    assert found <= set(setting_paths())
    assert {"steps", "epochs", "batch_size", "seed", "model.depth", "monitor.every", "stop.patience"} <= found


@pytest.mark.parametrize("value", [10**30, 1e99])
@pytest.mark.parametrize("path", whole_numbers())
def test_a_number_that_is_too_large_is_refused_with_the_largest_that_is_allowed(path: str, value: float) -> None:
    """The history holds 64 bits, and pydantic has words of its own for what has more digits than it reads."""
    message = problem(path, value)
    assert re.search(r"must be less than (or equal to )?[\d,]+", message)
    assert "size" not in message


def test_so_is_one_in_a_list() -> None:
    with pytest.raises(ConfigurationError, match=r"must be less than or equal to 1,000,000 \(given: 1e\+99\)"):
        Experiment.parse({"model": {"widths": [5, 1e99]}})


def test_the_largest_counts_are_those_that_the_history_can_hold() -> None:
    e = Experiment.parse({"epochs": 10**12, "steps": 2**63 - 1, "monitor": {"every": 2**63 - 1}})
    assert (e.epochs, e.steps) == (10**12, 2**63 - 1)
    assert problem("steps", 2**63) == "must be less than or equal to 9,223,372,036,854,775,807 (given: 9223372036854775808)"
