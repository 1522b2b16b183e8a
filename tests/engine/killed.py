"""Trains experiments and kills itself in the midst of each, as `kill -9` does: `python -m tests.engine.killed FOLDER < experiments`.

Each line of the input is a population, as a JSON list of experiments. Each is trained in a process of its own that writes a
checkpoint after every step, and what it told of to FOLDER/<line>/told.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from engine.events import Frame
from engine.experiment import Experiment
from engine.training import checkpointer, loop
from engine.training.loop import train

KILLED_AT = 13


def train_and_die(experiments: list[Experiment], folder: Path) -> None:
    checkpointer.SECONDS_UNTIL_FIRST = checkpointer.SECONDS_BETWEEN = loop.SECONDS_BETWEEN_FRAMES = 0.0
    checkpointer.LARGEST_SHARE = 1e9
    folder.mkdir(parents=True)
    for event in train(experiments, checkpoints=lambda: folder):
        if isinstance(event, Frame) and event.steps[-1] >= KILLED_AT:
            os.kill(os.getpid(), signal.SIGKILL)
    os._exit(1)


def main() -> None:
    folder = Path(sys.argv[1])
    for number, line in enumerate(sys.stdin):
        experiments = [Experiment.parse(values) for values in json.loads(line)]
        child = os.fork()
        if child == 0:
            train_and_die(experiments, folder / str(number))
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"population {number} was not killed but ended"


if __name__ == "__main__":
    main()
