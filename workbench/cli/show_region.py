"""The regions of a stored run on the command line: drawn for people, or as pictures for a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import numpy as np

from engine.pictures import Plane
from workbench.cli.absent import lacking
from workbench.cli.exported import What
from workbench.cli.output import console
from workbench.cli.pictures import Drawing
from workbench.history import History, RunRecord
from workbench.history.regions import plane_of, region_of
from workbench.plots.palette import DARK
from workbench.plots.region import region_colours
from workbench.plots.region_view import CHOSEN, MUTED, Moment, region_view
from workbench.plots.rows import text_of

HEIGHT = 26
"""Lines of a drawing."""
MOST_WIDTH = 120
STYLES = {MUTED: "bright_black", CHOSEN: "bold"}


def print_region(history: History, run: RunRecord) -> None:
    """Print what a run answers everywhere on the plane, and what it answered before.

    Raises:
        CommandError: there are no regions of the run.
    """
    plane, moments = _moments(history, run)
    screen = console()
    colour = screen.is_terminal and screen.color_system in ("256", "truecolor") and not screen.no_color
    print(f"Run {run.id}: what it answers everywhere on the plane\n")
    width = min(screen.width, MOST_WIDTH) if screen.is_terminal else MOST_WIDTH
    rows = region_view(plane, moments, len(moments) - 1, _classes(run), width, HEIGHT, DARK if colour else None).rows
    if not colour:
        sys.stdout.write("".join("".join(text for text, _ in row).rstrip() + "\n" for row in rows))
        return
    with screen.capture() as drawn:  # rich would answer a broken pipe by ending the program
        screen.print(text_of(rows, STYLES), no_wrap=True, crop=True)
    sys.stdout.write(drawn.get())


def region_pictures(history: History, run: RunRecord) -> Sequence[Drawing]:
    """The kept regions as pictures in colours, [N, 3, R, K]; as `print_region`."""
    _, moments = _moments(history, run)
    classes = len(_classes(run))
    colours = np.stack([region_colours(each.answers, each.strengths, classes, DARK) for each in moments])
    captions = tuple(f"step {each.step:,}" for each in moments)
    return [Drawing("", colours.transpose(0, 3, 1, 2) / 255, captions, scaling="none")]


def _moments(history: History, run: RunRecord) -> tuple[Plane, list[Moment]]:
    row, regions = history.plane(run.id), history.regions(run.id)
    if row is None or not regions:
        raise lacking(What.REGIONS, run)
    told = (region_of(region, row) for region in regions)
    return plane_of(row), [Moment(each.step, each.epoch, each.answers[0], each.strengths[0]) for each in told]


def _classes(run: RunRecord) -> list[str]:
    classes: list[str] = json.loads(run.data_json)["classes"]
    return classes
