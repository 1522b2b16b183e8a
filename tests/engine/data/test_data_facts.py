from __future__ import annotations

import numpy as np
import pytest

from engine.data import load_dataset
from engine.data.facts import facts_of
from engine.parts import Data


def test_standardized_inputs_have_mean_0_and_deviation_1():
    facts = facts_of(load_dataset(Data(name="wine")))
    assert facts.input_mean == pytest.approx(0, abs=1e-6)
    assert facts.input_std == pytest.approx(1, abs=1e-5)
    assert facts.input_scales == pytest.approx((1, 1), abs=1e-5)


def test_raw_inputs_are_told_as_they_are():
    dataset = load_dataset(Data(name="wine", scaling="none"))
    facts = facts_of(dataset)
    assert facts.input_mean == pytest.approx(dataset.train.inputs.mean(), rel=1e-5)
    assert facts.input_std == pytest.approx(dataset.train.inputs.std(), rel=1e-5)
    spread = dataset.train.inputs.std(axis=0)
    assert facts.input_scales == pytest.approx((spread.min(), spread.max()), rel=1e-5)


def test_inputs_that_never_vary_have_no_scale():
    assert min(facts_of(load_dataset(Data(name="digits"))).input_scales) > 0


def test_shares_are_those_of_the_training_part():
    dataset = load_dataset(Data(name="breast_cancer"))
    shares = facts_of(dataset).class_shares
    assert sum(shares) == pytest.approx(1)
    assert shares[1] == pytest.approx(np.mean(dataset.train.targets == 1))
    assert facts_of(load_dataset(Data(name="diabetes"))).class_shares == ()
