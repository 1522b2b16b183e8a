"""Steps per second while a person watches, against the same training without a screen.

Each training runs in a process of its own. The interface gets a pseudo-terminal of 160x50 that is read as fast as it is
written to, starts the training as the start key does, and leaves when it has ended.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Literal

from benchmarks.cases import MIDDLE, SMALL, Case, prepared_source
from benchmarks.terminal import Recorded
from benchmarks.timing import Contender, in_turns

SECONDS_UNTIL_STARTED = 1.5
"""Nobody starts a training before the first screen is there."""
CASES = {"small": (replace(SMALL, steps=42_000), 0.92), "middle": (replace(MIDDLE, steps=4_800), 0.97)}
"""Trainings of about half a minute: the first picture alone costs as much as ten later ones, 1 to 2 % of eight seconds."""

How = Literal["headless", "interface"]


def print_table(rounds: int) -> None:
    """Steps per second with and without the interface."""
    print("## Training inside the interface against headless\n")
    print("| network | headless steps/s | in the interface | ratio | at least |")
    print("| --- | --- | --- | --- | --- |", flush=True)
    for name, (case, limit) in CASES.items():
        times = in_turns({"headless": contender(name, "headless"), "interface": contender(name, "interface")}, rounds)
        ratio = times["headless"] / times["interface"]
        speeds = f"{1 / times['headless']:,.0f} | {1 / times['interface']:,.0f}"
        print(f"| {case.name} | {speeds} | {ratio:.3f} | {limit} |", flush=True)
    print()


def contender(case: str, how: How) -> Contender:
    """One of the two ways, ready to be measured."""
    return lambda: seconds_per_step(case, how)


def seconds_per_step(case: str, how: How) -> float:
    """Train in a new process and ask its history how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "history.db"
        command = ["-m", "benchmarks.interface", case, how, str(db)]
        if how == "headless":
            subprocess.run([sys.executable, *command], check=True)
        else:
            _in_a_terminal(command)
        from workbench.history import History

        with History.open(db) as history:
            run = history.run("latest")
        if run.status != "done":
            raise RuntimeError(f"the training ended as {run.status}: {run.message}")
        return run.seconds / run.step


def _in_a_terminal(command: list[str]) -> None:
    """Run a program on a pseudo-terminal and read what it draws until it ends."""
    with Recorded(command) as terminal:
        if code := terminal.end():
            raise RuntimeError(f"the interface ended with exit code {code}")


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
        runner.start()
        runner.join()
        return

    class Watched(WorkbenchApp):
        """Starts by itself and leaves when the training is over."""

        def on_mount(self) -> None:
            super().on_mount()
            self.session.draft = Draft.of(prepared.experiments[0])
            self.set_timer(SECONDS_UNTIL_STARTED, self._begin)

        def _begin(self) -> None:
            assert isinstance(self.screen, BenchScreen)
            self.start_training(prepared.experiments)
            self.screen.draw()
            self.set_interval(0.25, self._leave_when_done)

        def _leave_when_done(self) -> None:
            if self.session.runner is not None and self.session.runner.finished:
                self.exit()

    watched = Watched(db, source=source)
    watched.run()
    sys.exit(watched.return_code)


if __name__ == "__main__":
    _train(CASES[sys.argv[1]][0], "headless" if sys.argv[2] == "headless" else "interface", Path(sys.argv[3]))
