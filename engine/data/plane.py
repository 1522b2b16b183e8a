"""Two-dimensional sets of two classes, made up. They can be drawn, and each is hard in its own way.

`noise` is the standard deviation of a normal number added to both coordinates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from engine.data.base import Loader, Progress, Source, already_numbers
from engine.data.chance import generator
from engine.parts import Data

Points = NDArray[np.float64]  # [N, 2]


def xor(count: int, label: int) -> Points:
    """The corners (±1, ±1), by turns; corners where the signs differ are class 1."""
    side = np.where(np.arange(count) % 2 == 0, 1.0, -1.0)
    return np.stack([side, side if label == 0 else -side], axis=1)


def circles(count: int, label: int) -> Points:
    """A circle of radius 1 (class 0) around one of radius 0.5, as scikit-learn's `make_circles` draws them (factor 0.5)."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * (1.0 if label == 0 else 0.5)


def moons(count: int, label: int) -> Points:
    """Two half circles of radius 1 that reach into each other, as scikit-learn's `make_moons` draws them."""
    angle = np.linspace(0, np.pi, count)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points if label == 0 else np.array([1.0, 0.5]) - points


def spirals(count: int, label: int) -> Points:
    """Two arms of three turns; radius 6.5 outside, 0.5 inside.

    Point i of 0 … 96 has angle iπ/16 and radius 6.5 (104 - i) / 104; class 1 is class 0 seen from the other side of the
    origin. Lang & Witbrock, Learning to tell two spirals apart, 1988. Other counts lie at equal steps of i.
    """
    i = np.linspace(0, 96, count)
    radius = 6.5 * (104 - i) / 104 * (1 if label == 0 else -1)
    return np.stack([radius * np.sin(i * np.pi / 16), radius * np.cos(i * np.pi / 16)], axis=1)


def gaussians(count: int, label: int) -> Points:
    """Two centres at distance 2 on the diagonal; the noise makes clouds of them.

    The best classifier is the line between them; it errs with probability Φ(-1 / noise).
    """
    return np.full((count, 2), np.sqrt(0.5) * (-1 if label == 0 else 1))


def _maker(shape: Callable[[int, int], Points]) -> Loader:
    def make(settings: Data, _progress: Progress) -> Source:
        counts = (settings.samples // 2, settings.samples - settings.samples // 2)
        points = np.concatenate([shape(count, label) for label, count in enumerate(counts)])
        points += settings.noise * generator(settings.seed, "samples").standard_normal(points.shape)
        return Source(
            task="classification",
            encode=already_numbers(points, ("x", "y")),
            targets=np.repeat(np.arange(2), counts),
            classes=("0", "1"),
        )

    return make


LOADERS: Mapping[str, Loader] = {shape.__name__: _maker(shape) for shape in (xor, circles, moons, spirals, gaussians)}
