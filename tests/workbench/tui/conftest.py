"""Apps with a scripted training, and waiting for what they show."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from pathlib import Path

import pytest
import textual.app
import textual.pilot
from textual import _wait
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.notifications import Notification
from textual.pilot import Pilot

from engine.events import Change, Checkpointed, EpochEnded, Event, Finished, Frame, Intervened, Outcome, Started
from engine.experiment import Experiment
from engine.insight import pace
from engine.training.control import Answer
from engine.vocabulary import Status
from tests.workbench.lifelike import lifelike
from tests.workbench.scripted import scripted_events
from workbench.history import Recorder
from workbench.runner import Runner
from workbench.tui.app import WorkbenchApp


class ScriptedSource:
    """Tells scripted events and obeys its control before every frame, as the engine does before every step."""

    def __init__(
        self, *, pause_after: int | None = None, stop_after: int | None = None, seen: bool = False, **script: object
    ) -> None:
        """`pause_after`, `stop_after`: pause or stop by itself before the frame of that number; `seen`: for pictures, lifelike."""
        self._pause_after, self._stop_after, self._seen = pause_after, stop_after, seen
        self._script = {"steps": 200, "per_frame": 5, "steps_per_epoch": 25, **script}

    def __call__(self, experiments: Sequence[Experiment], *, control=None, progress=None, resume=None, **more) -> Iterator[Event]:
        begins = int(resume.stem.rpartition("-")[2]) if resume is not None else None

        def checked(settings):
            experiments[0].with_settings(settings)
            return settings

        control.begin(checked)
        frames, step = 0, begins or 0
        events = scripted_events(experiments=experiments, begins=begins, **self._script)
        for event in lifelike(events, experiments) if self._seen else events:
            if isinstance(event, Frame):
                if frames == self._pause_after:
                    control.pause()
                if frames == self._stop_after:
                    control.stop()
                yield from self._changes(control, experiments[0], step)
                if control.stopped:
                    status = Status.INTERRUPTED if control.interrupted else Status.STOPPED
                    yield Finished(tuple(Outcome(status, step) for _ in experiments), step * 0.002, 0.03)
                    return
                frames, step = frames + 1, int(event.steps[-1])
            if isinstance(event, Checkpointed):
                path = Path(event.path)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("{}")
                path.with_suffix(".safetensors").touch()
            yield event
            if isinstance(event, EpochEnded):
                control.after_epoch()
        control.end()

    def _changes(self, control, experiment: Experiment, step: int) -> Iterator[Event]:
        """Wait as long as the control asks for it, and tell the changes that it asks for."""
        while not control.running_freely:
            if control.before_step() is not Answer.CHANGE:
                return
            for settings in control.take_changes():
                before = {"lr": experiment.lr, "model.dropout": experiment.model.dropout}
                yield Intervened(step, tuple(Change(path, before[path], after) for path, after in settings.items()))


@pytest.fixture(scope="session", autouse=True)
def parsed_styles() -> Iterator[None]:
    """Parses a style sheet once for all apps that have it with the same colours.

    A new app parses all of them two to three times, which takes as long as drawing its first screen.
    """
    parse = Stylesheet._parse_rules
    known: dict[tuple[object, ...], list[RuleSet]] = {}

    def parse_once(sheet: Stylesheet, *source: object, **more: object) -> list[RuleSet]:
        key = (source, tuple(more.items()), tuple(sheet._variables.items()))
        if key not in known:
            known[key] = parse(sheet, *source, **more)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture
def make_app(db: Path) -> Iterator[Callable[..., WorkbenchApp]]:
    """Makes apps; their trainings are ended after the test, whatever became of it."""
    apps: list[WorkbenchApp] = []

    def make(**script: object) -> WorkbenchApp:
        apps.append(WorkbenchApp(db, source=ScriptedSource(**script), zone=UTC))
        return apps[-1]

    yield make
    for app in apps:
        app.session.stop()
        app.session.join()


@pytest.fixture(scope="session", autouse=True)
def patient() -> Iterator[None]:
    """Makes nothing depend on how fast the machine is.

    After a key the pilot waits until the process is idle, but no longer than a second, in which a busy machine may not have done
    what the key asks for. Messages are gone after some seconds, in which it may not have come to look at them.
    """

    async def wait_for_idle(min_sleep: float = _wait.SLEEP_GRANULARITY, max_sleep: float = 1) -> None:
        await _wait.wait_for_idle(min_sleep, max_sleep=20 * max_sleep)

    with pytest.MonkeyPatch.context() as patch:
        for module in (textual.app, textual.pilot):
            patch.setattr(module, "wait_for_idle", wait_for_idle)
        patch.setattr(Notification, "has_expired", False)
        yield


@pytest.fixture(scope="session", autouse=True)
def watchful() -> Iterator[None]:
    """Makes a training be looked at for what goes wrong whenever it tells something, however long that takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pace, "SHARE", math.inf)
        yield


async def until(pilot: Pilot, happened: Callable[[], object]) -> None:
    """Let the app go on until something has happened."""
    for _ in range(3000):
        if happened():
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError("it did not happen")


def run_scripted(
    db: Path, settings: dict[str, object] | None = None, *, name: str = "", tags: Sequence[str] = (), **script: object
) -> int:
    """Record a scripted run; its id."""
    experiment = Experiment().with_settings({"steps": 200, **(settings or {})})
    runner = Runner([experiment], db=db, source=ScriptedSource(**script), name=name, tags=tags)
    runner.start()
    runner.join()
    assert runner.error is None
    return runner.run_ids[0]


def recorder_of_unfinished(db: Path) -> Recorder:
    """Record the beginning of a run and no end; the run is going on until the recorder is closed."""
    recorder = Recorder(db)
    for event in scripted_events(steps=50):
        if isinstance(event, Started | Frame):
            recorder.record(event)
    return recorder


def fix_times(db: Path) -> None:
    """Give all runs the same start, so that pictures are the same every day."""
    connection = sqlite3.connect(db)
    with connection:
        connection.execute("UPDATE runs SET started = '2026-03-14T15:09:26.000+00:00'")
    connection.close()
