"""What survives a process that is killed, and processes that write at once."""

import random
import signal
import sqlite3
import sys
from contextlib import closing

import pytest

from engine.events import EpochEnded, Frame
from tests.workbench.history.processes import output, python, start_together
from tests.workbench.scripted import scripted_events
from workbench.history import History, mark_interrupted

STEPS, MEMBERS = 40_000, 2

RECORD_AS_FAST_AS_POSSIBLE = f"""
import sys
from tests.workbench.scripted import scripted_events
from workbench.history import Recorder
with Recorder(sys.argv[1]) as recorder:
    for number, event in enumerate(scripted_events(steps={STEPS}, members={MEMBERS}, layers=3, per_frame=5), 1):
        recorder.record(event)
        print(number, flush=True)
"""


def expected_events(count):
    """The first events of the script, as lists of losses and of epochs."""
    frames, epochs = [], []
    for _, event in zip(range(count), scripted_events(steps=STEPS, members=MEMBERS, layers=3, per_frame=5), strict=False):
        if isinstance(event, Frame):
            frames.append(event)
        elif isinstance(event, EpochEnded):
            epochs.append(event)
    return frames, epochs


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("moment", [1, *random.Random(20).sample(range(2, 400), 9)])
def test_what_was_recorded_before_a_kill_is_there(tmp_path, moment):
    path = tmp_path / "h.db"
    process = python(RECORD_AS_FAST_AS_POSSIBLE, path)
    for _ in range(moment):
        assert process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    rest = [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    reported = int(rest[-1]) if rest else moment

    assert mark_interrupted(path) == (1, 2)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    frames, epochs = expected_events(reported + 1)  # one more may be on disk without having been reported
    with History.open(path) as history:
        for member in range(MEMBERS):
            run = history.run(member + 1)
            assert (run.status, run.ended) == ("interrupted", run.updated)
            told = [loss for event in history.events(run.id) if isinstance(event, Frame) for loss in event.loss[:, 0].tolist()]
            true = [loss for frame in frames for loss in frame.loss[:, member].tolist()]
            least = len([loss for frame in expected_events(reported)[0] for loss in frame.loss])
            assert least <= len(told)
            assert told == true[: len(told)]
            ended = len(expected_events(reported)[1])
            assert ended <= len({row.epoch for row in history.epochs(run.id)}) <= len(epochs)


RECORD_TOGETHER = """
import sys
from tests.workbench.scripted import scripted_events
from workbench.history import Recorder
print("ready", flush=True)
sys.stdin.readline()
with Recorder(sys.argv[1], name=sys.argv[2]) as recorder:
    for event in scripted_events(steps=3000, members=2, layers=3):
        recorder.record(event)
print(*recorder.run_ids)
"""


def test_two_processes_that_record_into_one_new_file_lose_nothing(tmp_path):
    path = tmp_path / "new" / "h.db"
    printed = start_together([python(RECORD_TOGETHER, path, name) for name in ("one", "two")])
    ids = [tuple(map(int, line.split())) for line in printed]
    assert sorted(number for run_ids in ids for number in run_ids) == [1, 2, 3, 4]
    frames = [event for event in scripted_events(steps=3000, members=2, layers=3) if isinstance(event, Frame)]
    with History.open(path) as history:
        for name, run_ids in zip(("one", "two"), ids, strict=True):
            for member, run_id in enumerate(run_ids):
                run = history.run(run_id)
                assert (run.name, run.status, run.population, run.member) == (name, "done", run_ids[0], member)
                losses = [row.loss for row in history.steps(run_id)]
                assert losses == [loss for frame in frames for loss in frame.loss[:, member].tolist()]
                stats = [row.values for row in history.layer_stats(run_id)]
                true = [frame.layers[:, member].reshape(-1, 12).tolist() for frame in frames]
                assert stats == [tuple(values) for part in true for values in part]
                assert len(list(history.epochs(run_id))) == 2 * 3000 // 25 + 3
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


LOADED = """
import sys
from pathlib import Path
{statements}
heavy = ("torch", "numpy", "pydantic", "sqlite_utils", "textual", "engine.experiment")
print([name for name in heavy if name in sys.modules])
"""


@pytest.mark.parametrize(
    "statements",
    [
        "import workbench.history",
        "from workbench.history import History; print(len(History.open(sys.argv[1]).runs('done')), file=sys.stderr)",
        "from workbench.history import mark_interrupted; mark_interrupted(Path(sys.argv[1]))",
        "from workbench.history.edit import tag; tag(Path(sys.argv[1]), 1, ['a'])",
        "from workbench.history import History; print(len(list(History.open(sys.argv[1]).steps(1))), file=sys.stderr)",
    ],
)
def test_lists_and_small_changes_load_nothing_heavy(tmp_path, statements):
    path = tmp_path / "h.db"
    from workbench.history import Recorder

    with Recorder(path) as recorder:
        for event in scripted_events(steps=10):
            recorder.record(event)
    assert output(python(LOADED.format(statements=statements), path)) == "[]\n"
