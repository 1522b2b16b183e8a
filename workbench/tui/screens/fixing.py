"""What is wrong with the shown run: a remedy is chosen and tried. What the keys do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from workbench.tui.messages import ReadingFailed, RemediesPlanned
from workbench.tui.screens.showing import Showing

if TYPE_CHECKING:
    from engine.insight.finding import Finding
    from workbench.remedy import Plan
    from workbench.tui.screens.looking_up import LookingUp

NOT_RECORDED = "Nothing is recorded of this run yet."


class Fixing(Showing):
    """A screen that shows a run, and can have it trained again with a remedy."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("F,shift+f", "fix", "Fix", show=False, key_display="F"),
        Binding("exclamation_mark", "explain", "Explain", show=False, key_display="!"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._looking_up: LookingUp | None = None

    def action_fix(self) -> None:
        """Choose a remedy for what is wrong with the shown run, and train it again from the same seed with that."""
        self._look_up(self._chosen_rule())

    def _look_up(self, rule: str) -> None:
        """Let a remedy be chosen, those for a rule first. No key counts before they are on the screen."""
        from workbench.tui.screens.looking_up import LookingUp

        run = self.live.snapshot.run if self.live.snapshot is not None else None
        if run is None:
            self.notify(NOT_RECORDED, severity="warning")
            return
        self._looking_up = LookingUp(f"Looking up what helps run {run} …")
        self.app.push_screen(self._looking_up)
        self._plan(run, rule)

    @work(thread=True, exclusive=True, group="remedies")
    def _plan(self, run: int, rule: str) -> None:
        """Look up what can be done; the answer comes as a message."""
        from workbench.history import History
        from workbench.remedy import all_planned
        from workbench.runner import one_line

        try:
            with History.open(self.session.db) as history, history.snapshot():
                plans = all_planned(history, run)
        except Exception as error:  # also of a rule that fails on what an older version recorded
            problem = f"What is wrong with run {run} could not be looked up: {one_line(error)}"
            self.post_message(RemediesPlanned(run, rule, (), problem))
        else:
            self.post_message(RemediesPlanned(run, rule, plans))

    def on_remedies_planned(self, message: RemediesPlanned) -> None:
        """List the remedies. The list stays as it is until one is chosen, whatever is found meanwhile."""
        from workbench.findings import sign, title
        from workbench.tui.remedies import offered
        from workbench.tui.screens.menu import Menu

        asked, self._looking_up = self._looking_up, None
        if asked is None or not asked.over():
            return  # whoever asked has gone back
        plans = offered(message.plans, message.rule)
        if message.problem:
            self.post_message(ReadingFailed(message.problem))
            return
        if not plans:
            self.notify(f"Nothing is known to be wrong with run {message.run} that a remedy is known for.")
            return
        names = [(f"{sign(plan.finding)} {title(plan.finding.rule)}: {plan.remedy.title}", _about(plan)) for plan in plans]

        def answered(number: int | None) -> None:
            if number is not None:
                self._try(plans[number])

        what = "\n".join((f"A remedy for run {message.run}", *plans[0].cautions))
        self.app.push_screen(Menu(what, names, hint="trains it from the same seed", blindly=False), answered)

    def _chosen(self) -> Finding | None:
        """The finding under the cursor, if findings are in sight."""
        from workbench.tui.widgets.findings_panel import FindingsPanel

        panel = self.live.panel
        return panel.chosen if isinstance(panel, FindingsPanel) else None

    def _chosen_rule(self) -> str:
        chosen = self._chosen()
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

        cautions = "".join(f"\n{caution}" for caution in plan.cautions)
        question = f"A training is going on. What was recorded of it is kept.\n\nTo be trained: {plan.remedy.title}{cautions}"
        self.app.push_screen(Question(question, yes="stop it now and try the remedy", no="try it afterwards (queue)"), answered)

    def action_explain(self) -> None:
        """Explain what is wrong: the finding under the cursor, or else the most serious one."""
        from workbench.tui.screens.explaining import Explaining

        snapshot = self.live.snapshot
        finding = self._chosen() or next(iter(snapshot.view.findings if snapshot is not None else ()), None)
        if snapshot is None or finding is None:
            self.notify("Nothing is known to be wrong here; `workbench explain` lists what is looked for.")
            return
        rule = finding.rule
        try:
            page = Explaining(rule, finding, snapshot.run)
        except KeyError:
            self.notify(f"This version has no rule {rule}.", severity="warning")
            return

        def answered(to_fix: bool | None) -> None:
            if to_fix:
                self._look_up(rule)

        self.app.push_screen(page, answered)


def _about(plan: Plan) -> str:
    from workbench.tui.remedies import changes_text

    return f"{plan.finding.words}\n{changes_text(plan.remedy)}"
