"""What widgets and workers tell the screens. Whole states, never deltas: a later message may replace an earlier one."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from workbench.history import RunRecord
from workbench.live import RunView
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

    def __init__(self, path: str, text: str) -> None:
        super().__init__()
        self.path = path
        self.text = text


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


class PageRead(Message):
    """A page of the history was read."""

    def __init__(self, runs: tuple[RunRecord, ...], *, offset: int, more: bool) -> None:
        super().__init__()
        self.runs = runs
        self.offset = offset
        self.more = more


class RunReplayed(Message):
    """A stored run was read as far as it is known."""

    def __init__(self, view: RunView) -> None:
        super().__init__()
        self.view = view


@dataclass(frozen=True, slots=True)
class StoredCurves:
    """A run of the history with its curves: what is compared."""

    record: RunRecord
    view: RunView


class CurvesRead(Message):
    """The marked runs were read."""

    def __init__(self, curves: tuple[StoredCurves, ...]) -> None:
        super().__init__()
        self.curves = curves


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


class HistoryChanged(Message):
    """Runs were named, tagged, deleted or brought back."""

    def __init__(self, deleted: tuple[int, ...]) -> None:
        super().__init__()
        self.deleted = deleted
