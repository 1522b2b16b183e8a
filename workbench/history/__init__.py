"""The history: every run ever made, in one SQLite file.

Everything is loaded when it is first named. Reading needs nothing but the standard library; what writes or replays needs more.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.history.connection import default_path
    from workbench.history.detail_records import (
        CheckpointRow,
        ConfusionRow,
        EnsembleRow,
        HistogramRow,
        InterventionRow,
        LayerProbeRow,
        MistakenRow,
        PictureRow,
        PlaneRow,
        PretrainingRow,
        RegionRow,
        ResumptionRow,
    )
    from workbench.history.edit import mark_interrupted
    from workbench.history.errors import HistoryError
    from workbench.history.filter_tree import FilterError
    from workbench.history.lists import Group, Listing, Ordering
    from workbench.history.queries import History
    from workbench.history.recorder import Recorder
    from workbench.history.records import EpochRow, LayerRow, LayerStatRow, Origin, RunRecord, StepRow
    from workbench.history.reproductions import ReproductionRow, VerdictRow
    from workbench.history.sampled import SampledCurves

__all__ = [
    "CheckpointRow",
    "ConfusionRow",
    "EnsembleRow",
    "EpochRow",
    "FilterError",
    "Group",
    "HistogramRow",
    "History",
    "HistoryError",
    "InterventionRow",
    "LayerProbeRow",
    "LayerRow",
    "LayerStatRow",
    "Listing",
    "MistakenRow",
    "Ordering",
    "Origin",
    "PictureRow",
    "PlaneRow",
    "PretrainingRow",
    "Recorder",
    "RegionRow",
    "ReproductionRow",
    "ResumptionRow",
    "RunRecord",
    "SampledCurves",
    "StepRow",
    "VerdictRow",
    "default_path",
    "mark_interrupted",
]

_HOMES = {
    "CheckpointRow": "workbench.history.detail_records",
    "ConfusionRow": "workbench.history.detail_records",
    "EnsembleRow": "workbench.history.detail_records",
    "EpochRow": "workbench.history.records",
    "FilterError": "workbench.history.filter_tree",
    "Group": "workbench.history.lists",
    "HistogramRow": "workbench.history.detail_records",
    "History": "workbench.history.queries",
    "HistoryError": "workbench.history.errors",
    "InterventionRow": "workbench.history.detail_records",
    "LayerProbeRow": "workbench.history.detail_records",
    "LayerRow": "workbench.history.records",
    "LayerStatRow": "workbench.history.records",
    "Listing": "workbench.history.lists",
    "MistakenRow": "workbench.history.detail_records",
    "Ordering": "workbench.history.lists",
    "Origin": "workbench.history.records",
    "PictureRow": "workbench.history.detail_records",
    "PlaneRow": "workbench.history.detail_records",
    "PretrainingRow": "workbench.history.detail_records",
    "Recorder": "workbench.history.recorder",
    "RegionRow": "workbench.history.detail_records",
    "ReproductionRow": "workbench.history.reproductions",
    "ResumptionRow": "workbench.history.detail_records",
    "RunRecord": "workbench.history.records",
    "SampledCurves": "workbench.history.sampled",
    "StepRow": "workbench.history.records",
    "VerdictRow": "workbench.history.reproductions",
    "default_path": "workbench.history.connection",
    "mark_interrupted": "workbench.history.edit",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
