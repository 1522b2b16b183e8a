"""Training in the background: one thread drives the engine and feeds the history and the live run.

All methods and properties of `Runner` may be used from any thread and return at once, save for `join`.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.events import Event, Finished, Intervened, Outcome, Resumed, Started
from engine.experiment import Experiment
from engine.population import populations
from engine.training.control import TUNABLE as TUNABLE
from engine.training.control import Control
from workbench.diagnosing import Diagnoses, Diagnosing
from workbench.live import LiveRun
from workbench.source import Preparation as Preparation
from workbench.source import Source as Source
from workbench.telling import Telling
from workbench.telling import one_line as one_line

if TYPE_CHECKING:
    from engine.training import Branch
    from workbench.history import Recorder
    from workbench.history.records import Origin
    from workbench.resumption import BranchPoint, Resumption


class _StopRequested(BaseException):
    """Leaves the preparation of a training that is no longer wanted. Not an Exception: nobody between may handle it."""


class Runner:
    """Trains experiments, those of one shape together and the populations one after another, in a thread of its own.

    What is wrong before the first step leaves nothing in the history. A run that breaks off later is recorded as failed.
    """

    def __init__(
        self,
        experiments: Sequence[Experiment],
        *,
        db: Path | None,
        name: str = "",
        tags: Sequence[str] = (),
        note: str = "",
        parent: int | None = None,
        origin: Origin | None = None,
        resume: Resumption | None = None,
        branch: BranchPoint | Callable[[], BranchPoint] | None = None,
        interventions: Sequence[Intervened] = (),
        source: Source | None = None,
        on_event: Callable[[Event], None] | None = None,
        diagnosis: Callable[[], Diagnoses] | None = None,
        names: Sequence[str] = (),
    ) -> None:
        """Get ready; `start` begins.

        Args:
            experiments: At least one.
            db: The history to record in; None records nothing.
            name: Name of the runs.
            tags: Tags of the runs.
            note: Note of the runs.
            parent: Id of the run that these were made from.
            origin: How they were made from it.
            resume: The stored training that goes on; its experiments, and no name, tags, note and parent of their own.
            branch: The checkpoint from which the only experiment begins, or what finds it when training begins.
            interventions: Changes of settings that are made again at their steps; those of `resume` are without being named.
            source: What trains; the engine if not given.
            on_event: Called in the training thread after an event was recorded and applied to `live`. It must be quick:
                training waits for it.
            diagnosis: Makes what looks for findings, for each population anew; the engine's if not given.
            names: A name for each run, in the order of the experiments, instead of `name`.
        """
        if not experiments:
            raise ValueError("there must be at least one experiment to run")
        if resume is not None and (db is None or tuple(experiments) != resume.experiments):
            raise ValueError("a training that goes on has its own experiments, and a history")
        if branch is not None and len(experiments) != 1:
            raise ValueError("a branch is one experiment")
        if len(names) not in (0, len(experiments)):
            raise ValueError("there must be as many names as experiments, or none")
        self.experiments = tuple(experiments)
        self.resume_from = resume
        self.branch_from = None if callable(branch) else branch
        self._find_branch = branch if callable(branch) else None
        self.live = LiveRun()
        self._db, self._tags, self._note = db, tuple(tags), note
        self._names = tuple(names) or (name,) * len(self.experiments)
        self._parent, self._origin = parent, origin
        self._interventions = tuple(interventions) if resume is None else resume.interventions
        self._source = source
        self._on_event = on_event
        self._diagnosis = diagnosis
        self._diagnosing = Diagnosing(diagnosis)
        self._problem: Exception | None = None  # of the diagnosis of an earlier population
        self._control = Control()
        self._preparation: Preparation | None = None
        self._run_ids: tuple[int, ...] = ()
        self._outcomes: tuple[Outcome, ...] = ()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="training", daemon=False)

    def start(self) -> None:
        """Begin. Can be called once."""
        self._thread.start()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end, at most `timeout` seconds; return whether it has come."""
        self._thread.join(timeout)
        return self.finished

    @property
    def finished(self) -> bool:
        """Whether it was started and is over, well or not."""
        return self._thread.ident is not None and not self._thread.is_alive()

    @property
    def run_ids(self) -> tuple[int, ...]:
        """The ids in the history of the runs begun so far, in the order in which they are trained."""
        return self._run_ids

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """How the members ended that have, in the order of `run_ids`."""
        return self._outcomes

    @property
    def error(self) -> BaseException | None:
        """What broke the training off, or None."""
        return self._error

    @property
    def diagnosis_problem(self) -> str:
        """Why nothing more is looked for that goes wrong in the training; empty as long as it is."""
        problem = self._problem or self._diagnosing.problem
        return "" if problem is None else one_line(problem)

    @property
    def preparation(self) -> Preparation | None:
        """What goes on before the first step, or the next one; None while it is trained, or if nothing was said."""
        return self._preparation

    def pause(self) -> None:
        """Wait before the next step."""
        self._control.pause()

    def resume(self) -> None:
        """Go on."""
        self._control.resume()

    def step(self) -> None:
        """Make one step, then pause."""
        self._control.step()

    def epoch(self) -> None:
        """Go on to the end of the epoch, then pause."""
        self._control.epoch()

    def stop(self, interrupted: bool = False) -> None:
        """End before the next step, and train no further population.

        Args:
            interrupted: Nobody chose this end: it was a signal or a closed terminal. The runs are recorded as such.
        """
        self._control.stop(interrupted=interrupted)

    def change(self, settings: Mapping[str, float]) -> None:
        """Change settings of the live run before its next step, also while it is paused; it is told as `Intervened`.

        Args:
            settings: New values by path, such as `lr` or `model.dropout`; `engine.training.control.TUNABLE` has them all.

        Raises:
            ValueError: one of them cannot be changed while training goes on or not to this value, or no training goes on.
        """
        self._control.change(settings)

    @property
    def paused(self) -> bool:
        """Whether training waits, or will before its next step."""
        return self._control.paused

    @property
    def stopping(self) -> bool:
        """Whether the end was asked for."""
        return self._control.stopped

    # --- in the training thread ----------------------------------------------

    def _run(self) -> None:
        try:
            for number, members in enumerate(populations(self.experiments)):
                if self._control.stopped:
                    return
                if number > 0:
                    self._problem = self._problem or self._diagnosing.problem
                    self.live, self._diagnosing = LiveRun(), Diagnosing(self._diagnosis)
                self._train(members)
        except _StopRequested:
            return
        except BaseException as error:  # whatever it was is told by `error`, not by a traceback over the screen
            self._error = error

    def _train(self, members: Sequence[int]) -> None:
        experiments = [self.experiments[position] for position in members]
        telling = Telling(self.live, self._diagnosing, None, self._on_event)
        begun = False
        try:
            telling.recorder = self._recorder([self._names[position] for position in members])
            source = self._source or _engine()
            events = source(
                experiments,
                control=self._control,
                progress=self._progress,
                checkpoints=telling.checkpoint_folder,
                resume=self.resume_from.path if self.resume_from is not None else None,
                branch=self._branch(),
                interventions=self._interventions,
            )
            for event in events:
                self._tell(event, telling)
                begun = True
        except _StopRequested:
            raise
        except BaseException as error:  # what is no Exception would else end the thread without a word
            self._preparation = None
            telling.fail(error, begun=begun)
            raise
        finally:
            if telling.recorder is not None:
                telling.recorder.close()

    def _branch(self) -> Branch | None:
        if self._find_branch is not None:
            self.branch_from = self._find_branch()
        if self.branch_from is None:
            return None
        from engine.training import Branch

        return Branch(self.branch_from.path, self.branch_from.member)

    def _recorder(self, names: Sequence[str]) -> Recorder | None:
        """The writer of the history: made in the thread that uses it."""
        if self._db is None:
            return None
        from workbench.history import Recorder  # loads the database tools after the screen has been painted

        return Recorder(
            self._db,
            names=names,
            tags=self._tags,
            note=self._note,
            parent=self._parent,
            origin=self._origin,
            resume=self.resume_from.run_ids if self.resume_from is not None else (),
        )

    def _tell(self, event: Event, telling: Telling) -> None:
        raised = telling.keep(event)
        if isinstance(event, Started):
            self._preparation = None
            self._run_ids += telling.run_ids
        elif isinstance(event, Finished):
            self._outcomes += event.outcomes
        telling.show(event, raised)
        if isinstance(event, Resumed) and self.resume_from is not None:
            telling.recall(self._looking_through)
            self._preparation = None

    def _looking_through(self, done: int, total: int) -> bool:
        self._preparation = Preparation("looking through what was recorded", done, total)
        return not self._control.stopped

    def _progress(self, what: str, done: int, total: int | None) -> None:
        if self._control.stopped:
            raise _StopRequested
        self._preparation = Preparation(what, done, total)


@cache
def _engine() -> Source:
    """The engine's training; this is where torch is loaded.

    What is loaded by then stays until the end, and is some hundred thousand objects: looked through by the garbage collector again
    and again, they would hold up the screen, and the training, for a third of a second every few seconds.
    """
    from engine.training import train

    gc.collect()
    gc.freeze()
    return train
