"""kill -9 in the middle of trainings of many kinds; what goes on from the checkpoint ends as what was never interrupted."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

COMMON = ("--device", "cpu", "--threads", "1", "--checkpoint-every", "1", "--seed", "3")
DIGITS = ("--data", "digits", "--width", "16", "--epochs", "6")
COUNTER = """
from engine.training import Callback


class Decay(Callback):
    '''Halves the learning rate every 30 steps; remembers how many it has seen.'''

    def __init__(self):
        self.seen = 0

    def on_step_end(self, run):
        self.seen += 1
        if self.seen % 30 == 0:
            run.set("lr", 0.01 / self.seen)

    def state(self):
        return {"seen": self.seen}

    def restore(self, state):
        self.seen = state["seen"]
"""
KINDS = {
    "dropout with Adam": (*DIGITS, "--dropout", "0.5"),
    "batch norm with momentum and a stepped rate": (
        *DIGITS, "--batch-norm", "--optimizer", "momentum", "--schedule", "step(every=2, factor=0.5)",
    ),
    "cosine, L1 and L2, RMSprop": (*DIGITS, "--optimizer", "rmsprop", "--schedule", "cosine", "--l1", "1e-4", "--l2", "1e-3"),
    "a plateau, Nesterov": (*DIGITS, "--optimizer", "nesterov", "--schedule", "on_plateau(patience=0, factor=0.5, threshold=0.1)"),
    "a stream of Shapeset": ("--data", "shapeset", "--samples", "640", "--width", "16", "--epochs", "6", "--activation", "tanh"),
    "early stopping": (*DIGITS, "--epochs", "40", "--lr", "0.02", "--patience", "2", "--keep-best"),
    "an LSTM": ("--data", "digits", "--blocks", "lstm(12)", "--epochs", "5"),
    "a convolution with dropout": (
        "--data", "digits", "--blocks", "conv(4, batch_norm=on), max_pool, residual(conv(4), conv(4)), flatten, dropout(0.3)", "--epochs", "5",
    ),
    "an ensemble by bagging": (*DIGITS, "--ensemble", "3", "--ensemble-by", "bagging", "--dropout", "0.2"),
    "a callback of one's own": (*DIGITS, "--callback", "decay:Decay"),
    "pre-training": (*DIGITS, "--activation", "sigmoid", "--set", "data.scaling=none", "--pretraining", "dbn(epochs=1)"),
}  # fmt: skip


def command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "workbench", "run", *words, "--db", str(folder / "history.db"), "--json"]


def finish(folder: Path, *words: str) -> list[dict]:
    ended = subprocess.run(command(folder, *words), cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def kill_after_checkpoints(folder: Path, count: int, *words: str) -> None:
    """Begin a training and kill -9 it once so many checkpoints have been told and some steps were made after the last."""
    process = subprocess.Popen(command(folder, *words), cwd=folder, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    seen = 0
    for line in process.stdout:
        event = json.loads(line)["event"]
        seen += event == "checkpointed"
        if seen >= count and event == "frame":
            break
    else:
        pytest.fail("the training was over before it could be killed")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def last_weights(folder: Path) -> str:
    """The digest of the tensors of the final checkpoint."""
    with sqlite3.connect(folder / "history.db") as connection:
        query = "SELECT path FROM checkpoints WHERE kind = 'last' ORDER BY step DESC, rowid DESC LIMIT 1"
        (path,) = connection.execute(query).fetchone()
    return hashlib.sha256((folder / path).with_suffix(".safetensors").read_bytes()).hexdigest()


def losses(folder: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "history.db") as connection:
        query = "SELECT run, step, loss, lr FROM steps ORDER BY run, step"
        return [*connection.execute(query)]


def scores(folder: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "history.db") as connection:
        return [
            *connection.execute(
                "SELECT id, status, step, test_cost, validation_cost, reason, restored_step FROM runs ORDER BY id"
            )
        ]


@pytest.mark.skipif(not hasattr(os, "kill") or sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_training_that_goes_on_ends_bitwise_as_the_uninterrupted_one(kind: str, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
        (folder / "decay.py").write_text(COUNTER)
    words = (*KINDS[kind], *COMMON)
    finish(whole, *words)
    kill_after_checkpoints(broken, 2, *words)
    resumed = finish(broken, "--resume", "1")
    assert any(event["event"] == "resumed" for event in resumed)
    assert last_weights(broken) == last_weights(whole)
    assert losses(broken) == losses(whole)
    assert scores(broken) == scores(whole)
