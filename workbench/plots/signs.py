"""The forms of signs as plain lines and areas, and letters instead of those that a font lacks."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Form:
    """A part of a sign: points from -1 to 1 to the right and downwards."""

    points: tuple[Point, ...]
    closed: bool = True
    filled: bool = True


def _round(corners: int, radius: float = 1.0, begin: float = -90.0) -> tuple[Point, ...]:
    """Points on a circle, clockwise from above."""
    turns = [math.radians(begin + 360 * number / corners) for number in range(corners)]
    return tuple((radius * math.cos(turn), radius * math.sin(turn)) for turn in turns)


_STAR = tuple(point for pair in zip(_round(5), _round(5, 0.42, -54), strict=True) for point in pair)
_SQUARE: tuple[Point, ...] = ((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85))
_UP: tuple[Point, ...] = ((0, -1), (1, 0.8), (-1, 0.8))
_DIAMOND: tuple[Point, ...] = ((0, -1.15), (1, 0), (0, 1.15), (-1, 0))
_ARROW: tuple[tuple[Point, ...], ...] = (((-1, 0), (1, 0)), ((0.3, -0.6), (1, 0), (0.3, 0.6)))


def _turned(points: tuple[Point, ...], quarters: int) -> tuple[Point, ...]:
    """The points turned clockwise."""
    for _ in range(quarters):
        points = tuple((-y, x) for x, y in points)
    return points


def _small(points: tuple[Point, ...]) -> tuple[Point, ...]:
    return tuple((0.7 * x, 0.7 * y) for x, y in points)


def _area(points: tuple[Point, ...]) -> tuple[Form, ...]:
    return (Form(points),)


def _hollow(points: tuple[Point, ...]) -> tuple[Form, ...]:
    return (Form(points, filled=False),)


def _lines(*lines: tuple[Point, ...]) -> tuple[Form, ...]:
    return tuple(Form(line, closed=False, filled=False) for line in lines)


_CROSS = _lines(((-0.7, -0.7), (0.7, 0.7)), ((-0.7, 0.7), (0.7, -0.7)))
_FORMS: dict[str, tuple[Form, ...]] = {
    "●": _area(_round(24)),
    "▲": _area(_UP),
    "■": _area(_SQUARE),
    "◆": _area(_DIAMOND),
    "▼": _area(_turned(_UP, 2)),
    "▶": _area(_turned(_UP, 1)),
    "▸": _area(_small(_turned(_UP, 1))),
    "▾": _area(_small(_turned(_UP, 2))),
    "★": _area(_STAR),
    "•": _area(_round(16, 0.5)),
    "○": _hollow(_round(24)),
    "△": _hollow(_UP),
    "□": _hollow(_SQUARE),
    "▫": _hollow(_small(_SQUARE)),
    "◇": _hollow(_DIAMOND),
    "▽": _hollow(_turned(_UP, 2)),
    "◉": (*_hollow(_round(24)), *_area(_round(16, 0.5))),
    "+": _lines(((-1, 0), (1, 0)), ((0, -1), (0, 1))),
    "×": _CROSS,
    "✗": _CROSS,
    "✓": _lines(((-0.9, 0.1), (-0.2, 0.8), (0.9, -0.9))),
    "→": _lines(*_ARROW),
    "↓": _lines(*(_turned(line, 1) for line in _ARROW)),
    "←": _lines(*(_turned(line, 2) for line in _ARROW)),
    "↑": _lines(*(_turned(line, 3) for line in _ARROW)),
    "‖": _lines(((-0.4, -1.3), (-0.4, 1.3)), ((0.4, -1.3), (0.4, 1.3))),
    "−": _lines(((-0.8, 0), (0.8, 0))),
    "–": _lines(((-0.8, 0), (0.8, 0))),
    "›": _lines(((-0.4, -0.7), (0.4, 0), (-0.4, 0.7))),
    "‹": _lines(((0.4, -0.7), (-0.4, 0), (0.4, 0.7))),
    "≡": _lines(*(((-0.9, y), (0.9, y)) for y in (-0.7, 0.0, 0.7))),
    "⋮": tuple(Form(tuple((x, y + down) for x, y in _round(12, 0.25))) for down in (-1.0, 0.0, 1.0)),
}

_LETTERS = {"σ": "s", "μ": "u", "∂": "d", "λ": "l", "η": "n", "√": "v", "≈": "~", "≤": "<", "≥": ">", "–": "-", "−": "-"} | {
    "—": "-", "×": "x", "✓": "v", "✗": "x", "→": ">", "←": "<", "↑": "^", "↓": "v", "‖": "|", "•": "·", "⇧": "^", "⏎": "<", "ß": "s"
}  # fmt: skip
_WORDS = {"σ": "sigma", "μ": "mu", "λ": "lambda", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "ß": "ss"}
"""Where there is room for more than one character."""


def forms_of(character: str) -> tuple[Form, ...]:
    """The parts of a sign; none of letters and of signs that are not known."""
    return _FORMS.get(character, ())


def letter_for(character: str) -> str:
    """One character of the alphabet, digits and common signs in place of any other."""
    if character in _LETTERS:
        return _LETTERS[character]
    if character.isascii() or character in "°±…·’“”":
        return character
    plain = unicodedata.normalize("NFKD", character)[0]
    return plain if plain.isascii() and plain.isprintable() else "?"


def plain_words(text: str) -> str:
    """A text in characters that every font has."""
    return "".join(_WORDS.get(character) or letter_for(character) for character in text if character.isprintable())
