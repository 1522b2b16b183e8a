"""What the screens share: the history's place, the training that goes on, the marked runs. Knows no screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.history.records import Origin
from workbench.preferences import Preferences, read_preferences, write_preferences
from workbench.tui.queue import Queue, Wanted

if TYPE_CHECKING:
    from engine.events import Intervened
    from engine.experiment import Experiment
    from workbench.live import RunView
    from workbench.recipes.records import Plan as RecipePlan
    from workbench.remedy import Plan
    from workbench.reproduction.background import Reproducing
    from workbench.resumption import BranchPoint, Resumption
    from workbench.runner import Runner, Source
    from workbench.tui.draft import Draft


class Session:
    """One sitting at the workbench. Used from the screen's thread alone."""

    def __init__(
        self, db: Path, draft: Draft, *, source: Source | None = None, zone: tzinfo | None = None, preferences: Path | None = None
    ) -> None:
        """Nothing is opened or started.

        Args:
            db: The history to record in and to read.
            draft: What the form holds.
            source: What trains; the engine if not given.
            zone: Zone in which times are shown; the machine's if not given.
            preferences: Where they are kept; those of a first sitting, and kept nowhere, if not given.
        """
        self.db = db
        self.draft = draft
        self.parent: int | None = None
        self.branching: int | None = None
        """The stored run whose settings were put into the form to begin a branch of it."""
        self.queue = Queue()
        self.marked: tuple[int, ...] = ()
        self.runner: Runner | None = None
        self.member = 0
        self.changed_before: tuple[Intervened, ...] = ()
        self.preferences = Preferences()
        self._preferences_path = preferences
        self._source = source
        self._zone = zone
        self.plan: Plan | None = None
        """The remedy that the present training tries, if it tries one."""
        self.verdicts: dict[int, str] = {}
        """What remedies have done, in a sentence, by the runs that tried them."""
        self.reproduction: Reproducing | None = None
        """The recipe that is being reproduced, or that was the last time."""
        self.awaited: tuple[RecipePlan, ...] = ()
        """Recipes that are reproduced once nothing else is trained, in their order."""
        self.recipe_is_latest = False
        """Whether what was begun last is a recipe, not a training of its own."""
        self._reproduction_told = True
        self._told = True
        self._expected: Wanted | None = None  # whose data have not been looked at yet
        self._before: Callable[[], None] | None = None  # puts back what was shown before a branch
        self._paired: Runner | None = None  # whose run is marked beside the one that it was made from

    @property
    def training(self) -> bool:
        """Whether a training was started and is not over, or a recipe is being reproduced, which is one after another."""
        return self.reproducing or (self.runner is not None and not self.runner.finished)

    @property
    def reproducing(self) -> bool:
        """Whether a recipe is being reproduced."""
        return self.reproduction is not None and not self.reproduction.finished

    def stop(self, *, interrupted: bool = False) -> None:
        """End what is trained before its next step; `interrupted` if nobody chose this end."""
        if self.reproduction is not None:
            self.reproduction.stop(interrupted=interrupted)
        if self.runner is not None:
            self.runner.stop(interrupted=interrupted)

    def join(self) -> None:
        """Wait until what was trained is over."""
        for each in (self.reproduction, self.runner):
            if each is not None and self.training:
                each.join()

    def described(self, experiments: Sequence[Experiment]) -> Wanted:
        """What the form describes, as a training that is wanted."""
        origin = Origin.LIKE if self.parent is not None else None
        return Wanted(tuple(experiments), self.parent, origin)

    def start(self, wanted: Wanted) -> Runner:
        """Get a training ready, to be begun by its `start`. There must be none going on."""
        from workbench.runner import Runner

        branch = (lambda: self._checkpoint(wanted)) if wanted.origin == Origin.BRANCH else None
        runner = Runner(
            wanted.experiments,
            db=self.db,
            note=wanted.note,
            source=self._source,
            parent=wanted.parent,
            origin=wanted.origin,
            branch=branch,
        )
        shown, changed, member = self.runner, self.changed_before, self.member
        self._take(runner)
        self.plan = wanted.plan
        self._expected = wanted if wanted.expected_data else None

        def put_back() -> None:
            self.branching = self.branching or wanted.parent
            if shown is not None:
                self.runner, self.changed_before, self.member = shown, changed, member

        self._before = put_back if branch is not None else None
        return runner

    def _checkpoint(self, wanted: Wanted) -> BranchPoint:
        """Where a branch begins; looked up in the training thread. Raises HistoryError."""
        from workbench.history import History
        from workbench.resumption import branch_point

        assert wanted.parent is not None, "a branch has a parent"
        with History.open(self.db) as history:
            return branch_point(history, wanted.parent)

    def go_on(self, resumption: Resumption) -> Runner:
        """Get a stored training ready to go on, to be begun by its `start`. There must be none going on."""
        from workbench.runner import Runner

        before = tuple(event for event in resumption.interventions if event.step <= resumption.step)
        return self._take(Runner(resumption.experiments, db=self.db, source=self._source, resume=resumption), before)

    def _take(self, runner: Runner, changed_before: tuple[Intervened, ...] = ()) -> Runner:
        assert not self.training
        self._show(runner, changed_before)
        self._told = False
        self.recipe_is_latest = False
        return runner

    def _show(self, runner: Runner, changed_before: tuple[Intervened, ...] = ()) -> None:
        self.runner = runner
        self.changed_before = changed_before
        self.member = 0
        self.plan = None
        self._expected = None
        self._before = None

    # --- recipes ------------------------------------------------------------------

    def reproduce_next(self) -> Reproducing:
        """Get the first recipe that waits ready to be reproduced, to be begun by its `start`. There must be no training going on."""
        from workbench.reproduction.background import Reproducing

        assert not self.training
        plan, *others = self.awaited
        self.awaited = tuple(others)
        self.reproduction = Reproducing(plan, self.db, source=self._source)
        self._reproduction_told = False
        self.recipe_is_latest = True
        return self.reproduction

    def await_recipe(self, plan: RecipePlan) -> None:
        """Let a recipe be reproduced once nothing else is trained; at the scale that was asked for last."""
        self.await_no_more(plan.recipe.name)
        self.awaited = (*self.awaited, plan)

    def await_no_more(self, name: str) -> None:
        """Do not reproduce a recipe that has not begun."""
        self.awaited = tuple(plan for plan in self.awaited if plan.recipe.name != name)

    def follow(self) -> None:
        """Make the present training of the recipe the one that is shown and steered."""
        runner = self.reproduction.runner if self.reproducing and self.reproduction is not None else None
        if runner is not None and runner is not self.runner:
            self._show(runner)
            self._told = True  # the end of the recipe is told, not that of each of its trainings

    def reproduced(self) -> Reproducing | None:
        """The recipe that has been reproduced, or was given up, once; None at all other times."""
        if self._reproduction_told or self.reproducing:
            return None
        self._reproduction_told = True
        return self.reproduction

    # --- what is shown --------------------------------------------------------------

    def view(self) -> RunView | None:
        """The chosen member's state now, or None before the first training."""
        return None if self.runner is None else self.runner.live.view(self.member)

    def shown_run(self, view: RunView) -> int | None:
        """The id of the chosen member's run, or None while it has none."""
        ids = self.runner.run_ids[-view.members :] if self.runner is not None else ()
        return ids[self.member] if self.member < len(ids) else None

    def next_member(self, step: int) -> int:
        """Choose another member of the population, going around; return its number."""
        view = self.view()
        if view is not None and view.members > 1:
            self.member = (self.member + step) % view.members
        return self.member

    def ended(self) -> Runner | None:
        """The training that is over, once; None at all other times."""
        if self._told or self.runner is None or not self.runner.finished:
            return None
        self._told = True
        return self.runner

    def changed_data(self) -> str:
        """Once the training has begun, and once only: a warning where its data have changed since its parent was trained; else empty."""
        wanted = self._expected
        data = self.runner.live.view().data if wanted is not None and self.runner is not None else None
        if wanted is None or data is None:
            return ""
        self._expected = None
        if data.fingerprint in ("", wanted.expected_data):
            return ""
        name = wanted.experiments[0].data.name
        return f"The data is not what run {wanted.parent} was trained on: {name} has changed since."

    def give_back(self, ended: Runner) -> bool:
        """Show again what was shown before a branch that could not begin; return whether that was so."""
        put_back, self._before = self._before, None
        if put_back is None or ended.error is None or ended.run_ids:
            return False
        put_back()
        return True

    # --- preferences --------------------------------------------------------------

    @property
    def remembers(self) -> bool:
        """Whether preferences are kept."""
        return self._preferences_path is not None

    def read_preferences(self) -> None:
        """Take up what was remembered. Raises PreferencesError."""
        if self._preferences_path is not None:
            self.preferences = read_preferences(self._preferences_path)

    def prefer(self, preferences: Preferences) -> None:
        """Remember these. Raises PreferencesError where they cannot be kept; they hold until the end then."""
        if preferences == self.preferences:
            return
        self.preferences = preferences
        if self._preferences_path is not None:
            write_preferences(self._preferences_path, preferences)

    # --- marks --------------------------------------------------------------------

    def toggle_mark(self, run_id: int) -> None:
        """Mark a run, or no longer."""
        if run_id in self.marked:
            self.marked = tuple(marked for marked in self.marked if marked != run_id)
        else:
            self.marked = (*self.marked, run_id)

    def mark(self, run_ids: Sequence[int]) -> None:
        """Mark these runs too."""
        self.marked = (*self.marked, *(run_id for run_id in run_ids if run_id not in self.marked))

    def mark_remedied(self) -> None:
        """Mark the run that is remedied and the one that tries it, once that has begun: they are to be compared next."""
        plan, runner = self.plan, self.runner
        if plan is not None and runner is not None and runner is not self._paired and len(runner.run_ids) > plan.member:
            self._paired = runner
            self.mark((plan.run.id, runner.run_ids[plan.member]))

    def unmark(self, run_ids: Sequence[int]) -> None:
        """Forget marks of runs that are no longer there."""
        self.marked = tuple(marked for marked in self.marked if marked not in run_ids)

    def local_time(self, moment: str) -> str:
        """An ISO 8601 time of the history as `2026-11-21 06:02`."""
        try:
            when = datetime.fromisoformat(moment)
        except ValueError:
            return moment
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return when.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")
