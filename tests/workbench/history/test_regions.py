"""Regions of the plane and mistakes of the latest epoch, as they are recorded and come back."""

import numpy as np

from engine.events import EpochEnded
from engine.pictures import Mistaken, Plane, Region
from engine.vocabulary import Status
from tests.workbench.history.processes import same
from tests.workbench.history.recorded import record, rows, view_of
from tests.workbench.history.test_details import alike
from tests.workbench.scripted import scripted_events
from workbench.history import History, Recorder
from workbench.thinning import REGIONS


def script(**more):
    return {"steps": 200, "steps_per_epoch": 5, "members": 2, "everything": True, "plane": True, **more}


def test_of_many_regions_a_few_are_kept_and_they_are_those_that_a_live_run_keeps(tmp_path):
    events = list(scripted_events(**script()))
    runs = record(tmp_path / "h.db", events)
    with History.open(tmp_path / "h.db") as history:
        for member, run in enumerate(runs):
            told, seen = view_of(history.events(run)), view_of(events, member)
            assert len(seen.regions) == REGIONS
            assert (seen.regions[0].step, seen.regions[-1].step) == (0, 200)
            assert alike(seen.regions, told.regions, member)
            assert alike(seen.mistaken, told.mistaken, member)
            assert told.mistaken.epoch == 40
            assert same(seen.plane, told.plane)
    assert rows(tmp_path / "h.db", "SELECT count(*), count(DISTINCT run) FROM regions") == [(2 * REGIONS, 2)]
    assert rows(tmp_path / "h.db", "SELECT count(*), min(run) FROM planes") == [(1, 1)]
    assert rows(tmp_path / "h.db", "SELECT count(*) FROM mistaken") == [(2,)]
    assert rows(tmp_path / "h.db", "SELECT count(*), min(step) FROM pictures WHERE kind = 'mistake'") == [(4, 200)]


def test_a_training_that_goes_on_forgets_what_was_seen_beyond_its_checkpoint(tmp_path):
    path = tmp_path / "h.db"
    with Recorder(path) as recorder:
        for event in scripted_events(**script(status=Status.STOPPED)):
            recorder.record(event)
            if isinstance(event, Region) and event.step == 30:
                break
    with Recorder(path, resume=(1, 2)) as recorder:
        for event in scripted_events(**script(begins=20)):
            recorder.record(event)
            if isinstance(event, Plane):
                assert rows(path, "SELECT count(*) FROM planes") == [(1,)]
            elif isinstance(event, EpochEnded):
                break
            elif not isinstance(event, Mistaken | Region):
                found = rows(path, "SELECT max(step) FROM regions UNION ALL SELECT max(step) FROM mistaken")
        assert found == [(20,), (None,)]  # the mistakes of step 20 gave way to those of step 30
        assert rows(path, "SELECT count(*) FROM pictures WHERE kind = 'mistake'") == [(0,)]
        recorder.record(next(event for event in scripted_events(**script()) if isinstance(event, Region) and event.step == 25))
    with History.open(path) as history:
        assert [row.step for row in history.regions(2)] == [0, 5, 10, 15, 20, 25]


def test_of_a_member_that_has_diverged_no_more_is_recorded(tmp_path):
    lost, sound = record(tmp_path / "h.db", scripted_events(**script(diverges_at=50)))
    with History.open(tmp_path / "h.db") as history:
        assert history.regions(lost)[-1].step == history.mistaken(lost).step == 45
        assert history.regions(sound)[-1].step == history.mistaken(sound).step == 200


def test_a_run_without_a_plane_has_no_regions(tmp_path):
    (run,) = record(tmp_path / "h.db", scripted_events(steps=20))
    with History.open(tmp_path / "h.db") as history:
        assert (history.plane(run), history.regions(run), history.mistaken(run), history.mistakes(run)) == (None, (), None, ())
        view = view_of(history.events(run))
    assert (view.plane, view.regions, view.mistaken) == (None, (), None)


def test_the_targets_of_a_plane_may_be_any_numbers(tmp_path):
    started, plane, *_ = scripted_events(steps=5, plane=True)
    target = np.linspace(-1e6, 1e6, 12, dtype=np.float32)
    numbers = Plane(-1, 1, -2, 2, 6, 8, -1e6, 1e6, plane.points * 3, target, ~plane.held_out)
    record(tmp_path / "h.db", [started, numbers])
    with History.open(tmp_path / "h.db") as history:
        assert same(view_of(history.events(1)).plane, numbers)
