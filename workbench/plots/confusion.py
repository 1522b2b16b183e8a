"""What a classification takes for what, as text: a matrix of counts, or of many classes a map and the commonest mistakes.

Axes of the counts: C true classes, C answers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.plots.chart import Piece, Row
from workbench.plots.numbers import ABSENT, format_share
from workbench.plots.palette import RGB, Palette, blend, hex_of
from workbench.plots.pictures import HALF, RAMP
from workbench.plots.rows import fit, shortened

Counts = NDArray[np.int64]

MATRIX_CLASSES = 16
"""Of more classes than this there is a map instead of numbers."""
TRUTH = "truth"
"""Heading of the true classes."""
RIGHT = "right"
"""Heading of the share of each class that is answered right."""
DIAGONAL = "\\"
"""Stands for what was answered right in a map without colours."""
MUTED, TITLE, GOOD, BAD = "picture--muted", "picture--title", "picture--good", "picture--bad"

_NAME = 12  # characters of a class' name at the most
_LEAST_CELL, _MOST_CELL = 4, 8
_SHARE = 7  # characters of a share
_LIST = 24  # characters that a list of mistakes needs beside a map
_GAP = 3
_CAPTION = "truth ↓ answer → "
_MOST_MAP_CELL = 3  # characters of an answer in a map of few classes
_FAINT, _FULL = 0.14, 0.6  # share of a colour in the cells with least and most


def confusion_rows(
    counts: Counts, classes: Sequence[str], width: int, height: int, palette: Palette | None, title: str = ""
) -> tuple[Row, ...]:
    """Draw what was taken for what in at most `width` x `height` characters, as well as there is room for.

    A matrix with numbers; or a map of it and the commonest mistakes; or these alone.

    Args:
        counts: [C, C] examples of class i that were taken for class j.
        classes: their names.
        width: characters in a line.
        height: lines.
        palette: colours; None: none, and the map is made of signs.
        title: what comes before the figures in the first line.
    """
    total = int(counts.sum())
    if not total:
        return (fit([(title, TITLE), ("  no answers", MUTED)], width),)[:height]
    correct = int(counts.diagonal().sum())
    head = fit([(title, TITLE), (f"  {correct:,} of {total:,} right ({100 * correct / total:.1f} %)", "")], width)
    body = _matrix(counts, classes, width, palette) if len(classes) <= MATRIX_CLASSES else None
    if body is not None and len(body) < height:
        left = len("".join(text for text, _ in body[0])) + _GAP
        beside = _mistakes(counts, classes, height - 1) if width - left >= _LIST else []
        return (head, *_side_by_side(body, beside, left, width))
    return (head, *_map_and_list(counts, classes, width, height - 1, palette))[:height]


def recalls(counts: Counts) -> NDArray[np.float64]:
    """The share of each class that is answered right, [C]; not-a-number where there are no examples of it."""
    totals = counts.sum(axis=1)
    shares: NDArray[np.float64] = np.divide(counts.diagonal(), totals, where=totals > 0, out=np.full(len(counts), np.nan))
    return shares


def commonest(counts: Counts) -> list[tuple[int, int, int]]:
    """What was taken for what wrongly: truth, answer and how often, the most frequent first."""
    mistakes = [(truth, answer, int(counts[truth, answer])) for truth, answer in np.argwhere(counts).tolist() if truth != answer]
    return sorted(mistakes, key=lambda mistake: -mistake[2])


def _matrix(counts: Counts, classes: Sequence[str], width: int, palette: Palette | None) -> list[Row] | None:
    """A line for each true class; None where it is too wide."""
    name = max(min(max(map(len, classes)), _NAME), len(TRUTH))
    room = (width - name - _SHARE - 1) // len(classes)
    cell = min(max(len(f"{counts.max():,}") + 1, *(len(each) + 1 for each in classes), _LEAST_CELL), _MOST_CELL, room)
    if cell < len(f"{counts.max():,}") + 1:
        return None
    heads = "".join(f"{shortened(each, cell - 1):>{cell}}" for each in classes)
    rows: list[Row] = [((f"{TRUTH:<{name}}", MUTED), (heads, MUTED), (f" {RIGHT:>{_SHARE}}", MUTED))]
    totals = counts.sum(axis=1)
    for truth, (each, share) in enumerate(zip(classes, recalls(counts), strict=True)):
        cells = [_cell(counts, truth, answer, int(totals[truth]), cell, palette) for answer in range(len(classes))]
        right = ABSENT if np.isnan(share) else format_share(float(share))
        rows.append(((f"{shortened(each, name):<{name}}", ""), *cells, (f" {right:>{_SHARE}}", "")))
    return rows


def _cell(counts: Counts, truth: int, answer: int, total: int, width: int, palette: Palette | None) -> Piece:
    count = int(counts[truth, answer])
    text = f"{count:,}" if count else "·"
    if palette is None or not count:
        style = MUTED if not count else "bold" if truth == answer else ""
        return f"{text:>{width}}", style
    ground = _filled(count / total, palette, is_right=truth == answer)
    return f"{text:>{width}}", f"{'bold ' if truth == answer else ''}{hex_of(palette.ink)} on {hex_of(ground)}"


def _filled(share: float, palette: Palette, *, is_right: bool) -> RGB:
    """The colour of a cell with some share of its class. The root, for a hundredth taken for another class is to be seen."""
    strength = _FAINT + (_FULL - _FAINT) * min(share, 1.0) ** 0.5
    return blend(palette.ground, palette.good if is_right else palette.bad, strength)


def _mistakes(counts: Counts, classes: Sequence[str], height: int) -> list[Row]:
    """The commonest mistakes, one in a line, with their share of the true class."""
    totals = counts.sum(axis=1)
    found = commonest(counts)
    if not found:
        return [(("no mistakes", GOOD),)]
    rows: list[Row] = [(("taken for each other most", MUTED),)]
    for truth, answer, count in found[: max(height - 1, 0)]:
        names = f"{shortened(classes[truth], _NAME)} → {shortened(classes[answer], _NAME)}"
        rows.append(((f"{count:>5,}× ", BAD), (names, ""), (f"  {format_share(count / totals[truth])}", MUTED)))
    return rows


def _map_and_list(counts: Counts, classes: Sequence[str], width: int, height: int, palette: Palette | None) -> list[Row]:
    """A map of the matrix, if it helps, and beside it the commonest mistakes; in a narrow space these alone."""
    room = width - _LIST - _GAP
    few = len(classes) <= MATRIX_CLASSES
    whole = len(classes) < (2 * height if palette else height)  # a line is taken by the caption
    if room < len(_CAPTION) or (height < 6 and not few) or (few and not whole):
        return [fit(row, width) for row in [*_mistakes(counts, classes, height - 1), _least(counts, classes)]]
    drawn = _colour_map(counts, room, height - 1, palette) if palette else _plain_map(counts, room, height - 1)
    if few:
        drawn = _wider(drawn, min(room // len(classes), _MOST_MAP_CELL))
    left = max(sum(len(text) for text, _ in drawn[0]), len(_CAPTION) if few else 0)
    caption = fit([(_CAPTION, MUTED)], left)
    left += _GAP
    listed = _mistakes(counts, classes, height - 2)
    beside = [*listed, *([()] if len(listed) + 1 < height else []), _least(counts, classes)][:height]
    return list(_side_by_side([caption, *drawn], beside, left, width))


def _wider(rows: Sequence[Row], times: int) -> list[Row]:
    """A map with each character so many times."""
    return [tuple(("".join(each * times for each in text), style) for text, style in row) for row in rows]


def _least(counts: Counts, classes: Sequence[str]) -> Row:
    """The class that is recognized least; of several that are so equally the first, and how many more there are."""
    shares = recalls(counts)
    if np.isnan(shares).all():
        return ()
    worst = np.flatnonzero(shares == np.nanmin(shares))
    more = f" and {len(worst) - 1} more" if len(worst) > 1 else ""
    return (("least right: ", MUTED), (f"{classes[worst[0]]}{more}  {format_share(float(shares[worst[0]]))}", ""))


def _shares(counts: Counts, rows: int, columns: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The largest share of a class in each of so many rows and columns at the most, and which of them hold right answers."""
    totals = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    step = max(-(-len(counts) // rows), -(-len(counts) // columns), 1)
    groups = np.arange(0, len(counts), step)
    right = np.eye(len(groups), dtype=np.bool_)
    wrong = np.where(np.eye(len(counts), dtype=np.bool_), 0, counts) / totals
    largest = np.maximum.reduceat(np.maximum.reduceat(wrong, groups, axis=0), groups, axis=1)
    diagonal = np.add.reduceat(recalls(counts), groups) / np.diff(np.append(groups, len(counts)))
    return np.where(right & (largest == 0), np.nan_to_num(diagonal)[:, None], largest), right & (largest == 0)


def _colour_map(counts: Counts, width: int, height: int, palette: Palette) -> list[Row]:
    """Half blocks: a character is one answer wide and two true classes high."""
    shares, right = _shares(counts, 2 * height, width)
    colours = [
        [
            hex_of(_filled(share, palette, is_right=is_right) if share else palette.ground)
            for share, is_right in zip(*row, strict=True)
        ]
        for row in zip(shares.tolist(), right.tolist(), strict=True)
    ]
    colours += [[hex_of(palette.ground)] * len(colours[0])] * (len(colours) % 2)
    return [
        tuple((HALF, f"{above} on {below}") for above, below in zip(*colours[top : top + 2], strict=True))
        for top in range(0, len(colours), 2)
    ]


def _plain_map(counts: Counts, width: int, height: int) -> list[Row]:
    """Signs from light to dark: a character is one answer wide and one true class high."""
    shares, right = _shares(counts, height, width)
    levels = np.ceil(np.sqrt(shares) * (len(RAMP) - 1)).astype(np.intp)
    return [(("".join(row), ""),) for row in np.where(right, DIAGONAL, np.array([*RAMP])[levels])]


def _side_by_side(body: Sequence[Row], beside: Sequence[Row], left: int, width: int) -> tuple[Row, ...]:
    """Rows with others from a column on."""
    return tuple(
        fit([*fit(body[line] if line < len(body) else (), left), *(beside[line] if line < len(beside) else ())], width)
        for line in range(max(len(body), len(beside)))
    )
