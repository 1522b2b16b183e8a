"""Scores as people read them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.events import Score
from workbench.cli.output import make_table, percent, print_table
from workbench.plots import format_number

HEADS = {"cost": "cost", "accuracy": "accuracy", "r2": "R²", "mae": "mean absolute error"}
"""The figures of a score and what they are called."""


BY_VOTE = "by vote"
"""Ends the name of a line whose cost is left out: that of a class which nobody votes for is infinite, and says nothing."""


def print_scores(parts: Mapping[str, Score]) -> None:
    """Print a line for each part of the data, and a blank one after them."""
    names = [name for name in HEADS if any(getattr(score, name) is not None for score in parts.values())]
    if not names:
        return
    heads = [HEADS[name] for name in names]
    table = make_table(["", *heads], numbers=heads)
    for part, score in parts.items():
        known = [None if name == "cost" and part.endswith(BY_VOTE) else score for name in names]
        table.add_row(part, *(score_text(figure, name) for figure, name in zip(known, names, strict=True)))
    print_table(table)
    print()


def score_text(score: Score | None, name: str) -> str:
    """One of `HEADS` of a score; a dash where there is none."""
    return figure_text(getattr(score, name) if score else None, name)


def figure_text(value: float | None, name: str) -> str:
    """A figure as one of `HEADS` is written."""
    return percent(value) if name == "accuracy" else format_number(value)
