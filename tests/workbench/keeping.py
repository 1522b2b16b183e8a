"""A scripted source that writes checkpoints, which are empty files, and goes on from them as the engine does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.events import Checkpointed, Event, Frame, Intervened, Started
from tests.workbench.scripted import scripted_events

SCRIPT = {"steps": 110, "steps_per_epoch": 20, "per_frame": 20}


class Keeping:
    """A source that writes checkpoints, breaks off where it is told to, and goes on from a checkpoint's step."""

    def __init__(self, *, breaks_at: int | None = None, made: Sequence[Intervened] = (), **script: object) -> None:
        self.script, self.breaks_at, self.made = {**SCRIPT, **script}, breaks_at, made
        self.asked: list[dict[str, object]] = []

    def __call__(self, experiments, *, control=None, progress=None, checkpoints=None, **asked) -> Iterator[Event]:
        self.asked.append({"experiments": tuple(experiments), "checkpoints": checkpoints, **asked})
        path = asked["resume"] or (asked["branch"].path if asked["branch"] else None)
        begins = int(path.stem.partition("-")[2]) if path else None
        folder: Path | None = None
        for event in scripted_events(experiments=experiments, begins=begins, folder="later", **self.script):
            if isinstance(event, Frame) and self.breaks_at is not None and event.steps[0] > self.breaks_at:
                raise RuntimeError("the light went out")
            if not isinstance(event, Checkpointed):
                yield event
            elif folder is not None:
                yield written(folder, event)
            if isinstance(event, Started) and checkpoints is not None:
                folder = checkpoints()
            if isinstance(event, Frame):
                yield from (each for each in (*self.made, *asked["interventions"]) if each.step == event.steps[-1])


def written(folder: Path, event: Checkpointed) -> Checkpointed:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / Path(event.path).name
    path.with_suffix(".safetensors").touch()
    path.touch()
    return dataclasses.replace(event, path=str(path))
