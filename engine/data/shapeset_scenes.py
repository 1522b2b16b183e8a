"""What is to be seen in the pictures of Shapeset-3x2: kind, outline, place and grey of each object.

Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010, section 2.1, after the rule
of the authors' own generator. Lengths are in pixels, x to the right and y downwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 32
"""Height and width of a picture."""
CORNERS = (3, 4, 20)
"""Of each kind of object: triangle, parallelogram, ellipse."""
NOTHING = -1
"""Stands for the kind of an object that is not there."""

MARGIN = 1.0
SCALES = (0.2, 0.8)
LIGHT, DARK = (0.55, 1.0), (0.0, 0.45)
MOST_HIDDEN = 0.5
MOST_REJECTIONS = 50

Floats = NDArray[np.float64]
Kinds = NDArray[np.int64]

_LABELS = np.array([[0, 6, 3, 5], [1, 3, 7, 4], [2, 5, 4, 8]])
"""The class by the kind of the first object, and that of the second counted from NOTHING."""


@dataclass(frozen=True, slots=True, eq=False)
class Scenes:
    """What is to be seen in B pictures. Object 0 is covered by object 1 where both are."""

    kinds: Kinds  # [B, 2] places in CORNERS, or NOTHING
    vertices: Floats  # [B, 2, 20, 2] (x, y) of the corners in order; the last is repeated where a kind has fewer
    centres: Floats  # [B, 2, 2] (x, y)
    scales: Floats  # [B, 2, 2] along the base and across it, before the object is turned; the first is not the smaller
    greys: Floats  # [B, 2] of the objects, 0 to 1
    background: Floats  # [B] 0 to 1
    rejections: NDArray[np.int64]  # [B] places of the second object that hid too much of the first
    left_out: NDArray[np.bool_]  # [B] whether the second object found no place

    @property
    def labels(self) -> NDArray[np.int64]:
        """The class [B]: T, P, E, TP, PE, TE, TT, PP, EE for triangle, parallelogram and ellipse."""
        return _LABELS[self.kinds[:, 0], self.kinds[:, 1] - NOTHING]


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """One object in each of N pictures; the others' rows mean nothing where a picture has none."""

    vertices: Floats  # [N, 20, 2]
    centres: Floats  # [N, 2]
    scales: Floats  # [N, 2]

    def replace(self, rows: NDArray[np.intp], others: Objects, which: NDArray[np.bool_]) -> None:
        """Take some of the others' objects, in place."""
        self.vertices[rows] = others.vertices[which]
        self.centres[rows] = others.centres[which]
        self.scales[rows] = others.scales[which]


def draw_scenes(draw: np.random.Generator, count: int) -> Scenes:
    """Draw what is to be seen in `count` pictures.

    One or two objects, each of a kind; a coin decides whether the background is light or dark, and the objects are the other;
    the second object is placed again while it would hide too much of the first, and left out if that was so 50 times.
    """
    both = draw.integers(1, 3, count) == 2
    kinds = draw.integers(0, len(CORNERS), (count, 2))
    light = draw.random(count) < 0.5
    greys = _grey(draw.random((count, 3)), np.stack([light, ~light, ~light], axis=1))
    skews = (draw.random((count, 2)) - 0.5) * 2 * np.pi / np.array(CORNERS)[kinds]
    turns = draw.random((count, 2)) * 2 * np.pi
    first = _placed(draw, kinds[:, 0], skews[:, 0], turns[:, 0])
    second = _placed(draw, kinds[:, 1], skews[:, 1], turns[:, 1])
    rejections = np.zeros(count, np.int64)
    pending = np.flatnonzero(both)
    tried = _part(second, pending)
    for _ in range(MOST_REJECTIONS):
        hidden = hidden_share(_part(first, pending), tried, kinds[pending])
        good = hidden <= MOST_HIDDEN
        second.replace(pending[good], tried, good)
        pending = pending[~good]
        rejections[pending] += 1
        if not len(pending):
            break
        tried = _placed(draw, kinds[pending, 1], skews[pending, 1], turns[pending, 1])
    left_out = np.zeros(count, bool)
    left_out[pending] = True
    kinds[~both | left_out, 1] = NOTHING
    return Scenes(
        kinds=kinds,
        vertices=np.stack([first.vertices, second.vertices], axis=1),
        centres=np.stack([first.centres, second.centres], axis=1),
        scales=np.stack([first.scales, second.scales], axis=1),
        greys=greys[:, 1:],
        background=greys[:, 0],
        rejections=rejections,
        left_out=left_out,
    )


