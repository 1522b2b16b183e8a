"""A network as a drawing in text: layer below layer from input to output, as wide as the numbers that leave them.

Pieces carry the names below instead of colours; screens and the command line give each its own.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.layer_outline import LayerOutline
    from engine.outline import Outline
    from workbench.plots.lines import Piece, Row

BAR, NAME, SHAPE, SIGN, NUMBER, MUTED = "net--bar", "net--name", "net--shape", "net--sign", "net--number", "net--muted"
STYLES = (BAR, NAME, SHAPE, SIGN, NUMBER, MUTED)
CLASS_STYLES = ("net--0", "net--1")
"""Of the classes of points in a sample of data."""

SHOWN_OF_ALIKE = 3
"""Of more layers that follow each other and are alike, the first and the last are drawn."""
_LEAST_BAR, _MOST_BAR = 8, 48
_SHAPE_WIDTH, _NUMBER_WIDTH = 12, 10

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the drawing."""

    name: str
    shape: Shape = ()
    signs: str = ""
    parameters: int = 0
    text: str = ""
    """What stands in place of a bar."""


def shape_text(shape: Shape) -> str:
    """A shape in a few characters: `64`, a sequence `28 × 64` (steps × numbers), pictures `16@8×8` (channels@height×width)."""
    match shape:
        case (numbers,):
            return f"{numbers:,}"
        case (steps, numbers):
            return f"{steps:,} × {numbers:,}"
        case (channels, height, width):
            return f"{channels:,}@{height}×{width}"
    return ""


