"""What a stored run holds as rows for other programs: the fields of CSV lines and JSON objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.history import History
    from workbench.history.detail_records import PictureRow
    from workbench.history.records import RunRecord

Fields = dict[str, object]


class What(StrEnum):
    """Which rows there are."""

    STEPS = "steps"  # one for each recorded step
    LAYERS = "layers"  # one for each recorded step and layer
    EPOCHS = "epochs"  # one for each epoch and part of the data
    RUN = "run"  # one for each run
    DISTRIBUTIONS = "distributions"  # one for each chosen step, layer and quantity
    PROBES = "probes"  # one for each chosen step and layer
    PRETRAINING = "pretraining"  # one for each pre-trained layer and epoch
    ENSEMBLE = "ensemble"  # one for each epoch, part of the data and way of combining
    INTERVENTIONS = "interventions"  # one for each setting that was changed while the run was trained
    CHECKPOINTS = "checkpoints"  # one for each checkpoint
    FINDINGS = "findings"  # one for each finding
    CONFUSION = "confusion"  # one for each pair of classes that occurred
    WORST = "worst"  # one for each of the worst examples
    MISTAKEN = "mistaken"  # one for each pair of classes that occurred after the latest epoch at which that was looked at
    MISTAKES = "mistakes"  # one for each of the worst examples of then
    REGIONS = "regions"  # one for each kept region
    RECONSTRUCTIONS = "reconstructions"  # one for each input of the pre-training, and one for what was made of it


def rows_of(history: History, run: RunRecord, what: What) -> Iterator[Fields]:
    """The rows of a run."""
    for row in _ROWS[what](history, run):
        yield {"run": run.id, **row}


def _run(history: History, run: RunRecord) -> Iterator[Fields]:
    from workbench.cli.history import run_fields

    yield run_fields(run)


def _steps(history: History, run: RunRecord) -> Iterator[Fields]:
    for row in history.steps(run.id):
        yield {"step": row.step, "seconds": row.seconds, "loss": row.loss, "l1": row.l1, "l2": row.l2, "lr": row.lr}


def _layers(history: History, run: RunRecord) -> Iterator[Fields]:
    from engine.vocabulary import STATISTICS

    for row in history.layer_stats(run.id):
        values = {str(name): value for name, value in zip(STATISTICS, row.values, strict=True)}
        yield {"step": row.step, "layer": row.layer, "name": row.name, **values}


def _epochs(history: History, run: RunRecord) -> Iterator[Fields]:
    for row in history.epochs(run.id):
        scores = {"cost": row.cost, "accuracy": row.accuracy, "r2": row.r2, "mae": row.mae}
        head = {"epoch": row.epoch, "step": row.step, "part": row.part, "final": row.final}
        yield {**head, **scores, "seconds": row.seconds}


def _distributions(history: History, run: RunRecord) -> Iterator[Fields]:
    from workbench.history.columns import PERCENTILE_NUMBERS

    for row in history.histograms(run.id):
        head = {"step": row.step, "epoch": row.epoch, "layer": row.layer, "name": row.name, "quantity": row.quantity}
        percentiles = dict(zip(PERCENTILE_NUMBERS, row.percentiles, strict=True))
        edges = {"low": row.low, "high": row.high, "counts": row.counts}
        yield {**head, "examples": row.examples, "mean": row.mean, "std": row.std, **percentiles, **edges}


def _probes(history: History, run: RunRecord) -> Iterator[Fields]:
    for row in history.layer_probes(run.id):
        yield {
            "step": row.step,
            "epoch": row.epoch,
            "layer": row.layer,
            "name": row.name,
            "examples": row.examples,
            "jacobian": row.jacobian,
            "activation_ratio": row.activation_ratio,
            "gradient_ratio": row.gradient_ratio,
            "dead_units": row.dead_units,
            "saturated_units": row.saturated_units,
            "unit_counts": row.unit_counts,
        }


def _pretraining(history: History, run: RunRecord) -> Iterator[Fields]:
    for row in history.pretraining(run.id):
        head = {"layer": row.layer, "name": row.name, "epoch": row.epoch, "epochs": row.epochs}
        yield {**head, "error": row.error, "seconds": row.seconds}


def _ensemble(history: History, run: RunRecord) -> Iterator[Fields]:
    for row in history.ensemble(run.id):
        head = {"epoch": row.epoch, "step": row.step, "part": row.part, "final": row.final, "method": row.method}
        yield {**head, "cost": row.cost, "accuracy": row.accuracy, "r2": row.r2, "mae": row.mae}


def _interventions(history: History, run: RunRecord) -> Iterator[Fields]:
    from engine.events import USER

    for row in history.interventions(run.id):
        change = {"path": row.path, "before": row.before, "after": row.after}
        yield {"step": row.step, "number": row.number, **change, "origin": row.origin or USER}


def _checkpoints(history: History, run: RunRecord) -> Iterator[Fields]:
    for row in history.checkpoints(run.id):
        head = {"step": row.step, "epoch": row.epoch, "kind": row.kind, "path": str(row.path)}
        yield {**head, "member": row.member, "there": row.path.is_file()}


def _findings(history: History, run: RunRecord) -> Iterator[Fields]:
    from workbench.cli.findings import finding_fields

    for finding in history.findings(run.id):
        yield finding_fields(finding)


def _confusion(history: History, run: RunRecord) -> Iterator[Fields]:
    import json

    classes = json.loads(run.data_json)["classes"]
    for row in history.confusion(run.id):
        yield {"part": row.part, "truth": classes[row.truth], "answer": classes[row.answer], "count": row.count}


def _worst(history: History, run: RunRecord) -> Iterator[Fields]:
    for row in history.worst(run.id):
        about = {"truth": row.label, "answer": row.answer, "probability": row.probability}
        yield {"part": row.part, "position": row.position, "example": row.example, **about, **_picture(row)}


def _mistaken(history: History, run: RunRecord) -> Iterator[Fields]:
    import json

    found = history.mistaken(run.id)
    classes = json.loads(run.data_json)["classes"]
    for truth, counts in enumerate(found.counts if found is not None else ()):
        for answer, count in enumerate(counts):
            if found is not None and count:
                head = {"step": found.step, "epoch": found.epoch, "part": "validation"}
                yield {**head, "truth": classes[truth], "answer": classes[answer], "count": count}


def _mistakes(history: History, run: RunRecord) -> Iterator[Fields]:
    for row in history.mistakes(run.id):
        about = {"truth": row.label, "answer": row.answer, "probability": row.probability}
        yield {"part": row.part, "position": row.position, "example": row.example, **about, **_picture(row)}


def _regions(history: History, run: RunRecord) -> Iterator[Fields]:
    from engine.pictures import FULL
    from workbench.history.regions import region_of

    plane = history.plane(run.id)
    if plane is None:
        return
    grid = {name: getattr(plane, name) for name in ("left", "right", "bottom", "top", "rows", "columns")}
    for row in history.regions(run.id):
        region = region_of(row, plane)
        strengths = plane.low + (plane.high - plane.low) * region.strengths.ravel() / FULL
        cells = {"answers": region.answers.ravel().tolist(), "strengths": strengths.round(4).tolist()}
        yield {"step": row.step, "epoch": row.epoch, **grid, **cells}


def _reconstructions(history: History, run: RunRecord) -> Iterator[Fields]:
    for row in history.reconstructions(run.id):
        yield {"layer": row.layer, "name": row.name, "position": row.position, "kind": row.kind, **_picture(row)}


def _picture(row: PictureRow) -> Fields:
    return {"shape": row.shape, "values": row.values}


_ROWS: dict[What, Callable[[History, RunRecord], Iterator[Fields]]] = {
    What.STEPS: _steps,
    What.LAYERS: _layers,
    What.EPOCHS: _epochs,
    What.RUN: _run,
    What.DISTRIBUTIONS: _distributions,
    What.PROBES: _probes,
    What.PRETRAINING: _pretraining,
    What.ENSEMBLE: _ensemble,
    What.INTERVENTIONS: _interventions,
    What.CHECKPOINTS: _checkpoints,
    What.FINDINGS: _findings,
    What.CONFUSION: _confusion,
    What.WORST: _worst,
    What.MISTAKEN: _mistaken,
    What.MISTAKES: _mistakes,
    What.REGIONS: _regions,
    What.RECONSTRUCTIONS: _reconstructions,
}
