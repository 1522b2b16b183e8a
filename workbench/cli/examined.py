"""What a stored run mistook for what, its worst examples, and what pre-training made of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cli.absent import lacking
from workbench.cli.exported import What
from workbench.cli.output import make_table, percent, print_table
from workbench.cli.pictures import Drawing, draw
from workbench.history import History, RunRecord
from workbench.history.detail_records import PictureRow
from workbench.plots import format_number
from workbench.plots.confusion import commonest

CLASSES_SHOWN = 16
"""Of more classes than this the commonest mistakes are listed instead of a table."""
MISTAKES_SHOWN = 20


def print_confusion(history: History, run: RunRecord) -> None:
    """Print how often each class was taken for each: at the end, or of a run that has none after its latest epoch that was looked at.

    Raises:
        CommandError: the run was not looked at in this way.
    """
    classes = _classes(run)
    counts, when = _counts(history, run, len(classes))
    right = np.divide(counts.diagonal(), counts.sum(axis=1), where=counts.sum(axis=1) > 0, out=np.zeros(len(classes)))
    print(f"Run {run.id}: what the {when} were taken for, a row for each true class\n")
    if len(classes) <= CLASSES_SHOWN:
        table = make_table(["truth", *classes, "right"], numbers=[*classes, "right"])
        for name, row_counts, share in zip(classes, counts.tolist(), right.tolist(), strict=True):
            table.add_row(name, *(f"{count:,}" if count else "·" for count in row_counts), percent(share))
        print_table(table)
        return
    table = make_table(["truth", "taken for", "times"], numbers=["times"])
    for truth, answer, count in commonest(counts)[:MISTAKES_SHOWN]:
        table.add_row(classes[truth], classes[answer], f"{count:,}")
    print_table(table)
    print(f"\n{percent(counts.diagonal().sum() / counts.sum())} right; the least of them for {classes[int(right.argmin())]}.")


def _counts(history: History, run: RunRecord, classes: int) -> tuple[NDArray[np.int64], str]:
    """How often each class was taken for each, [C, C], and which examples these were."""
    rows, mistaken = history.confusion(run.id), history.mistaken(run.id)
    if rows:
        counts = np.zeros((classes, classes), np.int64)
        for row in rows:
            counts[row.truth, row.answer] = row.count
        return counts, f"{rows[0].part} examples"
    if mistaken is None:
        raise lacking(What.CONFUSION, run)
    return np.array(mistaken.counts, np.int64), f"validation examples after epoch {mistaken.epoch:,}"


def print_worst(history: History, run: RunRecord) -> None:
    """Print the examples that a run got most wrong.

    Raises:
        CommandError: the run was not looked at in this way.
    """
    rows = _worst(history, run)
    right = sum(row.answer == row.label for row in rows) or "none"
    print(f"Run {run.id}: the {rows[0].part} examples whose class it found least probable; it answered {right} of them right\n")
    table = make_table(
        ["example", "truth", "answer", "probability of the truth"], numbers=["example", "probability of the truth"]
    )
    for row in rows:
        answer = f"{row.answer} (right)" if row.answer == row.label else row.answer
        table.add_row(str(row.example), row.label or "", answer, format_number(row.probability))
    print_table(table)
    for drawing in worst_examples(history, run):
        draw(drawing)
    if rows[0].shape:
        print()


def worst_examples(history: History, run: RunRecord) -> Sequence[Drawing]:
    """The same as pictures, if they are any; as `print_worst`."""
    rows = _worst(history, run)
    captions = tuple(f"{row.label}, right" if row.answer == row.label else f"{row.label} as {row.answer}" for row in rows)
    return [Drawing("", _pictures_of(rows), captions)]


def _worst(history: History, run: RunRecord) -> Sequence[PictureRow]:
    rows = history.worst(run.id) or history.mistakes(run.id)
    if not rows:
        raise lacking(What.WORST, run)
    return rows


def print_reconstructions(history: History, run: RunRecord) -> None:
    """Print inputs of the pre-training beside what the layers made of them; as `reconstructions`."""
    for drawing in reconstructions(history, run):
        draw(drawing)
        if drawing.pictures is not None:
            print()


def reconstructions(history: History, run: RunRecord) -> Sequence[Drawing]:
    """Inputs of the pre-training beside what the layers made of them, a drawing for each layer.

    Raises:
        CommandError: the run was not pre-trained.
    """
    rows = history.reconstructions(run.id)
    if not rows:
        raise lacking(What.RECONSTRUCTIONS, run)
    drawings = []
    for layer in dict.fromkeys(row.layer for row in rows):
        of_layer = [row for row in rows if row.layer == layer]
        inputs, outputs = ([row for row in of_layer if row.kind == kind] for kind in ("input", "reconstruction"))
        errors = [
            float(np.square(np.subtract(one.values, other.values)).mean()) for one, other in zip(inputs, outputs, strict=True)
        ]
        title = f"up to {of_layer[0].name} and down again: mean squared error {format_number(float(np.mean(errors)))}"
        pairs = [row for pair in zip(inputs, outputs, strict=True) for row in pair]
        captions = tuple(caption for error in errors for caption in (of_layer[0].name or "", format_number(error)))
        drawings.append(Drawing(title, _pictures_of(pairs), captions, together=2))
    return drawings


def _pictures_of(rows: Sequence[PictureRow]) -> NDArray[Any] | None:
    """Stored examples as one array, [N, H, W] or [N, C, H, W]; None if they are no pictures."""
    return np.stack([np.reshape(row.values, row.shape) for row in rows]) if rows[0].shape else None


def _classes(run: RunRecord) -> list[str]:
    import json

    classes: list[str] = json.loads(run.data_json)["classes"]
    return classes
