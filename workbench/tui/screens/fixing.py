"""What is wrong with the shown run: a remedy is chosen and tried. What the keys do."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from engine.errors import EngineError
from workbench.history import HistoryError
from workbench.remedy import Plan, all_planned
from workbench.tui.messages import ReadingFailed, RemediesPlanned
from workbench.tui.screens.showing import Showing
from workbench.tui.widgets.findings_panel import FindingsPanel

NOT_RECORDED = "Nothing is recorded of this run yet."


class Fixing(Showing):
    """A screen that shows a run, and can have it trained again with a remedy."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("F,shift+f", "fix", "Fix", show=False, key_display="F"),
        Binding("exclamation_mark", "explain", "Explain", show=False, key_display="!"),
    ]

    def action_fix(self) -> None:
        """Choose a remedy for what is wrong with the shown run, and train it again from the same seed with that."""
        run = self.live.snapshot.run if self.live.snapshot is not None else None
        if run is None:
            self.notify(NOT_RECORDED, severity="warning")
        else:
            self._plan(run)

    @work(thread=True, exclusive=True, group="remedies")
    def _plan(self, run: int) -> None:
        """Look up what can be done; the answer comes as a message."""
        from workbench.history import History

        try:
            with History.open(self.session.db) as history:
                self.post_message(RemediesPlanned(run, all_planned(history, run)))
        except (HistoryError, EngineError) as error:
            self.post_message(ReadingFailed(str(error)))

    def on_remedies_planned(self, message: RemediesPlanned) -> None:
        from workbench.findings import sign, title
        from workbench.tui.screens.menu import Menu

        plans = message.plans
        if not plans:
            self.notify(f"Nothing is known to be wrong with run {message.run} that a remedy is known for.")
            return
        chosen = self._chosen_rule()
        plans = tuple(sorted(plans, key=lambda plan: plan.finding.rule != chosen))
        names = [(f"{sign(plan.finding)} {title(plan.finding.rule)}: {plan.remedy.title}", _about(plan)) for plan in plans]

        def answered(number: int | None) -> None:
            if number is not None:
                self._try(plans[number])

        self.app.push_screen(Menu(f"A remedy for run {message.run}", names, hint="trains it from the same seed"), answered)

    def _chosen_rule(self) -> str:
        """The rule of the finding under the cursor, if findings are in sight."""
        panel = self.live.panel
        chosen = panel.chosen if isinstance(panel, FindingsPanel) else None
        return chosen.rule if chosen is not None else ""

    def _try(self, plan: Plan) -> None:
        from workbench.tui.screens.dialogs import Question

        if not self.session.training:
            self.workbench.try_remedy(plan, at_once=True)
            return
        answers: dict[bool | None, Callable[[], None]] = {
            True: lambda: self.workbench.try_remedy(plan, at_once=True),
            False: lambda: self.workbench.try_remedy(plan, at_once=False),
        }

        def answered(yes: bool | None) -> None:
            if yes is not None:
                answers[yes]()

        question = f"A training is going on. What was recorded of it is kept.\n\nTo be trained: {plan.remedy.title}"
        self.app.push_screen(Question(question, yes="stop it now and try the remedy", no="try it afterwards (queue)"), answered)

    def action_explain(self) -> None:
        """Explain what is wrong: the finding under the cursor, or else the most serious one."""
        from workbench.tui.screens.explaining import Explaining

        found = self.live.snapshot.view.findings if self.live.snapshot is not None else ()
        rule = self._chosen_rule() or next((each.rule for each in found), "")
        if not rule:
            self.notify("Nothing is known to be wrong here; `workbench explain` lists what is looked for.")
            return
        try:
            page = Explaining(rule)
        except KeyError:
            self.notify(f"This version has no rule {rule}.", severity="warning")
            return
        self.app.push_screen(page)


def _about(plan: Plan) -> str:
    changes = ", ".join(f"{path}={value}" for path, value in plan.remedy.changes)
    return f"{plan.finding.words}\n{changes}"
