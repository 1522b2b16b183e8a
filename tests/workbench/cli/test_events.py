"""The events of a training as JSON objects."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.events import Distributions, MemberEnded, PretrainingEpoch, Reconstructed, Resumed
from engine.vocabulary import PERCENTILES, QUANTITIES
from tests.workbench.scripted import scripted_events
from workbench.cli.events import event_objects
from workbench.cli.output import json_text

RUNS = (7, 8)


def told(*, ended=(), **script):
    """All objects of a training of two, as they are read from the command's output."""
    gone = set(ended)
    for event in scripted_events(**{"steps": 60, "steps_per_epoch": 20, "members": 2, "everything": True, **script}):
        for fields in event_objects(event, RUNS, None, gone):
            yield json.loads(json_text(fields), parse_constant=pytest.fail)
        if isinstance(event, MemberEnded):
            gone.add(event.member)


def of(kind, **script):
    return [each for each in told(**script) if each["event"] == kind]


def test_every_event_is_told_and_every_object_is_flat():
    objects = list(told(folder="there", ends={0: 2}, plane=True))
    assert {each["event"] for each in objects} == {
        "started", "pretraining", "reconstructed", "distributions", "frame", "epoch", "ended", "checkpointed", "intervened",
        "mistaken", "region", "examined", "finished",
    }  # fmt: skip
    for each in objects:
        assert each["run"] in RUNS
        assert not [name for name, value in each.items() if isinstance(value, dict) and name != "experiment"]


def test_pre_training_is_told_by_layer_and_epoch():
    events = [event for event in scripted_events(steps=60, members=2, everything=True) if isinstance(event, PretrainingEpoch)]
    assert [(each["run"], each["layer"], each["epoch"], each["epochs"], each["error"]) for each in of("pretraining")] == [
        (run, event.name, event.epoch, 2, event.error[member]) for event in events for member, run in enumerate(RUNS)
    ]


def test_a_reconstruction_is_told_by_its_errors():
    event = next(e for e in scripted_events(steps=60, members=2, everything=True) if isinstance(e, Reconstructed))
    first = of("reconstructed")[1]
    assert (first["run"], first["layer"]) == (8, "hidden 1")
    np.testing.assert_allclose(first["mean_squared_errors"], np.square(event.outputs[1] - event.inputs).mean(1))


def test_distributions_are_told_by_layer():
    objects = of("distributions")
    assert len(objects) == 4 * 4 * len(RUNS)
    event = [
        e for e in scripted_events(steps=60, steps_per_epoch=20, members=2, everything=True) if isinstance(e, Distributions)
    ][2]
    (found,) = [each for each in objects if (each["run"], each["step"], each["layer"]) == (8, 40, 3)]
    for place, quantity in enumerate(QUANTITIES):
        assert found[f"{quantity}_mean"] == event.moments[1, 3, place, 0]
        assert found[f"{quantity}_std"] == event.moments[1, 3, place, 1]
        assert found[f"{quantity}_percentiles"] == event.percentiles[1, 3, place].tolist()
        assert found[f"{quantity}_counts"] == event.counts[1, 3, place].tolist()
        assert (found[f"{quantity}_low"], found[f"{quantity}_high"]) == tuple(event.edges[1, 3, place])
    assert (found["percents"], found["examples"]) == (list(PERCENTILES), 300)
    assert found["saturated_examples"] == event.saturated[3][1].tolist()
    assert found["gradient_ratio"] is None  # there is no layer above
    assert found["activation_ratio"] == event.activation_ratio[1, 3]


def test_of_a_member_that_has_ended_nothing_more_is_told_but_its_end():
    objects = list(told(ends={0: 2}))
    (ended,) = [place for place, each in enumerate(objects) if each["event"] == "ended"]
    assert objects[ended] == {"event": "ended", "run": 7, "step": 40, "epoch": 2, "reason": "early stopping"}
    later = [each["event"] for each in objects[ended + 1 :] if each["run"] == 7]
    assert later == ["examined", "finished"]
    finished = objects[-2]
    assert (finished["run"], finished["reason"], finished["restored_step"]) == (7, "early stopping", 20)
    assert (objects[-1]["reason"], objects[-1]["restored_step"]) == (None, None)


def test_the_scores_of_an_ensemble_stand_beside_those_of_its_members():
    epochs = of("epoch")
    assert epochs[0]["combined_validation_accuracy"] == epochs[1]["combined_validation_accuracy"] > 0
    assert of("finished")[0]["combined_test_vote_accuracy"] > 0
    assert not [name for name in of("epoch", everything=False)[0] if name.startswith("combined")]


def test_changes_are_told_one_by_one_and_checkpoints_for_those_they_are_for():
    assert [(each["run"], each["step"], each["path"], each["after"]) for each in of("intervened")] == [
        (run, 40, path, after) for run in RUNS for path, after in (("lr", 0.004), ("model.dropout", 0.25))
    ]
    kept = of("checkpointed", folder="there")
    assert [(each["run"], each["step"], each["kind"], each["path"]) for each in kept[:2]] == [
        (run, 20, "last", "there/last-20.json") for run in RUNS
    ]


def test_what_was_examined_is_told_without_pictures():
    first, second = of("examined")
    assert second["confusion"][1] == [0, 11, 0, 3, 0, 0, 0, 0, 0, 0]
    assert (second["worst_examples"], second["worst_truths"], second["worst_answers"]) == ([5, 4], ["1", "1"], ["3", "3"])
    assert first["worst_probabilities"] == [0.05, 0.04]


def test_going_on_is_told_for_each_run():
    assert of("resumed", begins=40) == [
        {"event": "resumed", "run": run, "step": 40, "epoch": 2, "seconds": Resumed(40, 2, 0.08).seconds} for run in RUNS
    ]
