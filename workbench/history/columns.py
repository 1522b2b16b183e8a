"""Columns of several tables that hold measured numbers: those that a row's `nonfinite` marker speaks of, in its order."""

from __future__ import annotations

from engine.vocabulary import PERCENTILES

SCORE_NUMBERS = ("cost", "accuracy", "r2", "mae")
STEP_NUMBERS = ("loss", "l1", "l2", "lr")
COMBINED_NUMBERS = tuple(
    f"combined_{part}_{figure}" for part in ("validation", "test") for figure in (*SCORE_NUMBERS, "vote_accuracy")
)
RUN_NUMBERS = (
    "loss",
    *(f"{part}_{figure}" for part in ("train", "validation", "test") for figure in SCORE_NUMBERS),
    *COMBINED_NUMBERS,
)
PERCENTILE_NUMBERS = tuple(f"p{percent:02}" for percent in PERCENTILES)
HISTOGRAM_NUMBERS = ("mean", "std", *PERCENTILE_NUMBERS, "low", "high")
PROBE_NUMBERS = ("jacobian", "activation_ratio", "gradient_ratio")
