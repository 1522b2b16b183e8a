"""Convex polygons in a picture, without anti-aliasing: a pixel belongs to a polygon if its centre does.

Pixel (row, column) has its centre at x = column + 0.5, y = row + 0.5. A convex polygon covers one interval of each row, which is
far cheaper to find than to ask each pixel for its side of every edge.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Spans = NDArray[np.float32]
"""The interval of x that each polygon covers at the middle of each row, [N, 2, rows]; from inf to -inf where it covers none."""


def row_spans(vertices: NDArray[np.floating], rows: int) -> Spans:
    """The part of each row of pixels that lies within each polygon.

    Args:
        vertices: corners [N, V, 2] as (x, y), in order around each polygon.
        rows: height of the picture.
    """
    corners = vertices.astype(np.float32)
    middles = np.arange(rows, dtype=np.float32) + np.float32(0.5)
    count, edges = corners.shape[:2]
    spans = np.empty((count, 2, rows), np.float32)
    spans[:, 0], spans[:, 1] = np.inf, -np.inf
    for edge in range(edges):
        (x0, y0), (x1, y1) = corners[:, edge - 1].T, corners[:, edge].T
        above = y0[:, None] <= middles
        crossed = above != (y1[:, None] <= middles)
        with np.errstate(divide="ignore", invalid="ignore"):  # a level edge crosses no row
            slope = (x1 - x0) / (y1 - y0)
            x = x0[:, None] + (middles - y0[:, None]) * slope[:, None]
        np.minimum(spans[:, 0], x, out=spans[:, 0], where=crossed)
        np.maximum(spans[:, 1], x, out=spans[:, 1], where=crossed)
    return spans


def paint(pictures: NDArray[np.float32], spans: Spans, greys: NDArray[np.float32]) -> None:
    """Paint one polygon over each picture, in place.

    Args:
        pictures: [N, rows, columns].
        spans: of each picture's polygon, [N, 2, rows].
        greys: value of the pixels of each polygon [N].
    """
    centres = np.arange(pictures.shape[2], dtype=np.float32) + np.float32(0.5)
    inside = centres >= spans[:, 0, :, None]
    inside &= centres <= spans[:, 1, :, None]
    np.copyto(pictures, greys[:, None, None], where=inside)
