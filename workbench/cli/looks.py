"""The parts of a stored run that `workbench show` shows when they are named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from workbench.cli.distributions import print_distributions
from workbench.cli.examined import print_confusion, show_reconstructions, show_worst
from workbench.cli.exported import What, rows_of
from workbench.cli.output import print_json
from workbench.cli.weights import show_weights, weight_rows
from workbench.history import History, RunRecord

Look = Callable[[History, RunRecord, Path | None], None]

LOOKS: dict[str, Look] = {
    "distributions": lambda history, run, png: print_distributions(history, run),
    "confusion": lambda history, run, png: print_confusion(history, run),
    "worst": show_worst,
    "reconstructions": show_reconstructions,
    "weights": show_weights,
}
PICTURES = ("worst", "reconstructions", "weights")
"""Those that can be written into a PNG file."""
_ROWS = {
    "distributions": (What.DISTRIBUTIONS, What.PROBES),
    "confusion": (What.CONFUSION,),
    "worst": (What.WORST,),
    "reconstructions": (What.RECONSTRUCTIONS,),
}


def print_rows(name: str, history: History, run: RunRecord) -> None:
    """Print what would be shown as JSON objects, which say in `what` which rows they are."""
    if name == "weights":
        for row in weight_rows(history, run):
            print_json({"what": name, **row})
    for what in _ROWS.get(name, ()):
        for row in rows_of(history, run, what):
            print_json({"what": str(what), **row})
