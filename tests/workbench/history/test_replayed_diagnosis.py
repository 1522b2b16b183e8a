"""A stored run is diagnosed as the live one was."""

from __future__ import annotations

import pytest

from engine.experiment import Experiment
from engine.insight.diagnosis import Diagnosis
from engine.training import train
from workbench.history import History, Recorder

SIGMOIDS = {"model": {"depth": 7, "activation": "sigmoid"}, "optimizer": "sgd", "epochs": 5}
DIVERGING = {"data": {"name": "diabetes"}, "model": {"activation": "leaky_relu"}, "optimizer": "momentum", "lr": 100}
OVERFITTING = {"data": {"train_size": 150, "label_noise": 0.5}, "model": {"width": 128}, "epochs": 40}


@pytest.mark.parametrize("settings", [SIGMOIDS, DIVERGING, OVERFITTING], ids=["sigmoids", "diverging", "overfitting"])
def test_a_stored_run_is_diagnosed_as_the_live_one_was(settings, tmp_path):
    experiment = Experiment.parse({"device": "cpu", "threads": 1, **settings})
    live = Diagnosis()
    with Recorder(tmp_path / "history.db") as recorder:
        for event in train([experiment]):
            recorder.record(event)
            live.apply(event)
    again = Diagnosis()
    with History.open(tmp_path / "history.db") as history:
        for event in history.events(1):
            again.apply(event)
    assert live.findings()
    assert again.findings() == live.findings()
