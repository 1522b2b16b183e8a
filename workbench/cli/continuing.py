"""Trainings that do not begin at their beginning: those that go on, branches, and repetitions of stored runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.population import expand, whole_ensemble
from workbench.cli.errors import CommandError
from workbench.cli.experiments import Request, Requested, with_request
from workbench.compare import same_data_asked
from workbench.history import History
from workbench.history.records import Origin
from workbench.resumption import BranchPoint, branch_point, interventions, resumption

if TYPE_CHECKING:
    from workbench.history.records import RunRecord


def resumed(ref: str, db: Path) -> Requested:
    """The stored training that goes on; those that were trained together go on together.

    Raises:
        HistoryError: there is no such run, it is over or goes on just now, or it has no checkpoint.
    """
    from workbench.history import mark_interrupted

    mark_interrupted(db)  # the run may be one whose process was killed
    with History.open(db) as history:
        found = resumption(history, ref)
    return Requested(found.experiments, resume=found)


def branched(request: Request, db: Path) -> Requested:
    """A new run from a checkpoint of a stored one, with changed settings.

    Raises:
        ConfigurationError: with all that is wrong, each with the option that it came from.
        CommandError: an assignment cannot be understood, or several networks are asked for.
        HistoryError: there is no such run, or no such checkpoint.
    """
    assert request.branch is not None
    with History.open(db) as history:
        run = history.run(request.branch)
        point = branch_point(history, run.id, request.at)
    if request.seeds > 1 or "ensemble.members" in request.settings:
        raise CommandError("--branch begins one run, from the state of one network; leave out --seeds and --ensemble")
    base = run.experiment
    experiment = with_request(base, request)
    data = run.data_fingerprint if same_data_asked(base, experiment) else ""
    return Requested((experiment,), run.id, data, Origin.BRANCH, branch=point)


def replayed(ref: str, db: Path) -> Requested:
    """A stored run once more, with the changes of settings that were made while it was trained, at the same steps.

    A member of an ensemble stands for all of it; a branch begins again from the checkpoint that it began from.

    Raises:
        HistoryError: there is no such run, or the checkpoint that it began from is gone.
    """
    with History.open(db) as history:
        run = history.run(ref)
        ensemble = whole_ensemble(run.experiment)
        together = ensemble.ensemble.members > 1 and run.origin != Origin.BRANCH
        members = history.population(run) if together else (run,)
        made = max((interventions(history.interventions(member.id)) for member in members), key=len)
        point = _beginning(history, run) if run.origin == Origin.BRANCH else None
    experiments = expand(ensemble) if together else (run.experiment,)
    return Requested(experiments, run.id, run.data_fingerprint, Origin.REPLAY, branch=point, interventions=made)


def _beginning(history: History, run: RunRecord) -> BranchPoint:
    """The checkpoint that a branch began from."""
    assert run.parent is not None, "a branch has a parent"
    return branch_point(history, run.parent, at=history.resumptions(run.id)[0].step)
