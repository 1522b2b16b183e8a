"""Checkpoints: the state of a training on disk, as safetensors with JSON beside it.

The JSON is written last, and both files get their names only when they are complete: a checkpoint whose JSON is there is whole,
whatever happened while it was written.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor

from engine.errors import CheckpointError
from engine.training.manifest import Course, Manifest, in_order, read_manifest, tensors_path, to_json

PART_OF_FILE = ".part"
"""Ends the names of files that are still being written."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything that a training needs to go on as if it had never been interrupted."""

    course: Course
    learned: Sequence[Tensor]  # parameters, then buffers, [P, …]
    best: Sequence[Tensor]  # the same at each member's best epoch; none if that is not kept
    optimizer: Mapping[str, Tensor]
    order: Tensor | None  # generators of the order as at the beginning of the epoch, [P, bytes]; None for a stream
    dropout: Tensor  # generators of the network, [G, bytes]
    losses: Tensor  # [S, P] of the steps since the last record
    penalties: Tensor  # [2, P] of the latest measurement

    def tensors(self) -> dict[str, Tensor]:
        """All tensors by name."""
        named = {
            **numbered("learned", self.learned),
            **numbered("best", self.best),
            **{f"optimizer.{name}": tensor for name, tensor in self.optimizer.items()},
            "dropout": self.dropout,
            "losses": self.losses,
            "penalties": self.penalties,
        }
        return named if self.order is None else {**named, "order": self.order}


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint that was read and found whole."""

    path: Path  # of the JSON
    manifest: Manifest
    tensors: Mapping[str, Tensor]

    @property
    def learned(self) -> list[Tensor]:
        """Parameters, then buffers, in the order of the network, `[P, …]`."""
        return _in_order("learned", self.tensors)

    def weights_of(self, member: int) -> list[Tensor]:
        """Parameters, then buffers, of one member, in the order of the network.

        Of a member that ended early those that it ended with; of a checkpoint of the best epochs those of its own.

        Raises:
            CheckpointError: there is no such member, it diverged, or none of its epochs was good for anything.
        """
        problem = self.manifest.problem_with(member)
        if problem:
            raise CheckpointError(f"{self.path}: {problem}")
        return [tensor[member] for tensor in self.learned]

    @property
    def state(self) -> State:
        """What a training needs to go on.

        Raises:
            CheckpointError: it holds weights alone.
        """
        course = self.manifest.course
        if course is None:
            raise CheckpointError(
                f"{self.path} holds the best weights alone, with which a training cannot go on; use the last checkpoint, or --branch"
            )
        try:
            return State(
                course=course,
                learned=self.learned,
                best=_in_order("best", self.tensors),
                optimizer={
                    name.removeprefix("optimizer."): tensor
                    for name, tensor in self.tensors.items()
                    if name.startswith("optimizer.")
                },
                order=self.tensors.get("order"),
                dropout=self.tensors["dropout"],
                losses=self.tensors["losses"],
                penalties=self.tensors["penalties"],
            )
        except KeyError as error:
            raise CheckpointError(f"{self.path}: the checkpoint lacks the tensor {error}") from None


def load(path: Path) -> Saved:
    """Read a checkpoint.

    Args:
        path: of its JSON file.

    Raises:
        CheckpointError: it is not there, not a checkpoint, of another version, or damaged.
    """
    manifest = read_manifest(path)
    file = tensors_path(path)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{file}: the checkpoint's tensors cannot be read ({error.strerror or error})") from None
    if _digest(content) != manifest.digest:
        raise CheckpointError(f"{file} is damaged, or does not belong to {path.name}: its digest is another")
    try:
        return Saved(path, manifest, safetensors.load(content))
    except SafetensorError as error:
        raise CheckpointError(f"{file} is damaged: {error}") from None


def load_or_name_another(path: Path) -> Saved:
    """Read a checkpoint that a training is to go on from; where it is damaged, name the latest one beside it that is whole.

    Raises:
        CheckpointError: it is not there, not a checkpoint, of another version, or damaged.
    """
    try:
        return load(path)
    except CheckpointError as error:
        other = _latest_whole(path.parent)
        if other is None:
            raise
        step, name = other.manifest.step, other.path.name
        how = f"--branch RUN --at {step} begins there, and --resume goes on from it once {path.name} is moved away"
        raise CheckpointError(f"{error}; {name}, of step {step}, is whole: {how}") from None


def _latest_whole(folder: Path) -> Saved | None:
    """The latest checkpoint in a folder from which a training can go on and that can be read."""
    for path in in_order(folder):
        with suppress(CheckpointError):
            return load(path)
    return None


def write(path: Path, manifest: Manifest, tensors: Mapping[str, Tensor]) -> None:
    """Write a checkpoint: tensors, then JSON.

    Args:
        path: of the JSON; the tensors lie beside it.
        manifest: what it says; its digest is worked out here.
        tensors: by name; on any device.

    Raises:
        CheckpointError: it cannot be written.
    """
    content = safetensors.save({name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in tensors.items()})
    text = to_json(replace(manifest, digest=_digest(content)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(tensors_path(path), content)
        _write_whole(path, text.encode())
    except OSError as error:
        raise CheckpointError(f"{path}: the checkpoint cannot be written ({error.strerror or error})") from error


def remove(path: Path) -> None:
    """Remove a checkpoint, its JSON first, so that no JSON is ever without its tensors."""
    path.unlink(missing_ok=True)
    tensors_path(path).unlink(missing_ok=True)


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that under its name it is either complete and on the disk, or not there."""
    temporary = path.with_name(path.name + PART_OF_FILE)
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def numbered(name: str, tensors: Sequence[Tensor]) -> dict[str, Tensor]:
    """Tensors by name: `name.0`, `name.1`, …"""
    return {f"{name}.{number}": tensor for number, tensor in enumerate(tensors)}


def _in_order(name: str, tensors: Mapping[str, Tensor]) -> list[Tensor]:
    numbers = sorted(int(key.partition(".")[2]) for key in tensors if key.startswith(f"{name}."))
    return [tensors[f"{name}.{number}"] for number in numbers]
