"""What is wrong with a run: findings with their numbers, what they mean, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from engine.insight.finding import Finding
from workbench.live import RunView
from workbench.plots.lines import Row
from workbench.tui.finding_rows import NOT_YET, STYLES, Findings, finding_lines, nothing_words
from workbench.tui.snapshot import Snapshot
from workbench.tui.widgets.drawn import Drawn
from workbench.tui.widgets.panel import Panel


class FindingsPanel(Panel, Drawn, can_focus=True):
    """A list with a cursor; of the finding under it all is told."""

    KEY: ClassVar[str] = "findings"
    TITLE: ClassVar[str] = "What is wrong"
    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Next finding", show=False),
        Binding("up,k", "move(-1)", "Previous finding", show=False),
        Binding("enter", "screen.explain", "Explain", show=False),
    ]

    cursor: reactive[int] = reactive(0, init=False, repaint=False)
    """Place of the finding that is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self._found: tuple[Finding, ...] = ()
        self._nothing = NOT_YET
        self._lines = Findings()

    @classmethod
    def fits(cls, view: RunView) -> bool:
        return True

    @property
    def chosen(self) -> Finding | None:
        """The finding under the cursor."""
        return self._found[self.cursor] if self._found else None

    def show(self, snapshot: Snapshot) -> None:
        found, nothing = snapshot.view.findings, nothing_words(snapshot.view)
        if found is self._found and nothing == self._nothing:
            return
        before = self.chosen
        self._found, self._nothing = found, nothing
        same = [place for place, each in enumerate(found) if before is not None and _is_same(each, before)]
        self.cursor = same[0] if same else self.cursor
        self.outdate()

    def validate_cursor(self, place: int) -> int:
        return max(0, min(place, len(self._found) - 1))

    def watch_cursor(self) -> None:
        self.outdate()

    def draw_rows(self, width: int, height: int) -> Sequence[Row]:
        self._lines = finding_lines(self._found, self.cursor, width, height, nothing=self._nothing)
        return self._lines.rows

    def action_move(self, by: int) -> None:
        """Look at another finding."""
        self.cursor += by

    def on_click(self, event: events.Click) -> None:
        place = self._lines.at(event.y)
        if place is not None:
            self.cursor = place


def _is_same(one: Finding, other: Finding) -> bool:
    return (one.rule, one.opened) == (other.rule, other.opened)
