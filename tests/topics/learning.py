"""Rows on how networks learn, or do not: steps, rates, data, gradients, initialization, pre-training."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import pstdev

from engine.loading import load_network
from tests.topics.seen import GUESSING, S, Seen, spread

# --- learning ----------------------------------------------------------------------


def layer_table(seen: Seen) -> None:
    assert [layer.outputs for layer in seen.layers] == [128, 64, 32, 10]
    for statistic in (S.ACTIVATION_STD, S.GRADIENT_STD, S.UPDATE_RATIO):
        assert len(seen.last(statistic)) == 4
    assert all(name in seen.out for name in ("hidden 1", "hidden 3", "output", "activation std", "gradient std", "update ratio"))


def softmax_regression(seen: Seen) -> None:
    assert [layer.name for layer in seen.layers] == ["output"]
    assert seen.run.test_accuracy > GUESSING
    assert seen.beside("", 60, without="--depth 0").run.test_accuracy > GUESSING


def deeper_is_worse(seen: Seen) -> None:
    assert seen.run.test_accuracy < GUESSING
    assert seen.beside("--depth 2", 200).run.test_accuracy > 0.6


def all_examples(seen: Seen) -> None:
    assert seen.run.steps_per_epoch == 1
    assert all(after < before for before, after in pairwise(seen.losses))


def mini_batches(seen: Seen) -> None:
    assert seen.run.steps_per_epoch > 40
    assert any(after > before for before, after in pairwise(seen.losses))


def one_by_one(seen: Seen) -> None:
    assert seen.run.steps_per_epoch == seen.data["train"]
    in_batches = seen.beside("--batch-size 32", 60)
    assert pstdev(seen.losses) > 2 * pstdev(in_batches.losses)


def rate_too_small(seen: Seen) -> None:
    assert max(seen.last(S.UPDATE_RATIO)) < 0.0002


def rate_too_large(seen: Seen) -> None:
    assert max(seen.losses[:5]) > 1000 * seen.losses[0]
    assert seen.last(S.DEAD)[:3] == [1, 1, 1]


def diverges(seen: Seen) -> None:
    assert seen.run.status == "diverged"
    assert f"diverged: at step {seen.run.diverged_step} the numbers in {seen.run.diverged_layer}" in seen.out


def houses(seen: Seen) -> None:
    notes = " ".join(seen.data["notes"])
    assert "total_bedrooms" in notes
    assert "ocean_proximity" in notes
    assert all(note in " ".join(seen.out.split()) for note in seen.data["notes"])
    assert seen.run.test_r2 > 0


def houses_without_hidden_layers(seen: Seen) -> None:
    assert len(seen.layers) == 1
    assert math.isfinite(seen.run.test_r2)
    assert seen.beside("", 60, without="--depth 0").run.test_r2 > seen.run.test_r2


def quadratic(seen: Seen) -> None:
    assert (seen.run.task, seen.layers[-1].activation) == ("classification", "sigmoid")
    assert seen.run.test_accuracy > GUESSING
    assert seen.losses[-1] < seen.losses[0] < 10  # of ten numbers between 0 and 1


def validation_part(seen: Seen) -> None:
    sizes = {part: seen.data[part] for part in ("train", "validation", "test")}
    assert 0.29 < sizes["validation"] / sum(sizes.values()) < 0.31
    assert None not in (seen.run.train_accuracy, seen.run.validation_accuracy, seen.run.test_accuracy)
    assert all(part in seen.out for part in sizes)


# --- gradients, activations, initialization ----------------------------------------


def gradient_vanishes(seen: Seen) -> None:
    hidden = seen.first(S.GRADIENT_STD)[:-1]
    assert len(hidden) == 10
    assert all(2.5 < above / below < 4.5 for below, above in pairwise(hidden))


def gradient_stays(seen: Seen) -> None:
    assert spread(seen.first(S.GRADIENT_STD)[:-1]) < 2


def other_activations(seen: Seen) -> None:
    assert [layer.activation for layer in seen.layers][:-1] == ["maxout"] * 3
    assert all(layer.weights == 3 * layer.inputs * layer.outputs for layer in seen.layers[:-1])
    (listed,) = seen.shown.values()
    assert all(name in listed for name in ("sigmoid", "tanh", "relu", "leaky_relu", "maxout", "elu", "softsign", "gelu"))


def output_of_its_own(seen: Seen) -> None:
    assert [layer.activation for layer in seen.layers] == ["relu", "relu", "relu", "tanh"]
    assert seen.losses[-1] < seen.losses[0]


def zeros(seen: Seen) -> None:
    (path,) = {row.path for row in seen.history.checkpoints(seen.run.id) if not row.removed}
    for name, tensor in load_network(path).named_parameters():
        if name.endswith("weight"):
            assert (tensor == tensor[0]).all()
    assert seen.run.test_accuracy < GUESSING


def scales(seen: Seen) -> None:
    small = seen.first(S.ACTIVATION_STD)[:-1]
    assert small[-1] < 1e-9 * small[0]
    large, right = (
        seen.beside(f"--init {init}", 1).first(S.ACTIVATION_STD)[:-1] for init in ("'normal(std=1)'", "xavier_normal")
    )
    assert min(large) > 0.9
    assert spread(right) < 5


def xavier_under_relu(seen: Seen) -> None:
    decays = seen.first(S.ACTIVATION_STD)[:-1]
    holds = seen.beside("--init he_normal", 1).first(S.ACTIVATION_STD)[:-1]
    assert all(above < below for below, above in pairwise(decays))
    assert decays[-1] < decays[0] / 10
    assert spread(holds) < 2


def of_data(seen: Seen) -> None:
    assert spread(seen.first(S.ACTIVATION_STD)[:-1]) < 1.2


# --- pre-training ------------------------------------------------------------------


def pretrained(seen: Seen) -> None:
    rows = seen.history.pretraining(seen.run.id)
    errors = {name: [row.error for row in rows if row.name == name] for name in ("hidden 1", "hidden 2", "hidden 3")}
    for name, error in errors.items():
        assert len(error) == rows[0].epochs
        assert error[-1] < error[0]
        assert name in seen.out
    pictures = seen.history.reconstructions(seen.run.id)
    assert {row.kind for row in pictures} == {"input", "reconstruction"}
    assert all(all(map(math.isfinite, row.values)) for row in pictures)


def deep_belief_net(seen: Seen) -> None:
    pretrained(seen)
    (shown,) = seen.shown.values()
    assert "hidden 3" in shown


def supervised_alone(seen: Seen) -> None:
    assert seen.history.pretraining(seen.run.id) == ()
    assert seen.beside("--pretraining dbn", 200).run.validation_cost < seen.run.validation_cost
