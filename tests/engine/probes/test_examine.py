"""Confusion against scikit-learn, the worst examples against a plain sort, on what PyTorch's own modules answer."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix
from torch import nn

from engine.experiment import Experiment
from engine.network.module import module_of
from engine.probes.examine import WORST, examine
from engine.training import scores as module
from engine.training.prepare import Prepared, prepare
from engine.training.scores import Part, Scorer
from tests.engine.conftest import experiment, trained


def examined(prepared: Prepared):
    return examine(prepared.network, prepared.validation, prepared.test, prepared.data.classes)


def outputs(prepared: Prepared, part: Part, member: int) -> np.ndarray:
    return module_of(prepared.network, member)(part.inputs).detach().numpy()


def population(**settings: object) -> list[Experiment]:
    return [experiment(seed=seed, data__test=0.4, steps=30, **settings) for seed in range(3)]


def test_confusion_is_scikit_learns_and_the_worst_have_the_highest_cost() -> None:
    prepared = trained(population(model__dropout=0.2, model__batch_norm=True))
    found = examined(prepared)
    assert found.part == "test"
    truth = prepared.test.targets.flatten().numpy()
    accuracies = [score.accuracy for score in Scorer(prepared.network, "classification").score(prepared.test)]
    for member in range(3):
        h = outputs(prepared, prepared.test, member)
        np.testing.assert_array_equal(found.confusion[member], confusion_matrix(truth, h.argmax(1), labels=range(3)))
        assert np.trace(found.confusion[member]) / len(truth) == pytest.approx(accuracies[member])
        given = h[np.arange(len(truth)), truth]
        order = np.argsort(given, kind="stable")[:WORST]
        worst = found.worst[member]
        assert [one.example for one in worst] == order.tolist()
        np.testing.assert_allclose([one.probability for one in worst], given[order], rtol=1e-9)
        classes = prepared.data.classes
        assert [one.truth for one in worst] == [classes[k] for k in truth[order]]
        assert [one.answer for one in worst] == [classes[k] for k in h[order].argmax(1)]
        np.testing.assert_array_equal(np.stack([one.inputs for one in worst]), prepared.test.inputs[order].float().numpy())


@pytest.mark.parametrize("cost", ["binary_cross_entropy", "mean_squared"])
def test_targets_with_one_output_for_each_class(cost: str) -> None:
    prepared = trained(population(cost=cost, model__output="sigmoid"))
    found = examined(prepared)
    truth = prepared.test.targets.argmax(1).numpy()
    for member in range(3):
        h = outputs(prepared, prepared.test, member)
        np.testing.assert_array_equal(found.confusion[member], confusion_matrix(truth, h.argmax(1), labels=range(3)))
        targets = prepared.test.targets
        cost_function = nn.BCELoss(reduction="none") if cost == "binary_cross_entropy" else nn.MSELoss(reduction="none")
        costs = cost_function(torch.from_numpy(h), targets).mean(1).numpy()
        assert [one.example for one in found.worst[member]] == np.argsort(-costs, kind="stable")[:WORST].tolist()
        for one in found.worst[member]:
            assert one.probability == pytest.approx(h[one.example, truth[one.example]])


def test_a_single_output_that_says_yes_or_no() -> None:
    prepared = trained(population(data__name="moons", data__noise=0.4, cost="binary_cross_entropy"))
    found = examined(prepared)
    truth = prepared.test.targets.flatten().long().numpy()
    for member in range(3):
        h = outputs(prepared, prepared.test, member)[:, 0]
        np.testing.assert_array_equal(found.confusion[member], confusion_matrix(truth, h > 0.5))
        given = np.where(truth == 1, h, 1 - h)
        assert [one.example for one in found.worst[member]] == np.argsort(given, kind="stable")[:WORST].tolist()
        np.testing.assert_allclose([one.probability for one in found.worst[member]], np.sort(given)[:WORST], rtol=1e-9)
        names = prepared.data.classes
        assert all(
            (one.truth, one.answer) == (names[truth[one.example]], names[int(h[one.example] > 0.5)])
            for one in found.worst[member]
        )


def test_chunks_and_other_members_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = trained(population())
    whole = examined(prepared)
    monkeypatch.setattr(module, "CHUNK_VALUES", 7 * 3 * prepared.network.widest)
    chunked = examined(prepared)
    np.testing.assert_array_equal(chunked.confusion, whole.confusion)
    for member in range(3):
        alone = examined(trained([population()[member]]))
        np.testing.assert_array_equal(alone.confusion[0], whole.confusion[member])
        places = [one.example for one in whole.worst[member]]
        assert [one.example for one in chunked.worst[member]] == [one.example for one in alone.worst[0]] == places


def test_of_equal_costs_the_first_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = prepare([experiment(model__init="zeros", data__test=0.4)])
    monkeypatch.setattr(module, "CHUNK_VALUES", 10 * prepared.network.widest)
    assert [one.example for one in examined(prepared).worst[0]] == list(range(WORST))


def test_the_validation_part_stands_in_for_an_empty_test_part() -> None:
    without_test = prepare([experiment(data__test=0)])
    assert examined(without_test).part == "validation"
    assert examined(without_test).confusion.sum() == len(without_test.validation)
    assert examined(prepare([experiment(data__test=0, data__validation=0)])) is None


@pytest.mark.parametrize(
    ("bad", "settings"), [(torch.nan, {}), (torch.inf, {"cost": "mean_squared", "model__output": "identity"})]
)
def test_a_diverged_member_has_no_answers(bad: float, settings: dict[str, object]) -> None:
    prepared = trained(population(**settings))
    whole = examined(prepared)
    prepared.network.parameters[-1].value[1] = bad
    found = examined(prepared)
    assert found.confusion[1].sum() == 0
    assert found.worst[1] == ()
    for member in (0, 2):
        np.testing.assert_array_equal(found.confusion[member], whole.confusion[member])
        assert [one.example for one in found.worst[member]] == [one.example for one in whole.worst[member]]


def test_buffers_and_chance_are_left_alone() -> None:
    prepared = trained(population(model__batch_norm=True, model__dropout=0.5))
    before = [t.clone() for t in prepared.network.buffers] + [g.get_state() for g in prepared.network.generators]
    examined(prepared)
    after = [*prepared.network.buffers, *(g.get_state() for g in prepared.network.generators)]
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(after, before, strict=True))
