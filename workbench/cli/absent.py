"""What is said of rows that a run does not have: why, and how to get them."""

from __future__ import annotations

from workbench.cli.errors import CommandError
from workbench.cli.exported import What
from workbench.history import RunRecord

_LOOKED_AT_LATER = (
    *(What.DISTRIBUTIONS, What.PROBES, What.CONFUSION, What.WORST, What.RECONSTRUCTIONS),
    *(What.MISTAKEN, What.MISTAKES, What.REGIONS),
)
"""Rows that a run has only if its training is such that it can have them; of all others having none is an answer, too."""


def lacking(what: What, run: RunRecord) -> CommandError:
    """The error of asking for rows that a run does not have."""
    return CommandError(sentence(what, run))


def is_an_answer(what: What) -> bool:
    """Whether having none of these rows tells something of a run, such as that nothing was changed while it was trained."""
    return what not in _LOOKED_AT_LATER


def sentence(what: What, run: RunRecord) -> str:
    """Why a run has none of these rows, and how to get them."""
    if what in (What.DISTRIBUTIONS, What.PROBES):
        return f"no distributions of run {run.id} were taken: {_why_no_distributions(run)}"
    if what in (What.CONFUSION, What.WORST):
        why = f"it is {run.status}" if run.status != "done" else "it is no classification, or an older version trained it"
        return f"what run {run.id} mistook for what is not known: {why}; that is looked at when a training is over, and after epochs of a longer one"
    if what in (What.MISTAKEN, What.MISTAKES):
        return (
            f"run {run.id} was not looked at between its epochs: it is no classification with a validation part, or was too short"
        )
    if what is What.REGIONS:
        why = "its inputs are not two numbers, or an older version trained it"
        return f"there are no regions of run {run.id}: {why} (workbench run --data spirals has them)"
    if what in (What.RECONSTRUCTIONS, What.PRETRAINING):
        return f"run {run.id} was not pre-trained (--pretraining dbn and others do that)"
    if what is What.ENSEMBLE:
        return f"run {run.id} was not trained in an ensemble (--ensemble 5 trains one)"
    if what is What.INTERVENTIONS:
        return f"no setting of run {run.id} was changed while it was trained"
    if what is What.FINDINGS:
        return f"nothing was found to be wrong with run {run.id}; if an older version recorded it, `workbench diagnose {run.id} --store`"
    if what is What.CHECKPOINTS:
        return f"run {run.id} has no checkpoints"
    return f"run {run.id} has no {what}: it is {run.status}, and none were recorded"


def _why_no_distributions(run: RunRecord) -> str:
    ask = "--set monitor.distributions=1 asks for both ends and every epoch"
    if run.experiment.monitor.distributions == "never":
        return f"monitor.distributions is never; {ask}"
    return f"it was too short for them; {ask}"
