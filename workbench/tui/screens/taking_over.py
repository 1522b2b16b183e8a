"""The current run of the list taken over: its experiment into the form, its training from where it broke off."""

from __future__ import annotations

from textual import work

from engine.errors import ConfigurationError
from engine.vocabulary import Status
from workbench.history import HistoryError
from workbench.tui.messages import ReadingFailed, TrainingFound
from workbench.tui.reading import read_resumption
from workbench.tui.screens.previewing import Previewing


class TakingOver(Previewing):
    """A screen with a list of runs, from which one goes to the Bench."""

    def action_load(self) -> None:
        """Put the run's experiment into the form of the Bench."""
        record = self.table.current
        if record is None:
            self.tell_group()
            return
        try:
            experiment = record.experiment
        except ConfigurationError as error:
            self.notify(f"This version cannot read its settings: {error}", severity="error", markup=False)
            return
        self.workbench.load_experiment(experiment, parent=record.id)

    def action_go_on(self) -> None:
        """Go on with a run that was interrupted or stopped, from its last checkpoint."""
        record = self.table.current
        if record is None:
            self.tell_group()
        elif self.session.training:
            self.notify("A training is going on; x on the Bench stops it.", severity="warning")
        else:
            self.find_checkpoint(record.id)

    @work(thread=True, exclusive=True, group="checkpoint")
    def find_checkpoint(self, run_id: int) -> None:
        """Look for the checkpoint from which a run can go on; the answer comes as a message."""
        try:
            self.post_message(TrainingFound(read_resumption(self.session.db, run_id)))
        except (HistoryError, ConfigurationError) as error:
            self.post_message(ReadingFailed(str(error)))

    def on_training_found(self, message: TrainingFound) -> None:
        """Go on; with a run that somebody stopped only after asking, for its figures change."""
        from workbench.tui.screens.dialogs import Question

        found, record = message.resumption, self.table.current
        if record is None or record.status != Status.STOPPED:
            self.workbench.go_on(found)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.workbench.go_on(found)

        question = f"Run {record.id} was stopped at step {record.step:,} of {record.total_steps:,}. Its figures will be those of its new end."
        self.app.push_screen(Question(question, yes="go on with it", no="leave it as it is"), answered)
