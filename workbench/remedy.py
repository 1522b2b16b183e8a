"""Trying a remedy: from a finding of a stored run to a changed experiment, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import ConfigurationError
from engine.insight.finding import Finding, Remedy
from engine.population import expand, whole_ensemble
from engine.vocabulary import Status
from workbench.compare import same_data_asked
from workbench.diagnosing import diagnosed
from workbench.findings import title, worst_first
from workbench.history.errors import HistoryError
from workbench.history.records import Origin

if TYPE_CHECKING:
    from engine.experiment import Experiment
    from workbench.history import History
    from workbench.history.records import RunRecord


_ENDED = {Status.STOPPED: "was stopped", Status.INTERRUPTED: "was interrupted", Status.FAILED: "failed"}


class NoRemedyError(HistoryError):
    """There is nothing to be remedied, or no such remedy; exit code 2."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=2)


@dataclass(frozen=True, slots=True)
class Plan:
    """A remedy for something that was found to be wrong with a run, as a training."""

    run: RunRecord
    finding: Finding
    remedy: Remedy
    experiments: tuple[Experiment, ...]
    """One, or those of a whole ensemble."""
    member: int
    """Place among them of the one that is held against the run."""
    expected_data: str
    """The fingerprint of the data that the run was trained on, if the same are asked for; else empty."""
    cautions: tuple[str, ...] = ()
    """In what the remedied run differs from the run besides the remedy, in sentences."""

    @property
    def note(self) -> str:
        """What the remedied run is, in words."""
        return f"remedy for {self.finding.rule} of run {self.run.id}: {self.remedy.title}"


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of a run and of the remedied one; None where it was not taken. Less is better."""

    name: str
    before: float | None
    after: float | None
    is_share: bool

    @property
    def better(self) -> int:
        """1: the remedied run is better; -1: worse; 0: neither, or not known."""
        if self.before is None or self.after is None or not math.isfinite(self.before - self.after):
            return 0
        return (self.after < self.before) - (self.after > self.before)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a remedy has done."""

    before: RunRecord
    after: RunRecord
    finding: Finding  # of the run
    remains: Finding | None  # by the same rule in the remedied run, as it ended; None: it never was there
    new: tuple[Finding, ...]  # not closed, and by rules by which nothing was found in the run
    figures: tuple[Measured, ...]
    was_looked_at: bool = True
    """Whether it was looked for what goes wrong until the remedied run ended."""

    @property
    def is_gone(self) -> bool | None:
        """Whether it was not there any more when the remedied run ended; None: that is not known."""
        if self.remains is not None and self.remains.closed is None:
            return False
        return None if self.doubt else True

    @property
    def doubt(self) -> str:
        """Why it cannot be known that a finding is gone which is not there; empty: it can."""
        status, step = Status(self.after.status), self.after.step
        if not self.was_looked_at:
            return "looking for it broke off"
        if status == Status.DIVERGED:
            return f"the run diverged at step {self.after.diverged_step or step:,}"
        if status == Status.DONE or step > self.finding.opened:
            return ""
        return f"the run {_ENDED.get(status, 'has only come')} at step {step:,}"

    @property
    def figure(self) -> Measured | None:
        """The one to judge by: the error on the test data, or else the cost on them."""
        known = [each for each in self.figures if each.after is not None]
        return next((each for each in known if each.name.startswith("test")), known[0] if known else None)


def findings_of(history: History, run: RunRecord) -> tuple[Finding, ...]:
    """What was found in a run; of one that was not looked through to its end, what is found in it now. The worst first."""
    stored = history.findings(run.id)
    if run.diagnosed or (stored and run.status == Status.RUNNING):
        return worst_first(stored)
    return worst_first(diagnosed(history.events(run.id)))


def planned(history: History, ref: str | int, rule: str = "", number: int = 1) -> Plan:
    """The changed experiment that should make a finding go away.

    Args:
        history: That holds the run.
        ref: The run, as `History.run` takes it.
        rule: Key of the finding, or its beginning; empty: the most serious one that has a remedy.
        number: Which of its remedies, from 1.

    Raises:
        HistoryError: there is no such run, or nothing was found in it, or there is no such finding or remedy; exit code 2.
        ConfigurationError: the remedy does not fit the experiment.
    """
    run = history.run(ref)
    finding = _chosen(findings_of(history, run), rule, run)
    if not 1 <= number <= len(finding.remedies):
        count = len(finding.remedies)
        there = f"there {'is one' if count == 1 else f'are {count}'}; `workbench diagnose {run.id}` shows {'it' if count == 1 else 'them'}"
        raise NoRemedyError(f"{finding.rule} of run {run.id} has no remedy {number}: {there if count else 'none is known'}")
    return _plan(run, finding, finding.remedies[number - 1], _cautions(history, run))


def all_planned(history: History, ref: str | int) -> tuple[Plan, ...]:
    """All remedies for what was found in a run and is not closed, the most serious finding first; none where there is nothing to do.

    Raises:
        HistoryError: there is no such run.
    """
    run = history.run(ref)
    cautions = _cautions(history, run)
    plans = []
    for finding in findings_of(history, run):
        for remedy in finding.remedies if finding.closed is None else ():
            try:
                plans.append(_plan(run, finding, remedy, cautions))
            except (NoRemedyError, ConfigurationError):  # it does not fit: the others may
                continue
    return tuple(plans)


def _cautions(history: History, run: RunRecord) -> tuple[str, ...]:
    told = []
    if run.origin == Origin.BRANCH:
        told.append(f"Run {run.id} is a branch; the remedied run begins anew, without the branch's weights.")
    if any(not change.origin for change in history.interventions(run.id)):  # those of callbacks are made again
        told.append(f"Settings that were changed while run {run.id} was trained are not changed again.")
    return tuple(told)


