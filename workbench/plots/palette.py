"""Colours that areas are filled with: blended between a ground and what they stand for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RGB = tuple[int, int, int]
Colours = NDArray[np.uint8]
"""[..., 3]: red, green, blue."""


@dataclass(frozen=True, slots=True)
class Palette:
    """What a drawing is coloured with."""

    ground: RGB
    ink: RGB  # of text upon it
    classes: tuple[RGB, ...]  # of many classes they are used again
    good: RGB
    bad: RGB

    def of_class(self, number: int) -> RGB:
        """The colour of a class."""
        return self.classes[number % len(self.classes)]


DARK = Palette(
    (17, 20, 25),
    (216, 221, 230),
    ((111, 168, 232), (239, 200, 101), (201, 139, 176), (134, 211, 164), (224, 95, 87), (160, 160, 160)),
    (134, 211, 164),
    (224, 95, 87),
)
"""For files and for terminals of which nothing is known."""


def blend(one: RGB, other: RGB, share: float) -> RGB:
    """`share` of the other, the rest of the one."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def hex_of(colour: RGB) -> str:
    """As rich and Textual write it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
