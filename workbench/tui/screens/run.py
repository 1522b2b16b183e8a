"""A stored run in the live view."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.vocabulary import Status
from workbench.history import HistoryError
from workbench.stored_crowd import beside_others
from workbench.tui.messages import ReadingFailed, RunReplayed
from workbench.tui.notable import course
from workbench.tui.reading import read_run
from workbench.tui.screens.fixing import Fixing
from workbench.tui.snapshot import Snapshot
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.live_view import LiveView

REREAD_SECONDS = 2.0
"""How often a run that is still going on in another process is read again."""


class RunScreen(Fixing):
    """One run of the history; read again while it is going on."""

    MODE = "history"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back"),
        Binding("l", "load", "Load into Bench"),
        Binding("left_square_bracket", "member(-1)", "Previous member", show=False, key_display="["),
        Binding("right_square_bracket", "member(1)", "Next member", show=False, key_display="]"),
        Binding("B,shift+b", "branch", "Branch", show=False, key_display="B"),
    ]

    def __init__(self, run_id: int) -> None:
        super().__init__()
        self._run_id = run_id
        self._members: tuple[int, ...] = (run_id,)

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
            db, run_id = self.session.db, self._run_id
            self.post_message(RunReplayed(*beside_others(db, run_id, read_run(db, run_id))))
        except HistoryError as error:
            self.post_message(ReadingFailed(str(error)))

    def _read_on(self) -> None:
        snapshot = self.live.snapshot
        if snapshot is not None and snapshot.view.status == Status.RUNNING:
            self.read()

    def on_run_replayed(self, message: RunReplayed) -> None:
        member = message.view.crowd.member if message.view.crowd is not None else 0
        if message.members[member] != self._run_id:
            return  # another one was asked for meanwhile
        self._members = message.members
        self.live.snapshot = Snapshot(
            message.view, member, run=self._run_id, singled=True, verdict=self.session.verdicts.get(self._run_id, "")
        )

    def action_member(self, step: int) -> None:
        """Look at another network of the population."""
        if len(self._members) > 1:
            here = self._members.index(self._run_id)
            self._run_id = self._members[(here + step) % len(self._members)]
            self.read()

    def action_close(self) -> None:
        """Back to the list."""
        self.dismiss()

    def course_lines(self) -> tuple[str, ...]:
        snapshot = self.live.snapshot
        return course(snapshot.view) if snapshot is not None else ()

    def action_load(self) -> None:
        """Put the run's experiment into the form of the Bench."""
        self._load(branch=False)

    def action_branch(self) -> None:
        """Put the run's experiment into the form, to begin a branch with changed settings from its latest checkpoint."""
        self._load(branch=True)

    def _load(self, *, branch: bool) -> None:
        snapshot = self.live.snapshot
        if snapshot is not None and snapshot.view.experiment is not None:
            self.dismiss()
            self.workbench.load_experiment(snapshot.view.experiment, parent=self._run_id, branch=branch)
