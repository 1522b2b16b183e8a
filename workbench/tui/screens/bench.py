"""Describe a network, train it, watch it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.timer import Timer

from engine.errors import ConfigurationError
from workbench.tui.pacing import Pace, Stillness
from workbench.tui.screens.steering import Steering
from workbench.tui.snapshot import Snapshot
from workbench.tui.widgets.form import ExperimentForm
from workbench.tui.widgets.hint import Hint
from workbench.tui.widgets.live_view import LiveView
from workbench.tui.widgets.preview import Preview

if TYPE_CHECKING:
    from workbench.runner import Runner

LOOKS_PER_SECOND = 4
"""At whether the next picture is due."""
SEEN = (
    *("panel", "toggle_log", "toggle_metric", "smooth", "axis", "zoom", "whole", "members"),
    *("quantity", "layer", "layer_columns"),
)
"""Actions that change only what is drawn of the live run."""


class BenchScreen(Steering):
    """The form on the left, the live run on the right; one of them at a time where the terminal is narrow."""

    MODE = "bench"
    FOOT = (
        "start_or_pause",
        "step",
        "epoch",
        "stop",
        "tune",
        "panel",
        "toggle_form",
        "toggle_log",
        "toggle_metric",
        "smooth",
        "axis",
        "zoom",
        "preview",
        "presets",
    )

    def __init__(self) -> None:
        super().__init__()
        self._drain: Timer | None = None
        self._pace = Pace()
        self._stillness = Stillness()
        self._live_was_shown = False

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="bench"):
            with Vertical(id="knobs"):
                yield ExperimentForm(self.session.draft)
                yield Hint(id="hint")
            yield Preview()
            yield LiveView()

    def on_mount(self) -> None:
        self._drain = self.set_interval(1 / LOOKS_PER_SECOND, self._draw_when_due)

    def on_screen_resume(self) -> None:
        if self._drain is not None:
            self._drain.resume()
        self.draw()

    def on_screen_suspend(self) -> None:
        stack = self.app.screen_stack
        covered = self not in stack or not all(isinstance(above, ModalScreen) for above in stack[stack.index(self) + 1 :])
        if self._drain is not None and covered:  # a dialog lets it shine through
            self._drain.pause()

    @property
    def live_shown(self) -> bool:
        """Whether the live run can be seen now."""
        return (self.wide or not self.form_open) and not self.preview_shown

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that change what is drawn of a run do so only where it can be seen."""
        if action in SEEN and self.is_mounted and not self.live_shown:
            return None
        return super().check_action(action, parameters)

    def put_in_sight(self) -> None:
        super().put_in_sight()
        if self.live_shown != self._live_was_shown:
            self._live_was_shown = self.live_shown
            self.refresh_bindings()

    def _draw_when_due(self) -> None:
        if self._pace.due() or self._cannot_wait():
            self.draw()

    def _cannot_wait(self) -> bool:
        """Whether there is something that is drawn however dear it is: the first numbers, and that all steps are made."""
        drawn, view = self.live.snapshot, self.session.view()
        if drawn is None or view is None or view.experiment is None:
            return False
        is_first = view.steps.size > 0 and not drawn.view.steps.size
        return is_first or drawn.view.step < view.total_steps <= view.step

    def draw(self) -> None:
        """Hand the live view what is new since the last time, if anything."""
        runner, view = self.session.runner, self.session.view()
        if runner is None or view is None:
            return
        self.put_in_sight()
        if self.preview_shown:
            return
        from workbench.runner import one_line

        ended = runner.finished
        error = one_line(runner.error) if ended and runner.error is not None else None
        run = self.session.shown_run(view)
        form_of = self.session.parent if self.session.parent != run else None
        paused = runner.paused and not ended
        before = self.session.changed_before
        verdict = self.session.verdicts.get(run, "") if run is not None else ""
        still = self._stillness.lasts((runner, view.version)) and not (ended or paused)
        snapshot = Snapshot(
            view,
            self.session.member,
            paused,
            runner.preparation,
            error,
            run,
            form_of,
            runner.live,
            before=before,
            verdict=verdict,
            stopping=runner.stopping and not ended,
            still=still,
        )
        if not snapshot.same_as(self.live.snapshot):
            self.live.snapshot = snapshot
            if ended:
                self._blame(runner)

    def show_refused(self, runner: Runner) -> None:
        """A branch could not begin: show the run again that was shown before, and in the form why."""
        self.draw()
        self._blame(runner)

    def _blame(self, runner: Runner) -> None:
        """Show at the rows of the form what the training found wrong with it."""
        if isinstance(runner.error, ConfigurationError) and runner.experiments == self.form.checked.experiments:
            self.form.blame(runner.error.problems)
