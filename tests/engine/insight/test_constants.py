"""Numbers that theory and rules, which load no torch, have in common with the network."""

from __future__ import annotations

import pytest

from engine.insight import thresholds
from engine.insight.theory.curves import SELU_ALPHA, SELU_SCALE
from engine.insight.theory.units import LSUV_EXAMPLES
from engine.network import activations, layers, lsuv


@pytest.mark.parametrize(
    ("own", "of_network"),
    [
        (LSUV_EXAMPLES, lsuv.EXAMPLES),
        (SELU_SCALE, activations.SELU.scale),
        (SELU_ALPHA, activations.SELU.alpha),
        (-SELU_SCALE * SELU_ALPHA, layers.AlphaDropout.floor),
        (thresholds.FLAT, activations.FLAT),
    ],
    ids=["examples of LSUV", "scale of SELU", "alpha of SELU", "floor of alpha dropout", "flat"],
)
def test_it_is_the_same_number(own, of_network):
    assert own == of_network
