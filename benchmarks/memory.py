"""Whether memory grows with the length of a training: a million steps that are told, not trained, in the whole interface.

The steps go the way of every training, through the recorder, the live run and the screen of a pseudo-terminal. Nothing but the
engine is missing, which is what makes a million of them quick.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.terminal import Recorded
from engine.events import Event, Frame
from engine.experiment import Experiment
from tests.workbench.scripted import scripted_events, scripted_experiments

STEPS, EARLY = 1_000_000, 200_000
LIMIT = 8.0
"""MiB by which it may grow after the early steps."""
SCRIPT = {"measured_every": 50, "per_frame": 500, "steps_per_epoch": 5_000, "everything": True, "plane": True}
_STATUS = Path("/proc/self/status")


def print_table(rounds: int) -> None:
    """Memory after the early steps and after all; a single run, for it varies little."""
    del rounds
    print(f"## Memory of the interface over {STEPS:,} steps\n")
    if not _STATUS.exists():
        print(f"Not measured: this system has no {_STATUS}.\n", flush=True)
        return
    print(f"| after {EARLY:,} steps | after {STEPS:,} | grown by | at most |")
    print("| --- | --- | --- | --- |", flush=True)
    early, late = grown(STEPS, EARLY)
    print(f"| {early:,.1f} MiB | {late:,.1f} MiB | {late - early:+.1f} MiB | {LIMIT} MiB |\n", flush=True)


def grown(steps: int, early: int) -> tuple[float, float]:
    """MiB after the early steps and after all of them."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "memory.json"
        command = ["-m", "benchmarks.memory", folder, str(steps), str(early), str(told)]
        with Recorded(command) as terminal:
            if code := terminal.end():
                raise RuntimeError(f"the interface ended with exit code {code}")
        before, after = json.loads(told.read_text())
    return float(before), float(after)


def memory() -> float:
    """MiB of memory of this process that no file backs and nobody waits to have cleared up."""
    gc.collect()
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("RssAnon:"))
    return int(line.split()[1]) / 1024


def watched(events: Iterator[Event], marks: Sequence[int], told: Callable[[list[float]], None]) -> Iterator[Event]:
    """The same events; tells at last how much memory there was after the steps that are marked."""
    left, found = list(marks), list[float]()
    for event in events:
        yield event
        if isinstance(event, Frame) and left and event.steps[-1] >= left[0]:
            found.append(memory())
            left.pop(0)
    told(found)


def _run(folder: Path, steps: int, early: int, told: Path) -> None:
    """What the new process does."""
    from workbench.tui.app import WorkbenchApp

    def source(experiments: Sequence[Experiment], **steering: Any) -> Iterator[Event]:
        del steering
        events = scripted_events(steps, experiments=experiments, **SCRIPT)  # type: ignore[arg-type]

        def tell(found: list[float]) -> None:
            told.write_text(json.dumps(found))

        return watched(events, (early, steps), tell)

    class Watching(WorkbenchApp):
        """Starts by itself and leaves when the training is over."""

        def on_mount(self) -> None:
            super().on_mount()
            self.call_after_refresh(self.start_training, scripted_experiments(steps=steps))
            self.set_interval(0.25, self._leave_when_done)

        def _leave_when_done(self) -> None:
            if self.session.runner is not None and self.session.runner.finished:
                self.exit(return_code=0 if self.session.runner.error is None else 1)

    app = Watching(folder / "history.db", source=source)
    app.run()
    sys.exit(app.return_code)


if __name__ == "__main__":
    _run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
