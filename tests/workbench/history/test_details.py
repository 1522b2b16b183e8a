"""What is recorded beside steps and epochs comes back as it was told."""

import dataclasses
import json
import math
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from engine.events import (
    CALLBACK,
    Change,
    Checkpointed,
    Distributions,
    EpochEnded,
    Intervened,
    MemberEnded,
    PretrainingEpoch,
    Reconstructed,
)
from engine.pictures import Examined, Mistaken, Plane, Region, Worst
from engine.vocabulary import Status
from tests.workbench.history.processes import same
from tests.workbench.history.recorded import everything, record, rows, view_of
from tests.workbench.scripted import scripted_events
from workbench.history import History, Recorder

DETAILS = (PretrainingEpoch, Reconstructed, Distributions, Intervened, Checkpointed, Examined, EpochEnded, Plane)

OF_OTHERS = ("version", "members", "ends", "crowd")
"""Fields of a view of which a member that is told alone knows nothing."""


def of_member(event, member):
    """An event as it is told of one member alone."""
    if isinstance(event, EpochEnded):
        return dataclasses.replace(
            event, train=event.train[member : member + 1], validation=event.validation[member : member + 1]
        )
    if isinstance(event, PretrainingEpoch):
        return dataclasses.replace(event, error=event.error[member : member + 1])
    if isinstance(event, Reconstructed):
        return dataclasses.replace(event, outputs=event.outputs[member : member + 1])
    if isinstance(event, Checkpointed):
        return dataclasses.replace(event, members=(0,))
    if isinstance(event, Region):
        return dataclasses.replace(event, answers=event.answers[[member]], strengths=event.strengths[[member]])
    if isinstance(event, Examined | Mistaken):
        return dataclasses.replace(event, confusion=event.confusion[[member]], worst=event.worst[member : member + 1])
    if isinstance(event, Distributions):
        arrays = {name: getattr(event, name)[[member]] for name in ("percentiles", "moments", "edges", "counts", "jacobian")}
        return dataclasses.replace(event, **arrays, saturated=tuple(units[[member]] for units in event.saturated))
    return event


def test_every_detail_of_every_member_is_told_again_in_its_order(tmp_path):
    events = everything(tmp_path, members=2)
    runs = record(tmp_path / "h.db", events)
    with History.open(tmp_path / "h.db") as history:
        for member, run in enumerate(runs):
            told = [event for event in history.events(run) if isinstance(event, DETAILS)]
            true = [of_member(event, member) for event in events if isinstance(event, DETAILS)]
            assert [type(event) for event in told] == [type(event) for event in true]
            for one, other in zip(told, true, strict=True):
                assert same(one, other)


@pytest.mark.parametrize(
    "script",
    [{}, {"members": 3, "ends": {0: 2}}, {"status": Status.STOPPED}, {"begins": 40}, {"members": 2, "diverges_at": 50}],
    ids=["done", "ended early", "stopped", "branched", "diverged"],
)
def test_a_stored_run_with_everything_gives_the_same_view_as_the_live_one(tmp_path, script):
    events = everything(tmp_path, **script)
    runs = record(tmp_path / "h.db", events)
    with History.open(tmp_path / "h.db") as history:
        for member, run in enumerate(runs):
            if not (script.get("diverges_at") and member == 0):  # of what is lost, nothing more is recorded
                told, seen = view_of(history.events(run)), view_of(events, member)
                for field in dataclasses.fields(seen):
                    if field.name not in OF_OTHERS:
                        assert alike(getattr(seen, field.name), getattr(told, field.name), member), field.name


def alike(seen, told, member):
    """Whether views show the same, in which events of a population stand for their members."""
    if isinstance(seen, tuple):
        return len(seen) == len(told) and all(alike(one, other, member) for one, other in zip(seen, told, strict=True))
    if hasattr(seen, "event"):
        return same(of_member(seen.event, member), told.event)
    if isinstance(seen, MemberEnded | Checkpointed):
        return same(of_member(seen, member) if isinstance(seen, Checkpointed) else dataclasses.replace(seen, member=0), told)
    if dataclasses.is_dataclass(seen):
        return all(alike(getattr(seen, f.name), getattr(told, f.name), member) for f in dataclasses.fields(seen))
    return same(seen, told)


# --- a member that ends early ----------------------------------------------------


