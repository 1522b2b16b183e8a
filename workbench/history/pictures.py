"""Pictures as rows: 16-bit floating-point numbers, the lower byte first, in the order in which the network sees them.

They keep three digits of a number, which is more than an eye can tell, in half the room; what is larger than 65,504 becomes that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.events import Reconstructed
from engine.pictures import Examined, Mistaken
from workbench.history.marker import finite, marker
from workbench.history.rows import insert

_COLUMNS = ("kind", "layer", "name", "position", "part", "example", "label", "answer", "probability")
PICTURES_INSERT = insert("pictures", ("run", *_COLUMNS, "channels", "height", "width", "pixels", "nonfinite", "step"))
_LARGEST = float(np.finfo(np.float16).max)


def worst_rows(event: Examined | Mistaken, member: int, run_id: int, image_shape: tuple[int, ...]) -> Iterator[tuple[Any, ...]]:
    """The worst examples of one member, for `PICTURES_INSERT`."""
    kind, step = ("mistake", event.step) if isinstance(event, Mistaken) else ("worst", None)
    for position, found in enumerate(event.worst[member]):
        about = (found.example, found.truth, found.answer, finite(found.probability))
        head = (run_id, kind, None, None, position, event.part, *about)
        yield *head, *_shape(image_shape), _pixels(found.inputs), marker(("probability",), (found.probability,)), step


def reconstruction_rows(event: Reconstructed, member: int, run_id: int) -> Iterator[tuple[Any, ...]]:
    """Inputs, and what the layers up to one made of them, for `PICTURES_INSERT`."""
    shape = _shape(event.image_shape)
    for kind, pictures in (("input", event.inputs), ("reconstruction", event.outputs[member])):
        for position, picture in enumerate(pictures):
            yield run_id, kind, event.layer, event.name, position, *[None] * 5, *shape, _pixels(picture), None, None


def pixels_array(pixels: bytes) -> NDArray[np.float32]:
    """The numbers of a stored picture."""
    return np.frombuffer(pixels, "<f2").astype(np.float32)


def _pixels(numbers: NDArray[Any]) -> bytes:
    small: NDArray[np.float16] = np.clip(numbers, -_LARGEST, _LARGEST).astype("<f2")
    return small.tobytes()


def _shape(shape: tuple[int, ...]) -> tuple[int | None, int | None, int | None]:
    """Channels, height and width; None for what the shape does not have."""
    lengths: list[int | None] = [*[None] * (3 - len(shape)), *shape]
    channels, height, width = lengths
    return channels, height, width
