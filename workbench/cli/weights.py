"""The weights of the first layer of a stored run as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.errors import ConfigurationError
from engine.events import Floats
from workbench.cli.errors import CommandError
from workbench.cli.exported import Fields
from workbench.cli.pictures import Drawing, draw
from workbench.history import History, RunRecord
from workbench.resumption import BranchPoint, branch_point
from workbench.stored import check_is_of

UNITS_SHOWN = 40
"""Of more units than this the first ones are drawn; a file has them all."""


def first_weights(history: History, run: RunRecord) -> Sequence[Drawing]:
    """What each unit of the first layer looks for, as the run's latest checkpoint has it.

    Raises:
        HistoryError: the run has no checkpoint.
        CheckpointError: it cannot be read.
        CommandError: the first layer does not see pictures.
    """
    point, pictures = _pictures(history, run)
    count = len(pictures)
    some = f"the first {UNITS_SHOWN} of {count:,}" if count > UNITS_SHOWN else f"all {count:,}"
    title = f"Run {run.id}: weights of the first layer after step {point.step:,}, {some} units; 0 is in the middle of the greys\n"
    return [Drawing(title, pictures, tuple(f"unit {unit}" for unit in range(1, count + 1)), symmetric=True)]


def print_weights(history: History, run: RunRecord) -> None:
    """Print the first of them; as `first_weights`."""
    for each in first_weights(history, run):
        assert each.pictures is not None
        draw(replace(each, pictures=each.pictures[:UNITS_SHOWN], captions=each.captions[:UNITS_SHOWN]))
        print()


def weight_rows(history: History, run: RunRecord) -> Iterator[Fields]:
    """The same as rows, one for each unit; as `first_weights`."""
    point, pictures = _pictures(history, run)
    for unit, picture in enumerate(pictures, start=1):
        head = {"run": run.id, "step": point.step, "unit": unit}
        yield {**head, "shape": list(picture.shape), "values": picture.ravel().tolist()}


def _pictures(history: History, run: RunRecord) -> tuple[BranchPoint, Floats]:
    from engine.loading import first_layer_pictures  # torch is loaded for this alone

    point = branch_point(history, run.id)
    check_is_of(point, run)
    try:
        return point, first_layer_pictures(point.path, point.member)
    except ConfigurationError as error:
        raise CommandError(f"run {run.id}: {error.problems[0].message}") from None
