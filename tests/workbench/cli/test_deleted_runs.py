"""Runs that somebody deletes for good, with another program, while a command is at them: a clear message, never half an answer."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from engine.events import Event, FindingRaised, Frame, Started
from engine.experiment import Experiment
from tests.workbench.cli.conftest import SCRIPT, query
from tests.workbench.findings import Told, finding
from tests.workbench.history.recorded import erase
from tests.workbench.keeping import Keeping
from tests.workbench.scripted import scripted_events
from workbench import diagnosing
from workbench.history import Recorder
from workbench.history.reader import Reader

MOMENTS = (1, 2, 3, 5, 8, 13, 21)
"""Before which of its queries a command loses the run."""


@pytest.fixture
def two(db) -> Path:
    """Two runs of which everything is known, the first with a finding."""
    for seed, kind in enumerate(("sigmoid", "tanh")):
        settings = {"model": {"width": 16, "activation": kind}, "steps": 110, "device": "cpu", "seed": seed}
        folder = str(db.parent / f"history.checkpoints/run-{seed + 1}")
        with Recorder(db, name=kind) as recorder:
            for event in scripted_events(**SCRIPT, experiments=[Experiment.parse(settings)], plane=True, folder=folder):
                recorder.record(event, diagnosed=seed == 0)
            if seed == 0:
                recorder.record(FindingRaised(finding(20)))
    return db


@pytest.fixture
def before_query(monkeypatch) -> Callable[[int, Callable[[], None]], None]:
    """Has something done just before the n-th query from now on."""
    ask = Reader._found

    def at(number: int, do: Callable[[], None]) -> None:
        count = itertools.count(1)

        def counted(self, text, values):
            if next(count) == number:
                do()
            return ask(self, text, values)

        monkeypatch.setattr(Reader, "_found", counted)

    return at


@pytest.mark.parametrize("row_alone", [True, False], ids=["its row", "all of it"])
@pytest.mark.parametrize(
    "words",
    [
        "diagnose 2",
        "diagnose 1 2 --json",
        "compare 1 2",
        "compare 1 2 --view heat",
        "compare 1 2 --by-seed --json",
        "show 2",
        "show 2 --distributions",
        "runs",
        "runs --columns name,lr,findings",
        "runs --group activation",
        "export 1 2 --what layers",
    ],
)
def test_a_command_answers_as_before_the_deletion_or_as_after_it_and_never_in_between(
    command, two, before_query, tmp_path, words, row_alone
):
    def put_back() -> None:
        for left in tmp_path.glob("history.db-*"):
            left.unlink()
        shutil.copy(tmp_path / "kept", two)

    def delete() -> None:
        erase(two, 2, row_alone=row_alone)

    shutil.copy(two, tmp_path / "kept")
    before = command(*words.split())
    delete()
    after = command(*words.split())
    assert before.code == 0
    assert before != after
    for moment in MOMENTS:
        put_back()
        before_query(moment, delete)
        assert command(*words.split()) in (before, after), moment


def test_what_is_found_in_a_run_that_is_gone_by_then_is_not_stored(command, two, before_query):
    before_query(2, lambda: erase(two, 2))
    ended = command("diagnose", "2", "--store")
    assert (ended.code, ended.out, ended.err) == (2, "", f"workbench: no run 2 in {two}\n")
    assert query(two, "SELECT count(*) FROM findings WHERE run = 2") == [(0,)]


# --- while a remedy is trained --------------------------------------------------------


class Losing(Keeping):
    """A training during which a run is deleted."""

    def __init__(self, db: Path, run: int, at: type[Event]) -> None:
        super().__init__()
        self.db, self.run, self.at = db, run, at

    def __call__(self, experiments: Sequence[Experiment], **asked: object) -> Iterator[Event]:
        for number, event in enumerate(super().__call__(experiments, **asked)):
            if isinstance(event, self.at) and number <= 2:
                erase(self.db, self.run)
            yield event


@pytest.fixture
def losing(two, monkeypatch) -> Callable[..., None]:
    """Lets the next training lose a run just before it tells the first event of a kind."""
    monkeypatch.setattr(diagnosing, "new_diagnosis", Told)

    def lose(run: int, at: type[Event]) -> None:
        monkeypatch.setattr("workbench.runner._engine", lambda: Losing(two, run, at))

    return lose


def test_a_run_that_is_gone_when_its_remedy_has_been_trained_is_said_and_the_new_run_is_kept(command, two, losing):
    losing(1, Frame)
    ended = command("fix", "1", "--quiet")
    assert ended.code == 2
    assert ended.err == (
        "workbench: run 1 was deleted while a remedy for it was trained; there is nothing to hold run 3 against\n"
    )
    assert query(two, "SELECT id, status, parent FROM runs") == [(2, "done", None), (3, "done", 1)]


def test_a_remedied_run_that_was_given_the_number_of_the_deleted_one_is_not_held_against_itself(command, two, losing):
    erase(two, 2)
    losing(1, Started)
    ended = command("fix", "1", "--quiet")
    assert (ended.code, query(two, "SELECT id, status FROM runs")) == (2, [(1, "done")])
    assert "run 1 was deleted while a remedy for it was trained" in ended.err


def test_a_training_whose_run_is_deleted_ends_and_says_why(command, two, losing):
    losing(3, Frame)
    ended = command("fix", "1", "--quiet")
    assert ended.code == 1
    assert f"run 3 was deleted from {two} while it was trained" in ended.err
    assert "not expected" not in ended.err
    assert query(two, "SELECT id FROM runs ORDER BY id") == [(1,), (2,)]
    assert query(two, "SELECT count(*) FROM steps WHERE run = 3") == [(0,)]
