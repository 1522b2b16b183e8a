"""Describe a network, train it, watch it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from engine.errors import ConfigurationError
from workbench.runner import one_line
from workbench.tui.screens.steering import Steering
from workbench.tui.snapshot import Snapshot
from workbench.tui.widgets.form import ExperimentForm
from workbench.tui.widgets.hint import Hint
from workbench.tui.widgets.live_view import LiveView
from workbench.tui.widgets.preview import Preview

FRAMES_PER_SECOND = 4


class BenchScreen(Steering):
    """The form on the left, the live run on the right; one of them at a time where the terminal is narrow."""

    MODE = "bench"
    FOOT = (
        "start_or_pause",
        "step",
        "epoch",
        "stop",
        "tune",
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

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="bench"):
            with Vertical(id="knobs"):
                yield ExperimentForm(self.session.draft)
                yield Hint(id="hint")
            yield Preview()
            yield LiveView()

    def on_mount(self) -> None:
        self._drain = self.set_interval(1 / FRAMES_PER_SECOND, self.draw)

    def on_screen_resume(self) -> None:
        if self._drain is not None:
            self._drain.resume()
        self.draw()

    def on_screen_suspend(self) -> None:
        if self._drain is not None:
            self._drain.pause()

    @property
    def live_shown(self) -> bool:
        """Whether the live run can be seen now."""
        return (self.wide or not self.form_open) and not self.preview_shown

    def draw(self) -> None:
        """Hand the live view what is new since the last time, if anything."""
        runner, view = self.session.runner, self.session.view()
        if runner is None or view is None:
            return
        self.put_in_sight()
        if self.preview_shown:
            return
        ended = runner.finished
        error = one_line(runner.error) if ended and runner.error is not None else None
        run = self.session.shown_run(view)
        form_of = self.session.parent if self.session.parent != run else None
        paused = runner.paused and not ended
        snapshot = Snapshot(view, self.session.member, paused, runner.preparation, error, run, form_of, runner.live)
        if not snapshot.same_as(self.live.snapshot):
            self.live.snapshot = snapshot
            if ended and isinstance(runner.error, ConfigurationError) and runner.experiments == self.form.checked.experiments:
                self.form.blame(runner.error.problems)
