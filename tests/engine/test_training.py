"""The loop: batches, scores, steering, divergence, and the same numbers every time."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from sklearn import metrics

from engine.errors import ConfigurationError, DeviceError
from engine.events import EpochEnded, Event, Finished, Frame, Started
from engine.experiment import Experiment
from engine.generators import generator
from engine.training.batches import Batches
from engine.training.control import Control
from engine.training.loop import Training, train
from engine.training.prepare import prepare
from engine.training.schedules import Schedule
from engine.vocabulary import Status
from tests.engine.conftest import experiment, trained

# --- batches ---------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 10, 64, 100, 1000])
@pytest.mark.parametrize("members", [1, 3])
def test_every_member_sees_every_example_once_an_epoch(size: int, members: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.batches.CHUNK_BYTES", 4000)
    x = torch.arange(100.0).unsqueeze(1).repeat(1, 3)
    source = Batches(x, x[:, :1].long(), size, [generator(k, "order") for k in range(members)])
    orders = []
    for _ in range(2):
        seen: list[list[float]] = [[] for _ in range(members)]
        count = 0
        for inputs, targets in source.epoch():
            assert torch.equal(inputs[..., 0].long(), targets[..., 0])
            count += 1
            for member in range(members):
                seen[member] += inputs[member, :, 0].tolist()
        assert count == source.per_epoch == -(-100 // min(size, 100))
        assert all(sorted(s) == list(range(100)) for s in seen)
        orders.append(seen)
    if size < 100:
        assert orders[0] != orders[1]
        assert members == 1 or orders[0][0] != orders[0][1]


# --- scores ----------------------------------------------------------------


def test_scores_of_a_classification_agree_with_scikit_learn() -> None:
    prepared = trained([experiment(steps=100)])
    *_, last = train([experiment(steps=100)])
    assert isinstance(last, Finished)
    x, y = prepared.test.inputs.unsqueeze(0), prepared.test.targets.unsqueeze(0)
    h, _ = prepared.network.forward(x, y, training=False)
    truth = prepared.test.targets.squeeze(1)
    score = last.outcomes[0].test
    assert score is not None
    assert score.accuracy == metrics.accuracy_score(truth, h[0].argmax(-1))
    assert score.cost == pytest.approx(metrics.log_loss(truth, h[0], labels=[0, 1, 2]), abs=1e-9)


def test_scores_of_a_regression_agree_with_scikit_learn() -> None:
    e = experiment(data__name="diabetes", steps=100)
    prepared = trained([e])
    *_, last = train([e])
    assert isinstance(last, Finished)
    x, y = prepared.test.inputs.unsqueeze(0), prepared.test.targets.unsqueeze(0)
    h, _ = prepared.network.forward(x, y, training=False)
    score = last.outcomes[0].test
    assert score is not None
    assert score.accuracy is None
    assert score.r2 == pytest.approx(metrics.r2_score(y[0], h[0]), abs=1e-9)
    assert score.mae == pytest.approx(metrics.mean_absolute_error(y[0], h[0]) * prepared.target_std, rel=1e-9)
    assert score.cost == pytest.approx(metrics.mean_squared_error(y[0], h[0]), rel=1e-9)


def test_two_classes_under_binary_cross_entropy_have_one_output_and_a_true_accuracy() -> None:
    e = experiment(data__name="breast_cancer", cost="binary_cross_entropy", steps=200)
    prepared = trained([e])
    *_, last = train([e])
    assert isinstance(last, Finished)
    assert prepared.network.output.affine.weight.value.shape[-1] == 1
    z = torch.as_tensor(prepared.test.inputs)
    for layer in prepared.network.hidden:
        z = torch.relu(z @ layer.affine.weight.value[0] + layer.affine.bias.value[0])
    z = z @ prepared.network.output.affine.weight.value[0] + prepared.network.output.affine.bias.value[0]
    score = last.outcomes[0].test
    assert score is not None
    assert score.accuracy == ((z > 0) == (prepared.test.targets > 0.5)).double().mean().item()
    assert score.accuracy > 0.85


def test_evaluation_uses_running_statistics_and_no_dropout() -> None:
    e = experiment(model__batch_norm=True, model__dropout=0.5, steps=60)
    prepared = trained([e])
    layer = prepared.network.hidden[0]
    assert layer.norm is not None
    x = prepared.test.inputs
    expected = torch.nn.functional.batch_norm(
        x @ layer.affine.weight.value[0], layer.norm.running_mean[0, 0], layer.norm.running_var[0, 0],
        layer.norm.gamma.value[0, 0], layer.norm.beta.value[0, 0], training=False,
    ).relu()  # fmt: skip
    torch.testing.assert_close(layer.forward(x.unsqueeze(0), training=False)[0], expected, rtol=0, atol=1e-12)


# --- steering --------------------------------------------------------------


class Driver:
    """Runs a training in a thread and hands over its events one by one."""

    def __init__(self, e: Experiment, control: Control) -> None:
        self.events: list[Event] = []
        self._arrived = threading.Condition()
        self._done = False
        self.thread = threading.Thread(target=self._run, args=(e, control))
        self.thread.start()

    def _run(self, e: Experiment, control: Control) -> None:
        for event in train([e], control=control):
            with self._arrived:
                self.events.append(event)
                self._arrived.notify_all()
        with self._arrived:
            self._done = True
            self._arrived.notify_all()

    def last_step(self) -> int:
        return max([int(e.steps[-1]) for e in self.events if isinstance(e, Frame)], default=0)

    def wait_for_step(self, step: int) -> None:
        with self._arrived:
            assert self._arrived.wait_for(lambda: self._done or self.last_step() >= step, timeout=60)


def test_pause_single_steps_an_epoch_and_stop() -> None:
    control = Control(paused=True)
    driver = Driver(experiment(steps=None, epochs=1000), control)
    control.step()
    driver.wait_for_step(1)
    assert driver.last_step() == 1
    control.step()
    driver.wait_for_step(2)
    assert driver.last_step() == 2
    control.epoch()
    driver.wait_for_step(8)  # 120 examples in batches of 16
    control.stop()
    driver.thread.join(60)
    last = driver.events[-1]
    assert isinstance(last, Finished)
    assert last.outcomes[0].status is Status.STOPPED
    assert last.outcomes[0].step == 8
    assert last.outcomes[0].test is not None
    assert [e.epoch for e in driver.events if isinstance(e, EpochEnded)] == [1]


def test_every_step_made_by_hand_is_measured() -> None:
    control = Control(paused=True)
    driver = Driver(experiment(steps=3, monitor__every=1000), control)
    for step in (1, 2, 3):
        control.step()
        driver.wait_for_step(step)
    driver.thread.join(60)
    frames = [e for e in driver.events if isinstance(e, Frame)]
    assert [frame.layer_steps.tolist() for frame in frames] == [[1], [2], [3]]


def test_an_interruption_is_told_from_a_stop() -> None:
    control = Control()
    events: Iterator[Event] = train([experiment(steps=None, epochs=10**6)], control=control)
    assert isinstance(next(events), Started)
    control.stop(interrupted=True)
    *_, last = events
    assert isinstance(last, Finished)
    assert last.outcomes[0].status is Status.INTERRUPTED


def test_a_stop_cannot_be_taken_back() -> None:
    control = Control()
    control.stop()
    control.resume()
    assert control.stopped
    assert not control.before_step()


# --- divergence ------------------------------------------------------------


def last_of(e: Experiment) -> tuple[Finished, list[Frame]]:
    events = list(train([e]))
    assert isinstance(events[-1], Finished)
    return events[-1], [event for event in events if isinstance(event, Frame)]


def test_weights_that_explode_end_the_run_where_the_loss_stops_being_finite() -> None:
    e = experiment(optimizer="sgd", lr=1000.0, model__activation="identity", cost="quadratic", dtype="float32", steps=1000)
    finished, frames = last_of(e)
    outcome = finished.outcomes[0]
    assert outcome.status is Status.DIVERGED
    assert outcome.divergence is not None
    assert outcome.test is None
    loss = np.concatenate([f.loss[:, 0] for f in frames])
    assert np.isfinite(loss[:-1]).all()
    assert not np.isfinite(loss[-1])
    assert frames[-1].steps[-1] == outcome.step < 1000
    assert outcome.step - 1 <= outcome.divergence.step <= outcome.step


def test_the_layer_named_is_the_first_that_overflows() -> None:
    """Plain NumPy in float32 says which layer's values leave the range first."""
    e = experiment(dtype="float32", model__activation="identity", model__init="normal(std=100)", model__depth=30,
                   model__width=20, cost="mean_squared", steps=5)  # fmt: skip
    prepared = prepare([e])
    h = prepared.train.inputs.numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        overflowing = []
        for layer in prepared.network.hidden:
            h = h @ layer.affine.weight.value[0].numpy()
            overflowing += [] if np.isfinite(h).all() else [layer.name]
    finished, _ = last_of(e)
    divergence = finished.outcomes[0].divergence
    assert divergence is not None
    assert (divergence.step, divergence.layer) == (1, overflowing[0])


# --- the same numbers ------------------------------------------------------


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


# --- ends and schedules ----------------------------------------------------


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


# --- what does not fit -----------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        ({"batch_size": 1000}, "batch_size", "120 training examples"),
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


def test_threads_are_set_in_the_training_thread_as_asked() -> None:
    torch.set_num_threads(2)
    started = next(iter(train([experiment(threads=1)])))
    assert isinstance(started, Started)
    assert started.threads == torch.get_num_threads() == 1


def test_training_yields_frames_while_it_goes_on() -> None:
    training = Training(prepare([experiment(steps=None, epochs=2000)]), Control())
    frames = [e for e in training.events() if isinstance(e, Frame)]
    assert len(frames) > 1
    steps = np.concatenate([f.steps for f in frames])
    assert (np.diff(steps) > 0).all()
