"""Pictures of a recipe as pages for print."""

from __future__ import annotations

from workbench.plots.abreast import abreast
from workbench.plots.figure import Figure, Page, laid_out
from workbench.plots.heat_page import heat_page
from workbench.plots.surface_page import surface_page
from workbench.report.drawing import lines_of
from workbench.report.records import HeatShown, LinesShown, Part, Shown, SurfaceShown

ALONE = (720.0, 320.0)
"""Width of a picture and height of its plot."""
BESIDE = (470.0, 250.0)
"""The same where it stands beside others."""
ABREAST = 2


def page_of(shown: Shown) -> Page | None:
    """A picture laid out; None of what is none, as a table. `workbench.plots.vector` and `figure_png` make files of it."""
    match shown:
        case LinesShown(parts=(part,)):
            return laid_out(_figure(shown, part, shown.title, *ALONE))
        case LinesShown():
            pages = [laid_out(_figure(shown, part, part.title, *BESIDE)) for part in shown.parts]
            return abreast(pages, ABREAST, shown.title)
        case HeatShown():
            return heat_page(
                shown.values,
                shown.layers,
                shown.steps,
                title=shown.title,
                of=shown.of,
                log=shown.log,
                diverging=shown.signed and not shown.log,
                ends=(0.0, 1.0) if shown.share else None,
            )
        case SurfaceShown():
            return surface_page([shown.surface], shown.title)
        case _:
            return None


def _figure(shown: LinesShown, part: Part, title: str, width: float, height: float) -> Figure:
    lines, bands = lines_of(part, printed=True)
    return Figure(
        title,
        shown.y_label,
        shown.x_label,
        lines,
        bands,
        log=shown.log,
        share=shown.share,
        ticks=shown.ticks,
        window=shown.window,
        width=width,
        height=height,
    )
