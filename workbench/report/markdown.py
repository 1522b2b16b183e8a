"""Markdown as GitHub and most others read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_PLACE = re.compile(r"(?<![\w.)\]])~?(?:/[^\s/:;,'\"|]+)+/(?=[^\s/])")
"""A folder on somebody's machine, before the name of what is in it."""


def plain(text: str) -> str:
    """Text on one line that is no HTML and names no folder of this machine; what is between ` stays code."""
    shown = _PLACE.sub("…/", " ".join(text.split()))
    whole = shown if shown.count("`") % 2 == 0 else shown.replace("`", "'")
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", whole)


def cell(text: str) -> str:
    """The same in a table."""
    return plain(text).replace("|", "\\|")


def code(text: str) -> str:
    """As it is typed."""
    return f"`{' '.join(text.split())}`"


def paragraphs(text: str) -> str:
    """Paragraphs, which blank lines part."""
    return "\n\n".join(plain(part) for part in re.split(r"\n\s*\n", text.strip()))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: int = 0) -> str:
    """A table of cells; the last `numbers` columns are aligned to the right."""
    rules = ["---"] * (len(head) - numbers) + ["--:"] * numbers
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rules, *rows))


def joined(parts: Sequence[str] | Iterator[str]) -> str:
    """Blocks with a blank line between."""
    return "\n\n".join(part for part in parts if part)
