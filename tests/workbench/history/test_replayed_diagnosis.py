"""A stored run is diagnosed as the live one was, and keeps all that was told of it."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.events import FindingRaised
from engine.experiment import Experiment
from engine.insight.brought import worst_first
from engine.insight.diagnosis import Diagnosis
from engine.training import train
from engine.vocabulary import Statistic
from tests.engine.insight.series import HEALTHY, cut, finished, frames, guessing, started
from workbench.history import History, Recorder
from workbench.history.connection import open_writer
from workbench.history.findings import write_finding

SIGMOID = Experiment.parse({"model": {"activation": "sigmoid", "depth": 4}, "optimizer": "sgd"})
SIGMOIDS = {"model": {"depth": 7, "activation": "sigmoid"}, "optimizer": "sgd", "epochs": 5}
DIVERGING = {"data": {"name": "diabetes"}, "model": {"activation": "leaky_relu"}, "optimizer": "momentum", "lr": 100}
OVERFITTING = {"data": {"train_size": 150, "label_noise": 0.5}, "model": {"width": 128}, "epochs": 40}


@pytest.mark.parametrize("asked", [SIGMOIDS, DIVERGING, OVERFITTING], ids=["sigmoids", "diverging", "overfitting"])
def test_a_stored_run_is_diagnosed_as_the_live_one_was(asked, tmp_path):
    experiment = Experiment.parse({"device": "cpu", "threads": 1, **asked})
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


SPELLS = st.lists(
    st.tuples(st.booleans(), st.integers(1, 12)), min_size=1, max_size=12
)  # whether the gradient vanishes, how long


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    """A history with one run."""
    path = tmp_path_factory.mktemp("history") / "history.db"
    with Recorder(path) as recorder:
        recorder.record(started())
    with closing(open_writer(path)) as writer:
        yield writer, path


@settings(deadline=None, max_examples=60)
@given(SPELLS, st.lists(st.integers(1, 400), max_size=5), st.booleans())
def test_a_history_keeps_what_was_told_however_rarely_it_was_looked(connection, spells, cuts, to_the_end):
    writer, path = connection
    vanishes = np.repeat([spell for spell, _ in spells], [length for _, length in spells])[:101]
    vanishing, healthy = (1e-6, 1e-5, 1e-3, 0.05, 0.3), (HEALTHY[Statistic.GRADIENT_STD],) * 5
    values = np.array([vanishing if spell else healthy for spell in np.resize(vanishes, 101)])
    start = started(SIGMOID)
    whole = frames(start, guessing(), {Statistic.GRADIENT_STD: values})
    diagnosis = Diagnosis(lambda: 0.0)  # looks at every event
    with writer:
        writer.execute("DELETE FROM findings")
        for event in (start, *cut(whole, cuts), *([finished(start, 1.0)] if to_the_end else [])):
            for raised in diagnosis.apply(event):
                assert isinstance(raised, FindingRaised)
                write_finding(writer, 1, raised.finding)
    told = [(each.rule, each.opened, each.closed, each.severity) for each in diagnosis.findings()]
    with History.open(path) as history:
        assert [(each.rule, each.opened, each.closed, each.severity) for each in worst_first(history.findings(1))] == told


def test_what_went_and_came_back_between_two_looks_is_told_in_that_order():
    values = np.full((101, 5), HEALTHY[Statistic.GRADIENT_STD])
    values[:20] = values[60:] = (1e-6, 1e-5, 1e-3, 0.05, 0.3)
    start = started(SIGMOID)
    first, second = cut(frames(start, guessing(), {Statistic.GRADIENT_STD: values}), [60])
    diagnosis = Diagnosis(lambda: 0.0)
    told = [
        (raised.finding.opened, raised.finding.closed)
        for event in (start, first, second)
        for raised in diagnosis.apply(event)
        if raised.finding.rule == "vanishing-gradient"
    ]
    assert [closed is not None for _, closed in told] == [False, True, False]
    assert told[0][0] == told[1][0] < told[2][0]
