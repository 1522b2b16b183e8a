"""The stories of test_stories.py on MNIST: 4,000 of its images, or all of them where it takes so many steps."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.experiment import Experiment
from tests.engine.data.conftest import real_data
from tests.engine.insight.test_stories import DEEP_SIGMOID, Told, remedied, told

TRAIN, TEST = 4000, 1000
Described = Callable[..., Experiment]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first images of MNIST, as files of the same kind: all of them take seconds to read."""
    source = real_data.__wrapped__() / "mnist"  # type: ignore[attr-defined]
    if not source.is_dir():
        pytest.skip(f"needs MNIST: {source} is not there")
    small = tmp_path_factory.mktemp("mnist")
    for file in source.glob("*.gz"):
        count = TRAIN if file.name.startswith("train") else TEST
        header, size = (16, 784) if "images" in file.name else (8, 1)
        with gzip.open(file) as whole:
            read = whole.read(header + count * size)
        part = read[:4] + count.to_bytes(4, "big") + read[8:]
        (small / file.name).write_bytes(gzip.compress(part, 1))
    return small


@pytest.fixture(scope="module")
def described(folder: Path) -> Described:
    """An experiment on the small MNIST with these settings."""

    def make(**settings: object) -> Experiment:
        plain = {"threads": 1, "device": "cpu", "data.name": "mnist", "data.dir": str(folder)}
        return Experiment().with_settings({**plain, **{name.replace("__", "."): value for name, value in settings.items()}})

    return make


def any_remedy(trouble: Told, rule: str) -> bool:
    """Whether one of the remedies makes the finding go away."""
    return any(
        rule not in told(trouble.experiment.with_settings(dict(remedy.changes))).lasting()
        for remedy in trouble.found(rule).remedies
    )


@pytest.fixture(scope="module")
def deep_sigmoid(described: Described) -> Told:
    return told(described().with_settings({**DEEP_SIGMOID, "epochs": 1}))


def test_a_deep_sigmoid_network_is_known_to_vanish_within_its_first_epoch(deep_sigmoid: Told) -> None:
    vanishing = deep_sigmoid.found("vanishing-gradient")
    assert vanishing.opened <= deep_sigmoid.steps_per_epoch
    assert "hidden 1" in vanishing.layers
    assert vanishing.closed is None
    assert deep_sigmoid.accuracy < 0.2


@pytest.mark.parametrize("words", ["ReLU with He", "Batch norm", "residual"])
def test_each_remedy_of_a_deep_sigmoid_network_lets_it_learn(deep_sigmoid: Told, words: str) -> None:
    better = remedied(deep_sigmoid, "vanishing-gradient", words)
    assert "vanishing-gradient" not in better.lasting()
    assert better.accuracy > 0.6


@pytest.mark.slow
def test_the_top_layer_of_a_deep_sigmoid_network_saturates_within_an_epoch_of_all_of_mnist(real_data: Path) -> None:
    """Glorot & Bengio 2010, figure 2: the top hidden layer is pushed towards 0 and stays there."""
    trouble = told(
        Experiment().with_settings(
            {
                **DEEP_SIGMOID,
                "epochs": 1,
                "data.name": "mnist",
                "data.dir": str(real_data / "mnist"),
                "threads": 1,
                "device": "cpu",
            }
        )
    )
    saturated = trouble.found("saturated-layer")
    assert saturated.opened < trouble.steps_per_epoch
    assert saturated.layers == ("hidden 10",)
    assert "vanishing-gradient" in trouble.lasting()


def test_tanh_with_large_weights_is_saturated_at_its_ends(described: Described) -> None:
    trouble = told(described(model__depth=5, model__width=100, model__activation="tanh", model__init="normal(std=1)", epochs=3))
    saturated = trouble.found("saturated-layer")
    assert saturated.opened <= trouble.steps_per_epoch
    better = remedied(trouble, "saturated-layer", "Xavier")
    assert "saturated-layer" not in better.lasting()
    assert better.accuracy > trouble.accuracy


def test_relu_units_die_of_a_large_rate_and_a_low_bias(described: Described) -> None:
    trouble = told(described(model__depth=3, model__width=64, model__bias_init=-3.0, optimizer="sgd", lr=0.5, epochs=3))
    assert trouble.found("dead-units").closed is None
    assert any_remedy(trouble, "dead-units")


def test_equal_weights_are_named_at_once(described: Described) -> None:
    trouble = told(described(model__depth=3, model__init="zeros", optimizer="sgd", lr=0.1, epochs=2))
    assert trouble.found("symmetric-initialization").opened <= trouble.steps_per_epoch
    better = remedied(trouble, "symmetric-initialization", "He")
    assert "symmetric-initialization" not in better.lasting()
    assert better.accuracy > trouble.accuracy + 0.5


@pytest.fixture(scope="module")
def few(described: Described) -> Told:
    return told(described(data__train_size=300, model__depth=3, model__width=100, epochs=60))


def test_three_hundred_images_are_learned_by_heart(few: Told) -> None:
    overfitting = few.found("overfitting")
    titles = " ".join(remedy.title for remedy in overfitting.remedies).lower()
    assert "l2" in titles
    assert "dropout" in titles
    assert "early" in titles or "patience" in titles or "stop" in titles


@pytest.mark.parametrize(("factor", "rule"), [(100, "learning-rate-too-high"), (0.01, "learning-rate-too-low")])
def test_a_rate_a_hundred_times_off_is_named_and_put_right(described: Described, factor: float, rule: str) -> None:
    trouble = told(described(optimizer="adam", lr=0.001 * factor, epochs=3))
    assert trouble.found(rule).remedies
    better = remedied(trouble, rule, "")
    assert rule not in better.lasting()
    assert better.accuracy > trouble.accuracy
