"""The newcomer's tour: what is said, and near what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the tour."""

    title: str
    text: str
    near: tuple[str, ...]
    """Selectors of what it talks about; the first one that is in sight counts."""
    hidden: str = ""
    """The text while nothing of it is in sight, if that is another."""


STEPS = (
    Step(
        "The knobs",
        "Up and down go from row to row, left and right change the value, Enter lists all choices. "
        "Try it: make the network deeper. Beside it stands what theory expects of the gradient, before anything is trained.",
        ("ExperimentForm",),
    ),
    Step(
        "Train",
        "Space trains what the form describes, and pauses it. A full stop makes one step, > one epoch, x ends it. "
        "+ and - change the learning rate while it runs.",
        ("Preview", "#instead", "CurvesPanel", "KeyLine"),
    ),
    Step(
        "The layers",
        "A row for each layer, the output last. Where the bars of gradient std shrink from layer to layer towards the first, the "
        "gradient vanishes: those layers learn nothing. ▲ says what is wrong, ! explains it, F tries a remedy and says what it did.",
        ("LayerTable",),
        "A row for each layer stands below the curves once something is trained, with the size of its gradients: there one sees "
        "which layers learn nothing, and what is wrong. Not in sight now: f hides the form, space trains.",
    ),
    Step(
        "The history",
        "Every run is kept. h lists them: / finds, space marks, enter opens one with all its pictures. b comes back.",
        ("TopBar",),
    ),
    Step(
        "Compare and help",
        "c lays the marked runs over each other. ? shows all keys of a screen, ctrl+p finds any action by its name, "
        "t begins this tour again.",
        ("TopBar",),
    ),
)
OFFER = "New here? t shows you around in five short steps."


def box_place(target: tuple[int, int, int, int] | None, size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """Where the box of a step goes: beside what it talks about, or else below or above it, and always on the screen.

    Args:
        target: left, top, right, bottom of what it talks about; None: it is not in sight.
        size: columns and rows of the screen.
        box: columns and rows of the box.

    Returns:
        Column and row of its upper left corner.
    """
    columns, rows = size
    width, height = box
    last_x, last_y = max(0, columns - width - 1), max(0, rows - height - 1)
    if target is None:
        return last_x, max(0, last_y - 1)
    left, top, right, bottom = target
    if right + 2 + width <= columns:
        return right + 2, min(max(top + 1, 1), last_y)
    if bottom + height <= rows - 1:
        return min(left + 2, last_x), bottom
    if top - height >= 1:
        return min(left + 2, last_x), top - height
    return last_x, max(0, min(last_y - 1, bottom - height))
