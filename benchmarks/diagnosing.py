"""How long it takes to look through a long stored run for what is wrong with it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.timing import in_turns
from engine.events import DataInfo, EpochEnded, Frame, LayerInfo, Score, Started
from engine.experiment import Experiment
from engine.vocabulary import STATISTICS
from workbench.diagnosing import diagnosed
from workbench.history import History, Recorder

STEPS, LAYERS, EPOCH = 10_000, 10, 200
LIMIT = 1.0
"""Seconds."""


def print_table(rounds: int) -> None:
    """Time of `workbench diagnose` after its start, with all steps recorded and all layers measured at each of them."""
    print("## Diagnosis of a stored run: 10,000 steps, 10 layers measured at each\n")
    print("| what | seconds | at most |")
    print("| --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        record(path)

        def diagnose() -> float:
            begin = time.perf_counter()
            with History.open(path) as history:
                diagnosed(history.events(1))
            return time.perf_counter() - begin

        times = in_turns({"diagnose": diagnose}, rounds)
    print(f"| reading it and applying all rules | {times['diagnose']:.2f} | {LIMIT:g} |\n", flush=True)


def record(path: Path) -> None:
    """Record a run that learns slowly, whose gradients shrink towards the input."""
    experiment = Experiment().with_settings({"model.depth": LAYERS - 1, "steps": STEPS, "epochs": None, "device": "cpu"})
    names = [*(f"hidden {number}" for number in range(1, LAYERS)), "output"]
    layers = tuple(LayerInfo(name, 64, 64, "relu", 64 * 65, weights=64 * 64, shape=(64,)) for name in names)
    data = DataInfo("classification", 64, 10, tuple("0123456789"), 12_800, 1_000, 1_000)
    random = np.random.default_rng(0)
    shrink = np.exp(-0.7 * np.arange(LAYERS)[::-1])[:, None]
    with Recorder(path) as recorder:
        recorder.record(Started((experiment,), data, layers, 40_000, "cpu", 1, EPOCH, STEPS, 1))
        for begin in range(0, STEPS, EPOCH):
            steps = np.arange(begin + 1, begin + EPOCH + 1)
            seconds = steps.astype(np.float64) * 0.001
            cost = 2.3 * np.exp(-steps / STEPS)[:, None]
            stats = (0.5 + 0.1 * random.random((EPOCH, 1, LAYERS, len(STATISTICS)))) * shrink
            zeros = np.zeros_like(cost)
            recorder.record(Frame(steps, seconds, cost, zeros, zeros, zeros + 0.1, steps, stats.astype(np.float32)))
            score = Score(float(cost[-1, 0]), 0.5)
            recorder.record(EpochEnded(begin // EPOCH + 1, int(steps[-1]), float(seconds[-1]), (score,), (score,)))


if __name__ == "__main__":
    print_table(5)
