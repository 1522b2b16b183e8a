"""What is trained next: the form, the same again, a branch, and the queue. What the keys do."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from workbench.history.records import Origin
from workbench.tui.queue import Wanted
from workbench.tui.screens.building import Building
from workbench.tui.screens.fixing import Fixing


class Queueing(Building, Fixing):
    """A screen from which trainings are begun, at once or one after another."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "start", "Start", show=False),
        Binding("a", "enqueue", "Queue", show=False),
        Binding("r", "restart", "Restart", show=False),
        Binding("B,shift+b", "branch", "Branch", show=False, key_display="B"),
    ]

    def draw(self) -> None:
        """Show how the training stands now."""
        raise NotImplementedError

    def show_live(self) -> None:
        """Bring the live run into sight."""
        self.previewing = False
        if not self.wide:
            self.form_open = False
        self.draw()

    def action_start(self) -> None:
        """Train what the form describes."""
        if self.ready() and self.workbench.start_training(self.form.checked.experiments):
            self.show_live()

    def ready(self) -> bool:
        """Whether a training can be started; says why not."""
        if self.session.training:
            self.notify("A training is going on: x stops it, a puts the form into the queue.", severity="warning")
            return False
        return self.in_order()

    def action_enqueue(self) -> None:
        """Put what the form describes into the queue; begins at once if nothing is trained."""
        if self.in_order():
            self._later(self.session.described(self.form.checked.experiments))

    def _later(self, wanted: Wanted) -> None:
        if self.session.training:
            self.session.queue.add(wanted)
            self.workbench.tell_state()
            self.notify(f"{wanted.text}\nNumber {len(self.session.queue)} in the queue; A shows it.", markup=False)
        else:
            self._now(wanted)

    def _now(self, wanted: Wanted) -> None:
        self.workbench.start_instead(wanted)
        self.show_live()

    def action_restart(self) -> None:
        """Begin the shown training again: the same settings, the same seed."""
        runner = self.session.runner
        if runner is None:
            self.notify("Nothing was trained here yet that could begin again; space trains the form.", severity="warning")
            return
        parent = runner.run_ids[0] if runner.run_ids else None
        wanted = Wanted(runner.experiments, parent, Origin.LIKE if parent is not None else None)
        if not self.session.training:
            self._now(wanted)
            return
        from workbench.tui.screens.dialogs import Question

        def answered(yes: bool | None) -> None:
            if yes:
                self._now(wanted)

        question = "A training is going on. What was recorded of it is kept."
        self.app.push_screen(Question(question, yes="stop it and begin it again", no="let it go on", enter=False), answered)

    def action_branch(self) -> None:
        """Begin with the weights that the shown run has come to, and the form's settings."""
        view = self.session.view()
        shown = self.session.shown_run(view) if view is not None else None
        source = self.session.branching or shown
        if source is None:
            self.notify("There is no run to branch from: train one, or press B on one of the History.", severity="warning")
            return
        if not self.in_order():
            return
        experiments = self.form.checked.experiments
        if len(experiments) > 1:
            self.notify("A branch is one network: set Members and Ensemble to 1.", severity="warning")
            return
        self._branch(Wanted(experiments, source, Origin.BRANCH))

    def _branch(self, wanted: Wanted) -> None:
        from workbench.tui.screens.dialogs import Question

        runner = self.session.runner
        if runner is None or not self.session.training:
            self._now(wanted)
            return
        if wanted.parent in runner.run_ids:
            question = f"Run {wanted.parent} is going on. Its checkpoint is written when it ends; a branch begins there."
        else:
            question = f"A training is going on. What was recorded of it is kept.\n\nTo be trained: {wanted.text}"
        answers: dict[bool | None, Callable[[Wanted], None]] = {True: self._now, False: self._later}

        def answered(yes: bool | None) -> None:
            if yes is not None:
                answers[yes](wanted)

        self.app.push_screen(Question(question, yes="stop it now and branch", no="branch when it has ended (queue)"), answered)
