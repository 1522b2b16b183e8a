"""kill -9 in the middle of trainings of many kinds; what goes on from the checkpoint ends as what was never interrupted."""

from __future__ import annotations

import hashlib
import json
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
    "the middle of an epoch": (
        *DIGITS, "--dropout", "0.5", "--checkpoint-every", "auto", "--callback", "tests.workbench.cli.killing:Impatient",
    ),
    "pre-training": (*DIGITS, "--activation", "sigmoid", "--set", "data.scaling=none", "--pretraining", "dbn(epochs=1)"),
}  # fmt: skip


def finish(folder: Path, *words: str) -> None:
    with chdir(folder):
        assert execute(["run", *words, "--db", str(folder / "history.db"), "--quiet"]) == 0


def step_of(kind: str) -> int:
    """After which a training is killed: in the third epoch."""
    return 25 if "shapeset" in KINDS[kind] else 59


def words_of(kind: str) -> list[str]:
    return [word.format(step=step_of(kind)) for word in (*COMMON, *KINDS[kind])]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """For each kind a folder with a training that was killed on its way."""
    folders = {kind: tmp_path_factory.mktemp("killed") for kind in KINDS}
    commands = [
        json.dumps([str(folder), "run", *words_of(kind), "--db", str(folder / "history.db"), "--quiet"])
        for kind, folder in folders.items()
    ]
    for folder in folders.values():
        (folder / "armed").touch()
    command = [sys.executable, "-m", "tests.workbench.cli.killing"]
    ended = subprocess.run(
        command, cwd=Path(__file__).parents[3], input="\n".join(commands), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    for folder in folders.values():
        (folder / "armed").unlink()
    return folders


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


def resumed_at(folder: Path) -> int:
    """The step of the checkpoint from which a training went on."""
    with sqlite3.connect(folder / "history.db") as connection:
        ((step,),) = connection.execute("SELECT step FROM resumptions WHERE run = 1")
    return int(step)


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_training_that_goes_on_ends_bitwise_as_the_uninterrupted_one(
    kind: str, killed: dict[str, Path], tmp_path: Path
) -> None:
    whole, broken = tmp_path, killed[kind]
    finish(whole, *words_of(kind))
    finish(broken, "--resume", "1")
    assert last_weights(broken) == last_weights(whole)
    if "auto" in KINDS[kind]:
        assert resumed_at(broken) == step_of(kind) - 1  # which the clock asked for: epochs of digits have 23 steps
    assert losses(broken) == losses(whole)
    assert scores(broken) == scores(whole)