def network_rows(outline: Outline, width: int) -> tuple[Row, ...]:
    """The layers from input to output in lines of at most `width` characters.

    Bars are in proportion to the numbers that leave a layer. What a block holds stands indented below it, branches one after
    the other.
    """
    lines = [_Line("input", outline.data.shape), *_lines(outline.layers, "")]
    names = min(max(len(line.name) for line in lines), max(width // 3, 12))
    signs = max((len(line.signs) for line in lines), default=0)
    bar = min(_MOST_BAR, width - names - _SHAPE_WIDTH - signs - _NUMBER_WIDTH - 4) // 2 * 2
    largest = max(prod(line.shape) for line in lines if line.shape)
    return tuple(_drawn(line, names, bar, signs, largest, width) for line in lines)


def _lines(layers: Sequence[LayerOutline], indent: str) -> Iterable[_Line]:
    place = 0
    for _, group in groupby(layers, lambda layer: (layer.text, layer.inputs, layer.outputs, layer.chains != ())):
        alike = list(group)
        skipped = len(alike) - 2 if len(alike) > SHOWN_OF_ALIKE else 0
        shown = alike if not skipped else [alike[0], alike[-1]]
        for number, layer in enumerate(shown):
            if number == 1 and skipped:
                yield _Line(f"{indent}⋮", text=f"{skipped:,} more like it", parameters=sum(e.parameters for e in alike[1:-1]))
            yield from _of_layer(layer, indent)
        place += len(alike)


def _of_layer(layer: LayerOutline, indent: str) -> Iterable[_Line]:
    yield _Line(f"{indent}{layer.name}", layer.outputs, _signs(layer), layer.parameters)
    for number, chain in enumerate(layer.chains, start=1):
        if layer.kind == "split":
            yield _Line(f"{indent}├ branch {number}", text="" if chain else "as it comes in")
            yield from _lines(chain, f"{indent}│ ")
        else:
            yield from _lines(chain, f"{indent}│ ")
    if layer.kind == "residual":
        what = "+ input, projected" if layer.projected else "+ input"
        yield _Line(f"{indent}└ {what}")
    elif layer.chains:
        yield _Line(f"{indent}└ {'side by side' if 'concat' in layer.text else 'added up'}")


def _signs(layer: LayerOutline) -> str:
    """Activation, batch norm and dropout in words."""
    pooled = layer.kind in ("dropout", "batch_norm", "activation")
    parts = [
        layer.activation if not pooled or layer.kind == "activation" else "",
        "norm" if layer.batch_norm and not pooled else "",
        f"drop {layer.dropout:g}" if layer.dropout else "",
    ]
    return " ".join(filter(None, parts))


def _drawn(line: _Line, names: int, bar: int, signs: int, largest: int, width: int) -> Row:
    name = line.name if len(line.name) <= names else f"{line.name[: names - 1]}…"
    pieces: list[Piece] = [(f"{name:<{names}} ", MUTED if not line.shape else NAME)]
    if bar >= _LEAST_BAR:
        drawn = centred_bar(prod(line.shape) / largest, bar) if line.shape else f"{line.text:^{bar}}"
        pieces += _apart(drawn[:bar], BAR if line.shape else MUTED)
    elif not line.shape:
        pieces.append((line.text, MUTED))
    pieces.append((f" {shape_text(line.shape):<{_SHAPE_WIDTH}}", SHAPE))
    pieces.append((f" {line.signs:<{signs}}", SIGN))
    pieces += _apart(f" {line.parameters:>{_NUMBER_WIDTH - 1},}" if line.parameters else "", NUMBER)
    return cut(pieces, width)


def _apart(text: str, style: str) -> tuple[Piece, Piece]:
    """The blanks before a text by themselves, for pictures of the screen leave out those at the beginning of a piece."""
    bare = text.lstrip()
    return (" " * (len(text) - len(bare)), MUTED), (bare, style)


def centred_bar(share: float, width: int) -> str:
    """A bar of so much of an even width, to half a character, with as much space on both sides; never nothing."""
    halves = max(1, round(share * width))  # on each side of the middle
    whole, half = divmod(halves, 2)
    body = "█" * (2 * whole) if whole else ""
    drawn = f"▐{body}▌" if half else body
    return f"{drawn:^{width}}"


def cut(pieces: Iterable[Piece], width: int) -> Row:
    """As much of the pieces as fits."""
    kept: list[Piece] = []
    for text, style in pieces:
        if width <= 0:
            break
        kept.append((text[:width], style))
        width -= len(text)
    return tuple(kept)


# --- the numbers below it --------------------------------------------------------------

_TITLE = 13
_UNITS = (("G", 1e9), ("M", 1e6), ("k", 1e3))
_BINARY_UNITS = (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))
_FOUR_DIGITS = 999.5
"""From so much of a unit on the next larger one is taken: three digits would be written with a power of ten."""


def amount(number: float) -> str:
    """A large number in a few characters: `13.1 k`, `2.4 G`."""
    for unit, size in (("T", 1e12), *_UNITS):
        if number >= _FOUR_DIGITS * size / 1000:
            return f"{number / size:.3g} {unit}"
    return f"{number:.0f} "


def bytes_text(number: float) -> str:
    """Bytes in a few characters: `1.5 MiB`."""
    for unit, size in _BINARY_UNITS:
        if number >= _FOUR_DIGITS * size / 1024:
            return f"{number / size:.3g} {unit}"
    return f"{number:.0f} B"


def number_rows(outline: Outline, width: int) -> tuple[Row, ...]:
    """Parameters, memory, arithmetic and steps; what a number is made of stands beside it or, where it does not fit, below."""
    memory, members = outline.memory, outline.members
    several = f" in each of {members} networks" if members > 1 else ""
    parts = [
        f"weights {bytes_text(memory.parameters)}",
        f"gradients {bytes_text(memory.gradients)}",
        f"{outline.optimizer} {bytes_text(memory.optimizer)}",
        f"activations {bytes_text(memory.activations)}",
    ]
    table = (
        ("parameters", f"{outline.parameters:,}{several}", ""),
        ("memory", bytes_text(memory.total), ", ".join(parts)),
        (
            "arithmetic",
            f"{amount(outline.forward + outline.backward)}flop a step",
            f"forward {amount(outline.forward)}, backward {amount(outline.backward)}".replace(" ,", ","),
        ),
        (
            "steps",
            f"{outline.steps_per_epoch:,} an epoch, {outline.steps:,} in all",
            f"{outline.data.train:,} examples in batches of {outline.batch_size:,}",
        ),
    )
    rows = []
    for title, number, details in table:
        fits = _TITLE + len(number) + 3 + len(details) <= width
        rows.append(cut([(f"{title:<{_TITLE}}", MUTED), (number, NUMBER), (f"   {details}" if fits else "", MUTED)], width))
        if not fits:
            below = textwrap.wrap(details, max(20, width - _TITLE))
            rows += [cut([(" " * _TITLE + line, MUTED)], width) for line in below]
    return tuple(rows)
