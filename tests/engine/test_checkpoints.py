"""Checkpoints: which are kept, that they are whole, what of them is carried over into a branch."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors import safe_open

from engine.errors import CheckpointError, ConfigurationError
from engine.events import Checkpointed, EpochEnded, Event, Finished, Frame, Resumed, Started
from engine.experiment import Experiment
from engine.training import Branch, checkpointer, loop
from engine.training.branch import branch_off
from engine.training.checkpoint import load
from engine.training.control import Control
from engine.training.frames import FrameBuffer
from engine.training.loop import Training, train
from engine.training.manifest import newest, read_manifest, to_json
from engine.training.prepare import prepare
from engine.training.scores import Scorer
from engine.training.snapshots import learned
from tests.engine.conftest import experiment, trained
from tests.engine.resuming import Told, assert_same, assert_same_tensors, run

E = {"dtype": "float32", "steps": None, "epochs": 4}  # iris: 120 training examples, 8 steps in an epoch


def told(experiments: Sequence[Experiment], folder: Path) -> list[Event]:
    return list(train(experiments, checkpoints=lambda: folder))


def kept(events: Sequence[Event]) -> list[Checkpointed]:
    return [event for event in events if isinstance(event, Checkpointed)]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- which are kept ----------------------------------------------------------


def test_the_last_state_is_kept_before_the_end_is_told(tmp_path: Path) -> None:
    events = told([experiment(**E)], tmp_path)
    assert kept(events) == [Checkpointed(32, 4, "last", str(tmp_path / "last-32.json"), (0,))]
    assert isinstance(events[-1], Finished)
    assert names(tmp_path) == ["last-32.json", "last-32.safetensors"]


def test_epochs_that_were_asked_for_stay(tmp_path: Path) -> None:
    events = told([experiment(**E, checkpoint__every=2)], tmp_path)
    assert [(c.kind, c.step, c.epoch) for c in kept(events)] == [("epoch", 16, 2), ("epoch", 32, 4), ("last", 32, 4)]
    assert len(list(tmp_path.glob("*.json"))) == 3


def test_a_newer_last_takes_the_place_of_the_older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_FRAMES", 0.0)
    monkeypatch.setattr(checkpointer, "SECONDS_UNTIL_FIRST", 0.0)
    monkeypatch.setattr(checkpointer, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(checkpointer, "LARGEST_SHARE", 1e9)
    paths = []
    for event in train([experiment(**E)], checkpoints=lambda: tmp_path):
        if isinstance(event, Checkpointed):
            assert load(Path(event.path)).manifest.step == event.step  # it is on disk when it is told of
            paths.append(event.path)
            assert len(names(tmp_path)) == 2
    assert len(paths) > 30


def test_writing_takes_a_small_share_of_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that takes ten minutes is not repeated within eight hours."""
    store = checkpointer.Checkpointer(experiment().checkpoint, lambda: tmp_path)
    store.open(0.0)
    assert not store.is_due(9.0)
    assert store.is_due(10.0)
    training = Training(prepare([experiment(**E)]), Control())
    monkeypatch.setattr(checkpointer, "time", SimpleNamespace(perf_counter=iter([0.0, 600.0]).__next__))
    list(store.keep(training))
    assert not store.is_due(training.watch.seconds + 29_000.0)
    assert store.is_due(training.watch.seconds + 31_000.0)


def test_the_best_epoch_of_each_member_is_kept(tmp_path: Path) -> None:
    """The weights in the file score what was told after the best epoch, of each member by itself."""
    members = [experiment(**{**E, "epochs": 12}, seed=k, lr=lr, checkpoint__best=True, model__batch_norm=True)
               for k, lr in enumerate((0.3, 0.02))]  # fmt: skip
    events = told(members, tmp_path)
    (path,) = tmp_path.glob("best-*.json")
    saved = load(path)
    ended = [event for event in events if isinstance(event, EpochEnded)]
    prepared = prepare(members)
    for value, tensor in zip(learned(prepared.network), saved.learned, strict=True):
        value.copy_(tensor)
    scores = Scorer(prepared.network, prepared.data.task).score(prepared.validation)
    for member, score in enumerate(scores):
        costs = [event.validation[member].cost for event in ended]
        assert score.cost == min(costs)
        assert saved.manifest.best[member].best_epoch == costs.index(min(costs)) + 1
    assert saved.manifest.best[0].best_epoch != saved.manifest.best[1].best_epoch
    assert [c for c in kept(events) if c.kind == "best"][-1].step == max(best.best_step for best in saved.manifest.best)


def test_the_best_alone_can_be_kept(tmp_path: Path) -> None:
    told([experiment(**E, checkpoint__best=True, checkpoint__every="never")], tmp_path)
    assert [name.partition("-")[0] for name in names(tmp_path)] == ["best", "best"]


