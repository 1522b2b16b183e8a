"""The loop: batches, scores, steering, divergence, and the same numbers every time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from sklearn import metrics

from engine.errors import ConfigurationError, DeviceError
from engine.events import Divergence, EpochEnded, Event, Finished, Frame, Outcome, Started
from engine.experiment import Experiment
from engine.generators import generator
from engine.training import loop
from engine.training.batches import Batches
from engine.training.clock import Stopwatch
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


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of the data are scored in several chunks, the last one smaller."""
    monkeypatch.setattr("engine.training.scores.CHUNK_VALUES", 49)


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

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that no event tells of."""
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            with self._arrived:
                self._arrived.wait(0.01)


def test_pause_single_steps_an_epoch_and_stop() -> None:
    control = Control(paused=True)
    driver = Driver(experiment(steps=None, epochs=1000), control)
    for step in (1, 2):
        control.step()
        driver.wait_for_step(step)
        driver.wait_until(lambda: control.waiting)
        assert driver.last_step() == step
    control.epoch()
    driver.wait_until(lambda: control.waiting and driver.last_step() == 8)  # 120 examples in batches of 16
    assert [e.epoch for e in driver.events if isinstance(e, EpochEnded)] == [1]
    control.epoch()
    driver.wait_until(lambda: control.waiting and driver.last_step() == 16)
    assert [e.epoch for e in driver.events if isinstance(e, EpochEnded)] == [1, 2]
    control.stop()
    driver.thread.join(60)
    last = driver.events[-1]
    assert isinstance(last, Finished)
    assert last.outcomes[0].status is Status.STOPPED
    assert last.outcomes[0].step == 16
    assert last.outcomes[0].test is not None


def test_an_epoch_asked_for_is_measured_no_more_often_than_usual() -> None:
    control = Control(paused=True)
    driver = Driver(experiment(steps=None, epochs=1, monitor__every=1000), control)
    control.epoch()
    driver.thread.join(60)
    measured = [int(step) for e in driver.events if isinstance(e, Frame) for step in e.layer_steps]
    assert measured == [1, 2, 4, 8]


def test_pauses_do_not_count_as_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.perf_counter", lambda: now)
    watch = Stopwatch()
    now += 5
    watch.hold()
    assert watch.seconds == 5
    now += 30
    assert watch.seconds == 5
    watch.go()
    now += 2
    assert watch.seconds == 7


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


def test_an_interrupted_training_is_not_scored_and_a_stopped_one_is() -> None:
    def outcome(*, interrupted: bool) -> Outcome:
        control = Control()
        events = train([experiment(steps=None, epochs=10**6)], control=control)
        next(events)
        control.stop(interrupted=interrupted)
        *_, last = events
        assert isinstance(last, Finished)
        return last.outcomes[0]

    assert outcome(interrupted=True).test is None
    assert outcome(interrupted=False).test is not None


@pytest.mark.parametrize("first", [True, False])
def test_the_first_stop_counts_and_cannot_be_taken_back(first: bool) -> None:
    control = Control()
    control.stop(interrupted=first)
    control.stop(interrupted=not first)
    control.resume()
    assert control.stopped
    assert control.interrupted is first
    assert not control.before_step()


def test_a_stop_after_the_last_step_leaves_the_run_done() -> None:
    control = Control()
    events = train([experiment(steps=8)], control=control)
    for event in events:
        if isinstance(event, EpochEnded):
            control.stop(interrupted=True)
        if isinstance(event, Finished):
            assert event.outcomes[0].status is Status.DONE
            assert event.outcomes[0].test is not None


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


OVERFLOWING = {
    "dtype": "float32", "model__activation": "identity", "model__init": "normal(std=100)", "model__depth": 30,
    "model__width": 20, "cost": "mean_squared", "steps": 5,
}  # fmt: skip


def first_overflowing(e: Experiment) -> str:
    """Plain NumPy in float32 says which layer's values leave the range first."""
    prepared = prepare([e])
    h = prepared.train.inputs.numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        for layer in prepared.network.hidden:
            h = h @ layer.affine.weight.value[0].numpy()
            if not np.isfinite(h).all():
                return layer.name
    raise AssertionError("nothing overflows")


def test_the_layer_named_is_the_first_that_overflows() -> None:
    e = experiment(**OVERFLOWING)
    finished, _ = last_of(e)
    assert finished.outcomes[0].divergence == Divergence(1, first_overflowing(e), "pre-activation")
    assert finished.outcomes[0].step == 1


def test_weights_that_an_update_made_infinite_are_laid_to_that_update_and_the_layer_nearest_to_the_output() -> None:
    """Learning rate 1000 and L2 2 multiply weights by about -4000 a step: 4000^10 fits into float32, 4000^11 does not."""
    e = experiment(optimizer="sgd", lr=1000.0, l2=2.0, dtype="float32", steps=1000, model__activation="tanh")
    finished, _ = last_of(e)
    outcome = finished.outcomes[0]
    assert outcome.divergence == Divergence(outcome.step - 1, "output", "weights")


def test_one_member_that_diverges_is_told_from_the_others() -> None:
    calm, wild = experiment(optimizer="sgd", steps=40), experiment(optimizer="sgd", lr=1000.0, l2=1000.0, steps=40)
    *_, last = train([calm, wild, calm])
    assert isinstance(last, Finished)
    assert [outcome.status for outcome in last.outcomes] == [Status.DONE, Status.DIVERGED, Status.DONE]
    assert [outcome.step for outcome in last.outcomes][::2] == [40, 40]
    assert last.outcomes[1].step < 40


@pytest.mark.parametrize(
    "settings",
    [OVERFLOWING, {"optimizer": "sgd", "lr": 1000.0, "cost": "quadratic", "dtype": "float32", "steps": 1000,
                   "model__activation": "identity"}],
)  # fmt: skip
def test_where_losses_are_seen_late_the_step_is_the_same(settings: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a GPU: the losses are looked at when a frame is taken, after more steps were made."""
    seen, _ = last_of(experiment(**settings))
    real = loop.FrameBuffer
    monkeypatch.setattr(loop, "FrameBuffer", lambda network, members, *, looks: real(network, members, looks=False))
    late, _ = last_of(experiment(**settings))
    assert late.outcomes[0].status is Status.DIVERGED
    assert late.outcomes[0].step == seen.outcomes[0].step
    divergence = late.outcomes[0].divergence
    assert divergence is not None
    assert divergence.step == seen.outcomes[0].step
    if settings is OVERFLOWING:
        assert divergence.layer == first_overflowing(experiment(**settings))


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


def test_training_yields_frames_while_it_goes_on() -> None:
    training = Training(prepare([experiment(steps=None, epochs=2000)]), Control())
    frames = [e for e in training.events() if isinstance(e, Frame)]
    assert len(frames) > 1
    steps = np.concatenate([f.steps for f in frames])
    assert (np.diff(steps) > 0).all()