def _plan(run: RunRecord, finding: Finding, remedy: Remedy, cautions: tuple[str, ...]) -> Plan:
    base = whole_ensemble(run.experiment)
    changed = base.with_settings(dict(remedy.changes))
    if changed == base:
        raise NoRemedyError(f"the remedy {remedy.title!r} changes nothing in run {run.id}; choose another with --remedy")
    several = changed.ensemble.members > 1
    experiments = expand(changed) if several else (changed,)
    member = min(run.experiment.ensemble.member, len(experiments) - 1)
    data = run.data_fingerprint if same_data_asked(base, changed) else ""
    return Plan(run, finding, remedy, experiments, member, data, cautions)


def judged(history: History, plan: Plan, run_ids: Sequence[int], *, was_looked_at: bool = True) -> Verdict:
    """Hold the remedied run against the one that it was made from.

    Args:
        history: That holds both.
        plan: The remedy.
        run_ids: The runs that were trained by it.
        was_looked_at: Whether it was looked for what goes wrong until they ended.

    Raises:
        HistoryError: one of them is not there any more, or was not begun.
    """
    if plan.member >= len(run_ids):
        raise HistoryError(f"the remedy for run {plan.run.id} was not tried: the training ended before that member began")
    remedied = run_ids[plan.member]
    with history.snapshot():
        before, after = _both(history, plan, remedied)
        found = worst_first(history.findings(remedied))
        known = {each.rule for each in findings_of(history, before)}
    same = [each for each in found if each.rule == plan.finding.rule]
    new = tuple(each for each in found if each.closed is None and each.rule not in known)
    return Verdict(before, after, plan.finding, same[0] if same else None, new, tuple(_figures(before, after)), was_looked_at)


def _both(history: History, plan: Plan, remedied: int) -> tuple[RunRecord, RunRecord]:
    """The run and the remedied one, as they are now. Raises HistoryError: one was deleted meanwhile; exit code 2."""
    found = {run.id: run for run in history.records((plan.run.id, remedied))}
    before, after = found.get(plan.run.id), found.get(remedied)
    if before is None or before.started != plan.run.started:  # its number may have been given to another run
        and_so = f"there is nothing to hold run {remedied} against"
        raise HistoryError(f"run {plan.run.id} was deleted while a remedy for it was trained; {and_so}", exit_code=2)
    if after is None:
        raise HistoryError(f"run {remedied} was deleted before it was held against run {plan.run.id}", exit_code=2)
    return before, after


def sentence(verdict: Verdict) -> str:
    """What came of it, in one sentence."""
    unknown = verdict.is_gone is None
    fate = f"not known whether it is gone, for {verdict.doubt}" if unknown else "gone" if verdict.is_gone else "still there"
    fate = f"{title(verdict.finding.rule)}: {fate}"
    figure = verdict.figure
    if figure is None or figure.after is None:
        return f"{fate}; it has no scores." if unknown else f"{fate}; the run is {verdict.after.status} and has no scores."
    if figure.before is None:
        return f"{fate}, and the {figure.name} is {text_of(figure, figure.after)}."
    texts = text_of(figure, figure.before), text_of(figure, figure.after)
    better = figure.better if texts[0] != texts[1] else 0
    change = f"{'fell' if better > 0 else 'rose'} from {texts[0]} to {texts[1]}" if better else f"is {texts[1]} as before"
    fits = better >= 0 if verdict.is_gone else better <= 0
    but = ";" if unknown else ", and" if fits else ", but"
    return f"{fate}{but} the {figure.name} {change}."


def text_of(figure: Measured, value: float | None) -> str:
    """A figure as it is shown; a dash where it was not taken."""
    from workbench.plots.numbers import ABSENT, format_number

    if value is None:
        return ABSENT
    return f"{100 * value:.2f} %" if figure.is_share else format_number(value)


def _chosen(findings: Sequence[Finding], rule: str, run: RunRecord) -> Finding:
    if not findings:
        raise NoRemedyError(f"nothing was found to be wrong with run {run.id}, so there is nothing to remedy")
    if rule:
        exact = [each for each in findings if each.rule == rule.lower()]
        fitting = exact or [each for each in findings if each.rule.startswith(rule.lower())]
        if len({each.rule for each in fitting}) == 1:
            return fitting[0]
        there = ", ".join(dict.fromkeys(each.rule for each in findings))
        problem = f"several findings of run {run.id} begin with {rule!r}" if fitting else f"run {run.id} has no finding {rule!r}"
        raise NoRemedyError(f"{problem}; it has {there}")
    lasting = [each for each in findings if each.closed is None]
    if not lasting:
        there = ", ".join(dict.fromkeys(each.rule for each in findings))
        raise NoRemedyError(f"what was found in run {run.id} was gone by its end; --finding takes one of {there}")
    return next((each for each in lasting if each.remedies), lasting[0])


def _figures(before: RunRecord, after: RunRecord) -> list[Measured]:
    """Errors of a classification, and costs, on each part of the data that either has."""
    found = []
    for part in ("train", "validation", "test"):
        shares = (getattr(run, f"{part}_accuracy") for run in (before, after))
        errors = [None if share is None else 1 - share for share in shares]
        found.append(Measured(f"{part} error", errors[0], errors[1], is_share=True))
    for part in ("train", "validation", "test"):
        costs = [getattr(run, f"{part}_cost") for run in (before, after)]
        found.append(Measured(f"{part} cost", costs[0], costs[1], is_share=False))
    return [each for each in found if (each.before, each.after) != (None, None)]