# --- what is in them ---------------------------------------------------------


def test_the_last_checkpoint_holds_the_weights_that_were_learned(tmp_path: Path) -> None:
    e = experiment(**E, model__batch_norm=True)
    told([e], tmp_path)
    prepared = trained([e])
    assert_same_tensors(load(tmp_path / "last-32.json").learned, learned(prepared.network))


def test_files_are_plain_safetensors_and_json(tmp_path: Path) -> None:
    told([experiment(**E)], tmp_path)
    with safe_open(tmp_path / "last-32.safetensors", "pt") as file:
        assert file.get_tensor("learned.0").shape == (1, 4, 7)
    manifest = json.loads((tmp_path / "last-32.json").read_text())
    assert manifest["experiments"][0]["model"]["width"] == 7
    assert Experiment.parse(manifest["experiments"][0]) == experiment(**E)


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    members = [experiment(**E, seed=k, stop__patience=1, lr=0.4, schedule="on_plateau(patience=0)") for k in range(2)]
    told(members, tmp_path)
    path = newest(tmp_path)
    assert path is not None
    manifest = read_manifest(path)
    assert to_json(manifest) == path.read_text()
    assert manifest.experiments == tuple(members)
    assert manifest.course is not None
    assert manifest.course.ended


# --- damage ------------------------------------------------------------------


def flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda j, t: flip(t, 5000), "is damaged, or does not belong to"),
        (lambda j, t: t.write_bytes(t.read_bytes()[:-1]), "is damaged, or does not belong to"),
        (lambda j, t: t.unlink(), "tensors cannot be read"),
        (lambda j, t: j.unlink(), "cannot be read"),
        (lambda j, t: j.write_text(j.read_text()[:-9]), "not the JSON of a checkpoint, or it is damaged"),
        (lambda j, t: j.write_text("[1, 2]"), "not the JSON of a checkpoint$"),
        (lambda j, t: j.write_text(json.dumps({**json.loads(j.read_text()), "format": 99})), "has the format 99, but"),
        (lambda j, t: j.write_text(json.dumps({**json.loads(j.read_text()), "step": "x"})), "damaged: step: "),
        (lambda j, t: j.write_text(json.dumps({**json.loads(j.read_text()), "experiments": [{"lr": -1}]})), "damaged: exp"),
    ],
)
def test_a_damaged_checkpoint_is_refused_with_one_message(damage, words: str, tmp_path: Path) -> None:
    told([experiment(**E)], tmp_path)
    path = tmp_path / "last-32.json"
    damage(path, path.with_suffix(".safetensors"))
    with pytest.raises(CheckpointError, match=words) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("fails_at", [1, 2, 3, 4])
def test_a_disk_that_fills_up_leaves_the_older_checkpoint(fails_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_FRAMES", 0.0)
    e = experiment(**{**E, "epochs": 6})
    run([e], tmp_path, stop_at=10)
    before = newest(tmp_path)
    calls = iter(range(1, 99))
    real = os.fsync

    def full(descriptor: int) -> None:
        if next(calls) == fails_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CheckpointError, match=r"cannot be written \(No space left on device\)"):
        run([e], tmp_path, resume=True)
    monkeypatch.undo()
    path = newest(tmp_path)
    assert path is not None
    assert before is not None
    assert load(path).manifest.step in ({10, 48} if fails_at == 4 else {10})
    assert load(before).manifest.step == 10
    if fails_at < 4:
        done = run([e], tmp_path, resume=True)  # what was left behind is tidied up
        assert done.finished is not None
        assert not list(tmp_path.glob("*.part"))


# --- branches ----------------------------------------------------------------


def branched(experiments: Sequence[Experiment], path: Path, folder: Path, member: int = 0) -> tuple[Told, list[Event]]:
    events, heard = [], Told()
    for event in train(experiments, checkpoints=lambda: folder, branch=Branch(path, member)):
        heard.hear(event)
        events.append(event)
    last = newest(folder)
    assert last is not None
    heard.learned = load(last).learned
    return heard, events


def after(whole: Told, step: int, epoch: int) -> Told:
    """What was told after a step."""
    whole.losses = {k: losses for k, losses in whole.losses.items() if k > step}
    whole.epochs = {k: ended for k, ended in whole.epochs.items() if k > epoch}
    return whole


@pytest.mark.parametrize(
    "settings",
    [
        {"model__dropout": 0.3, "model__batch_norm": True},
        {"optimizer": "momentum", "schedule": "on_plateau(patience=0)"},
        {"optimizer": "nadam", "batch_size": "full"},
        {"data__name": "shapeset", "data__samples": 100},
    ],
)
def test_a_branch_with_more_epochs_is_the_longer_training(settings: dict, tmp_path: Path) -> None:
    short, long = (experiment(**{**E, "epochs": epochs}, **settings) for epochs in (2, 4))
    run([short], tmp_path / "short")
    path = newest(tmp_path / "short")
    assert path is not None
    step = read_manifest(path).step
    whole = after(run([long], tmp_path / "long"), step, 2)
    ours, events = branched([long], path, tmp_path / "branch")
    assert_same(ours, whole)
    assert events[1] == Resumed(step, 2, 0.0)


