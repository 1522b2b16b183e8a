"""Trainings that are killed on their way: `python -m tests.workbench.cli.killing < commands`, and callbacks for them.

Each line of the input is a folder and the words of a command, as a JSON list. Each runs there, in a process of its own, which is
forked after a first training that loads everything: this takes longer than all the others.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from engine.training import Callback, Run, checkpointer, loop
from tests.workbench.cli.conftest import SMALL
from workbench.cli import execute


class KillAt(Callback):
    """Ends its process as kill -9 does after a step, if a file called armed is there."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_step_end(self, run: Run) -> None:
        if run.step == self.step and Path("armed").exists():
            os.kill(os.getpid(), signal.SIGKILL)


class Impatient(Callback):
    """Has the clock ask for a checkpoint at every step, if a file called armed is there."""

    def __init__(self) -> None:
        if Path("armed").exists():
            checkpointer.SECONDS_UNTIL_FIRST = checkpointer.SECONDS_BETWEEN = loop.SECONDS_BETWEEN_FRAMES = 0.0
            checkpointer.LARGEST_SHARE = 1e9


class Decay(Callback):
    """Lowers the learning rate every 30 steps; remembers how many it has seen."""

    def __init__(self) -> None:
        self.seen = 0

    def on_step_end(self, run: Run) -> None:
        self.seen += 1
        if self.seen % 30 == 0:
            run.set("lr", 0.01 / self.seen)

    def state(self) -> object:
        return self.seen

    def restore(self, state: object) -> None:
        assert isinstance(state, int)
        self.seen = state


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert execute(["run", *SMALL, "--steps", "1", "--db", f"{folder}/history.db", "--quiet"]) == 0
    for line in sys.stdin:
        folder, *words = json.loads(line)
        child = os.fork()
        if child == 0:
            os.chdir(folder)
            os._exit(execute(words))
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"{' '.join(words)} was not killed but ended with {os.waitstatus_to_exitcode(status)}"


if __name__ == "__main__":
    main()