def test_of_a_member_that_ended_nothing_more_is_recorded_until_the_end(tmp_path):
    path = tmp_path / "h.db"
    ended, other = record(path, everything(tmp_path, members=2, ends={0: 2}))
    for table in ("steps", "layer_stats", "histograms"):
        assert rows(path, f"SELECT max(step) FROM {table} WHERE run = ?", ended) == [(40,)]
        assert rows(path, f"SELECT max(step) >= 100 FROM {table} WHERE run = ?", other) == [(1,)]
    assert rows(path, "SELECT count(*) FROM interventions WHERE run = ?", ended) == [(0,)]
    with History.open(path) as history:
        run = history.run(ended)
        assert (run.status, run.reason, run.step, run.restored_step) == ("done", "early stopping", 40, 20)
        assert (run.ended_step, run.ended_epoch, run.epoch) == (40, 2, 2)
        assert run.test_cost > 0
        assert history.run(other).reason is None
        assert [event for event in history.events(ended) if isinstance(event, MemberEnded)] == [
            MemberEnded(0, 40, 2, "early stopping")
        ]
        scores = {event.epoch: event.combined is not None for event in history.events(ended) if isinstance(event, EpochEnded)}
        assert scores == dict.fromkeys(range(1, 6), True)  # the ensemble goes on without it


# --- the others ------------------------------------------------------------------------


def test_changes_made_at_once_stay_together_and_those_made_after_another_apart(tmp_path):
    path = tmp_path / "h.db"
    started, frame, *_ = scripted_events(steps=5)
    made = [
        Intervened(5, (Change("lr", 0.1, 0.2), Change("l1", 0.0, 0.5))),
        Intervened(5, (Change("lr", 0.2, 0.3),), CALLBACK),
        Intervened(5, (Change("lr", 0.3, 0.4),)),
    ]
    record(path, [started, frame, *made])
    with History.open(path) as history:
        assert [(row.number, row.path, row.before, row.after) for row in history.interventions(1)] == [
            (1, "lr", 0.1, 0.2),
            (1, "l1", 0.0, 0.5),
            (2, "lr", 0.2, 0.3),
            (3, "lr", 0.3, 0.4),
        ]
        assert [event for event in history.events(1) if isinstance(event, Intervened)] == made