def test_a_branch_within_an_epoch_goes_on_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_FRAMES", 0.0)
    e = experiment(**E, model__dropout=0.3)
    run([e], tmp_path / "stopped", stop_at=11)
    whole = after(run([e], tmp_path / "whole"), 11, 1)
    ours, _ = branched([e], tmp_path / "stopped" / "last-11.json", tmp_path / "branch")
    assert_same(ours, whole)


def test_a_member_of_a_population_branches_off_as_if_it_had_been_alone(tmp_path: Path) -> None:
    """From members that are updated apart, and from members that are updated together; into one and into three."""
    for name, rates in (("apart", (0.01, 0.02, 0.03)), ("together", (0.02, 0.02, 0.02))):
        members = [experiment(**{**E, "dtype": "float64"}, seed=k, lr=lr, model__dropout=0.2) for k, lr in enumerate(rates)]
        run(members, tmp_path / name)
        longer = members[1].with_settings({"epochs": 6})
        whole = after(run([longer], tmp_path / f"{name} alone"), 32, 4)
        others = [longer.with_settings({"lr": 0.5}), longer, longer.with_settings({"seed": 9})]
        for experiments, position in (([longer], 0), (others, 1)):
            ours, _ = branched(experiments, tmp_path / name / "last-32.json", tmp_path / f"{name} {position}", member=1)
            for tensor, expected in zip(ours.learned, whole.learned, strict=True):
                torch.testing.assert_close(tensor[position], expected[0], rtol=0, atol=1e-12)


def test_a_branch_says_what_begins_anew(tmp_path: Path) -> None:
    run([experiment(**E)], tmp_path)
    path = tmp_path / "last-32.json"

    def note(**settings: object) -> str:
        e = experiment(**{**E, "epochs": 9}).with_settings({k.replace("__", "."): v for k, v in settings.items()})
        started = next(iter(train([e], branch=Branch(path, 0))))
        assert isinstance(started, Started)
        return started.data.notes[-1]

    assert note() == "begins with member 0 of last-32.json, at step 32"
    assert note(optimizer="sgd").endswith("what begins anew: the optimizer")
    assert note(data__seed=5).endswith("what begins anew: the epoch")
    assert note(optimizer="sgd", data__seed=5).endswith("what begins anew: the optimizer, the epoch")


def test_changed_settings_hold_from_the_branch_on(tmp_path: Path) -> None:
    run([experiment(**E, optimizer="sgd", lr=0.1)], tmp_path)
    e = experiment(**{**E, "epochs": 6}, optimizer="sgd", lr=0.1).with_settings({"lr": 0.003, "batch_size": 40})
    ours, events = branched([e], tmp_path / "last-32.json", tmp_path / "branch")
    assert set(ours.rates.values()) == {(0.003,)}
    assert list(ours.losses) == list(range(33, 39))  # three steps in each of two epochs
    assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [5, 6]
    assert isinstance(events[0], Started)
    assert (events[0].total_steps, events[0].steps_per_epoch) == (38, 3)


def test_a_member_that_ended_early_branches_off_with_the_weights_it_ended_with(tmp_path: Path) -> None:
    e = experiment(**{**E, "epochs": 40}, lr=0.2, stop__patience=2)
    whole = run([e], tmp_path)
    assert whole.finished is not None
    outcome = whole.finished.outcomes[0]
    path = newest(tmp_path)
    assert path is not None
    again = e.with_settings({"stop.patience": None})
    events = train([again], branch=Branch(path, 0))
    started, resumed, *_ = events
    assert isinstance(started, Started)
    assert resumed == Resumed(outcome.step, outcome.step // 8, 0.0)
    assert started.data.notes[-1].endswith("what begins anew: the optimizer, the order of the data, dropout")


def test_the_best_epoch_is_a_place_to_branch_off(tmp_path: Path) -> None:
    e = experiment(**{**E, "epochs": 12}, lr=0.3, checkpoint__best=True)
    run([e], tmp_path)
    (path,) = tmp_path.glob("best-*.json")
    best = read_manifest(path).best[0]
    _, resumed, *others = train([e.with_settings({"epochs": 20})], branch=Branch(path, 0))
    assert resumed == Resumed(best.best_step, best.best_epoch, 0.0)
    assert [event.epoch for event in others if isinstance(event, EpochEnded)] == list(range(best.best_epoch + 1, 21))


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        ({"model.width": 9}, "model", "the weight of hidden 1 is 4x9, but 4x7 in the checkpoint"),
        ({"model.init": "normal(std=0.5)"}, "model.init", "begins with the weights of the checkpoint"),
        ({"model.bias_init": 0.5}, "model.bias_init", "begins with the weights of the checkpoint"),
        ({"pretraining": "denoising"}, "pretraining", "begins with the weights of the checkpoint"),
        ({"model.depth": 3}, "model", "the network has 8 tensors, but 6 in the checkpoint"),
        ({"epochs": 4}, "epochs", "4 epochs are over where it branches off, after step 32 and epoch 4"),
        ({"epochs": None, "steps": 20}, "steps", "20 steps are over"),
    ],
)
def test_what_cannot_be_carried_over_is_said_before_anything_starts(
    settings: dict, path: str, words: str, tmp_path: Path
) -> None:
    run([experiment(**E)], tmp_path)
    e = experiment(**{**E, "epochs": 9}).with_settings(settings)
    with pytest.raises(ConfigurationError, match=words) as caught:
        next(iter(train([e], branch=Branch(tmp_path / "last-32.json", 0))))
    assert caught.value.problems[0].path == path


