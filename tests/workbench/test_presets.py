"""What presets promise is what they do."""

from __future__ import annotations

import pytest

from engine.events import Finished, Outcome
from engine.training.loop import train
from workbench.experiment_files import preset


def trained(name: str, **settings: object) -> Outcome:
    *_, last = train([preset(name).experiment.with_settings(settings)])
    assert isinstance(last, Finished)
    return last.outcomes[0]


@pytest.mark.parametrize("seed", [0, 1])
def test_two_spirals_are_told_apart(seed):
    ended = trained("spiral", seed=seed, epochs=60)  # of 150
    assert ended.test.accuracy >= 0.95


def test_a_network_of_wrong_labels_learns_what_is_right():
    ended = trained("label-noise")
    assert ended.reason == "early stopping"
    assert ended.test.accuracy >= 0.93
    assert ended.train.accuracy < 0.75  # a third of its labels are wrong