def test_checkpoints_are_found_from_the_folder_of_the_history_wherever_that_is_moved_to(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    folder = here / "h.checkpoints" / "run-1"
    record(here / "h.db", scripted_events(steps=50, folder=str(folder)))
    assert rows(here / "h.db", "SELECT path FROM checkpoints") == [(f"h.checkpoints/run-1/last-{n}.json",) for n in (25, 50)]
    here.rename(there)
    with History.open(there / "h.db") as history:
        assert [row.path for row in history.checkpoints(1)] == [
            there / "h.checkpoints/run-1" / f"last-{n}.json" for n in (25, 50)
        ]
        assert history.run(1).checkpoint_step == 50


def test_checkpoints_that_are_gone_at_the_end_are_marked(tmp_path):
    folder = tmp_path / "h.checkpoints" / "run-1"
    folder.mkdir(parents=True)
    (folder / "last-50.json").touch()
    record(tmp_path / "h.db", scripted_events(steps=50, folder=str(folder)))
    with History.open(tmp_path / "h.db") as history:
        assert [(row.step, row.removed) for row in history.checkpoints(1)] == [(25, True), (50, False)]


def test_the_best_checkpoint_is_that_of_its_member_alone(tmp_path):
    started, frame, *_ = scripted_events(steps=5, members=3)
    best = Checkpointed(5, 1, "best", str(tmp_path / "c" / "best-5.json"), (1,))
    record(tmp_path / "h.db", [started, frame, best])
    with History.open(tmp_path / "h.db") as history:
        assert [len(history.checkpoints(run)) for run in (1, 2, 3)] == [0, 1, 0]
        assert history.checkpoints(2)[0].member == 1


def test_the_ensemble_is_kept_once_and_read_from_each_of_its_members(tmp_path):
    path = tmp_path / "h.db"
    events = everything(tmp_path, members=2)
    record(path, events)
    ends = [event for event in events if isinstance(event, EpochEnded)]
    assert rows(path, "SELECT DISTINCT run FROM ensembles") == [(1,)]
    with History.open(path) as history:
        assert history.ensemble(2) == history.ensemble(1)
        during = [row for row in history.ensemble(1) if not row.final]
        assert [(row.epoch, row.step, row.method, row.part) for row in during] == [
            (end.epoch, end.step, method, "validation") for end in ends for method in ("mean", "vote")
        ]
        assert during[0].accuracy == ends[0].combined.mean.accuracy
        last = events[-1].combined_test
        run = history.run(2)
        assert (run.combined_test_accuracy, run.combined_test_vote_accuracy) == (last.mean.accuracy, last.vote.accuracy)
        assert [(row.part, row.method) for row in history.ensemble(1) if row.final] == [
            (part, method) for part in ("validation", "test") for method in ("mean", "vote")
        ]


def test_lists_show_how_the_ensemble_stands_after_each_epoch(tmp_path):
    with Recorder(tmp_path / "h.db") as recorder, History.open(tmp_path / "h.db") as history:
        for event in everything(tmp_path, members=2):
            recorder.record(event)
            if isinstance(event, EpochEnded):
                run = history.run("latest")
                assert run.combined_validation_cost == event.combined.mean.cost
                assert run.combined_validation_vote_accuracy == event.combined.vote.accuracy


def test_the_confusion_matrix_has_rows_for_what_occurred(tmp_path):
    path = tmp_path / "h.db"
    record(path, everything(tmp_path, members=2))
    with History.open(path) as history:
        found = history.confusion(2)
    assert len(found) == 11
    assert [(row.truth, row.answer, row.count) for row in found if row.truth != row.answer] == [(1, 3, 3)]
    assert {row.count for row in found if row.truth == row.answer} == {11}


def test_pictures_come_back_to_within_half_precision(tmp_path):
    path = tmp_path / "h.db"
    (started, *_) = scripted_events(steps=5)
    drawn = np.random.default_rng(3).normal(size=64).astype(np.float32) * 10
    drawn[0], drawn[1] = 1e9, -1e9
    worst = Examined("validation", np.ones((1, 10, 10), np.int64), ((Worst(7, "one", "two", math.nan, drawn),),))
    record(path, [started, worst])
    with History.open(path) as history:
        (row,) = history.worst(1)
    assert (row.example, row.label, row.answer, row.part, row.shape) == (7, "one", "two", "validation", (8, 8))
    assert math.isnan(row.probability)
    assert row.values[:2] == (65504.0, -65504.0)
    np.testing.assert_allclose(row.values[2:], drawn[2:], rtol=2**-11)


def test_inputs_that_are_no_pictures_and_pictures_in_colour_keep_their_shape(tmp_path):
    path = tmp_path / "h.db"
    (started, *_) = scripted_events(steps=5)
    for layer, shape in enumerate([(), (4, 4), (3, 2, 2)]):
        made = Reconstructed(layer, f"hidden {layer + 1}", np.ones((2, 12), np.float32), np.zeros((1, 2, 12), np.float32), shape)
        record(path, [started, made])
        with History.open(path) as history:
            assert {row.shape for row in history.reconstructions(layer + 1)} == {shape}
            assert [(row.kind, row.position) for row in history.reconstructions(layer + 1)] == [
                ("input", 0),
                ("reconstruction", 0),
                ("input", 1),
                ("reconstruction", 1),
            ]
            assert same(next(event for event in history.events(layer + 1) if isinstance(event, Reconstructed)), made)


def test_a_later_reconstruction_of_a_layer_takes_the_place_of_the_earlier_one(tmp_path):
    path = tmp_path / "h.db"
    (started, *_) = scripted_events(steps=5)
    made = [Reconstructed(0, "hidden 1", np.ones((1, 4), np.float32), np.full((1, 1, 4), n, np.float32), ()) for n in (1, 2)]
    record(path, [started, *made])
    with History.open(path) as history:
        assert [row.values for row in history.reconstructions(1) if row.kind == "reconstruction"] == [(2.0,) * 4]


def test_numbers_of_details_are_stored_as_numbers(tmp_path):
    path = tmp_path / "h.db"
    record(path, everything(tmp_path, members=2))
    tables = ["interventions", "checkpoints", "pretraining", "histograms", "layer_probes", "ensembles", "confusion", "pictures"]
    tables += ["mistaken", "planes", "regions"]
    for table in tables:
        assert rows(path, f"SELECT count(*) > 0 FROM {table}") == [(1,)]
        for name in (row[1] for row in rows(path, f"PRAGMA table_info({table})") if row[1] not in ("pixels", "points", "cells")):
            assert not rows(path, f"SELECT 1 FROM {table} WHERE typeof({name}) = 'blob'"), (table, name)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert json.loads(rows(path, "SELECT unit_counts FROM layer_probes")[0][0])
