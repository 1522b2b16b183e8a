"""Shapeset-3x2: pictures of one or two objects, made while they are used.

The picture at a place depends on the data seed and that place alone: places are filled in blocks of fixed size, each with a
generator of its own, and the pictures of a block are always drawn together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.base import Examples, Loader, Progress, Source, already_numbers, pixel_names
from engine.data.chance import generator
from engine.data.polygons import paint, row_spans
from engine.data.shapeset_scenes import CORNERS, SIDE, Scenes, draw_scenes
from engine.errors import ConfigurationError
from engine.parts import Data

BLOCK = 1024
"""Pictures that are drawn together."""

_T, _P, _E = "triangle", "parallelogram", "ellipse"
CLASSES = (_T, _P, _E, f"{_T} + {_P}", f"{_P} + {_E}", f"{_T} + {_E}", f"two {_T}s", f"two {_P}s", f"two {_E}s")

Purpose = Literal["stream", "stream validation", "stream test"]


def block_scenes(seed: int, purpose: Purpose, number: int) -> Scenes:
    """What is to be seen in the pictures of one block, those at the places from `number` * BLOCK on."""
    return draw_scenes(generator(seed, purpose, number), BLOCK)


def pictures(scenes: Scenes) -> NDArray[np.float32]:
    """The pictures [B, height, width], pixels from -1 (black) to 1 (white)."""
    count = len(scenes.background)
    drawn = np.empty((count, SIDE, SIDE), np.float32)
    drawn[:] = _pixel(scenes.background)[:, None, None]
    for place in range(scenes.kinds.shape[1]):
        spans = np.empty((count, 2, SIDE), np.float32)
        spans[:, 0], spans[:, 1] = np.inf, -np.inf
        for kind, corners in enumerate(CORNERS):
            those = np.flatnonzero(scenes.kinds[:, place] == kind)
            spans[those] = row_spans(scenes.vertices[those, place, :corners], SIDE)
        paint(drawn, spans, _pixel(scenes.greys[:, place]))
    return drawn


def _pixel(greys: NDArray[np.float64]) -> NDArray[np.float32]:
    return (2 * greys - 1).astype(np.float32)


class ShapesetStream:
    """Pictures without an end, pixels from -1 to 1.

    Args:
        seed: the data seed.
        purpose: the pictures for validation and test are streams of their own.
    """

    def __init__(self, seed: int, purpose: Purpose = "stream") -> None:
        self._seed = seed
        self._purpose: Purpose = purpose
        self._latest: tuple[int, Examples] | None = None

    def examples(self, first: int, count: int) -> Examples:
        """The pictures at the places from `first` on, [count, 1024], with their classes."""
        inputs = np.empty((count, SIDE * SIDE), np.float32)
        targets = np.empty(count, np.int64)
        done = 0
        while done < count:
            number, start = divmod(first + done, BLOCK)
            block = self._block(number)
            size = min(count - done, BLOCK - start)
            inputs[done : done + size] = block.inputs[start : start + size]
            targets[done : done + size] = block.targets[start : start + size]
            done += size
        return Examples(inputs, targets)

    def _block(self, number: int) -> Examples:
        if self._latest is None or self._latest[0] != number:
            scenes = block_scenes(self._seed, self._purpose, number)
            self._latest = number, Examples(pictures(scenes).reshape(BLOCK, -1), scenes.labels)
        return self._latest[1]


def load(settings: Data, progress: Progress) -> Source:
    """The stream, its first `settings.samples` pictures, and fixed sets for validation and test.

    Raises:
        ConfigurationError: a share of the samples is less than one picture.
    """
    sizes = {part: round(share * settings.samples) for part, share in _shares(settings).items()}
    for part, share in _shares(settings).items():
        if share > 0 and sizes[part] == 0:
            raise ConfigurationError.at(f"data.{part}", f"{share:g} of {settings.samples} pictures is none; take more, or 0")
    progress("drawing Shapeset-3x2", 0, None)
    stream = ShapesetStream(settings.seed)
    parts = [
        stream.examples(0, settings.samples),
        ShapesetStream(settings.seed, "stream validation").examples(0, sizes["validation"]),
        ShapesetStream(settings.seed, "stream test").examples(0, sizes["test"]),
    ]
    values = np.concatenate([part.inputs for part in parts])
    note = f"made while it is used: an epoch is {settings.samples:,} new pictures; training is scored on the first {settings.samples:,}"
    return Source(
        task="classification",
        encode=already_numbers(values, pixel_names(SIDE, SIDE)),
        targets=np.concatenate([part.targets for part in parts]),
        classes=CLASSES,
        image_shape=(SIDE, SIDE),
        validation_from=settings.samples,
        test_from=settings.samples + sizes["validation"],
        notes=(note,),
        usual_scaling="none",
        stream=stream,
    )


def _shares(settings: Data) -> Mapping[str, float]:
    return {"validation": settings.validation, "test": settings.test}


LOADERS: Mapping[str, Loader] = {"shapeset": load}
