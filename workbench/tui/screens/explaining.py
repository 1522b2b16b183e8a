"""A page that explains what was found: first in this run, then in general."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.explanations import WIDTH, explanation, page
from workbench.tui.remedies import own_text

if TYPE_CHECKING:
    from engine.insight.finding import Finding
    from workbench.remedy import Plan
    from workbench.tui.app import WorkbenchApp

SHARE = 0.96
"""Of the screen's width that the page takes at most, as the style sheet has it."""
FRAME = 8
"""Columns for border, padding and scroll bar."""
GENERAL = " In general "


class Explaining(ModalScreen[bool]):
    """What was found in the run and what helps there; then what it is, how it is measured, an example, where it comes from.

    It is dismissed with True where a remedy is to be chosen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "dismiss(False)", "Close"),
        Binding("F,shift+f", "fix", "Fix", key_display="F"),
    ]

    class Planned(Message):
        """It is known what can be done for the run."""

        def __init__(self, plans: Sequence[Plan]) -> None:
            super().__init__()
            self.plans = tuple(plans)

    def __init__(self, rule: str, finding: Finding | None = None, run: int | None = None) -> None:
        """Get ready to explain.

        Args:
            rule: Key of a rule.
            finding: What was found by it, if anything.
            run: The run in which it was found.

        Raises:
            KeyError: this version has no such rule.
        """
        super().__init__()
        self._explained = explanation(rule)
        self._finding, self._run = finding, run
        self._plans: tuple[Plan, ...] | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog explaining"):
            yield Static(id="page", markup=False)
            remedy = "   F tries a remedy" if self._finding is not None and self._finding.closed is None else ""
            yield Static(f"↑ ↓ scroll{remedy}   esc closes", classes="dialog-hint")

    def on_mount(self) -> None:
        if self._finding is not None and self._finding.closed is None and self._run is not None:
            self._plan(self._run)

    @work(thread=True, exclusive=True, group="remedies")
    def _plan(self, run: int) -> None:
        """Look up what can be done; the answer comes as a message."""
        from workbench.history import History
        from workbench.remedy import all_planned

        try:
            with History.open(cast("WorkbenchApp", self.app).session.db) as history, history.snapshot():
                plans = all_planned(history, run)
        except Exception:  # what is wrong is told where a remedy is asked for
            plans = ()
        self.post_message(self.Planned(plans))

    def on_explaining_planned(self, message: Planned) -> None:
        self._plans = message.plans
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = min(WIDTH, int(self.size.width * SHARE) - FRAME)
        general = page(self._explained, width)
        if self._finding is None or self._run is None:
            self.query_one("#page", Static).update(general)
            return
        own = own_text(self._finding, self._run, self._plans, width)
        line = Content.styled(f"{GENERAL:─^{width}}", "$muted")
        self.query_one("#page", Static).update(Content.assemble(own, "\n\n", line, "\n\n", general))

    def action_fix(self) -> None:
        """Choose a remedy for what is explained."""
        if self._finding is not None and self._finding.closed is None:
            self.dismiss(True)
