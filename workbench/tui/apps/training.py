"""The app's trainings: one goes on, others wait for it to end."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from textual import work

from workbench.tui.apps.base import BaseApp
from workbench.tui.screens.base import WorkbenchScreen

if TYPE_CHECKING:
    from engine.experiment import Experiment
    from workbench.remedy import Plan, Verdict
    from workbench.resumption import Resumption
    from workbench.runner import Runner
    from workbench.tui.queue import Wanted
    from workbench.tui.screens.bench import BenchScreen

    SeverityLevel = Literal["information", "warning", "error"]

WATCH_SECONDS = 0.25
SWITCH_SECONDS = 2e-4
"""For so long the screen, while it draws, keeps a training from its next operation; Python's 0.005 are the time of a whole step."""


COLLECTED_AFTER = 100_000, 50, 100
"""Objects after which the garbage collector looks for cycles, and how often it looks at older ones. By Python's 700, 10, 10 what a screen
draws makes it look so often that a small training, in whose thread it often does, loses some per cent of its time."""


class TrainingApp(BaseApp):
    """Begins trainings, tells how they go and end, and begins the next one."""

    leaving = False
    """Whether the app ends as soon as the training has; nothing is begun any more."""

    def begin_sitting(self) -> None:
        super().begin_sitting()
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.set_threshold(*COLLECTED_AFTER)
        self.set_interval(WATCH_SECONDS, self.watch_training)

    def start_training(self, experiments: Sequence[Experiment], *, paused: bool = False) -> bool:
        """Begin a training of what the form describes; see `begin`."""
        return self.begin(self.session.described(experiments), paused=paused)

    def begin(self, wanted: Wanted, *, paused: bool = False) -> bool:
        """Begin a training, waiting before its first step if `paused`; return whether it was begun."""
        if self.session.training or self.leaving:
            return False
        if wanted.parent == self.session.branching:
            self.session.branching = None
        runner = self.session.start(wanted)
        if paused:
            runner.pause()
        runner.start()
        return True

    def start_instead(self, wanted: Wanted) -> None:
        """Stop the training that goes on, and begin another when it has ended; at once if there is none."""
        self.session.stop()
        self.session.queue.add(wanted, first=True)
        self.watch_training()

    def try_remedy(self, plan: Plan, *, at_once: bool) -> None:
        """Train a run again with a remedy, and show it; `at_once`: a training that goes on is stopped for it, else it comes after it."""
        from workbench.tui.queue import Wanted

        wanted = Wanted.remedied(plan)
        if at_once or not self.session.training:
            self._describe(plan.experiments)
            self.switch_mode("bench")
            self.start_instead(wanted)
            self.call_later(self._show_live)
        else:
            self.session.queue.add(wanted)
            self.tell_state()
            self.notify(f"{wanted.text}\nNumber {len(self.session.queue)} in the queue; A shows it.", markup=False)

    def go_on(self, resumption: Resumption) -> None:
        """Go on with a training of the history, and show it. The form then holds its settings."""
        if self.session.training or self.leaving:
            return
        self._describe(resumption.experiments)
        self.session.go_on(resumption).start()
        self.switch_mode("bench")
        self.call_later(self._show_live)

    def _describe(self, experiments: Sequence[Experiment]) -> None:
        """Let the form describe what is trained."""
        from workbench.tui.draft import Draft

        several = len(experiments) if experiments[0].ensemble.members == 1 else 1
        self.session.draft = Draft.of(experiments[0], several)
        self.session.parent = self.session.branching = None

    def show_training(self) -> None:
        """Show the training that goes on, once the Bench is in sight."""
        self.call_later(self._show_live)

    def _show_live(self) -> None:
        if (bench := self._bench()) is not None:
            bench.call_later(bench.show_live)  # after it has taken up the settings, which opens the form

    def _bench(self) -> BenchScreen | None:
        """The Bench, if it is in sight."""
        from workbench.tui.screens.bench import BenchScreen

        return self.screen if isinstance(self.screen, BenchScreen) else None

    def load_experiment(self, experiment: Experiment, *, parent: int, branch: bool = False) -> None:
        """Put a run's experiment into the form and go there. Runs started from now on name that run as their parent.

        Args:
            experiment: What the form is to hold.
            parent: The run's id.
            branch: The settings are to be changed for a branch of the run.
        """
        from workbench.tui.draft import Draft

        self.session.draft = Draft.of(experiment)
        self.session.parent = parent
        self.session.branching = parent if branch else None
        self.switch_mode("bench")
        if branch:
            self.notify(f"The settings of run {parent} are in the form. Change what shall be different; B begins the branch.")
            return
        view = self.session.view()
        shown = self.session.shown_run(view) if view is not None else None
        still = f" The curves are still those of run {shown}." if shown not in (None, parent) else ""
        self.notify(f"The settings of run {parent} are in the form.{still}")

    # --- how it goes ----------------------------------------------------------------

    def watch_training(self) -> None:
        """Tell of a training that has ended and begin the next; keep the bar up to date; leave when the last run has ended."""
        if not self.screen_stack:
            return  # the timer may tick once more while the screens are taken down
        self.session.mark_remedied()
        if warning := self.session.changed_data():
            self.notify(warning, severity="warning", timeout=15, markup=False)
        runner = self.session.ended()
        if runner is not None and not self.leaving:
            refused = self.session.give_back(runner)
            self._tell_end(runner, refused=refused)
            if self.session.plan is not None and runner.run_ids and runner.error is None:
                self._judge(self.session.plan, runner)
            if refused and (bench := self._bench()) is not None:
                bench.show_refused(runner)
        if not self.session.training and not self.leaving:
            wanted = self.session.queue.take()
            if wanted is not None:
                self.begin(wanted)
        self.tell_state()
        if self.leaving and not self.session.training:
            self.exit(return_code=self.leaving_code)

    leaving_code = 0
    """With what the process ends when it leaves."""

    def tell_state(self) -> None:
        """Keep the bar above the screen up to date."""
        from workbench.tui.words import queued_text

        if isinstance(self.screen, WorkbenchScreen):
            state = "" if self.screen.live_shown and not self.session.reproducing else self._state()
            self.screen.bar.state = "  ".join(filter(None, [state, queued_text(len(self.session.queue))]))

    def _state(self) -> str:
        from workbench.tui.words import state_text

        view, runner = self.session.view(), self.session.runner
        if view is None or runner is None:
            return ""
        return state_text(view, runner, run=self.session.shown_run(view))

    def _tell_end(self, runner: Runner, *, refused: bool = False) -> None:
        """Say how a training ended, unless the live view is in sight and goes on saying it."""
        from workbench.runner import one_line
        from workbench.tui.words import end_text

        last = not self.session.queue
        seen = last and isinstance(self.screen, WorkbenchScreen) and self.screen.live_shown and not refused
        if runner.diagnosis_problem:
            title = "Nothing more was looked for that goes wrong"
            self.notify(runner.diagnosis_problem, title=title, severity="warning", timeout=15, markup=False)
        if runner.error is not None:
            if not seen or runner.live.view().layers:  # once there are curves, the reason is too long for the line above them
                self.notify(one_line(runner.error), title="The training broke off", severity="error", timeout=15, markup=False)
        elif runner.outcomes and not seen:
            title = f"Run {runner.run_ids[0]}" if len(runner.run_ids) == 1 else f"{len(runner.run_ids)} runs"
            diverged = any(outcome.divergence is not None for outcome in runner.outcomes)
            self.notify(
                end_text(runner.outcomes, runner.live.view()),
                title=title,
                severity="warning" if diverged else "information",
                markup=False,
            )

    @work(thread=True, group="verdict")
    def _judge(self, plan: Plan, runner: Runner) -> None:
        """Say what a remedy has done."""
        from workbench.history import History
        from workbench.remedy import judged
        from workbench.runner import one_line

        try:
            with History.open(self.session.db) as history:
                verdict = judged(history, plan, runner.run_ids, was_looked_at=not runner.diagnosis_problem)
        except Exception as error:  # also of a rule that fails on what an older version recorded
            title = f"What the remedy for run {plan.run.id} has done could not be looked up"
            self.call_from_thread(self.notify, one_line(error), title=title, severity="error", timeout=15, markup=False)
            return
        self.call_from_thread(self._tell_verdict, plan, verdict)

    def _tell_verdict(self, plan: Plan, verdict: Verdict) -> None:
        from workbench.remedy import sentence

        words = self.session.verdicts[verdict.after.id] = sentence(verdict)
        severity: SeverityLevel = "information" if verdict.is_gone else "warning"
        title = f"Run {verdict.after.id}: {plan.remedy.title}; c compares"
        self.notify(words, title=title, severity=severity, timeout=15, markup=False)

    # --- the queue ------------------------------------------------------------------

    def action_queue(self) -> None:
        """See what is trained and what waits; move it, take it out, start it now."""
        from workbench.tui.screens.waiting import Waiting

        def answered(wanted: Wanted | None) -> None:
            if wanted is not None:
                self.start_instead(wanted)
            self.tell_state()

        self.push_screen(Waiting(self.session.queue, self._present), answered)

    def _present(self) -> str:
        from workbench.tui.queue import Wanted

        runner = self.session.runner
        if runner is None or not self.session.training:
            return ""
        return f"{self._state()}   {Wanted(runner.experiments).text}"
