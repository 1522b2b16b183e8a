"""The weights of the first layer of a stored run as pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.errors import ConfigurationError
from engine.events import Floats
from workbench.cli.errors import CommandError
from workbench.cli.examined import Drawing, draw
from workbench.cli.exported import Fields
from workbench.cli.pictures import write_png
from workbench.history import History, RunRecord
from workbench.resumption import BranchPoint, branch_point
from workbench.stored import check_is_of

UNITS_SHOWN = 40
"""Of more units than this the first ones are drawn; a file has them all."""


def show_weights(history: History, run: RunRecord, png: Path | None) -> None:
    """Print what each unit of the first layer looks for, as its latest checkpoint has it.

    Raises:
        HistoryError: the run has no checkpoint.
        CheckpointError: it cannot be read.
        CommandError: the first layer does not see pictures.
    """
    point, pictures = _pictures(history, run)
    shown = pictures[:UNITS_SHOWN]
    some = f"the first {len(shown)} of {len(pictures):,}" if len(shown) < len(pictures) else f"all {len(pictures):,}"
    title = f"Run {run.id}: weights of the first layer after step {point.step:,}, {some} units; 0 is in the middle of the greys\n"
    captions = tuple(f"unit {unit}" for unit in range(1, len(pictures) + 1))
    draw([Drawing(title, shown, captions[: len(shown)], symmetric=True)], None)
    if png is not None:
        write_png(png, pictures, captions, symmetric=True)


def weight_rows(history: History, run: RunRecord) -> Iterator[Fields]:
    """The same as rows, one for each unit; as `show_weights`."""
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
