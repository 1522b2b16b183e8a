"""What becomes of the events of one population: they are looked at for what goes wrong, recorded, and shown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.events import Event, Failed, FindingRaised, Finished
from workbench.diagnosing import Diagnosing
from workbench.live import LiveRun

if TYPE_CHECKING:
    from engine.insight.finding import Finding
    from workbench.history import Recorder


class Telling:
    """Tells the events of one population to whoever is to know of them. Made and used in the training thread."""

    def __init__(
        self, live: LiveRun, diagnosing: Diagnosing, recorder: Recorder | None, on_event: Callable[[Event], None] | None
    ) -> None:
        """Get ready.

        Args:
            live: What is shown.
            diagnosing: Looks for what goes wrong.
            recorder: Writes the history; None where nothing is recorded.
            on_event: Called when an event has been recorded and applied to `live`.
        """
        self.live, self.diagnosing, self.recorder = live, diagnosing, recorder
        self._on_event = on_event

    @property
    def run_ids(self) -> tuple[int, ...]:
        """The runs that are recorded."""
        return self.recorder.run_ids if self.recorder is not None else ()

    @property
    def checkpoint_folder(self) -> Callable[[], Path] | None:
        """Tells where the checkpoints of the runs lie, once these have ids; None where nothing is recorded."""
        recorder = self.recorder
        if recorder is None:
            return None
        from workbench.resumption import checkpoint_folder

        return lambda: checkpoint_folder(recorder.path, recorder.run_ids[0])

    def keep(self, event: Event) -> tuple[FindingRaised, ...]:
        """Look at an event and record it; return what was found with it.

        Raises:
            HistoryError: it could not be written.
        """
        raised = self.diagnosing.apply(event)
        if self.recorder is not None:
            self.recorder.record(event, *raised, diagnosed=self.diagnosing.whole)
        return raised

    def show(self, event: Event, raised: tuple[FindingRaised, ...]) -> None:
        """Show an event that was recorded, and what was found with it. The end comes last."""
        for each in (*raised, event) if isinstance(event, Finished | Failed) else (event, *raised):
            self.live.apply(each)
            if self._on_event is not None:
                self._on_event(each)
        if self.diagnosing.up_to_date:
            self.live.judge()

    def recall(self, announce: Callable[[int, int], bool]) -> None:
        """Bring back what was found before a training went on, and go on looking from where that was left.

        Args:
            announce: Told how many of how many runs have been looked at; returns whether to go on.
        """
        from workbench.recalling import recall

        if self.recorder is None:
            return
        found: tuple[Finding, ...] = ()
        with self.diagnosing.guarded():
            found = recall(self.recorder, self.diagnosing, announce)
        for finding in found:
            self.live.apply(FindingRaised(finding))

    def fail(self, error: BaseException, *, begun: bool) -> None:
        """Leave word of an error: on the screen, and if training had begun, in the history."""
        failed = Failed(one_line(error))
        if not begun:
            self.live.apply(failed)
            return
        raised = self.diagnosing.apply(failed)
        if self.recorder is not None:
            from workbench.history import HistoryError

            with suppress(HistoryError):  # the history may be what failed; the first error is the one to tell
                self.recorder.record(failed, *raised, diagnosed=self.diagnosing.whole)
        self.show(failed, raised)


def one_line(error: BaseException) -> str:
    """What an error says, as one line; its kind too where the words were not written for a user."""
    from engine.errors import EngineError
    from workbench.history import HistoryError

    text = " ".join(str(error).split())
    return text if text and isinstance(error, EngineError | HistoryError) else f"{type(error).__name__}: {text}".rstrip(": ")
