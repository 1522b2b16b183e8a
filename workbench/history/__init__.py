"""The history: every run ever made, in one SQLite file.

Reading loads nothing but the standard library; what writes or replays loads more, and is imported when first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
from workbench.history.records import EpochRow, LayerRow, LayerStatRow, Origin, RunRecord, StepRow
from workbench.history.sampled import SampledCurves

if TYPE_CHECKING:
    from workbench.history.recorder import Recorder

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
    "ResumptionRow",
    "RunRecord",
    "SampledCurves",
    "StepRow",
    "default_path",
    "mark_interrupted",
]


def __getattr__(name: str) -> Any:
    """Import the recorder, and NumPy with it, only where runs are recorded."""
    if name == "Recorder":
        from workbench.history.recorder import Recorder

        return Recorder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
