"""What widgets and workers tell the screens. Whole states, never deltas: a later message may replace an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from engine.vocabulary import Statistic
    from workbench.compare_curves import RunCurves
    from workbench.history.series import LayerSeries
    from workbench.live import RunView
    from workbench.remedy import Plan
    from workbench.resumption import Resumption
    from workbench.tui.draft import Draft


class DraftChanged(Message):
    """The form holds something else."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft


class RowFocused(Message):
    """Another row of the form is the current one."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path


class RowEdited(Message):
    """The user gave a row another text."""

    def __init__(self, path: str, text: str, *, joins: str = "") -> None:
        """`joins`: edits that follow each other and have the same text here are one, such as the keys of a word."""
        super().__init__()
        self.path = path
        self.text = text
        self.joins = joins


class CaretMoved(Message):
    """The text of a row is being typed at another place; None: no longer."""

    def __init__(self, path: str, caret: int | None) -> None:
        super().__init__()
        self.path = path
        self.caret = caret


class RowOpened(Message):
    """The user wants to see all choices of a row."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path


class ModeChosen(Message):
    """A screen was chosen in the header."""

    def __init__(self, mode: str) -> None:
        super().__init__()
        self.mode = mode


class RunReplayed(Message):
    """A stored run was read as far as it is known, with the ids of all runs that were trained together with it."""

    def __init__(self, view: RunView, members: tuple[int, ...]) -> None:
        super().__init__()
        self.view = view
        self.members = members


class CurvesRead(Message):
    """So many of the marked runs were read, the first ones first."""

    def __init__(self, runs: tuple[RunCurves, ...]) -> None:
        super().__init__()
        self.runs = runs


class LayersRead(Message):
    """A statistic of the layers of some runs was read."""

    def __init__(self, statistic: Statistic, series: Sequence[tuple[RunCurves, LayerSeries]]) -> None:
        super().__init__()
        self.statistic = statistic
        self.series = series


class TogetherFound(Message):
    """The runs of a population were found."""

    def __init__(self, run_ids: tuple[int, ...]) -> None:
        super().__init__()
        self.run_ids = run_ids


class ReadingFailed(Message):
    """The history could not be read or changed; the text says why and what to do."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class TrainingFound(Message):
    """A stored training can go on."""

    def __init__(self, resumption: Resumption) -> None:
        super().__init__()
        self.resumption = resumption


class RemediesPlanned(Message):
    """It is known what can be done about what is wrong with a run."""

    def __init__(self, run: int, rule: str, plans: Sequence[Plan], problem: str = "") -> None:
        """`rule`: of what remedies are asked for first of all; `problem`: why it could not be looked up."""
        super().__init__()
        self.run, self.rule, self.plans, self.problem = run, rule, tuple(plans), problem
