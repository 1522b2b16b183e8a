"""What is told where first weights are learned from a set without an end."""

from __future__ import annotations

import pytest

from engine.training.prepare import prepare
from tests.engine.conftest import experiment

PRETRAINED = "pre-training learns from the first 300 examples again and again; what follows learns from new ones"
SCALED = "lsuv looks at 256 of the first 300 examples"


@pytest.mark.parametrize(
    ("settings", "notes"),
    [
        ({}, ()),
        ({"pretraining": "gaussian_dbn", "model__activation": "sigmoid"}, (PRETRAINED,)),
        ({"model__init": "lsuv"}, (SCALED,)),
        ({"model__blocks": "flatten, dense(5, init=lsuv)"}, (SCALED,)),
        ({"model__init": "lsuv", "pretraining": "denoising"}, (PRETRAINED, SCALED)),
    ],
)
def test_of_a_set_without_an_end_it_is_told_what_the_first_weights_are_learned_from(
    settings: dict[str, str], notes: tuple[str, ...]
) -> None:
    told = prepare([experiment(data__name="shapeset", data__samples=300, **settings)]).data.notes
    assert told[1:] == notes


def test_of_other_data_nothing_is_told() -> None:
    assert prepare([experiment(model__init="lsuv", pretraining="denoising")]).data.notes == ()
