"""Networks and inputs that cannot be pre-trained."""

from __future__ import annotations

import pytest

from engine.errors import ConfigurationError
from engine.training.pretraining import check_pretraining
from tests.engine.pretraining.networks import deep, patterns, standardized

REFUSED = {
    "no hidden layers": ({"model__widths": (), "model__depth": 0}, r"dbn needs hidden layers"),
    "not sigmoid": ({"model__activation": "tanh"}, r"dbn needs sigmoid hidden units, but hidden 1 has tanh"),
    "one block not sigmoid": (
        {"model__widths": (), "model__blocks": "dense(4), dense(3, activation=relu)"},
        r"sigmoid hidden units, but block 2, dense\(3, activation=relu\), has relu",
    ),
    "another block": (
        {"model__widths": (), "model__blocks": "dense(4), residual(dense(4))"},
        r"block 2, residual\(dense\(4\)\), cannot be pre-trained: only dense blocks can",
    ),
    "an activation by itself": (
        {"model__widths": (), "model__blocks": "dense(4), activation(sigmoid)"},
        r"block 2, activation\(kind=sigmoid\), cannot be pre-trained",
    ),
    "maxout": (
        {"pretraining": "denoising", "model__activation": "maxout"},
        r"one for each unit, which maxout\(pieces=2\.0\) does not have \(hidden 1\)",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_networks_that_cannot_be_pretrained_are_refused(name: str) -> None:
    settings, message = REFUSED[name]
    with pytest.raises(ConfigurationError, match=message) as error:
        check_pretraining(deep(**settings), patterns())
    assert error.value.problems[0].path == "pretraining"


def test_a_deep_belief_net_wants_probabilities_and_says_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match=r"between -\d.* and \d.*; use data.scaling none .* or pretraining gaussian_dbn"):
        check_pretraining(deep("dbn"), standardized())
    check_pretraining(deep("dbn"), patterns())
    check_pretraining(deep("denoising"), standardized())


@pytest.mark.parametrize(
    "data", [{"data__scaling": "none"}, {"data__name": "shapeset"}, {"data__name": "shapeset", "data__scaling": "global"}]
)
def test_a_deep_belief_net_is_not_sent_to_unscaled_inputs_that_are_no_probabilities_either(data: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"between -\d\S* and \d\S*; use pretraining gaussian_dbn"):
        check_pretraining(deep("dbn", **data), standardized())


@pytest.mark.parametrize("scale", [0.1, 16.0])
def test_gaussian_inputs_must_have_variance_about_one(scale: float) -> None:
    check_pretraining(deep("gaussian_dbn"), standardized())
    with pytest.raises(ConfigurationError, match=rf"their standard deviation is {scale:g}; use data.scaling auto"):
        check_pretraining(deep("gaussian_dbn"), standardized() * scale)


def test_activations_that_cannot_fit_into_memory_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"in 8 units of 1,000,000,000,000 networks need .* GiB"):
        check_pretraining(deep("dbn"), patterns(), members=10**12)
