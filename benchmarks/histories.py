"""Makes histories of many runs through plain SQL, in seconds: for measuring lists.

python -m benchmarks.histories FILE [RUNS]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from engine.events import DataInfo
from engine.experiment import Experiment
from workbench.history.connection import open_writer, transaction
from workbench.history.rows import insert
from workbench.history.runs import described

ACTIVATIONS = ("relu", "tanh", "sigmoid", "elu", "leaky_relu(slope=0.2)", "gelu")
OPTIMIZERS = ("sgd", "momentum", "adam", "rmsprop")
DATA = ("digits", "moons", "wine", "breast_cancer")
TAGS = ("paper", "baseline", "deep", "draft")
EPOCHS = 10
STEPS = 40


def make_history(path: Path, runs: int = 10_000, *, seed: int = 0, long_run: int = 0, steps: int = STEPS) -> None:
    """Write a history of runs that differ in many settings, with a few steps and epochs each.

    Args:
        path: The file, which is not there yet.
        runs: How many.
        seed: Of what is drawn.
        long_run: Steps of one more run, the last one; 0: there is none.
        steps: Of each run.
    """
    random = np.random.default_rng(seed)
    experiments = [_experiment(random) for _ in range(300)]
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    with closing(open_writer(path)) as connection, transaction(connection, path):
        for run_id in range(1, runs + 1):
            experiment = experiments[int(random.integers(len(experiments)))]
            row = _run(run_id, experiment, begun + timedelta(minutes=20 * run_id), random, steps)
            connection.execute(insert("runs", tuple(row)), tuple(row.values()))
        if runs:
            connection.executemany(insert("tags", ("run", "tag")), list(_tags(runs, random)))
            connection.executemany(insert("steps", ("run", "step", "seconds", "loss", "lr")), _steps(1, runs, steps))
            columns = ("run", "epoch", "step", "part", "final", "cost", "accuracy")
            connection.executemany(insert("epochs", columns), _epochs(runs, steps))
        if long_run:
            row = _run(runs + 1, experiments[0], begun + timedelta(days=365), random, long_run) | {"name": "long"}
            connection.execute(insert("runs", tuple(row)), tuple(row.values()))
            connection.executemany(
                insert("steps", ("run", "step", "seconds", "loss", "lr")), _steps(runs + 1, runs + 1, long_run)
            )


def _experiment(random: np.random.Generator) -> Experiment:
    settings = {
        "model.depth": int(random.integers(1, 12)),
        "model.width": int(random.choice([16, 32, 64, 128])),
        "model.activation": str(random.choice(ACTIVATIONS)),
        "model.dropout": float(random.choice([0.0, 0.0, 0.2, 0.5])),
        "optimizer": str(random.choice(OPTIMIZERS)),
        "data.name": str(random.choice(DATA)),
        "lr": float(random.choice([0.1, 0.01, 0.001])),
        "seed": int(random.integers(5)),
    }
    return Experiment().with_settings(settings)


def _run(run_id: int, experiment: Experiment, started: datetime, random: np.random.Generator, steps: int) -> dict[str, Any]:
    """One row; one in twenty runs diverged."""
    moment = started.isoformat(timespec="milliseconds")
    diverged = random.random() < 0.05
    accuracy = None if diverged else float(random.uniform(0.3, 1.0))
    cost = None if accuracy is None else 2 * (1 - accuracy) + 0.01
    data = DataInfo("classification", features=64, outputs=10, classes=tuple("0123456789"), train=1438, validation=180, test=179)
    figures = {
        f"{part}_{name}": value
        for part in ("train", "validation", "test")
        for name, value in (("cost", cost), ("accuracy", accuracy))
    }
    return {
        "id": run_id, "name": f"sweep {run_id // 50}" if run_id % 3 else "", "note": "",
        "status": "diverged" if diverged else "done", "started": moment, "updated": moment, "ended": moment,
        **described(experiment), "task": "classification", "device": "cpu", "threads": 1, "parameters": 13_000,
        "data_json": json.dumps(asdict(data)), "steps_per_epoch": steps // EPOCHS, "measured_every": 5, "epoch": EPOCHS, "step": steps,
        "total_steps": steps, "seconds": float(random.uniform(0.5, 90)), "loss": cost, **figures, "best_validation_cost": cost,
        "nonfinite": "nan:loss" if diverged else None, "diverged_step": 7 if diverged else None,
        "diverged_layer": "output" if diverged else None, "diverged_quantity": "loss" if diverged else None, "member": 0,
        "versions_json": json.dumps({"python": "3.11.0", "torch": "2.6.0", "numpy": "2.0.0"}), "host": "benchmark", "pid": 1,
    }  # fmt: skip


def _tags(runs: int, random: np.random.Generator) -> Iterator[tuple[int, str]]:
    for run_id in range(1, runs + 1):
        if random.random() < 0.4:
            yield run_id, str(random.choice(TAGS))


def _steps(first: int, last: int, steps: int) -> Iterator[tuple[Any, ...]]:
    losses = (2.3 * np.exp(-np.arange(steps) / (steps / 4)) + 0.05).tolist()
    for run_id in range(first, last + 1):
        for step, loss in enumerate(losses, 1):
            yield run_id, step, step * 0.002, loss, 0.001


def _epochs(runs: int, steps: int) -> Iterator[tuple[Any, ...]]:
    for run_id in range(1, runs + 1):
        for epoch in range(1, EPOCHS + 1):
            for part in ("train", "validation"):
                cost = 2.3 / epoch + 0.1 * (run_id % 7) / 7
                yield run_id, epoch, epoch * steps // EPOCHS, part, 0, cost, 1 - cost / 3


if __name__ == "__main__":
    make_history(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000)
