"""When the best epoch is written, what is kept of pre-training, and which checkpoint is named where one is damaged."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.errors import CheckpointError
from engine.events import Checkpointed, Distributions, EpochEnded, Event, Finished, PretrainingEpoch
from engine.training import Branch, checkpointer
from engine.training.checkpoint import load
from engine.training.control import Control
from engine.training.loop import Training, train
from engine.training.prepare import prepare
from engine.vocabulary import Status
from tests.engine.conftest import experiment
from tests.engine.resuming import run

E = {"dtype": "float32", "steps": None, "epochs": 4}  # iris: 8 steps in an epoch


# --- the best epoch ----------------------------------------------------------


def best_after_epochs(folder: Path) -> tuple[list[Event], list[int]]:
    """What is told of a training whose cost falls, and the best epoch on disk after each of its epochs."""
    events, on_disk = [], []
    for event in train([experiment(**E, lr=0.001, checkpoint__best=True)], checkpoints=lambda: folder):
        events.append(event)
        if isinstance(event, Checkpointed) and event.kind == "best":
            on_disk.append(load(Path(event.path)).manifest.best[0].best_epoch)
    costs = [event.validation[0].cost for event in events if isinstance(event, EpochEnded)]
    assert costs == sorted(costs, reverse=True)
    return events, on_disk


def test_the_best_epoch_is_written_when_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpointer, "LARGEST_SHARE", 1e9)
    events, on_disk = best_after_epochs(tmp_path)
    assert on_disk == [1, 2, 3, 4]
    kinds = [type(event) if not isinstance(event, Checkpointed) else event.kind for event in events]
    assert kinds[kinds.index(EpochEnded) + 1] == "best"
    assert len(list(tmp_path.glob("best-*.json"))) == 1


def test_a_best_epoch_that_takes_long_to_write_is_written_again_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 10_000, 600))
    monkeypatch.setattr(checkpointer, "time", SimpleNamespace(perf_counter=clock.__next__))
    _, on_disk = best_after_epochs(tmp_path)
    assert on_disk == [1, 4]


def test_writing_the_best_epoch_does_not_put_off_that_of_the_latest_state(tmp_path: Path) -> None:
    training = Training(prepare([experiment(**E, checkpoint__best=True)]), Control(), checkpoints=lambda: tmp_path)
    kept = next(event for event in training.events() if isinstance(event, Checkpointed))
    assert kept.kind == "best"
    assert training.checkpointer.is_due(checkpointer.SECONDS_UNTIL_FIRST + 1.0)


# --- pre-training ------------------------------------------------------------


def test_a_training_that_is_stopped_in_pretraining_keeps_and_measures_nothing(tmp_path: Path) -> None:
    control, events = Control(), []
    e = experiment(**E, pretraining="denoising(epochs=3)", monitor__distributions=1)
    for event in train([e], control=control, checkpoints=lambda: tmp_path):
        events.append(event)
        if isinstance(event, PretrainingEpoch):
            control.stop(interrupted=True)
    assert not [event for event in events if isinstance(event, Checkpointed | Distributions)]
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert (finished.outcomes[0].status, finished.outcomes[0].step, finished.measuring) == (Status.INTERRUPTED, 0, 0.0)


# --- damage ------------------------------------------------------------------


THREE = experiment(**{**E, "epochs": 3}, checkpoint__every=1)


def broken_off(folder: Path) -> Path:
    """A checkpoint of each epoch until the third, which is damaged."""
    run([THREE], folder)
    for path in folder.glob("last-*"):
        path.unlink()
    path = folder / "epoch-24.json"
    path.with_suffix(".safetensors").write_bytes(b"damaged")
    return path


def test_where_the_latest_checkpoint_is_damaged_the_latest_whole_one_is_named(tmp_path: Path) -> None:
    path = broken_off(tmp_path)
    words = (
        r"epoch-24\.safetensors is damaged, .*; epoch-16\.json, of step 16, is whole: --branch RUN --at 16 begins there, "
        r"and --resume goes on from it once epoch-24\.json is moved away$"
    )
    with pytest.raises(CheckpointError, match=words):
        next(iter(train([THREE], resume=path)))
    with pytest.raises(CheckpointError, match=words):
        next(iter(train([experiment(**{**E, "epochs": 9})], branch=Branch(path, 0))))


def test_where_no_checkpoint_is_whole_none_is_named(tmp_path: Path) -> None:
    path = broken_off(tmp_path)
    for other in tmp_path.glob("*.safetensors"):
        other.write_bytes(b"damaged")
    with pytest.raises(CheckpointError, match=r"its digest is another$"):
        next(iter(train([THREE], resume=path)))
