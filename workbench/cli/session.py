"""A training in the foreground: progress, JSON lines, signals, summary and exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Protocol, TextIO

from engine.events import Event, FindingRaised, MemberEnded, Started
from engine.experiment import Experiment
from engine.vocabulary import Status
from workbench.cli.errors import ExitCode, nobody_reads, report
from workbench.cli.events import event_objects
from workbench.cli.experiments import Requested
from workbench.cli.findings import Tidings
from workbench.cli.output import json_text
from workbench.cli.progress import Progress, progress_for
from workbench.runner import Runner

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
LOOK_EVERY = 0.2
"""Seconds between two looks at the training."""


@dataclass(frozen=True, slots=True)
class Session:
    """How a training is recorded and shown."""

    db: Path
    name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    made: Requested | None = None
    """What the experiments come from; None where they come from nowhere."""
    as_json: bool = False
    quiet: bool = False
    plain_progress: bool = False
    """Say how it goes in plain lines where there is no terminal."""


def train(experiments: Sequence[Experiment], session: Session) -> int:
    """Train, show and record; return the exit code."""
    return trained(experiments, session)[0]


def trained(experiments: Sequence[Experiment], session: Session) -> tuple[int, Runner]:
    """The same; return the exit code and the training, which is over."""
    told: SimpleQueue[tuple[Event, tuple[int, ...]]] = SimpleQueue()
    population = 0

    def tell(event: Event) -> None:  # in the training thread; what is printed must not keep it waiting
        nonlocal population
        if isinstance(event, Started):
            population = len(event.experiments)
        if session.as_json or isinstance(event, Started | FindingRaised):
            told.put((event, runner.run_ids[-population:]))

    made = session.made or Requested(tuple(experiments))
    runner = Runner(
        experiments,
        db=session.db,
        name=session.name,
        tags=session.tags,
        note=session.note,
        parent=made.parent,
        origin=made.origin,
        resume=made.resume,
        branch=made.branch,
        interventions=made.interventions,
        on_event=tell,
    )
    out = sys.stdout
    try:
        with _training(runner, session) as progress:
            _follow(runner, told, progress, session, out)
    except BrokenPipeError:  # whoever read the events has left: this is an interruption like another
        nobody_reads()
    return _conclude(runner, session), runner


def _follow(
    runner: Runner, told: SimpleQueue[tuple[Event, tuple[int, ...]]], progress: Progress, session: Session, out: TextIO
) -> None:
    """Print what is told until the training is over."""
    over = False
    ended: set[int] = set()
    tidings = Tidings()
    while not over:
        over = runner.join(LOOK_EVERY)
        raised: list[tuple[FindingRaised, tuple[int, ...]]] = []
        for event, run_ids in _waiting(told):
            if isinstance(event, Started):
                ended.clear()
                _check_data(event, session)
            if session.as_json:
                for fields in event_objects(event, run_ids, session.db, ended):
                    out.write(json_text(fields) + "\n")
                    out.flush()
            if isinstance(event, MemberEnded):
                ended.add(event.member)
            elif isinstance(event, FindingRaised):
                raised.append((event, run_ids))
        for line in tidings.lines(raised, len(runner.experiments)):
            _say(line, progress, session)
        progress.look(runner)


def _waiting(told: SimpleQueue[tuple[Event, tuple[int, ...]]]) -> Iterator[tuple[Event, tuple[int, ...]]]:
    """What has been told since."""
    with suppress(Empty):
        while True:
            yield told.get_nowait()


def _say(line: str, progress: Progress, session: Session) -> None:
    if not (session.quiet or session.as_json):
        progress.say(line)


def _check_data(started: Started, session: Session) -> None:
    """Warn where the data have changed since the run that this one repeats."""
    made = session.made
    if made is not None and made.expected_data and started.data.fingerprint not in ("", made.expected_data):
        changed = f"{started.experiments[0].data.name} has changed since"
        print(f"workbench: the data is not what run {made.parent} was trained on: {changed}", file=sys.stderr)


def _conclude(runner: Runner, session: Session) -> int:
    if runner.diagnosis_problem:
        print(f"workbench: nothing more was looked for that goes wrong: {runner.diagnosis_problem}", file=sys.stderr)
    if runner.error is not None:
        code = report(runner.error)
        begun = runner.live.view().experiment is not None  # what is wrong by then is not in what was asked for
        return ExitCode.FAILED if begun and code == ExitCode.WRONG_USAGE else code
    statuses = {outcome.status for outcome in runner.outcomes}
    if not session.as_json and runner.outcomes:
        from workbench.cli.summary import print_summary

        print_summary(runner, session.db)
    if not runner.outcomes:
        print("workbench: stopped before the first step; nothing was recorded", file=sys.stderr)
    if Status.INTERRUPTED in statuses or not runner.outcomes:
        return ExitCode.INTERRUPTED
    return ExitCode.DIVERGED if Status.DIVERGED in statuses else ExitCode.DONE


@contextmanager
def _training(runner: Runner, session: Session) -> Iterator[Progress]:
    """Train as long as what is within goes on; yield the progress that is shown."""
    with (
        stopped_by_signals(runner),
        progress_for(session.quiet, session.plain_progress) as progress,
        redirect_stdout(sys.stderr) if session.as_json else nullcontext(),  # what callbacks print is no JSON
    ):
        runner.start()
        try:
            yield progress
        finally:
            runner.stop(interrupted=True)  # has no effect on a training that is over
            runner.join()


class Stoppable(Protocol):
    """What goes on until it is told to stop."""

    @property
    def stopping(self) -> bool:
        """Whether it was told to."""
        ...

    def stop(self, interrupted: bool = False) -> None:
        """End in good order; `interrupted` if nobody chose that."""
        ...


@contextmanager
def stopped_by_signals(work: Stoppable) -> Iterator[None]:
    """Ctrl-C, a request to end and a closed terminal end the training in good order; a second one ends it at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        if work.stopping:
            os._exit(ExitCode.INTERRUPTED)
        work.stop(interrupted=True)

    heeded = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]  # nohup has some ignored
    before = {number: signal.signal(number, stop) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
