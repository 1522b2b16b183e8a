"""A recipe reproduced in a thread of its own, and how it stands, for whoever looks at it meanwhile.

All methods and properties of `Reproducing` may be used from any thread and return at once, save for `join`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from workbench.claims.records import Verdict
from workbench.history.reproductions import ReproductionRow
from workbench.recipes.records import Plan
from workbench.reproduction.events import Begun, Broke, Ended, Event, Going, GroupTrained, Judged, Noted
from workbench.reproduction.running import Reproduction
from workbench.runner import Runner, one_line
from workbench.source import Source


@dataclass(frozen=True, slots=True)
class Standing:
    """How a reproduction stands."""

    runs: int = 0
    """All that the recipe is made of, at its scale; 0 until that is known."""
    done: int = 0
    """Those that are over, those that were there already included."""
    labels: tuple[str, ...] = ()
    """The groups that are trained now."""
    whole: int = 0
    """Groups of which all runs are there."""
    verdicts: Mapping[int, Verdict] = field(default_factory=dict)
    """The claims that are decided, by their numbers."""
    remarks: tuple[str, ...] = ()
    """What went wrong on the way."""
    made: ReproductionRow | None = None
    """What came of it, once it is over."""
    interrupted: bool = False
    error: str = ""
    """What broke it off."""

    def after(self, event: Event) -> Standing:
        """How it stands after an event."""
        match event:
            case Begun():
                return replace(self, runs=event.runs, done=event.there)
            case Going():
                return replace(self, labels=event.labels, done=event.done, runs=event.runs)
            case GroupTrained():
                return replace(self, whole=event.done)
            case Broke():
                labels = "; ".join(filter(None, event.labels)) or "its runs"
                return replace(self, remarks=(*self.remarks, f"the training of {labels} broke off: {event.message}"))
            case Noted():
                return replace(self, remarks=(*self.remarks, event.message))
            case Judged():
                return replace(self, verdicts={**self.verdicts, event.number: event.verdict})
            case Ended():
                done = len({run for _, run in event.made.runs})
                return replace(self, made=event.made, interrupted=event.interrupted, labels=(), done=done)


class Reproducing:
    """One recipe that is being reproduced. What is being trained can be seen, paused and stepped by its `runner`."""

    def __init__(self, plan: Plan, db: Path, *, source: Source | None = None) -> None:
        """Get ready; `start` begins.

        Args:
            plan: What is trained and judged.
            db: The history that is read and written.
            source: What trains; the engine if not given.
        """
        self.plan = plan
        self.standing = Standing()
        """A new one with each change."""
        self.runner: Runner | None = None
        """The latest training of it."""
        self._reproduction = Reproduction(plan, db, source=source)
        self._began: float | None = None
        self._seconds: float | None = None
        self._thread = threading.Thread(target=self._run, name="reproduction", daemon=False)

    def start(self) -> None:
        """Begin. Can be called once."""
        self._began = time.monotonic()
        self._thread.start()

    def stop(self, *, interrupted: bool = False) -> None:
        """End before the next step; `interrupted` if nobody chose this end. What was trained to its end is kept."""
        self._reproduction.stop(interrupted=interrupted)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end, at most `timeout` seconds; return whether it has come."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return self.finished

    @property
    def finished(self) -> bool:
        """Whether it was started and is over."""
        return self._thread.ident is not None and not self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        """Whether the end was asked for."""
        return self._reproduction.stopping

    @property
    def seconds(self) -> float:
        """Since it began, until its end."""
        if self._began is None:
            return 0.0
        return time.monotonic() - self._began if self._seconds is None else self._seconds

    # --- in the thread of its own ---------------------------------------------

    def _run(self) -> None:
        assert self._began is not None, "it was started"
        try:
            for event in self._reproduction.events():
                if isinstance(event, Going):
                    self._take(event.runner)
                now = self.standing.after(event)
                if now != self.standing:
                    self.standing = now
        except Exception as error:  # whatever it was is told by `standing`, not by a traceback over the screen
            self.standing = replace(self.standing, error=one_line(error), labels=())
        finally:
            self._seconds = time.monotonic() - self._began

    def _take(self, runner: Runner) -> None:
        """Let the next training be seen. A pause that was asked for as the one before ended holds for it."""
        if runner is self.runner:
            return
        if self.runner is not None and self.runner.paused:
            runner.pause()
        self.runner = runner
