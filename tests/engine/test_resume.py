"""A training that was interrupted and went on ends with bitwise the numbers of one that was not."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.errors import CheckpointError, DeviceError
from engine.events import Checkpointed, Distributions, Examined, Finished, Resumed, Started
from engine.experiment import Experiment
from engine.population import expand
from engine.training import checkpointer, loop
from engine.training.control import Control
from engine.training.loop import train
from engine.training.manifest import newest, read_manifest, to_json
from engine.vocabulary import Status
from tests.engine.conftest import experiment
from tests.engine.resuming import Interrupter, Told, assert_same, run

E = {"dtype": "float32", "steps": None, "epochs": 4}  # iris: 120 training examples, 8 steps in an epoch
BLOCKS = {"data__name": "digits", "data__validation": 0.45, "data__test": 0.5, "model__depth": None, "model__width": None}

KINDS: dict[str, list[Experiment]] = {
    "plain sgd": [experiment(**E, optimizer="sgd")],
    "dropout": [experiment(**E, model__dropout=0.4)],
    "alpha dropout": [experiment(**E, model__dropout=0.4, model__activation="selu")],
    "batch norm": [experiment(**E, model__batch_norm=True, optimizer="momentum")],
    "prelu, nesterov, step": [experiment(**E, model__activation="prelu", optimizer="nesterov",
                                         schedule="step(every=2, factor=0.5)")],
    "adam, cosine": [experiment(**E, schedule="cosine")],
    "sgd, float64, exponential": [experiment(**{**E, "dtype": "float64"}, optimizer="sgd", schedule="exponential", seed=seed)
                                  for seed in range(2)],
    "adamw, warm-up": [experiment(**E, optimizer="adamw", schedule="warm_up(steps=20)")],
    "nadam, exponential": [experiment(**E, optimizer="nadam", schedule="exponential")],
    "nadam, float64": [experiment(**{**E, "dtype": "float64"}, optimizer="nadam")],
    "adam, float64": [experiment(**{**E, "dtype": "float64"}, model__dropout=0.1)],
    "rmsprop, plateau": [experiment(**E, optimizer="rmsprop", lr=0.05,
                                   schedule="on_plateau(factor=0.5, patience=1, threshold=0.5)")],
    "adagrad": [experiment(**E, optimizer="adagrad", l1=0.001, l2=0.002)],
    "adadelta": [experiment(**E, optimizer="adadelta", model__activation="maxout")],
    "rprop, full batch": [experiment(**{**E, "epochs": 30}, optimizer="rprop", batch_size="full")],
    "early stopping": [experiment(**{**E, "epochs": 30}, optimizer="adam", lr=0.1, stop__patience=2, model__dropout=0.2)],
    "batch norm, restored": [experiment(**{**E, "epochs": 30}, lr=0.2, stop__patience=2, model__batch_norm=True)],
    "population": [experiment(**E, seed=k, lr=0.01 * (k + 1), l2=0.01 * k, model__dropout=0.1 * k, model__batch_norm=True)
                   for k in range(3)],
    "population that ends one by one": [
        experiment(**{**E, "epochs": 30}, seed=k, lr=lr, stop__patience=2, model__dropout=0.2)
        for k, lr in enumerate((0.5, 0.003, 0.05))
    ],
    "one diverges": [experiment(**E, seed=k, optimizer="sgd", lr=lr, model__activation="identity", cost="quadratic")
                     for k, lr in enumerate((0.01, 1000.0))],
    "bagging": list(expand(experiment(**E, ensemble__members=3, ensemble__by="bagging"))),
    "disjoint": list(expand(experiment(**{**E, "epochs": 12}, ensemble__members=3, ensemble__by="disjoint",
                                       model__dropout=0.3))),
    "regression": [experiment(**E, data__name="diabetes", optimizer="momentum")],
    "recurrent": [experiment(**E, **BLOCKS, model__blocks="lstm(6), dropout(0.3), batch_norm")],
    "convolution": [experiment(**E, **BLOCKS, model__blocks="conv(3), batch_norm, max_pool, flatten", model__dropout=0.2)],
    "stream": [experiment(**E, data__name="shapeset", data__samples=100, seed=k, model__dropout=0.2) for k in range(2)],
}  # fmt: skip


@pytest.fixture(autouse=True)
def told_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_FRAMES", 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_resumed_is_uninterrupted(kind: str, tmp_path: Path) -> None:
    whole = run(KINDS[kind], tmp_path / "whole")
    told = Told()
    for number, stop_at in enumerate((3, 8, 13, max(whole.losses) - 4)):  # in an epoch, at its end, in another, near the end
        run(KINDS[kind], tmp_path / "parts", told, stop_at=stop_at, resume=number > 0)
        assert told.finished is not None
        assert Status.INTERRUPTED in [outcome.status for outcome in told.finished.outcomes]
        assert max(told.losses) == stop_at < max(whole.losses)
    run(KINDS[kind], tmp_path / "parts", told, resume=True)
    assert_same(told, whole)


def test_losses_that_were_not_recorded_yet_are_in_the_next_record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of nine members every third loss is recorded: the mean of three."""
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_FRAMES", 1e9)
    of_nine = [experiment(**E, seed=k, l2=0.1, callbacks=["tests.engine.resuming:Interrupter"]) for k in range(9)]
    whole = run(of_nine, tmp_path / "whole")
    assert 20 not in whole.losses
    monkeypatch.setattr(Interrupter, "at", frozenset({20, 21, 30}))
    told = Told()
    for resume in (False, True, True, True):
        run(of_nine, tmp_path / "parts", told, resume=resume)
    assert_same(told, whole)


