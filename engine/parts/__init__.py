"""The parts of an experiment. No torch is needed to make them."""

from __future__ import annotations

from engine.parts.base import MOST_EPOCHS, CostPick, Count, OptimizerPick, Part, PretrainingPick, SchedulePick
from engine.parts.course import Checkpoint, Ensemble, Monitor, Stop
from engine.parts.data import IMAGE_FOLDER, MADE_AT_ONCE, NOISE, ONLINE, PLANE, Data, is_csv, is_file, is_npz
from engine.parts.model import Model

__all__ = [
    "IMAGE_FOLDER",
    "MADE_AT_ONCE",
    "MOST_EPOCHS",
    "NOISE",
    "ONLINE",
    "PLANE",
    "Checkpoint",
    "CostPick",
    "Count",
    "Data",
    "Ensemble",
    "Model",
    "Monitor",
    "OptimizerPick",
    "Part",
    "PretrainingPick",
    "SchedulePick",
    "Stop",
    "cost_output_problem",
    "is_csv",
    "is_file",
    "is_npz",
]


def cost_output_problem(cost: str, output: str) -> str | None:
    """Say why an output activation does not fit a cost, or return None."""
    if cost == "cross_entropy" and output not in ("auto", "softmax"):
        return f"cost cross_entropy needs output softmax (or auto), not {output}"
    if cost == "binary_cross_entropy" and output not in ("auto", "sigmoid"):
        return f"cost binary_cross_entropy needs output sigmoid (or auto), not {output}"
    return None
