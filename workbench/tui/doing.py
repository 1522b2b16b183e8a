"""What goes on in a training while no steps are made. Plain text, so that it is tested alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.vocabulary import Status

if TYPE_CHECKING:
    from workbench.live import RunView

BEFORE = "measuring before the first step"
SCORING = "scoring"


def doing(view: RunView, *, still: bool = False) -> str:
    """What a training does now that makes no steps; empty while it makes them, or where that is not known.

    Args:
        view: What is known of it.
        still: Whether nothing new was told for a while: epochs that are scored in no time are not worth a word.
    """
    if view.status != Status.RUNNING or view.is_pretraining or view.ended is not None:
        return ""
    if view.step == 0:
        return BEFORE
    if view.total_steps and view.step >= view.total_steps:
        return SCORING
    if still and view.steps_per_epoch and view.step == (view.epoch + 1) * view.steps_per_epoch:
        return f"{SCORING} epoch {view.epoch + 1:,}"
    return ""
