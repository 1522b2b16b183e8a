"""Describe a network, train it, watch it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.timer import Timer

from engine.errors import ConfigurationError
from engine.vocabulary import Status
from workbench.runner import TUNABLE, Runner, one_line
from workbench.tui.fields import Field
from workbench.tui.messages import CaretMoved, DraftChanged, RowEdited, RowFocused, RowOpened
from workbench.tui.notable import change_text, changes, course, present_settings
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.dialogs import Listing, Picker, Question
from workbench.tui.screens.tuning import Tuning
from workbench.tui.widgets.form import ExperimentForm
from workbench.tui.widgets.hint import Hint
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.live_view import LiveView, Snapshot
from workbench.tui.words import experiment_text

FRAMES_PER_SECOND = 4


class BenchScreen(WorkbenchScreen):
    """The form on the left, the live run on the right; one of them at a time where the terminal is narrow."""

    MODE = "bench"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "start_or_pause", "Run"),
        Binding("s", "start", "Start", show=False),
        Binding("full_stop", "step", "Step", key_display="."),
        Binding("greater_than_sign", "epoch", "Epoch", key_display=">"),
        Binding("x", "stop", "Stop"),
        Binding("t", "tune", "Tune"),
        Binding("f", "toggle_form", "Form"),
        Binding("y", "toggle_log", "Log"),
        Binding("m", "toggle_metric", "Metric"),
        Binding("e", "course", "What happened", show=False),
        Binding("left_square_bracket", "member(-1)", "Previous member", show=False, key_display="["),
        Binding("right_square_bracket", "member(1)", "Next member", show=False, key_display="]"),
    ]

    form_open: reactive[bool] = reactive(True, init=False)

    def __init__(self) -> None:
        super().__init__()
        self.add_class("-form-open")
        self._drain: Timer | None = None
        self._row: Field | None = None
        self._caret: int | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="bench"):
            with Vertical(id="knobs"):
                yield ExperimentForm(self.session.draft)
                yield Hint(id="hint")
            yield LiveView()

    def on_mount(self) -> None:
        self._drain = self.set_interval(1 / FRAMES_PER_SECOND, self.draw)
        self._form.focus_first()

    def on_screen_resume(self) -> None:
        if self._drain is not None:
            self._drain.resume()
        if self._form.draft != self.session.draft:
            self._form.load(self.session.draft)
            self.form_open = True
        self.draw()

    def on_screen_suspend(self) -> None:
        if self._drain is not None:
            self._drain.pause()

    @property
    def _form(self) -> ExperimentForm:
        return self.query_one(ExperimentForm)

    @property
    def _live(self) -> LiveView:
        return self.query_one(LiveView)

    # --- the live run -------------------------------------------------------------

    def draw(self) -> None:
        """Hand the live view what is new since the last time, if anything."""
        runner, view = self.session.runner, self.session.view()
        if runner is None or view is None:
            return
        ended = runner.finished
        error = one_line(runner.error) if ended and runner.error is not None else None
        run = self.session.shown_run(view)
        form_of = self.session.parent if self.session.parent != run else None
        paused = runner.paused and not ended
        snapshot = Snapshot(view, self.session.member, paused, runner.preparation, error, run, form_of)
        if not snapshot.same_as(self._live.snapshot):
            self._live.snapshot = snapshot
            if ended and isinstance(runner.error, ConfigurationError) and runner.experiments == self._form.checked.experiments:
                self._form.blame(runner.error.problems)

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
        runner = self.session.runner
        assert runner is not None
        checked = self._form.checked
        if checked.experiments == runner.experiments or not runner.paused or runner.stopping:
            go_on()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                go_on()
            elif yes is False and self._in_order():
                self.workbench.start_instead(checked.experiments)
            else:
                return
            self.show_live()

        old = experiment_text(runner.experiments[0])
        form = f"describes another:\n\n  {experiment_text(checked.experiments[0])}" if checked.fine else "has a problem."
        number = f" {runner.run_ids[0]}" if runner.run_ids else ""
        question = f"Run{number} is paused:\n\n  {old}\n\nThe form {form}"
        self.app.push_screen(Question(question, yes="go on with the paused run", no="stop it, train the form"), answered)

    def action_start(self) -> None:
        """Train what the form describes."""
        if self._ready() and self.workbench.start_training(self._form.checked.experiments):
            self.show_live()

    def action_step(self) -> None:
        """Make one step, then pause; begins a training if there is none."""
        self._go_on(one_epoch=False)

    def action_epoch(self) -> None:
        """Go on to the end of the epoch, then pause; begins a training if there is none."""
        self._go_on(one_epoch=True)

    def _go_on(self, *, one_epoch: bool) -> None:
        if not self.session.training:
            if not self._ready() or not self.workbench.start_training(self._form.checked.experiments, paused=True):
                return
            self.show_live()
        runner = self.session.runner
        assert runner is not None
        self._unless_changed(runner.epoch if one_epoch else runner.step)
        self.draw()

    def _ready(self) -> bool:
        """Whether a training can be started; says why not."""
        if self.session.training:
            self.notify("A training is going on; x stops it.", severity="warning")
            return False
        return self._in_order()

    def _in_order(self) -> bool:
        """Whether the form can be trained; says why not."""
        checked = self._form.checked
        if checked.fine:
            return True
        first = next(iter([*checked.general, *checked.problems.values()]))
        more = len(checked.general) + len(checked.problems) - 1
        text = f"{first}\n(and {more} more)" if more else first
        self.notify(text, title="This cannot be trained yet", severity="error", markup=False)
        self.form_open = True
        return False

    def action_stop(self) -> None:
        """End the training; what was recorded stays."""
        if self.session.training and self.session.runner is not None:
            self.session.runner.stop()
        self.draw()

    def opens_field(self, key: events.Key) -> bool:
        """Whether the key leads to a line of text."""
        return key.key == "t" and self._tunable() is not None

    def _tunable(self) -> Runner | None:
        """The training whose settings can be changed now."""
        runner, view = self.session.runner, self.session.view()
        going = self.session.training and view is not None and view.status == Status.RUNNING
        return runner if going and runner is not None and not runner.stopping else None

    def action_tune(self) -> None:
        """Change the learning rate and other settings while the training goes on."""
        runner, view = self._tunable(), self.session.view()
        if runner is None or view is None:
            self.notify("Settings can be changed while a training goes on; none does now.", severity="warning")
            return
        now = present_settings(view, self.session.changed_before)
        run = self.session.shown_run(view)
        which = f"run {run}" if view.members == 1 else f"all {view.members} members"
        title = f"Change {'the training' if run is None else which} from the next step on"
        made = [change_text(event) for event in changes(view, self.session.changed_before)]
        self.app.push_screen(Tuning(title, {path: now[path] for path in TUNABLE}, runner.change, before=made))

    def action_course(self) -> None:
        """Read what happened in the course of the training."""
        view = self.session.view()
        told = course(view, self.session.changed_before) if view is not None else ()
        self.app.push_screen(Listing("What happened", told or ("nothing of note yet",)))

    def action_member(self, step: int) -> None:
        """Look at another network of the population."""
        self.session.next_member(step)
        self.draw()

    def action_toggle_log(self) -> None:
        """Logarithmic or linear cost."""
        self._live.logarithmic = not self._live.logarithmic

    def action_toggle_metric(self) -> None:
        """Cost, accuracy (R² for numbers), or the error of pre-training."""
        self._live.next_metric()

    # --- the form -----------------------------------------------------------------

    def action_toggle_form(self) -> None:
        """Show or hide the form."""
        self.form_open = not self.form_open

    def watch_form_open(self, is_open: bool) -> None:
        self.set_class(is_open, "-form-open")
        if is_open:
            self._form.focus_first()
        else:
            self.query_one(LayerTable).focus()

    @property
    def live_shown(self) -> bool:
        """Whether the live run can be seen now."""
        return self.wide or not self.form_open

    def show_live(self) -> None:
        """Bring the live run into sight."""
        if not self.wide:
            self.form_open = False
        self.draw()

    def on_draft_changed(self, message: DraftChanged) -> None:
        self.session.draft = message.draft
        self._explain()

    def on_row_focused(self, message: RowFocused) -> None:
        self._row = next((field for field in self._form.draft.rows() if field.path == message.path), None)
        self._caret = None
        self._explain()

    def on_caret_moved(self, message: CaretMoved) -> None:
        if self._row is not None and message.path == self._row.path:
            self._caret = message.caret
            self._explain()

    def _explain(self) -> None:
        if self._row is not None:
            self.query_one(Hint).show(self._row, self._form.draft, self._form.checked, self._caret)

    def on_row_opened(self, message: RowOpened) -> None:
        field = next(field for field in self._form.draft.rows() if field.path == message.path)
        free = "a path ending in .csv or .npz" if field.path == "data.name" else ""
        picker = Picker(field.title, field.options, self._form.draft[field.path], registry=field.registry, free=free)

        def take(key: str | None) -> None:
            if key is not None:
                self._form.post_message(RowEdited(field.path, key))

        self.app.push_screen(picker, take)