def _grey(uniform: Floats, light: NDArray[np.bool_]) -> Floats:
    low = np.where(light, LIGHT[0], DARK[0])
    high = np.where(light, LIGHT[1], DARK[1])
    return np.asarray(low + (high - low) * uniform)


def _part(objects: Objects, rows: NDArray[np.intp]) -> Objects:
    return Objects(objects.vertices[rows], objects.centres[rows], objects.scales[rows])


def _regular(corners: int) -> Floats:
    """The corners of the regular polygon of radius 0.5 with a horizontal base, [20, 2]; the last is repeated."""
    angles = 2 * np.pi * ((np.arange(corners) + 0.5) / corners + 0.25)
    points = 0.5 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.concatenate([points, np.repeat(points[-1:], max(CORNERS) - corners, axis=0)])


_REGULAR = np.stack([_regular(corners) for corners in CORNERS])
_AREA_SHARES = np.array([corners * np.sin(2 * np.pi / corners) / (2 * np.pi) for corners in CORNERS])
"""Area of each regular polygon over that of the circle around it."""


def _placed(draw: np.random.Generator, kinds: Kinds, skews: Floats, turns: Floats) -> Objects:
    """An object of each kind [N], its scales and its place drawn.

    The regular polygon is rotated by its skew, scaled along x and y, rotated back until its base is horizontal again, and turned.
    """
    scales = draw.uniform(*SCALES, (len(kinds), 2)) * SIDE
    scales = np.sort(scales, axis=1)[:, ::-1]  # the larger along the base
    back = -np.arctan(scales[:, 1] / scales[:, 0] * np.tan(skews))
    maps = _rotations(back + turns) @ (scales[:, :, None] * _rotations(skews))
    outlines = _REGULAR[kinds] @ maps.transpose(0, 2, 1)
    low = MARGIN - outlines.min(axis=1)
    high = SIDE - MARGIN - outlines.max(axis=1)
    centres = low + (high - low) * draw.random((len(kinds), 2))
    return Objects(outlines + centres[:, None], centres, scales)


def _rotations(angles: Floats) -> Floats:
    """The matrix of each rotation, [N, 2, 2]."""
    cosine, sine = np.cos(angles), np.sin(angles)
    return np.stack([cosine, -sine, sine, cosine], axis=1).reshape(-1, 2, 2)


def hidden_share(first: Objects, second: Objects, kinds: Kinds) -> Floats:
    """The authors' estimate of the share of the first objects' areas that the second ones hide, [N].

    With the distance d of the centres and p, the sum of the largest projections of the corners on the line between them: 0 if
    p < d, else (1 - exp(-(p - d) ln 2 / d)) * area of the second / area of the first.
    """
    between = second.centres - first.centres
    distance = np.hypot(between[:, 0], between[:, 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        ahead = (first.vertices - first.centres[:, None]) @ between[:, :, None]
        behind = (second.vertices - second.centres[:, None]) @ -between[:, :, None]
        reach = (ahead.max(axis=(1, 2)) + behind.max(axis=(1, 2))) / distance
        share = 1 - np.exp(-(reach - distance) * np.log(2) / distance)
    share = np.where(distance > 0, np.where(reach >= distance, share, 0.0), 1.0)
    areas = [objects.scales.prod(axis=1) * _AREA_SHARES[kinds[:, place]] for place, objects in enumerate((first, second))]
    return np.asarray(share * areas[1] / areas[0])