def test_the_clock_decides_when_but_not_what(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With a checkpoint after every step everything is as without any."""
    without = run(KINDS["early stopping"], tmp_path / "without")
    monkeypatch.setattr(checkpointer, "SECONDS_UNTIL_FIRST", 0.0)
    monkeypatch.setattr(checkpointer, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(checkpointer, "LARGEST_SHARE", 1e9)
    events = list(train(KINDS["early stopping"], checkpoints=lambda: tmp_path / "with"))
    told = Told()
    for event in events:
        told.hear(event)
    assert sum(isinstance(event, Checkpointed) for event in events) > max(without.losses)
    told.learned = without.learned
    assert_same(told, without)
    assert [path.name for path in (tmp_path / "with").glob("*.json")] == [f"last-{max(told.losses)}-2.json"]


@pytest.mark.slow
def test_what_was_killed_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    kinds = ["dropout", "batch norm", "early stopping", "recurrent", "bagging", "stream"]
    lines = [json.dumps([e.to_dict() for e in KINDS[kind]]) for kind in kinds]
    subprocess.run([sys.executable, "-m", "tests.engine.killed", str(tmp_path / "killed")], input="\n".join(lines), text=True,
                   check=True, cwd=Path(__file__).parents[2])  # fmt: skip
    for number, kind in enumerate(kinds):
        whole = run(KINDS[kind], tmp_path / f"whole {number}")
        path = newest(tmp_path / "killed" / str(number))
        assert path is not None
        manifest = read_manifest(path)
        assert manifest.step == 12
        told = run(KINDS[kind], path.parent, resume=True)
        whole.losses = {step: losses for step, losses in whole.losses.items() if step > manifest.step}
        whole.epochs = {epoch: ended for epoch, ended in whole.epochs.items() if epoch > manifest.epoch}
        assert_same(told, whole)


def test_resuming_is_told_after_the_start_and_time_goes_on(tmp_path: Path) -> None:
    run(KINDS["dropout"], tmp_path, stop_at=10)
    path = newest(tmp_path)
    assert path is not None
    seconds = read_manifest(path).seconds
    started, resumed, *others = train(KINDS["dropout"], resume=path)
    assert isinstance(started, Started)
    assert (started.total_steps, started.steps_per_epoch) == (32, 8)
    assert resumed == Resumed(10, 1, seconds)
    frames = [event for event in others if hasattr(event, "seconds") and not isinstance(event, Finished)]
    assert min(float(frame.seconds.min() if hasattr(frame.seconds, "min") else frame.seconds) for frame in frames) >= seconds
    assert isinstance(others[-1], Finished)
    assert others[-1].seconds > seconds


def test_the_number_of_threads_is_as_it_was(tmp_path: Path) -> None:
    automatic = experiment(**E, threads="auto")
    run([automatic], tmp_path, stop_at=10)
    path = newest(tmp_path)
    assert path is not None
    path.write_text(to_json(replace(read_manifest(path), threads=2)))
    started = next(iter(train([automatic], resume=path)))
    assert isinstance(started, Started)
    assert started.threads == torch.get_num_threads() == 2


def test_a_stop_of_some_members_leaves_the_others_to_go_on(tmp_path: Path) -> None:
    """What an ended member ends with survives the resumption; only the others are stopped."""
    of_three = KINDS["population that ends one by one"]
    whole = run(of_three, tmp_path / "whole")
    first = min(ended.step for ended in whole.ended)
    told = run(of_three, tmp_path / "parts", stop_at=first + 3)
    assert told.finished is not None
    assert sorted(outcome.status for outcome in told.finished.outcomes) == [Status.DONE, Status.INTERRUPTED, Status.INTERRUPTED]
    run(of_three, tmp_path / "parts", told, resume=True)
    assert_same(told, whole)


# --- what cannot be resumed --------------------------------------------------


def stopped(folder: Path, **settings: object) -> tuple[Experiment, Path]:
    e = experiment(**{**E, **settings})
    run([e], folder, stop_at=10)
    path = newest(folder)
    assert path is not None
    return e, path


def test_a_training_killed_after_its_last_checkpoint_is_scored_and_ends(tmp_path: Path) -> None:
    e = experiment(**E)
    events = list(train([e], checkpoints=lambda: tmp_path))
    again = list(train([e], resume=newest(tmp_path)))
    assert [type(event).__name__ for event in again if not isinstance(event, Distributions | Examined)] == [
        "Started", "Resumed", "Finished",
    ]  # fmt: skip
    first, second = events[-1], again[-1]
    assert isinstance(first, Finished)
    assert isinstance(second, Finished)
    assert first.outcomes == second.outcomes


def test_a_checkpoint_of_another_experiment_is_refused_with_the_settings_that_differ(tmp_path: Path) -> None:
    e, path = stopped(tmp_path)
    other = e.with_settings({"lr": 0.5, "model.width": 9})
    with pytest.raises(CheckpointError, match=r"of another experiment; they differ in model\.width, lr$"):
        next(iter(train([other], resume=path)))
    with pytest.raises(CheckpointError, match="of another experiment: of 1 members, not 2"):
        next(iter(train([e, e], resume=path)))


def test_other_data_under_the_same_name_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    lines = ["a,b,y", *(f"{k},{k * k % 17},{k % 3}" for k in range(60))]
    table.write_text("\n".join(lines))
    settings = {"data__name": str(table), "data__target": "y", "batch_size": 4}
    e, path = stopped(tmp_path / "checkpoints", **settings)
    table.write_text("\n".join([*lines[:-1], "59,99,2"]))
    with pytest.raises(CheckpointError, match="the data has changed"):
        next(iter(train([e], resume=path)))


def test_the_best_weights_alone_cannot_go_on(tmp_path: Path) -> None:
    e, _ = stopped(tmp_path, checkpoint__best=True)
    best = next(tmp_path.glob("best-*.json"))
    with pytest.raises(CheckpointError, match="the best weights alone"):
        next(iter(train([e], resume=best)))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
@pytest.mark.parametrize("optimizer", ["adam", "nadam", "rprop", "momentum"])
def test_a_training_on_a_gpu_goes_on_there(optimizer: str, tmp_path: Path) -> None:
    e = [
        experiment(**E, device="cuda", seed=k, optimizer=optimizer, model__dropout=0.3, model__batch_norm=True) for k in range(2)
    ]
    whole = run(e, tmp_path / "whole")
    told = run(e, tmp_path / "parts", stop_at=11)
    run(e, tmp_path / "parts", told, resume=True)
    assert_same(told, whole)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_training_on_a_gpu_goes_on_only_where_there_is_one(tmp_path: Path) -> None:
    e, path = stopped(tmp_path, device="auto")
    path.write_text(to_json(replace(read_manifest(path), device="cuda:0")))
    with pytest.raises(DeviceError, match="no such GPU"):
        next(iter(train([e], resume=path)))


def test_nothing_is_written_where_nobody_asks_for_it(tmp_path: Path) -> None:
    asked = []

    def folder() -> Path:
        asked.append(1)
        return tmp_path

    events = train([experiment(**E, checkpoint__every="never")], checkpoints=folder, control=Control())
    assert not any(isinstance(event, Checkpointed) for event in events)
    assert not list(tmp_path.iterdir())
    assert not asked
