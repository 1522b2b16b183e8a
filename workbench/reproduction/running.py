"""A recipe reproduced: trains what is missing, portion by portion, and judges the claims as their groups become whole."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.claims.judging import judge
from workbench.claims.records import Outcome, Verdict
from workbench.history import HistoryError, mark_interrupted
from workbench.history.clock import now
from workbench.history.provenance import program_version
from workbench.history.series import SeriesHistory
from workbench.recipes.records import Claim, Plan
from workbench.reproduction.events import Begun, Broke, Ended, Event, Going, GroupTrained, Judged, Noted
from workbench.reproduction.keeping import keep
from workbench.reproduction.matching import SameData, finished, of_other_versions, stored_runs
from workbench.reproduction.portions import portions
from workbench.reproduction.trials import Key, Trial, distinct, trials_of
from workbench.runner import Runner, one_line
from workbench.source import Source

LOOK_EVERY = 0.2
"""Seconds between two looks at a training."""


class Reproduction:
    """One recipe at one scale. `events` does it, in the thread that asks for them; `stop` may be called from any."""

    def __init__(
        self,
        plan: Plan,
        db: Path,
        *,
        settings: Mapping[str, Any] | None = None,
        train: bool = True,
        any_version: bool = False,
        source: Source | None = None,
    ) -> None:
        """Get ready.

        Args:
            plan: What is trained and judged.
            db: The history that holds what was trained before, and takes what is trained now.
            settings: What was changed of the recipe to make the plan, by path; kept with what comes of it.
            train: Whether what is missing is trained. If not, claims that need it stay open, and nothing is kept.
            any_version: Whether runs that other versions of this program have trained count as well.
            source: What trains; the engine if not given.
        """
        self.plan = plan
        self._db, self._settings, self._train, self._source = db, dict(settings or {}), train, source
        self._groups = tuple((group, trials_of(group)) for group in plan.groups)
        self._trials = distinct(trial for _, of_group in self._groups for trial in of_group)
        self._same, self._any_version = SameData(), any_version
        self._runs: dict[Key, tuple[int, ...]] = {}
        self._trained = 0  # runs
        self._whole: set[int] = set()  # places of groups
        self._broken: dict[Key, str] = {}  # why a trial could not be trained
        self._verdicts: dict[int, Verdict] = {}
        self._runner: Runner | None = None
        self._stopped = False

    @property
    def stopping(self) -> bool:
        """Whether the end was asked for."""
        return self._stopped

    def stop(self, interrupted: bool = True) -> None:
        """End before the next step. What was trained to its end is kept, and found the next time."""
        self._stopped = True
        if (runner := self._runner) is not None:
            runner.stop(interrupted=interrupted)

    def events(self) -> Generator[Event, None, None]:
        """Do it, and say how it goes. Closing the iterator stops it.

        Raises:
            HistoryError: the history cannot be read or written.
        """
        started = now()
        mark_interrupted(self._db)
        with SeriesHistory.open(self._db) as history:
            self._runs = self._finished(history, self._trials)
            yield Begun(self.plan, self._count(self._trials), self._done)
            yield from self._note_others(history)
            yield from self._look(history)
            if self._train:
                missing = [trial for trial in self._trials if trial.key not in self._runs]
                for portion in portions(missing) if not self._stopped else ():
                    if self._stopped:
                        break
                    yield from self._train_portion(history, portion)
                    yield from self._look(history)
            if not self._stopped:
                yield from self._close(history)
            yield self._end(history, started)

    def _finished(self, history: SeriesHistory, wanted: Sequence[Trial]) -> dict[Key, tuple[int, ...]]:
        return finished(history, wanted, self._same, any_version=self._any_version)

    def _note_others(self, history: SeriesHistory) -> Iterator[Noted]:
        """Say which runs do not count for the version that trained them."""
        missing = [trial for trial in self._trials if trial.key not in self._runs]
        others = of_other_versions(history, missing, self._same)
        if others:
            count = self._count([trial for trial in missing if trial.key in others])
            yield Noted(_other_versions(count, sorted(set(others.values()))))

    # --- training ---------------------------------------------------------------

    def _train_portion(self, history: SeriesHistory, portion: Sequence[Trial]) -> Iterator[Event]:
        experiments = [experiment for trial in portion for experiment in trial.experiments]
        name = self.plan.recipe.name
        labels = {trial.key: self._labels(trial) for trial in portion}
        names = [": ".join(filter(None, (name, labels[trial.key][0]))) for trial in portion for _ in trial.experiments]
        told = tuple(dict.fromkeys(label for of_one in labels.values() for label in of_one))
        runner = Runner(experiments, db=self._db, names=names, tags=("-".join(name.split()),), source=self._source)
        self._runner = runner
        if self._stopped:  # between the last look at this and the line above
            return
        runner.start()
        try:
            while not runner.join(LOOK_EVERY):
                yield Going(runner, told, self._done, self._count(self._trials))
        finally:
            runner.stop(interrupted=True)  # has no effect on a training that is over
            runner.join()
            self._runner = None
        new = self._finished(history, portion)
        self._runs |= new
        self._trained += sum(map(len, new.values()))
        if runner.diagnosis_problem:
            yield Noted(f"nothing more was looked for that goes wrong: {runner.diagnosis_problem}")
        if runner.error is not None:
            if isinstance(runner.error, HistoryError):
                raise runner.error
            message = one_line(runner.error)
            self._broken |= {trial.key: message for trial in portion if trial.key not in self._runs}
            yield Broke(told, message)

    def _labels(self, trial: Trial) -> tuple[str, ...]:
        """The groups that a trial belongs to."""
        return tuple(group.label for group, of_group in self._groups if any(each.key == trial.key for each in of_group))

    @property
    def _done(self) -> int:
        """Runs that are over."""
        return sum(map(len, self._runs.values()))

    @staticmethod
    def _count(wanted: Sequence[Trial]) -> int:
        return sum(len(trial.experiments) for trial in wanted)

    # --- judging ----------------------------------------------------------------

    def _look(self, history: SeriesHistory) -> Iterator[Event]:
        """Tell which groups have become whole, and judge the claims that can be judged by now."""
        new = [
            place for place, (_, of_group) in enumerate(self._groups) if place not in self._whole and self._are_there(of_group)
        ]
        for place in new:
            self._whole.add(place)
            group, of_group = self._groups[place]
            runs = tuple(run for trial in of_group for run in self._runs[trial.key])
            yield GroupTrained(group, runs, len(self._whole), len(self._groups))
        if new:
            yield from self._judge(history)

    def _are_there(self, wanted: Sequence[Trial]) -> bool:
        return all(trial.key in self._runs for trial in wanted)

    def _judge(self, history: SeriesHistory) -> Iterator[Judged]:
        runs = stored_runs(history, self._groups, self._runs)
        for number, claim in self._pending():
            if self._stopped:  # some quantities take long
                return
            verdict = judge(claim, self.plan, runs, partial=True)
            if verdict.outcome is not Outcome.OPEN:
                self._verdicts[number] = verdict
                yield Judged(number, verdict)

    def _close(self, history: SeriesHistory) -> Iterator[Judged]:
        """Decide what is still open: those runs will not come."""
        runs = stored_runs(history, self._groups, self._runs)
        why = next(iter(self._broken.values()), "")
        for number, claim in self._pending():
            if self._stopped:
                return
            verdict = judge(claim, self.plan, runs, partial=not self._train)
            if why and verdict.outcome is Outcome.ERROR:
                verdict, why = replace(verdict, words=f"{verdict.words}; {why}"), ""  # it is the same of all that follow
            self._verdicts[number] = verdict
            yield Judged(number, verdict)

    def _pending(self) -> list[tuple[int, Claim]]:
        claims = enumerate(self.plan.recipe.claims, 1)
        return [
            (number, claim) for number, claim in claims if claim.judged_at(self.plan.scale.name) and number not in self._verdicts
        ]

    # --- the end ----------------------------------------------------------------

    def _end(self, history: SeriesHistory, started: str) -> Ended:
        verdicts = tuple(sorted(self._verdicts.items()))
        runs = [(group.label, run) for group, some in self._groups for trial in some for run in self._runs.get(trial.key, ())]
        made = keep(
            history, self.plan, verdicts, runs,
            settings=self._settings, started=started, trained=self._trained, write=self._train and not self._stopped,
        )  # fmt: skip
        return Ended(made, verdicts, self._stopped)


def _other_versions(count: int, versions: Sequence[str]) -> str:
    runs, were = ("1 run", "was") if count == 1 else (f"{count:,} runs", "were")
    of = f"version{'s' * (len(versions) > 1)} {', '.join(versions)}"
    return (
        f"{runs} of these experiments {were} trained by {of} of the workbench, and this is {program_version() or 'unknown'}: "
        f"{'it does' if count == 1 else 'they do'} not count; `workbench reproduce --any-version` takes {'it' if count == 1 else 'them'}"
    )
