"""Claims of recipes: what they may say, and whether the runs bear it out. See "Claims" in docs/recipes.md.

Everything is loaded when it is first named: reading a claim loads no NumPy, judging one does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.claims.errors import ClaimError, Missing, Undecided
    from workbench.claims.judging import judge, judge_all
    from workbench.claims.reading import parse, parse_quantity
    from workbench.claims.records import Course, Number, Outcome, Runs, Trained, Unit, Verdict
    from workbench.claims.showing import Series, number_of, over_layers, series_of, value_of
    from workbench.claims.stored import StoredRuns

__all__ = [
    "ClaimError",
    "Course",
    "Missing",
    "Number",
    "Outcome",
    "Runs",
    "Series",
    "StoredRuns",
    "Trained",
    "Undecided",
    "Unit",
    "Verdict",
    "judge",
    "judge_all",
    "number_of",
    "over_layers",
    "parse",
    "parse_quantity",
    "series_of",
    "value_of",
]

_HOMES = {
    "ClaimError": "errors",
    "Course": "records",
    "Missing": "errors",
    "Number": "records",
    "Outcome": "records",
    "Runs": "records",
    "Series": "showing",
    "StoredRuns": "stored",
    "Trained": "records",
    "Undecided": "errors",
    "Unit": "records",
    "Verdict": "records",
    "judge": "judging",
    "judge_all": "judging",
    "number_of": "showing",
    "over_layers": "showing",
    "parse": "reading",
    "parse_quantity": "reading",
    "series_of": "showing",
    "value_of": "showing",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"workbench.claims.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
