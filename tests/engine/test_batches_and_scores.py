"""Every member sees every example, and scores are what scikit-learn says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn import metrics

from engine.data import load_dataset
from engine.events import Finished
from engine.generators import generator
from engine.training import Callback, Run
from engine.training.batches import Batches, StoredBatches, StreamedBatches
from engine.training.control import Control
from engine.training.loop import Training, train
from engine.training.prepare import prepare
from tests.engine.conftest import experiment, trained


@pytest.mark.parametrize("size", [1, 7, 10, 64, 100, 1000])
@pytest.mark.parametrize("members", [1, 3])
def test_every_member_sees_every_example_once_an_epoch(size: int, members: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.batches.CHUNK_BYTES", 4000)
    x = torch.arange(100.0).unsqueeze(1).repeat(1, 3)
    source = StoredBatches(x, x[:, :1].long(), size, [generator(k, "order") for k in range(members)])
    orders = []
    for _ in range(2):
        seen: list[list[float]] = [[] for _ in range(members)]
        count = 0
        while source.left:
            inputs, targets = source.next()
            assert torch.equal(inputs[..., 0].long(), targets[..., 0])
            count += 1
            for member in range(members):
                seen[member] += inputs[member, :, 0].tolist()
        assert count == source.per_epoch == -(-100 // min(size, 100))
        assert all(sorted(s) == list(range(100)) for s in seen)
        orders.append(seen)
        source.next_epoch()
    if size < 100:
        assert orders[0] != orders[1]
        assert members == 1 or orders[0][0] != orders[0][1]


def batches(size: int, members: int = 2, rows: torch.Tensor | None = None) -> StoredBatches:
    x = torch.arange(100.0).unsqueeze(1).repeat(1, 3)
    return StoredBatches(x, x[:, :1].long(), size, [generator(k, "order") for k in range(members)], rows)


def rest_of_epoch(source: Batches) -> list[list[list[int]]]:
    """The examples of the batches that are left, of each member."""
    found = []
    while source.left:
        found.append(source.next()[1][..., 0].tolist())
    return found


@pytest.mark.parametrize("sizes", [(7, 20), (20, 7), (10, 100), (3, 1), (64, 36), (7, 7)])
def test_the_size_may_change_within_an_epoch(sizes: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.batches.CHUNK_BYTES", 1000)
    source, before = batches(sizes[0]), []
    before.append(source.next()[1][..., 0].tolist())
    left = 100 - sizes[0]
    source.resize(sizes[1])
    assert source.left == -(-left // sizes[1])
    after = rest_of_epoch(source)
    assert [len(batch[0]) for batch in after[:-1]] == [sizes[1]] * (len(after) - 1)
    whole = rest_of_epoch(batches(100 - 1))  # the order of the epoch does not hang on the size
    for member in range(2):
        seen = [example for batch in [*before, *after] for example in batch[member]]
        assert seen == [example for batch in whole for example in batch[member]]
        assert sorted(seen) == list(range(100))


@pytest.mark.parametrize("made", range(30))
def test_batches_go_on_from_any_place_with_the_same_examples_in_the_same_memory(
    made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.batches.CHUNK_BYTES", 3 * 2 * 3 * 4 * 7)  # three batches of seven of two members
    rows = torch.randint(100, (2, 60), generator=torch.Generator().manual_seed(1))

    def step(source: StoredBatches) -> tuple[int, list, int]:
        if not source.left:
            source.next_epoch()
        x, y = source.next()
        return source.cursor, y.tolist(), x.data_ptr() - source._input_rows.data_ptr()

    whole = batches(7, rows=rows)
    for number in range(made):
        step(whole)
        if number == 12:
            whole.resize(11)
    again = batches(whole.size, rows=rows)
    again.restore(whole.place(), whole.generators().clone())
    assert [step(again) for _ in range(25)] == [step(whole) for _ in range(25)]


class Numbers:
    """A stream whose inputs and targets are their places."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def __call__(self, first: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        self.asked.append((first, count))
        places = torch.arange(first, first + count)
        return places.double().unsqueeze(1).repeat(1, 3), places.unsqueeze(1)


@pytest.mark.parametrize("size", [1, 7, 30, 50, 64])
def test_a_stream_is_used_from_its_beginning_on_whatever_the_size(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.batches.CHUNK_BYTES", 24 * 20)
    source = StreamedBatches(Numbers(), 50, size, 3, 24)
    seen = []
    for _ in range(3):
        while source.left:
            x, y = source.next()
            assert x.shape[0] == y.shape[0] == 3
            assert x.stride(0) == y.stride(0) == 0  # one memory for all members
            assert torch.equal(x[2, :, 0].long(), y[0, :, 0])
            seen += y[1, :, 0].tolist()
        source.next_epoch()
    assert seen == list(range(150))


def test_a_stream_goes_on_from_any_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.batches.CHUNK_BYTES", 24 * 20)
    for made in range(20):
        whole = StreamedBatches(Numbers(), 50, 8, 2, 24)
        for _ in range(made):
            whole.next()
            if not whole.left:
                whole.next_epoch()
        again = StreamedBatches(Numbers(), 50, 8, 2, 24)
        again.restore(whole.place(), whole.generators())
        assert rest_of_epoch(again) == rest_of_epoch(whole)
        for source in (again, whole):
            source.next_epoch()
        assert rest_of_epoch(again) == rest_of_epoch(whole)


def test_training_goes_through_the_stream_and_scores_its_beginning() -> None:
    e = experiment(data__name="shapeset", data__samples=60, data__seed=3, batch_size=25, steps=None, epochs=2)
    prepared = prepare([e, e.with_settings({"seed": 1})])
    assert prepared.data.online
    assert prepared.stream is not None
    stream = load_dataset(e.data).stream
    assert stream is not None
    asked = []

    class Look(Callback):
        def on_step_end(self, run: Run) -> None:
            asked.append(run._training.network.cost._targets[:, :, 0].clone())

    list(Training(prepared, Control(), callbacks=[("look", Look())]).events())
    for member in range(2):
        used = torch.cat([targets[member] for targets in asked]).tolist()
        assert used == stream.examples(0, 120).targets.tolist()
    np.testing.assert_array_equal(prepared.train.inputs.numpy(), stream.examples(0, 60).inputs)


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
    truth = torch.from_numpy(load_dataset(e.data).test.targets)
    assert score.accuracy == ((z.squeeze(1) > 0) == (truth == 1)).double().mean().item()
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