def test_a_branch_within_an_epoch_refuses_a_batch_size_that_does_not_fit_its_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After two of eight steps 88 examples are left: three batches of 29 would leave one."""
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_FRAMES", 0.0)
    e = experiment(**E, model__batch_norm=True)
    run([e], tmp_path, stop_at=2)
    with pytest.raises(ConfigurationError, match=r"29 leaves a last batch of one of the 88 training examples left .*; use 28"):
        next(iter(train([e.with_settings({"batch_size": 29})], branch=Branch(tmp_path / "last-2.json", 0))))


def test_divergence_behind_a_branch_is_told_at_its_step_where_losses_are_seen_late(tmp_path: Path) -> None:
    """As on a GPU, where only the losses that were kept tell the step."""
    e = experiment(**E, optimizer="sgd", lr=0.01, model__activation="identity", cost="quadratic")
    run([e], tmp_path)
    path = tmp_path / "last-32.json"
    wild = e.with_settings({"epochs": 12, "lr": 1000.0})
    origins = []
    for looks in (True, False):
        training = Training(prepare([wild]), Control())
        training.frames = FrameBuffer(training.network, 1, looks=looks)
        branch_off(training, load(path), 0)
        finished = list(training.events())[-1]
        assert isinstance(finished, Finished)
        origins.append(finished.outcomes[0].divergence)
    seen, kept_for_later = origins
    assert seen is not None
    assert kept_for_later is not None
    assert seen.step == kept_for_later.step > 32


def test_members_that_are_not_there_or_of_no_use_are_refused(tmp_path: Path) -> None:
    wild = {"optimizer": "sgd", "lr": 1000.0, "model__activation": "identity", "cost": "quadratic"}
    members = [experiment(**E, **{**wild, "lr": lr}, seed=k) for k, lr in enumerate((0.001, 1000.0))]
    run(members, tmp_path)
    path = newest(tmp_path)
    assert path is not None
    e = members[0].with_settings({"epochs": 9})
    with pytest.raises(CheckpointError, match="member 1 diverged"):
        next(iter(train([e], branch=Branch(path, 1))))
    with pytest.raises(CheckpointError, match="there is no member 2; they count from 0 to 1"):
        next(iter(train([e], branch=Branch(path, 2))))


def test_precision_can_change_in_a_branch(tmp_path: Path) -> None:
    run([experiment(**E)], tmp_path)
    e = experiment(**{**E, "epochs": 5, "dtype": "float64"})
    ours, events = branched([e], tmp_path / "last-32.json", tmp_path / "branch")
    assert all(tensor.dtype == torch.float64 for tensor in ours.learned)
    assert sum(isinstance(event, Frame) for event in events) > 0


def test_the_newest_checkpoint_is_the_one_furthest_on(tmp_path: Path) -> None:
    told([experiment(**E, checkpoint__every=1, checkpoint__best=True)], tmp_path)
    path = newest(tmp_path)
    assert path is not None
    assert path.name in ("epoch-32.json", "last-32.json")
    for name in ("epoch-32", "last-32"):
        (tmp_path / f"{name}.safetensors").unlink()
    assert newest(tmp_path) == tmp_path / "epoch-24.json"
    assert newest(tmp_path / "nowhere") is None


def test_the_manifest_is_refused_where_a_tensor_is_missing(tmp_path: Path) -> None:
    told([experiment(**E)], tmp_path)
    saved = load(tmp_path / "last-32.json")
    lacking = replace(saved, tensors={name: tensor for name, tensor in saved.tensors.items() if name != "losses"})
    with pytest.raises(CheckpointError, match="lacks the tensor 'losses'"):
        _ = lacking.state
