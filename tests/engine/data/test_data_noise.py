from __future__ import annotations

import numpy as np
import pytest

from engine.data import load_dataset
from engine.events import Frame
from engine.experiment import Experiment
from engine.parts import Data
from engine.training.control import Control
from engine.training.loop import Training
from engine.training.prepare import prepare
from engine.vocabulary import STATISTICS, Statistic


def test_inputs_are_independent_standard_normal_numbers_as_they_were_drawn():
    dataset = load_dataset(Data(name="noise", samples=20_000, inputs=30, test=0, validation=0))
    inputs = dataset.train.inputs.astype(np.float64)
    assert inputs.shape == (20_000, 30)
    assert inputs.mean() == pytest.approx(0, abs=0.005)
    assert np.cov(inputs.T) == pytest.approx(np.eye(30), abs=0.04)
    assert (inputs**4).mean() == pytest.approx(3, abs=0.05)
    assert inputs.mean(axis=0).std() > 1e-3  # nothing was standardized
    standardized = load_dataset(Data(name="noise", samples=2000, inputs=30, scaling="standardize"))
    assert standardized.train.inputs.std(axis=0) == pytest.approx(np.ones(30), abs=1e-5)


def test_classes_are_equally_frequent_and_have_nothing_to_do_with_the_inputs():
    train = load_dataset(Data(name="noise", samples=20_000, inputs=5, test=0, validation=0)).train
    assert np.bincount(train.targets).tolist() == [2000] * 10
    means = np.stack([train.inputs[train.targets == label].mean(axis=0) for label in range(10)])
    assert np.abs(means).max() < 4 / 2000**0.5


def test_equal_settings_give_equal_data_another_seed_others_and_more_samples_begin_with_the_same():
    one, again, other = (load_dataset(Data(name="noise", samples=100, seed=seed)).train.inputs for seed in (3, 3, 4))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    few, many = (load_dataset(Data(name="noise", samples=n, test=0, validation=0)).train.inputs for n in (50, 500))
    assert {row.tobytes() for row in few} <= {row.tobytes() for row in many}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"name": "digits", "inputs": 20}, "inputs is for noise; digits has no use for it"),
        ({"name": "noise", "noise": 0.5}, "noise is for two-dimensional sets"),
        ({"name": "noise", "samples": 1_000_000}, "samples times inputs must be at most 200,000,000"),
    ],
)
def test_what_does_not_fit_is_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        Data(**settings)


def test_stored_hashes_stay_and_the_width_goes_with_the_data():
    assert Experiment().hash == "64d57c65b2a62b66"
    assert Experiment().with_settings({"data.name": "moons"}).hash == "6ff0b335f1bd9c9c"
    noise = Experiment().with_settings({"data.name": "noise", "data.inputs": 20})
    assert noise.hash != noise.with_settings({"data.inputs": 21}).hash
    assert noise.with_settings({"data.name": "iris"}) == Experiment().with_settings({"data.name": "iris"})


CS231N = {
    ("tanh", "normal(std=0.01)"): [0.2131, 0.0476, 0.0106, 0.00238, 0.000532, 0.000119, 0.000026],
    ("relu", "he_normal"): [0.825, 0.828, 0.814, 0.827, 0.834, 0.860, 0.871],
}
"""Standard deviation of the activations of the first seven layers, as the course's notebook printed it."""


@pytest.mark.parametrize(("activation", "init"), CS231N)
def test_ten_layers_of_500_units_spread_their_activations_as_in_the_course(activation, init):
    experiment = Experiment().with_settings(
        {
            "data.name": "noise",
            "data.test": 0.0,
            "data.validation": 0.0,
            "batch_size": "full",
            "steps": 1,
            "epochs": None,
            "model.depth": 10,
            "model.width": 500,
            "model.activation": activation,
            "model.init": init,
            "device": "cpu",
        }
    )
    (frame,) = (event for event in Training(prepare([experiment]), Control()).events() if isinstance(event, Frame))
    measured = frame.layers[0, 0, :7, STATISTICS.index(Statistic.ACTIVATION_STD)]
    assert measured == pytest.approx(CS231N[activation, init], rel=0.05 if activation == "tanh" else 0.09)
