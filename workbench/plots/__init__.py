"""Drawings made of text: for the screens and for the command line alike.

The names below are loaded when they are first used: a list of runs needs `format_number`, but not numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from workbench.plots.numbers import format_duration, format_number, format_share

if TYPE_CHECKING:
    from workbench.plots.bars import log_bar
    from workbench.plots.chart import chart_rows, draw_chart, line_chart
    from workbench.plots.lines import Band, Line
    from workbench.plots.spark import sparkline

__all__ = [
    "Band",
    "Line",
    "chart_rows",
    "draw_chart",
    "format_duration",
    "format_number",
    "format_share",
    "line_chart",
    "log_bar",
    "sparkline",
]

_HOMES = {
    "Band": "workbench.plots.lines",
    "Line": "workbench.plots.lines",
    "chart_rows": "workbench.plots.chart",
    "draw_chart": "workbench.plots.chart",
    "line_chart": "workbench.plots.chart",
    "log_bar": "workbench.plots.bars",
    "sparkline": "workbench.plots.spark",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
