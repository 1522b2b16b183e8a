"""How the app ends: by the user, by a signal, by an error. The training is ended first, and its end recorded."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time

from workbench.tui.apps.reproducing import ReproducingApp

END_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
INTERRUPTED = 130
GRACE_SECONDS = 2.0
"""How long an interface whose terminal may be gone has to end by itself."""


class LeavingApp(ReproducingApp):
    """Leaves in good order."""

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in END_SIGNALS:
            loop.add_signal_handler(number, self._interrupt)

    def on_unmount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in END_SIGNALS:
            loop.remove_signal_handler(number)

    async def action_help_quit(self) -> None:  # type: ignore[override]  # what Textual does at ctrl+c
        """Leave."""
        await self.action_quit()

    async def action_quit(self) -> None:
        """Leave; asks first while a training goes on."""
        if not self.session.training:
            self.exit()
            return
        from workbench.tui.screens.dialogs import Question

        def answered(yes: bool | None) -> None:
            if yes:
                self._leave(interrupted=False)

        question = "A training is going on. It ends after its present step, and what was recorded is kept."
        if self.session.reproducing:
            question = (
                "A recipe is being reproduced. Its training ends after its present step; the runs that are over are kept, "
                "and it goes on from there the next time."
            )
        if waiting := len(self.session.queue) + len(self.session.awaited):
            what = "The training that waits" if waiting == 1 else f"The {waiting} trainings that wait"
            question += f"\n\n{what} in the queue will not begin: the queue is not kept."
        self.push_screen(Question(question, yes="stop it and leave", no="stay", enter=False), answered)

    def _interrupt(self) -> None:
        """The terminal was closed, or the process was told to end."""
        self.leaving_code = INTERRUPTED
        self._leave(interrupted=True)
        if not self.is_headless:
            threading.Thread(target=self._end_in_any_case, name="end", daemon=True).start()

    def _end_in_any_case(self) -> None:
        """End the process though the terminal no longer takes what is written: the interface waits for it for ever."""
        self.session.join()  # its threads have closed the history by then
        time.sleep(GRACE_SECONDS)
        os._exit(INTERRUPTED)

    def _leave(self, *, interrupted: bool) -> None:
        """End the training and then the interface, once the run's end is recorded."""
        self.leaving = True
        if self.session.training:
            self.session.stop(interrupted=interrupted)
            self.notify("Ending the run …")
        self.watch_training()

    def _handle_exception(self, error: Exception) -> None:
        """End with one message for the user; what Textual would print over the screen goes into a file.

        Textual calls this for every error that nobody handled. `run_app` ends the training.
        """
        from workbench.tui.failure import keep_traceback

        self._return_code = 1
        if self._exception is None:
            self.panic(keep_traceback(error))
            self._exception = error  # for tests, which raise it again
            self._exception_event.set()
