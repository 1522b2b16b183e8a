"""The first row of a chart: its title, and what its lines are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.plots.canvas import DOTTED, MARK, NOT_FINITE, SHADE, Stroke
from workbench.plots.lines import Band, Piece, Row
from workbench.plots.rows import fit

_SHADED, _DOTTED = chr(0x2800 + SHADE), chr(0x2800 + (DOTTED & 0x04))


def legend(
    title: str, strokes: Sequence[tuple[str, Stroke]], bands: Sequence[tuple[Band, str]], mark: str, width: int, axis: str
) -> Row:
    """Title, the name of each line after a piece of it, and what bands and marks are, cut to `width`."""
    pieces: list[Piece] = [(title + "  ", axis)] if title else []
    for label, stroke in strokes:
        sample = "──" if stroke.marker == " " else f"─{stroke.marker}"
        y = stroke.points.y
        end = label + (f" {NOT_FINITE} not finite" if y.size and not np.isfinite(y[-1]) else "")
        pieces += [(sample, stroke.style), (f" {end}  ", "")]
    for band, style in bands:
        if band.label:
            pieces += [((_SHADED if band.shaded else _DOTTED) * 2, style), (f" {band.label}  ", "")]
    pieces += [(MARK, axis), (f" {mark}", "")] if mark else []
    return fit(pieces, width)
