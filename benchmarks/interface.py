"""Steps per second while a person watches, against the same training without a screen.

Each training runs in a process of its own, and the two take turns of some seconds: while one goes on, the other is halted. So
whatever else the machine does, it does to both. The interface has a pseudo-terminal of 160x50 that is read as fast as it is
written to, and starts the training as the start key does. While it is halted its clock goes on, so that it draws once more in
each turn than it would.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from benchmarks.cases import MIDDLE, SMALL, Case, prepared_source
from benchmarks.terminal import Recorded
from workbench.history import History

SECONDS_UNTIL_STARTED = 1.5
"""Nobody starts a training before the first screen is there."""
TURN, TURNS = 5.0, 6
"""Seconds of a turn, and how many each training has in a round."""
HANGING = 60.0
"""Seconds after which a training that has made no step, or does not end, is taken to hang."""
CASES = {"small": (replace(SMALL, steps=600_000), 0.92), "middle": (replace(MIDDLE, steps=60_000), 0.97)}
"""Of more steps than are made: some minutes' worth."""

How = Literal["headless", "interface"]


def print_table(rounds: int) -> None:
    """Steps per second with and without the interface: medians of the rounds, and of their ratios."""
    print("## Training inside the interface against headless\n")
    print("| network | headless steps/s | in the interface | ratio | from | to | at least |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for name, (case, limit) in CASES.items():
        speeds = [speeds_in_turns(name) for _ in range(rounds)]
        headless, interface = (statistics.median(each) for each in zip(*speeds, strict=True))
        ratios = sorted(watched / alone for alone, watched in speeds)
        spread = f"{statistics.median(ratios):.3f} | {ratios[0]:.3f} | {ratios[-1]:.3f}"
        print(f"| {case.name} | {headless:,.0f} | {interface:,.0f} | {spread} | {limit} |", flush=True)
    print()


def speeds_in_turns(case: str) -> tuple[float, float]:
    """Steps per second of one training without and one with the interface."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        trainings = [_Training.begin(case, how, Path(folder), stack) for how in ("headless", "interface")]
        for turn in range(TURNS):
            for training in trainings[:: -1 if turn % 2 else 1]:
                training.go_on(TURN)
        return trainings[0].end(), trainings[1].end()


@dataclass(slots=True)
class _Training:
    """A process that trains, halted except in its turns."""

    process: subprocess.Popen[bytes]
    db: Path
    terminal: Recorded | None
    halted: float = 0.0
    _since: float = field(default=0.0, init=False)

    @classmethod
    def begin(cls, case: str, how: How, folder: Path, stack: ExitStack) -> _Training:
        """Start it, wait for its first steps, and halt it."""
        db = folder / f"{how}.db"
        command = ["-m", "benchmarks.interface", case, how, str(db)]
        terminal = stack.enter_context(Recorded(command)) if how == "interface" else None
        process = terminal.process if terminal is not None else subprocess.Popen([sys.executable, *command])
        stack.callback(process.wait)
        stack.callback(process.kill)
        training = cls(process, db, terminal)
        end = time.monotonic() + HANGING
        while not training._has_begun():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the training did not begin ({how})")
            training._watch(0.1)
        training._halt()
        return training

    def go_on(self, seconds: float) -> None:
        """Have a turn."""
        self._wake()
        self._watch(seconds)
        self._halt()

    def end(self) -> float:
        """Stop it; return its steps per second, halts left out."""
        self._wake()
        self.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + HANGING
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise RuntimeError("the training does not end")
            self._watch(0.05)
            time.sleep(0.01)  # a terminal that is closed has nothing to wait for
        with History.open(self.db) as history:
            run = history.run("latest")
        if run.status != "interrupted":
            raise RuntimeError(f"the training ended as {run.status}: {run.message}")
        return run.step / (run.seconds - self.halted)

    def _has_begun(self) -> bool:
        if not self.db.exists():
            return False
        with History.open(self.db) as history:
            return any(run.step > 0 for run in history.runs())

    def _halt(self) -> None:
        os.kill(self.process.pid, signal.SIGSTOP)
        self._since = time.perf_counter()

    def _wake(self) -> None:
        self.halted += time.perf_counter() - self._since
        os.kill(self.process.pid, signal.SIGCONT)

    def _watch(self, seconds: float) -> None:
        if self.terminal is not None:
            self.terminal.read_for(seconds)
        else:
            time.sleep(seconds)


def _train(case: Case, how: How, db: Path) -> None:
    """What the new process does."""
    from workbench.runner import Runner
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.draft import Draft
    from workbench.tui.screens.bench import BenchScreen

    prepared = case.prepared()
    source = prepared_source(prepared)
    if how == "headless":
        runner = Runner(prepared.experiments, db=db, source=source)
        signal.signal(signal.SIGTERM, lambda *_: runner.stop(interrupted=True))
        runner.start()
        while not runner.join(1.0):  # a signal may come to another thread, which does not wake this one
            pass
        return

    class Watched(WorkbenchApp):
        """Starts by itself."""

        def on_mount(self) -> None:
            super().on_mount()
            self.session.draft = Draft.of(prepared.experiments[0])
            self.set_timer(SECONDS_UNTIL_STARTED, self._begin)

        def _begin(self) -> None:
            assert isinstance(self.screen, BenchScreen)
            self.start_training(prepared.experiments)
            self.screen.draw()

    watched = Watched(db, source=source)
    watched.run()
    sys.exit(watched.return_code)


if __name__ == "__main__":
    _train(CASES[sys.argv[1]][0], "headless" if sys.argv[2] == "headless" else "interface", Path(sys.argv[3]))
