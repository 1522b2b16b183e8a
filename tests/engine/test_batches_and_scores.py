"""Every member sees every example, and scores are what scikit-learn says."""

from __future__ import annotations

import pytest
import torch
from sklearn import metrics

from engine.data import load_dataset
from engine.events import Finished
from engine.generators import generator
from engine.training.batches import Batches
from engine.training.loop import train
from tests.engine.conftest import experiment, trained


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
