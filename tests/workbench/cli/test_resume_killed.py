"""kill -9 in the middle of trainings of many kinds; what goes on from the checkpoint ends as what was never interrupted."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest

from workbench.cli import execute

COMMON = (
    "--device",
    "cpu",
    "--threads",
    "1",
    "--checkpoint-every",
    "1",
    "--seed",
    "3",
    "--callback",
    "tests.workbench.cli.killing:KillAt(step={step})",
)
DIGITS = ("--data", "digits", "--width", "16", "--epochs", "6")
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
    "a callback of one's own": (*DIGITS, "--callback", "tests.workbench.cli.killing:Decay"),
    "pre-training": (*DIGITS, "--activation", "sigmoid", "--set", "data.scaling=none", "--pretraining", "dbn(epochs=1)"),
}  # fmt: skip


def finish(folder: Path, *words: str) -> None:
    with chdir(folder):
        assert execute(["run", *words, "--db", str(folder / "history.db"), "--quiet"]) == 0


def kill(folder: Path, *words: str) -> None:
    """Begin a training in a process of its own that is killed on its way."""
    (folder / "armed").touch()
    command = [sys.executable, "-m", "workbench", "run", *words, "--db", str(folder / "history.db"), "--quiet"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    (folder / "armed").unlink()


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


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_training_that_goes_on_ends_bitwise_as_the_uninterrupted_one(kind: str, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    step = "25" if "shapeset" in KINDS[kind] else "59"  # in the third epoch
    words = [word.format(step=step) for word in (*KINDS[kind], *COMMON)]
    kill(broken, *words)
    finish(whole, *words)
    finish(broken, "--resume", "1")
    assert last_weights(broken) == last_weights(whole)
    assert losses(broken) == losses(whole)
    assert scores(broken) == scores(whole)
