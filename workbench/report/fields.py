"""Tables and pictures as fields of JSON objects. What is not finite becomes null when they are printed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from workbench.report.records import HeatShown, LinesShown, NothingShown, Shown, SurfaceShown, TableShown
from workbench.report.section import Reported


def recipe_fields(reported: Reported) -> dict[str, Any]:
    """What came of a recipe, with the numbers of all its tables and pictures."""
    recipe, made = reported.result.recipe, reported.result.made
    return {
        "recipe": recipe.name,
        "title": recipe.title,
        "question": recipe.question,
        "scale": made.scale,
        "seeds": made.seeds,
        "changed": reported.result.changed,
        "passed": made.passed,
        "claims": [asdict(verdict) for verdict in made.verdicts],
        "seconds": made.seconds,
        "device": made.device,
        "ended": made.ended,
        "shown": [shown_fields(each) for each in reported.shown],
    }


def shown_fields(shown: Shown) -> dict[str, Any]:
    """A table or picture: `what` says which; the note says what its numbers are."""
    match shown:
        case TableShown():
            return {"what": "table", "title": shown.title, "note": shown.note, "rows": _rows(shown)}
        case LinesShown():
            about = {"x": shown.x_label, "y": shown.y_label, "ticks": dict(shown.ticks) or None}
            return {"what": "lines", "title": shown.title, "note": shown.note, **about, "lines": _lines(shown)}
        case HeatShown():
            values = {"layers": shown.layers, "steps": shown.steps.tolist(), "values": shown.values.tolist()}
            return {"what": "heat", "title": shown.title, "note": shown.note, "of": shown.of, **values}
        case SurfaceShown(surface=surface):
            axes = {
                name: {"label": axis.label, "values": axis.values.tolist()} for name, axis in (("x", surface.x), ("y", surface.y))
            }
            costs = {"cost": surface.cost, "costs": surface.costs.tolist(), "plateau": surface.plateau}
            return {"what": "surface", "title": shown.title, "note": shown.note, **axes, **costs}
        case NothingShown():
            return {"what": "nothing", "title": shown.title, "note": shown.why}


def _rows(shown: TableShown) -> list[dict[str, Any]]:
    """Of each group its variations, and of each column the values over the seeds."""
    return [
        {
            **dict(zip(shown.axes, row.names, strict=True)),
            "chosen": row.chosen,
            **{
                column: None if cell.number is None else list(cell.number.values)
                for column, cell in zip(shown.columns, row.cells, strict=True)
            },
        }
        for row in shown.rows
    ]


def _lines(shown: LinesShown) -> list[dict[str, Any]]:
    return [
        {
            "part": part.title,
            "line": curve.label,
            "runs": curve.runs,
            **{name: getattr(curve, name).tolist() for name in ("x", "mean", "low", "high")},
        }
        for part in shown.parts
        for curve in part.curves
    ]
