"""A stored run in the live view."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.vocabulary import Status
from workbench.history import HistoryError
from workbench.tui.messages import ReadingFailed, RunReplayed
from workbench.tui.notable import course
from workbench.tui.reading import read_run
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.dialogs import Listing
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.live_view import LiveView, Snapshot

REREAD_SECONDS = 2.0
"""How often a run that is still going on in another process is read again."""


class RunScreen(WorkbenchScreen):
    """One run of the history; read again while it is going on."""

    MODE = "history"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back"),
        Binding("y", "toggle_log", "Log"),
        Binding("m", "toggle_metric", "Metric"),
        Binding("e", "course", "What happened"),
        Binding("l", "load", "Load into Bench"),
    ]

    def __init__(self, run_id: int) -> None:
        super().__init__()
        self._run_id = run_id

    def compose_body(self) -> ComposeResult:
        yield LiveView()

    def on_mount(self) -> None:
        self.query_one(LayerTable).focus()
        self.read()
        self.set_interval(REREAD_SECONDS, self._read_on)

    @work(thread=True, exclusive=True, group="run")
    def read(self) -> None:
        """Read the run; the answer comes as a message."""
        try:
            self.post_message(RunReplayed(read_run(self.session.db, self._run_id)))
        except HistoryError as error:
            self.post_message(ReadingFailed(str(error)))

    def _read_on(self) -> None:
        snapshot = self.query_one(LiveView).snapshot
        if snapshot is not None and snapshot.view.status == Status.RUNNING:
            self.read()

    def on_run_replayed(self, message: RunReplayed) -> None:
        self.query_one(LiveView).snapshot = Snapshot(message.view, run=self._run_id)

    def action_close(self) -> None:
        """Back to the list."""
        self.dismiss()

    def action_toggle_log(self) -> None:
        """Logarithmic or linear cost."""
        live = self.query_one(LiveView)
        live.logarithmic = not live.logarithmic

    def action_toggle_metric(self) -> None:
        """Cost, accuracy (R² for numbers), or the error of pre-training."""
        self.query_one(LiveView).next_metric()

    def action_course(self) -> None:
        """Read what happened in the course of the training."""
        snapshot = self.query_one(LiveView).snapshot
        told = course(snapshot.view) if snapshot is not None else ()
        self.app.push_screen(Listing("What happened", told or ("nothing of note",)))

    def action_load(self) -> None:
        """Put the run's experiment into the form of the Bench."""
        snapshot = self.query_one(LiveView).snapshot
        if snapshot is not None and snapshot.view.experiment is not None:
            self.dismiss()
            self.workbench.load_experiment(snapshot.view.experiment, parent=self._run_id)
