"""A run whose cost is no longer finite ends there, and says where it began."""

from __future__ import annotations

import numpy as np
import pytest

from engine.events import Divergence, Finished, Frame
from engine.experiment import Experiment
from engine.training import training_state
from engine.training.loop import train
from engine.training.prepare import prepare
from engine.vocabulary import Status
from tests.engine.conftest import experiment


def last_of(e: Experiment) -> tuple[Finished, list[Frame]]:
    events = list(train([e]))
    assert isinstance(events[-1], Finished)
    return events[-1], [event for event in events if isinstance(event, Frame)]


def test_weights_that_explode_end_the_run_where_the_loss_stops_being_finite() -> None:
    e = experiment(optimizer="sgd", lr=1000.0, model__activation="identity", cost="quadratic", dtype="float32", steps=1000)
    finished, frames = last_of(e)
    outcome = finished.outcomes[0]
    assert outcome.status is Status.DIVERGED
    assert outcome.divergence is not None
    assert outcome.test is None
    loss = np.concatenate([f.loss[:, 0] for f in frames])
    assert np.isfinite(loss[:-1]).all()
    assert not np.isfinite(loss[-1])
    assert frames[-1].steps[-1] == outcome.step < 1000
    assert outcome.step - 1 <= outcome.divergence.step <= outcome.step


OVERFLOWING = {
    "dtype": "float32", "model__activation": "identity", "model__init": "normal(std=100)", "model__depth": 30,
    "model__width": 20, "cost": "mean_squared", "steps": 5,
}  # fmt: skip


def first_overflowing(e: Experiment) -> str:
    """Plain NumPy in float32 says which layer's values leave the range first."""
    prepared = prepare([e])
    h = prepared.train.inputs.numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        for layer in prepared.network.hidden:
            h = h @ layer.affine.weight.value[0].numpy()
            if not np.isfinite(h).all():
                return layer.name
    raise AssertionError("nothing overflows")


def test_the_layer_named_is_the_first_that_overflows() -> None:
    e = experiment(**OVERFLOWING)
    finished, _ = last_of(e)
    assert finished.outcomes[0].divergence == Divergence(1, first_overflowing(e), "pre-activation")
    assert finished.outcomes[0].step == 1


def test_weights_that_an_update_made_infinite_are_laid_to_that_update_and_the_layer_nearest_to_the_output() -> None:
    """Learning rate 1000 and L2 2 multiply weights by about -4000 a step: 4000^10 fits into float32, 4000^11 does not."""
    e = experiment(optimizer="sgd", lr=1000.0, l2=2.0, dtype="float32", steps=1000, model__activation="tanh")
    finished, _ = last_of(e)
    outcome = finished.outcomes[0]
    assert outcome.divergence == Divergence(outcome.step - 1, "output", "weights")


def test_one_member_that_diverges_is_told_from_the_others() -> None:
    calm, wild = experiment(optimizer="sgd", steps=40), experiment(optimizer="sgd", lr=1000.0, l2=1000.0, steps=40)
    *_, last = train([calm, wild, calm])
    assert isinstance(last, Finished)
    assert [outcome.status for outcome in last.outcomes] == [Status.DONE, Status.DIVERGED, Status.DONE]
    assert [outcome.step for outcome in last.outcomes][::2] == [40, 40]
    assert last.outcomes[1].step < 40


@pytest.mark.parametrize(
    "settings",
    [OVERFLOWING, {"optimizer": "sgd", "lr": 1000.0, "cost": "quadratic", "dtype": "float32", "steps": 1000,
                   "model__activation": "identity"}],
)  # fmt: skip
def test_where_losses_are_seen_late_the_step_is_the_same(settings: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a GPU: the losses are looked at when a frame is taken, after more steps were made."""
    seen, _ = last_of(experiment(**settings))
    real = training_state.FrameBuffer
    monkeypatch.setattr(training_state, "FrameBuffer", lambda network, members, *, looks: real(network, members, looks=False))
    late, _ = last_of(experiment(**settings))
    assert late.outcomes[0].status is Status.DIVERGED
    assert late.outcomes[0].step == seen.outcomes[0].step
    divergence = late.outcomes[0].divergence
    assert divergence is not None
    assert divergence.step == seen.outcomes[0].step
    if settings is OVERFLOWING:
        assert divergence.layer == first_overflowing(experiment(**settings))
