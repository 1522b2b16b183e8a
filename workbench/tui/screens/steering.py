"""A training is paused, made step by step, changed and ended: what the keys do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from engine.vocabulary import Status
from workbench.tui.scales import RATE
from workbench.tui.screens.queueing import Queueing
from workbench.tui.words import experiment_text

if TYPE_CHECKING:
    from workbench.runner import Runner

NOTHING_TO_TUNE = "Settings can be changed while a training goes on; none does now."
A_RECIPES = "This training belongs to a recipe, whose settings stay as they are; x stops it."


@dataclass(frozen=True, slots=True)
class _Asked:
    """A learning rate that was asked for, of which the training may not have told yet."""

    runner: Runner
    told: float  # the rate that the training had told of by then
    rate: float


class Steering(Queueing):
    """A screen that trains what its form describes, and steers it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "start_or_pause", "Run"),
        Binding("full_stop", "step", "Step", key_display="."),
        Binding("greater_than_sign", "epoch", "Epoch", key_display=">"),
        Binding("x", "stop", "Stop"),
        Binding("d", "tune", "Dials"),
        Binding("plus", "faster(1)", "Higher learning rate", show=False, key_display="+"),
        Binding("minus", "faster(-1)", "Lower learning rate", show=False, key_display="-"),
        Binding("t", "tour", "Tour", show=False),
        Binding("left_square_bracket", "member(-1)", "Previous member", show=False, key_display="["),
        Binding("right_square_bracket", "member(1)", "Next member", show=False, key_display="]"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asked: _Asked | None = None

    def course_lines(self) -> tuple[str, ...]:
        from workbench.tui.notable import course

        view = self.session.view()
        return course(view, self.session.changed_before) if view is not None else ()

    def action_start_or_pause(self) -> None:
        """Start a training, or pause the one that goes on, or let it go on."""
        runner = self.session.runner
        if runner is None or not self.session.training:
            self.action_start()
        elif runner.paused:
            self._unless_changed(runner.resume)
        else:
            runner.pause()
        self.draw()

    def _unless_changed(self, go_on: Callable[[], None]) -> None:
        """Go on with the paused training; asks first if the form describes another one."""
        from workbench.tui.screens.dialogs import Question

        runner = self.session.runner
        assert runner is not None
        checked = self.form.checked
        if self.session.reproducing or checked.experiments == runner.experiments or not runner.paused or runner.stopping:
            go_on()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                go_on()
            elif yes is False and self.in_order():
                self.workbench.start_instead(self.session.described(checked.experiments))
            else:
                return
            self.show_live()

        old = experiment_text(runner.experiments[0])
        form = f"describes another:\n\n  {experiment_text(checked.experiments[0])}" if checked.fine else "has a problem."
        number = f" {runner.run_ids[0]}" if runner.run_ids else ""
        question = f"Run{number} is paused:\n\n  {old}\n\nThe form {form}"
        self.app.push_screen(
            Question(question, yes="go on with the paused run", no="stop it, train the form", enter=True), answered
        )

    def action_step(self) -> None:
        """Make one step, then pause; begins a training if there is none."""
        self._go_on(one_epoch=False)

    def action_epoch(self) -> None:
        """Go on to the end of the epoch, then pause; begins a training if there is none."""
        self._go_on(one_epoch=True)

    def _go_on(self, *, one_epoch: bool) -> None:
        if not self.session.training:
            if not self.ready() or not self.workbench.start_training(self.form.checked.experiments, paused=True):
                return
            self.show_live()
        runner = self.session.runner
        assert runner is not None
        self._unless_changed(runner.epoch if one_epoch else runner.step)
        self.draw()

    def action_stop(self) -> None:
        """End the training; what was recorded stays."""
        if self.session.training:
            self.session.stop()
        self.draw()

    def _tunable(self) -> Runner | None:
        """The training whose settings can be changed now."""
        runner, view = self.session.runner, self.session.view()
        free = self.session.training and not self.session.reproducing
        going = free and view is not None and view.status == Status.RUNNING
        return runner if going and runner is not None and not runner.stopping else None

    def action_tune(self) -> None:
        """Change the learning rate and other settings while the training goes on."""
        runner, view = self._tunable(), self.session.view()
        if runner is None or view is None:
            self.notify(A_RECIPES if self.session.reproducing else NOTHING_TO_TUNE, severity="warning")
            return
        from workbench.runner import TUNABLE
        from workbench.tui.notable import change_text, changes, present_settings
        from workbench.tui.screens.tuning import Tuning

        now = present_settings(view, self.session.changed_before)
        run = self.session.shown_run(view)
        which = f"run {run}" if view.members == 1 else f"all {view.members} members"
        title = f"Change {'the training' if run is None else which} from the next step on"
        made = [change_text(event) for event in changes(view, self.session.changed_before)]
        self.app.push_screen(Tuning(title, {path: now[path] for path in TUNABLE}, runner.change, before=made))

    def action_faster(self, by: int) -> None:
        """Raise or lower the learning rate of the training by one notch of 1, 2, 5, 10."""
        runner, view = self._tunable(), self.session.view()
        if runner is None or view is None:
            self.notify(A_RECIPES if self.session.reproducing else NOTHING_TO_TUNE, severity="warning")
            return
        from workbench.tui.notable import present_settings

        told = float(present_settings(view, self.session.changed_before)["lr"])
        asked = self._asked
        before = asked.rate if asked is not None and asked.runner is runner and asked.told == told else told
        rate = RATE.stepped(before, by)
        try:
            runner.change({"lr": rate})
        except ValueError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        self._asked = _Asked(runner, told, rate)
        self.draw()

    def action_tour(self) -> None:
        """Be shown around in five short steps."""
        self.workbench.action_tour()

    def action_member(self, step: int) -> None:
        """Look at another network of the population."""
        self.session.next_member(step)
        self.draw()
