"""The loop: the same numbers every time, its ends, what it records, what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import ConfigurationError, DeviceError
from engine.events import EpochEnded, Event, Finished, Frame, Started
from engine.training import loop
from engine.training.clock import Stopwatch
from engine.training.control import Control
from engine.training.loop import Training, train
from engine.training.prepare import prepare
from engine.training.schedules import Schedule
from tests.engine.conftest import experiment, trained


def test_the_same_experiment_gives_the_same_numbers_bit_for_bit() -> None:
    def numbers(seed: int) -> list[np.ndarray]:
        e = experiment(seed=seed, model__dropout=0.3, model__batch_norm=True, dtype="float32")
        return [np.concatenate([f.loss, f.layers.reshape(len(f.layers), -1)], axis=None) if len(f.layers) else f.loss
                for f in train([e]) if isinstance(f, Frame)]  # fmt: skip

    def joined(seed: int) -> np.ndarray:
        return np.sort(np.concatenate([n.ravel() for n in numbers(seed)]))  # frames may be cut at other moments

    np.testing.assert_array_equal(joined(1), joined(1))
    assert not np.array_equal(joined(1), joined(2))


def test_training_neither_uses_nor_moves_the_global_generators() -> None:
    torch.manual_seed(1)
    np.random.seed(1)
    before = torch.get_rng_state(), np.random.get_state()[1].tolist()
    first = trained([experiment(model__dropout=0.5)]).network.parameters[0].value
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == np.random.get_state()[1].tolist()
    torch.manual_seed(2)
    assert torch.equal(first, trained([experiment(model__dropout=0.5)]).network.parameters[0].value)


@pytest.mark.parametrize(("epochs", "steps", "total"), [(3, None, 24), (None, 5, 5), (3, 5, 5), (1, 100, 8)])
def test_training_ends_with_whichever_comes_first(epochs: int | None, steps: int | None, total: int) -> None:
    events = list(train([experiment().with_settings({"epochs": epochs, "steps": steps})]))
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert events[0].total_steps == total == events[-1].outcomes[0].step
    ended = [e for e in events if isinstance(e, EpochEnded)]
    assert ended[-1].step == total
    assert ended[-1].validation[0] is not None


def test_on_plateau_agrees_with_torch() -> None:
    e = experiment(schedule="on_plateau(factor=0.5, patience=2, threshold=0.01)", lr=0.1)
    ours = Schedule(e, 100)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=2, threshold=0.01)
    costs = [1.0, 0.9, 0.899, 0.898, 0.897, 0.896, 0.5, 0.6, 0.7, 0.499, 0.6, 0.6, 0.6, 0.6, float("nan"), 0.6, 0.6, 0.6]
    for epoch, cost in enumerate(costs):
        assert ours.rate(epoch, epoch) == pytest.approx(optimizer.param_groups[0]["lr"])
        ours.observe(cost)
        theirs.step(cost)
    assert ours.rate(0, 0) < 0.1


def test_without_a_validation_part_there_are_no_validation_scores() -> None:
    events = list(train([experiment(data__validation=0.0)]))
    ended = [e for e in events if isinstance(e, EpochEnded)]
    assert ended
    assert all(e.validation == (None,) for e in ended)


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        ({"batch_size": 1000}, "batch_size", "120 training examples"),
        ({"batch_size": 17, "model__batch_norm": True}, "batch_size", "use 16"),
        ({"model__width": 1_000_000, "model__depth": 1000}, "model", "smaller width or depth"),
        ({"data__name": "diabetes", "cost": "cross_entropy"}, "cost", "needs classes"),
        ({"data__name": "digits", "model__output": "tanh"}, "model.output", "needs output softmax"),
    ],
)
def test_what_does_not_fit_the_data_is_said_before_anything_starts(settings: dict, path: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        next(iter(train([experiment(**settings)])))
    assert caught.value.problems[0].path == path


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there_is_an_error() -> None:
    with pytest.raises(DeviceError, match="no such GPU"):
        prepare([experiment(device="cuda")])


def test_threads_are_more_than_one_only_where_a_step_has_much_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert prepare([experiment(threads="auto")]).threads == 1
    monkeypatch.setattr("engine.training.prepare.WORTH_MORE_THREADS", 6 * 16 * (4 * 7 + 7 * 7 + 7 * 3))
    assert prepare([experiment(threads="auto")]).threads == 4
    assert prepare([experiment(threads=3)]).threads == 3


def test_equal_data_has_an_equal_fingerprint_and_other_data_another() -> None:
    same = {prepare([experiment(seed=seed)]).data.fingerprint for seed in (1, 2)}
    assert len(same) == 1
    assert prepare([experiment(data__seed=5)]).data.fingerprint not in same
    assert prepare([experiment(data__scaling="none")]).data.fingerprint not in same


def test_what_is_recorded_of_cost_and_rate_is_what_was_used() -> None:
    e = experiment(l1=0.01, l2=0.002, lr=0.1, optimizer="sgd", schedule="exponential(factor=0.5)", monitor__every=1, steps=20)
    other = e.with_settings({"l1": 0.0, "l2": 0.5, "lr": 0.2})
    frames = [f for f in train([e, other]) if isinstance(f, Frame)]
    start = prepare([e, other])
    weights = [layer.affine.weight.value for layer in start.network.layers]
    for member, settings in enumerate((e, other)):
        assert frames[0].l1[0, member] == pytest.approx(settings.l1 * sum(w[member].abs().sum().item() for w in weights))
        assert frames[0].l2[0, member] == pytest.approx(settings.l2 * sum(w[member].square().sum().item() for w in weights))
        rates = np.concatenate([f.lr[:, member] for f in frames])
        np.testing.assert_allclose(rates, [settings.lr * 0.5 ** (step // 8) for step in range(20)])


def test_penalties_carry_over_from_the_latest_measurement_to_later_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_FRAMES", 0.0)
    frames = [f for f in train([experiment(l2=0.5, monitor__every=30, steps=30)]) if isinstance(f, Frame)]
    l2 = {int(step): value for f in frames for step, value in zip(f.steps, f.l2[:, 0], strict=True)}
    assert len(frames) > 10
    assert l2[1] > 0
    assert l2[3] == l2[2] != l2[1]
    assert all(l2[step] == l2[16] for step in range(17, 30))


def test_threads_are_set_in_the_training_thread_as_asked() -> None:
    torch.set_num_threads(2)
    started = next(iter(train([experiment(threads=1)])))
    assert isinstance(started, Started)
    assert started.threads == torch.get_num_threads() == 1


def test_training_yields_frames_while_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_FRAMES", 0.001)
    training = Training(prepare([experiment(steps=None, epochs=50)]), Control())
    frames = [e for e in training.events() if isinstance(e, Frame)]
    assert len(frames) > 1
    steps = np.concatenate([f.steps for f in frames])
    assert (np.diff(steps) > 0).all()


def test_the_share_of_measuring_is_a_share_of_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the last look takes, which is after the training: it is in neither."""
    monkeypatch.setattr(Stopwatch, "seconds", property(lambda self: 2.0))
    training = Training(prepare([experiment(steps=3)]), Control())

    def slow_look(epochs: int) -> Iterator[Event]:
        training.measuring += 10.0
        yield from ()

    monkeypatch.setattr(training.inspections, "at_the_end", slow_look)
    finished = list(training.events())[-1]
    assert isinstance(finished, Finished)
    assert 0 < finished.measuring < 1


@pytest.mark.parametrize("settings", [{"stop__patience": 2}, {"schedule": "on_plateau(patience=0)"}, {"checkpoint__best": True}])
def test_a_validation_set_of_the_datas_own_can_be_watched(settings: dict, tmp_path: Path) -> None:
    """No share of the examples need be kept for it; without one of its own that is said when the data is read."""
    generator = np.random.default_rng(0)
    inputs, labels = generator.normal(size=(60, 4)), np.arange(60) % 3
    train_part = {"x_train": inputs[:40], "y_train": labels[:40]}
    np.savez(tmp_path / "own.npz", **train_part, x_val=inputs[40:], y_val=labels[40:])
    np.savez(tmp_path / "none.npz", **train_part)
    base = {"steps": 6, "data__validation": 0.0, **settings}
    events = list(train([experiment(data__name=str(tmp_path / "own.npz"), **base)]))
    assert any(isinstance(event, EpochEnded) and event.validation[0] is not None for event in events)
    with pytest.raises(ConfigurationError, match="no validation part"):
        prepare([experiment(data__name=str(tmp_path / "none.npz"), **base)])
