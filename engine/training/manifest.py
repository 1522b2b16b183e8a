"""What a checkpoint says of itself, as JSON beside its tensors. Reading it needs no torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from engine.errors import CheckpointError
from engine.events import DataInfo
from engine.experiment import Experiment
from engine.training.records import Diverged, Ended, Place, Plateau, Tuned, Watched

FORMAT = 1

Kind = Literal["last", "best", "epoch"]


@dataclass(frozen=True, slots=True)
class Course:
    """How far a training has come, apart from its tensors."""

    epoch: int  # in which the next step lies, from 1
    epoch_begun: bool
    place: Place
    next_record: int  # the step at which the loss is recorded next
    measuring: float  # seconds that the probes took
    tuned: Tuned
    interventions: int  # changes of settings made so far
    plateaus: tuple[Plateau, ...]
    watched: tuple[Watched, ...]
    ended: tuple[Ended, ...]
    diverged: tuple[Diverged, ...]
    callbacks: tuple[str, ...]  # the state of each as JSON


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a member has come."""

    step: int
    epoch: int  # epochs that are over
    going: bool  # whether it was still being trained, and the checkpoint holds all that belongs to this step


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that a checkpoint holds but its tensors."""

    format: int
    kind: Kind
    experiments: tuple[Experiment, ...]  # of the whole population
    step: int
    epoch: int  # epochs that are over
    seconds: float  # of training
    finished: bool  # whether the last step was made
    learned_from: DataInfo
    shape: tuple[int, ...]  # of one example as the network takes it
    device: str
    threads: int
    torch: str  # version
    digest: str  # of the file with the tensors
    course: Course | None = None  # None for "best": the weights alone
    best: tuple[Watched, ...] = ()  # of "best": the figure, step and epoch of each member

    @property
    def data(self) -> str:
        """The fingerprint of the data."""
        return self.learned_from.fingerprint

    def problem_with(self, member: int) -> str:
        """Why the weights of a member are of no use; empty if they are."""
        if not 0 <= member < len(self.experiments):
            return f"there is no member {member}; they count from 0 to {len(self.experiments) - 1}"
        if self.best and self.best[member].best is None:
            return f"member {member} had no epoch with a finite {self.experiments[member].stop.monitor}"
        if self.course is not None and any(fate.member == member for fate in self.course.diverged):
            return f"member {member} diverged, so that its weights are of no use"
        return ""

    def stand_of(self, member: int) -> Stand:
        """How far the weights of a member have come."""
        if self.course is None:
            return Stand(self.best[member].best_step, self.best[member].best_epoch, going=False)
        for ended in self.course.ended:
            if ended.member == member:
                return Stand(ended.step, ended.epoch, going=False)
        return Stand(self.step, self.epoch, going=True)


def tensors_path(path: Path) -> Path:
    """The file with the tensors of the checkpoint whose JSON is at `path`."""
    return path.with_suffix(".safetensors")


def to_json(manifest: Manifest) -> str:
    """The manifest as JSON."""
    values = _adapter().dump_python(manifest, mode="json", exclude_none=True)
    return json.dumps(values, sort_keys=True, indent=1, allow_nan=False)


def read_manifest(path: Path) -> Manifest:
    """Read a checkpoint's JSON.

    Raises:
        CheckpointError: there is none, it is no checkpoint, or was written by a version that this one does not know.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(f"{path}: the checkpoint cannot be read ({error.strerror or error})") from None
    except ValueError:
        raise CheckpointError(f"{path} is not the JSON of a checkpoint, or it is damaged") from None
    if not isinstance(values, dict) or "format" not in values:
        raise CheckpointError(f"{path} is not the JSON of a checkpoint")
    if values["format"] != FORMAT:
        raise CheckpointError(
            f"{path} has the format {values['format']}, but this version reads {FORMAT}; use the version that wrote it"
        )
    try:
        return _adapter().validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise CheckpointError(f"{path}: the checkpoint is damaged: {where}: {first['msg']}") from None


def newest(folder: Path, kinds: Sequence[Kind] = ("last", "epoch")) -> Path | None:
    """The JSON of the latest checkpoint in a folder, of those from which a training can go on; None if there is none."""
    return next(iter(in_order(folder, kinds)), None)


def in_order(folder: Path, kinds: Sequence[Kind] = ("last", "epoch")) -> list[Path]:
    """The JSON of the checkpoints in a folder, of those from which a training can go on, the latest first."""
    found = [path for kind in kinds for path in folder.glob(f"{kind}-*.json") if tensors_path(path).exists()]
    return sorted(found, key=_age, reverse=True)


def _age(path: Path) -> tuple[int, float]:
    """Step and time of writing, by which checkpoints of one folder follow one another."""
    step = path.stem.split("-")[1]
    return int(step) if step.isdigit() else -1, path.stat().st_mtime


@cache
def _adapter() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)
