"""Names in few characters, by which runs can still be told apart."""

from __future__ import annotations

_LEAST = 2
"""Characters of a part that is cut."""


def cut_at_end(text: str, width: int) -> str:
    """The beginning of a text that is too long."""
    return text if len(text) <= width else text[: width - 1] + "…"


def short_name(text: str, width: int) -> str:
    """A name and its tags in so many characters: tags go first, then what tells least.

    Of a recipe's run that is the recipe, before its group: `sigmoid-to-relu: tanh, depth=10` becomes `sig…tanh, depth=10`. Of any other
    name it is the middle, for names mostly differ at an end.
    """
    name, *tags = text.split(" #")
    kept = name
    for tag in tags:
        if len(f"{kept} #{tag}") > width:
            break
        kept = f"{kept} #{tag}"
    if len(kept) <= width:
        return kept
    recipe, _, group = name.partition(": ")
    if group:
        front = max(width - 1 - len(group), 0)
        return f"{recipe[:front]}…{group}" if front else _short_group(group, width)
    front = (width - 1) // 2
    return f"{name[:front]}…{name[len(name) - (width - 1 - front) :]}"


def _short_group(group: str, width: int) -> str:
    """A group of a recipe, something of each axis: of `classification, tanh, depth=10` first the word `depth`, then of the longest."""
    if len(group) <= width:
        return group
    parts = [part.rpartition("=")[2] for part in group.split(", ")]
    between = ", " if len(", ".join(parts)) <= width else ","
    while len(between.join(parts)) > width:
        longest = max(range(len(parts)), key=lambda place: len(parts[place]))
        if len(parts[longest]) <= _LEAST:
            break
        parts[longest] = cut_at_end(parts[longest], len(parts[longest]) - 1)
    return cut_at_end(between.join(parts), width)
