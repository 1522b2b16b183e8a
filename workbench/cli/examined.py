"""What a stored run mistook for what, its worst examples, and what pre-training made of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cli.errors import CommandError
from workbench.cli.output import make_table, percent, print_table
from workbench.cli.pictures import print_pictures, write_png
from workbench.history import History, RunRecord
from workbench.history.detail_records import PictureRow
from workbench.plots import format_number

CLASSES_SHOWN = 16
"""Of more classes than this the commonest mistakes are listed instead of a table."""
MISTAKES_SHOWN = 20


def print_confusion(history: History, run: RunRecord) -> None:
    """Print how often each class was taken for each.

    Raises:
        CommandError: the run was not looked at in this way.
    """
    rows = history.confusion(run.id)
    if not rows:
        raise _not_examined(run)
    classes = _classes(run)
    counts = np.zeros((len(classes), len(classes)), np.int64)
    for row in rows:
        counts[row.truth, row.answer] = row.count
    right = np.divide(counts.diagonal(), counts.sum(axis=1), where=counts.sum(axis=1) > 0, out=np.zeros(len(classes)))
    print(f"Run {run.id}: what the {rows[0].part} examples were taken for, a row for each true class\n")
    if len(classes) <= CLASSES_SHOWN:
        table = make_table(["truth", *classes, "right"], numbers=[*classes, "right"])
        for name, row_counts, share in zip(classes, counts.tolist(), right.tolist(), strict=True):
            table.add_row(name, *(f"{count:,}" if count else "·" for count in row_counts), percent(share))
        print_table(table)
        return
    mistakes = sorted((row for row in rows if row.truth != row.answer), key=lambda row: -row.count)
    table = make_table(["truth", "taken for", "times"], numbers=["times"])
    for mistake in mistakes[:MISTAKES_SHOWN]:
        table.add_row(classes[mistake.truth], classes[mistake.answer], f"{mistake.count:,}")
    print_table(table)
    print(f"\n{percent(counts.diagonal().sum() / counts.sum())} right; the least of them for {classes[int(right.argmin())]}.")


@dataclass(frozen=True, slots=True)
class Drawing:
    """Pictures that are shown one beside the other."""

    title: str
    pictures: NDArray[Any]  # [N, H, W] or [N, C, H, W]
    captions: tuple[str, ...]
    together: int = 1
    symmetric: bool = False


def show_worst(history: History, run: RunRecord, png: Path | None) -> None:
    """Print the examples that a run got most wrong.

    Raises:
        CommandError: the run was not looked at in this way, or its examples are no pictures and a PNG file is wanted.
    """
    rows = history.worst(run.id)
    if not rows:
        raise _not_examined(run)
    print(f"Run {run.id}: the {rows[0].part} examples whose class it found least probable\n")
    table = make_table(
        ["example", "truth", "answer", "probability of the truth"], numbers=["example", "probability of the truth"]
    )
    for row in rows:
        table.add_row(str(row.example), row.label or "", row.answer or "", format_number(row.probability))
    print_table(table)
    if rows[0].shape:
        captions = tuple(f"{row.label} as {row.answer}" for row in rows)
        draw([Drawing("", pictures_of(rows), captions)], png)
    elif png is not None:
        raise CommandError(f"--png: the examples of run {run.id} are no pictures")


def show_reconstructions(history: History, run: RunRecord, png: Path | None) -> None:
    """Print inputs of the pre-training beside what the layers made of them.

    Raises:
        CommandError: the run was not pre-trained, or its inputs are no pictures and a PNG file is wanted.
    """
    rows = history.reconstructions(run.id)
    if not rows:
        raise CommandError(f"run {run.id} was not pre-trained (--pretraining dbn and others do that)")
    drawings = []
    for layer in dict.fromkeys(row.layer for row in rows):
        of_layer = [row for row in rows if row.layer == layer]
        inputs, outputs = ([row for row in of_layer if row.kind == kind] for kind in ("input", "reconstruction"))
        errors = [
            float(np.square(np.subtract(one.values, other.values)).mean()) for one, other in zip(inputs, outputs, strict=True)
        ]
        title = f"up to {of_layer[0].name} and down again: mean squared error {format_number(float(np.mean(errors)))}"
        if not of_layer[0].shape:
            print(title)
            continue
        pairs = [row for pair in zip(inputs, outputs, strict=True) for row in pair]
        captions = tuple(caption for error in errors for caption in (of_layer[0].name or "", format_number(error)))
        drawings.append(Drawing(title, pictures_of(pairs), captions, together=2))
    if not drawings and png is not None:
        raise CommandError(f"--png: the inputs of run {run.id} are no pictures")
    draw(drawings, png)


def draw(drawings: Sequence[Drawing], png: Path | None) -> None:
    """Draw all of them, and write them into a PNG file if one is wanted: one below the other."""
    for drawing in drawings:
        if drawing.title:
            print(drawing.title)
        print_pictures(drawing.pictures, drawing.captions, together=drawing.together, symmetric=drawing.symmetric)
        print()
    if png is not None and drawings:
        pictures = np.concatenate([drawing.pictures for drawing in drawings])
        captions = [caption for drawing in drawings for caption in drawing.captions]
        write_png(png, pictures, captions, together=drawings[0].together, symmetric=drawings[0].symmetric)


def pictures_of(rows: Sequence[PictureRow]) -> NDArray[Any]:
    """Stored pictures as one array, [N, H, W] or [N, C, H, W]."""
    return np.stack([np.reshape(row.values, row.shape) for row in rows])


def _classes(run: RunRecord) -> list[str]:
    import json

    classes: list[str] = json.loads(run.data_json)["classes"]
    return classes


def _not_examined(run: RunRecord) -> CommandError:
    why = f"it is {run.status}" if run.status != "done" else "it is no classification, or an older version trained it"
    return CommandError(f"what run {run.id} mistook for what is not known: {why}; that is looked at when a training is over")
