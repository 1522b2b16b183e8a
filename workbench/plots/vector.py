"""A figure as SVG: lines and words that can be scaled and put into a paper. It needs nothing besides itself."""

from __future__ import annotations

from xml.sax.saxutils import escape

from workbench.plots.figure import INK, Figure, Page, Path, Word, laid_out

FONTS = "Helvetica, Arial, sans-serif"
"""There on every system, or what it has instead."""


def svg(figure: Figure) -> str:
    """The figure as an SVG file on a white ground."""
    return svg_of(laid_out(figure), figure.title)


def svg_of(page: Page, title: str) -> str:
    """A page as an SVG file; the title is what readers and browsers call it."""
    width, height = _number(page.width), _number(page.height)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' font-family="{FONTS}" fill="none" stroke-linejoin="round">',
        f"<title>{_text(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *(_word(shape) if isinstance(shape, Word) else _path(shape) for shape in page.shapes),
        "</svg>",
    ]
    return "\n".join(filter(None, lines)) + "\n"


def _path(path: Path) -> str:
    points = " ".join(f"{_number(x)},{_number(y)}" for x, y in path.points)
    seen = f' opacity="{_number(path.opacity)}"' if path.opacity < 1 else ""
    if not path.width:
        return f'<polygon points="{points}" fill="{path.ink}"{seen}/>'
    dash = f' stroke-dasharray="{" ".join(map(_number, path.dash))}"' if path.dash else ""
    return f'<polyline points="{points}" stroke="{path.ink}" stroke-width="{_number(path.width)}"{dash}{seen}/>'


def _word(word: Word) -> str:
    if not word.text:
        return ""
    anchor = f' text-anchor="{word.anchor}"' if word.anchor != "start" else ""
    weight = ' font-weight="bold"' if word.bold else ""
    place = f'x="{_number(word.x)}" y="{_number(word.y)}" font-size="{_number(word.size)}"'
    return f'<text {place}{anchor}{weight} fill="{INK}">{_text(word.text)}</text>'


def _text(text: str) -> str:
    """As XML may hold it."""
    return escape("".join(character for character in text if character.isprintable()))


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
