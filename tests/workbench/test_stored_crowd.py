"""A stored run beside those that were trained together with it."""

from __future__ import annotations

import numpy as np

from tests.workbench.scripted import scripted_events
from workbench.history import History, Recorder
from workbench.live import LiveRun
from workbench.stored_crowd import beside_others


def stored(db, **script):
    """Record a scripted population; what was seen live of it, and the ids of its runs."""
    live = LiveRun()
    with Recorder(db) as recorder:
        for event in scripted_events(**script):
            recorder.record(event)
            live.apply(event)
        return live, tuple(recorder.run_ids)


def replayed(db, run):
    live = LiveRun()
    with History.open(db) as history:
        for event in history.events(run):
            live.apply(event)
    return live.view()


def test_it_is_what_was_seen_live(tmp_path):
    db = tmp_path / "history.db"
    live, ids = stored(db, steps=100, members=3, diverges_at=60, diverging=(1,), ends={2: 2})
    view, members = beside_others(db, ids[2], replayed(db, ids[2]))
    seen = live.view(2)
    assert (members, view.members, view.crowd.member) == (ids, 3, 2)
    assert +view.crowd.standing == +seen.crowd.standing
    np.testing.assert_array_equal(view.crowd.steps, seen.crowd.steps)
    np.testing.assert_array_equal(view.crowd.epoch_steps, seen.crowd.epoch_steps)
    for name in view.crowd.pieces:
        now, then = view.crowd.series(name), seen.crowd.series(name)
        there = np.isfinite(then) & np.isfinite(now)
        np.testing.assert_array_equal(now[there], then[there])
        assert there[:, 0].all()
    lost = view.crowd.series("loss")[:, 1]
    assert np.isfinite(lost[:59]).all()
    assert not np.isfinite(lost[59:]).any()


def test_a_run_that_was_trained_alone_stays_as_it_is(tmp_path):
    db = tmp_path / "history.db"
    _, ids = stored(db, steps=50)
    view = replayed(db, ids[0])
    assert beside_others(db, ids[0], view) == (view, ids)


def test_of_long_runs_the_same_steps_of_all_members_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.stored_crowd._POINTS", 600)
    db = tmp_path / "history.db"
    _, ids = stored(db, steps=900, members=2, layers=1, diverges_at=200, diverging=(1,))
    crowd = beside_others(db, ids[0], replayed(db, ids[0]))[0].crowd
    assert len(crowd.steps) < 400
    losses = crowd.series("loss")
    with History.open(db) as history:
        recorded = [{row.step: row.loss for row in history.steps(run)} for run in ids]
    assert losses[:, 0].tolist() == [recorded[0][step] for step in crowd.steps.tolist()]
    early = crowd.steps < 200
    assert losses[early, 1].tolist() == [recorded[1][step] for step in crowd.steps[early].tolist()]
