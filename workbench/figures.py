"""The curves of a run as a figure for print."""

from __future__ import annotations

from workbench.curves import Curves
from workbench.plots.figure import Figure


def run_figure(curves: Curves, title: str, *, log: bool, share: bool, window: tuple[float, float] | None = None) -> Figure:
    """The curves of one run as they are on the screen, in all their points."""
    x_label = "seconds" if curves.x_label == "s" else curves.x_label
    return Figure(
        title,
        curves.title + (" (log)" if log else ""),
        x_label,
        curves.lines,
        curves.bands,
        log=log,
        share=share,
        marks=curves.marks,
        window=window,
    )
