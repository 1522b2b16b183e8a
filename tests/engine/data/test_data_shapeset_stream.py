"""Shapeset-3x2 as a stream without an end, and as a dataset with parts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import load_dataset
from engine.data.shapeset import BLOCK, CLASSES, ShapesetStream
from engine.errors import ConfigurationError
from engine.parts import Data

GOLDEN_LABELS = [3, 7, 6, 1, 0, 3, 5, 3, 5, 4, 4, 4, 1, 0, 0, 1, 2, 2, 2, 7]
GOLDEN_MEAN = -0.039684

# --- the stream --------------------------------------------------------------


@settings(max_examples=10, deadline=None)
@given(first=st.integers(0, 2 * BLOCK), sizes=st.lists(st.integers(1, 700), min_size=1, max_size=4))
def test_the_picture_at_a_place_is_the_same_in_whatever_portions_it_is_asked_for(first, sizes):
    whole = ShapesetStream(3).examples(first, sum(sizes))
    stream = ShapesetStream(3)
    portions = []
    for size in sizes:
        portions.append(stream.examples(first + sum(len(portion) for portion in portions), size))
    assert np.array_equal(np.concatenate([portion.inputs for portion in portions]), whole.inputs)
    assert np.array_equal(np.concatenate([portion.targets for portion in portions]), whole.targets)
    one = ShapesetStream(3).examples(first + sizes[0] - 1, 1)
    assert np.array_equal(one.inputs[0], whole.inputs[sizes[0] - 1])


def test_what_is_done_to_the_pictures_one_got_changes_no_later_ones():
    stream = ShapesetStream(0)
    stream.examples(0, 5).inputs[:] = 7
    assert stream.examples(0, 5).inputs.max() <= 1


def test_other_seeds_and_purposes_give_other_pictures_and_nobody_touches_the_global_generator():
    before = np.random.get_state()[1].tolist()
    streams = [ShapesetStream(0), ShapesetStream(1), ShapesetStream(0, "stream validation"), ShapesetStream(0, "stream test")]
    beginnings = [stream.examples(0, 50).inputs for stream in streams]
    for number, one in enumerate(beginnings):
        assert not any(np.array_equal(one, other) for other in beginnings[:number])
    assert np.random.get_state()[1].tolist() == before


def test_the_first_pictures_of_a_seed_stay_what_they_are():
    assert ShapesetStream(0).examples(0, 20).targets.tolist() == GOLDEN_LABELS
    assert ShapesetStream(0).examples(5000, 1).inputs.mean() == pytest.approx(GOLDEN_MEAN, abs=1e-5)


# --- the dataset -------------------------------------------------------------


def test_training_examples_are_the_beginning_of_the_stream_and_the_other_parts_are_their_own():
    dataset = load_dataset(Data(name="shapeset", samples=500, validation=0.2, test=0.1, seed=4))
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [500, 100, 50]
    assert dataset.stream is not None
    beginning = dataset.stream.examples(0, 500)
    assert np.array_equal(dataset.train.inputs, beginning.inputs)
    assert np.array_equal(dataset.train.targets, beginning.targets)
    pictures_of_parts = np.concatenate([part.inputs for part in (dataset.train, dataset.validation, dataset.test)])
    assert len(np.unique(pictures_of_parts, axis=0)) == 650
    assert np.array_equal(dataset.validation.inputs, ShapesetStream(4, "stream validation").examples(0, 100).inputs)
    assert np.array_equal(dataset.test.targets, ShapesetStream(4, "stream test").examples(0, 50).targets)
    assert (dataset.shape, dataset.image_shape, len(dataset.features)) == ((1, 32, 32), (32, 32), 1024)
    assert dataset.classes == CLASSES


@pytest.mark.parametrize("scaling", ["global", "standardize"])
def test_the_stream_is_scaled_as_the_training_part_is(scaling):
    plain = load_dataset(Data(name="shapeset", samples=300))
    scaled = load_dataset(Data(name="shapeset", samples=300, scaling=scaling))
    axis = None if scaling == "global" else 0
    inner = plain.train.inputs.min(axis=0) < plain.train.inputs.max(axis=0)
    mean, std = plain.train.inputs.mean(axis=axis), plain.train.inputs.std(axis=axis)
    expected = (plain.stream.examples(290, 30).inputs - mean) / np.where(inner, std, 1)
    np.testing.assert_allclose(scaled.stream.examples(290, 30).inputs, expected, atol=1e-4)
    assert np.array_equal(scaled.train.inputs, scaled.stream.examples(0, 300).inputs)


def test_shares_may_be_zero_but_not_less_than_a_picture():
    dataset = load_dataset(Data(name="shapeset", samples=50, validation=0, test=0))
    assert (len(dataset.validation), len(dataset.test)) == (0, 0)
    with pytest.raises(ConfigurationError, match=r"data.test: 0.01 of 20 pictures is none; take more, or 0"):
        load_dataset(Data(name="shapeset", samples=20, test=0.01))


@pytest.mark.parametrize("setting", [{"train_size": 5}, {"features": "row 1 *"}, {"label_noise": 0.1}])
def test_settings_of_fixed_sets_are_refused(setting):
    with pytest.raises(ValueError, match="is for sets of a fixed size; shapeset has no use for it"):
        Data(name="shapeset", **setting)


def test_an_epoch_that_would_not_fit_into_memory_is_refused():
    with pytest.raises(ValueError, match="at most 500,000; train more epochs"):
        Data(name="shapeset", samples=500_001)
