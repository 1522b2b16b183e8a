"""From what a recipe asks to see to plain data."""

from __future__ import annotations

from workbench.claims.records import Runs
from workbench.recipes.records import Plan, Show, ShowKind
from workbench.report import lines, maps, tables
from workbench.report.maps import MakeSurface
from workbench.report.records import Shown


def shown(show: Show, plan: Plan, runs: Runs, surfaces: MakeSurface | None = None) -> Shown:
    """A table or picture of the runs that are there. It never raises for what is missing, but says so.

    Args:
        show: One of `plan.recipe.show`.
        plan: The groups.
        runs: Their runs; some or all may be missing.
        surfaces: Works out cost surfaces, which takes seconds and PyTorch; without it they are not shown.
    """
    match show.kind:
        case ShowKind.TABLE:
            return tables.table(show, plan, runs)
        case ShowKind.CURVES:
            return lines.curves(show, plan, runs)
        case ShowKind.LAYERS:
            return lines.layers(show, plan, runs)
        case ShowKind.AXIS:
            return lines.axis(show, plan, runs)
        case ShowKind.LAYER_CURVES:
            return lines.layer_curves(show, plan, runs)
        case ShowKind.HEAT:
            return maps.heat(show, plan, runs)
        case ShowKind.SURFACE:
            return maps.surface(show, plan, surfaces)
