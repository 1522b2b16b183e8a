"""The parts of a stored run that `workbench show` shows when they are named."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workbench.cli.absent import lacking
from workbench.cli.distributions import print_distributions
from workbench.cli.examined import print_confusion, print_reconstructions, print_worst, reconstructions, worst_examples
from workbench.cli.exported import What, rows_of
from workbench.cli.output import print_json
from workbench.cli.pictures import Drawing
from workbench.cli.show_region import print_region, region_pictures
from workbench.cli.weights import first_weights, print_weights, weight_rows
from workbench.history import History, RunRecord

LOOKS: dict[str, Callable[[History, RunRecord], None]] = {
    "distributions": print_distributions,
    "confusion": print_confusion,
    "worst": print_worst,
    "region": print_region,
    "reconstructions": print_reconstructions,
    "weights": print_weights,
}
PICTURES: dict[str, Callable[[History, RunRecord], Sequence[Drawing]]] = {
    "worst": worst_examples,
    "region": region_pictures,
    "reconstructions": reconstructions,
    "weights": first_weights,
}
"""What of those can be written into a PNG file."""
_ROWS = {
    "distributions": (What.DISTRIBUTIONS, What.PROBES),
    "confusion": (What.CONFUSION,),
    "worst": (What.WORST,),
    "region": (What.REGIONS,),
    "reconstructions": (What.RECONSTRUCTIONS,),
}


_INSTEAD = {"confusion": (What.MISTAKEN,), "worst": (What.MISTAKES,)}
"""Of runs that have no end."""


def print_rows(name: str, history: History, run: RunRecord) -> None:
    """Print what would be shown as JSON objects, which say in `what` which rows they are.

    Raises:
        CommandError: there are none.
    """
    if name == "weights":
        for row in weight_rows(history, run):
            print_json({"what": name, **row})
        return
    for kinds in (_ROWS[name], _INSTEAD.get(name, ())):
        is_there = False
        for what in kinds:
            for row in rows_of(history, run, what):
                is_there = True
                print_json({"what": str(what), **row})
        if is_there:
            return
    raise lacking(_ROWS[name][0], run)
