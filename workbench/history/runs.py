"""The rows that a run begins with."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from sqlite_utils import Database
from sqlite_utils.db import Table

from engine.events import Started
from engine.experiment import Experiment
from engine.parts import Model
from engine.vocabulary import Status
from workbench.history.clock import now
from workbench.history.provenance import git_commit, host, process_started, versions_json
from workbench.history.records import Origin


@dataclass(frozen=True, slots=True)
class Labels:
    """What the runs of a population are called by whoever trains it, and what they were made from."""

    name: str = ""
    names: tuple[str, ...] = ()
    """A name for each run, in the order of the members, instead of `name`."""
    tags: tuple[str, ...] = ()
    note: str = ""
    parent: int | None = None
    origin: Origin | None = None


def insert_runs(
    database: Database,
    started: Started,
    labels: Labels,
) -> tuple[int, ...]:
    """Write the rows of all members, their layers and tags; return the runs' ids. The caller holds a transaction."""
    made = {"parent": labels.parent, "origin": labels.origin.value if labels.origin is not None else None}
    shared = _shared(started) | {"note": labels.note, **made}
    names = labels.names or (labels.name,) * len(started.experiments)
    ids: list[int] = []
    for member, (experiment, name) in enumerate(zip(started.experiments, names, strict=True)):
        row = {"name": name, **shared, **described(experiment), "member": member}
        run_id = _table(database, "runs").insert(row).last_pk
        assert isinstance(run_id, int), "runs have a whole number as their key"
        ids.append(run_id)
    if len(ids) > 1:
        database.conn.executemany("UPDATE runs SET population = ? WHERE id = ?", [(ids[0], run_id) for run_id in ids])
    layers = [
        {"layer": position, **asdict(layer), "shape": json.dumps(layer.shape)} for position, layer in enumerate(started.layers)
    ]
    _table(database, "layers").insert_all({"run": run_id, **layer} for run_id in ids for layer in layers)
    _table(database, "tags").insert_all({"run": run_id, "tag": tag} for run_id in ids for tag in labels.tags)
    return tuple(ids)


def _shared(started: Started) -> dict[str, Any]:
    """What is the same for all members."""
    moment = now()
    return {
        "status": Status.RUNNING.value,
        "started": moment,
        "updated": moment,
        "task": started.data.task,
        "data_json": json.dumps(asdict(started.data)),
        "device": started.device,
        "threads": started.threads,
        "parameters": started.parameters,
        "steps_per_epoch": started.steps_per_epoch,
        "measured_every": started.measured_every,
        "total_steps": started.total_steps,
        "epoch": 0,
        "step": 0,
        "seconds": 0.0,
        "versions_json": versions_json(),
        "git_commit": git_commit(),
        "host": host(),
        "pid": os.getpid(),
        "process_started": process_started(),
    }


def described(experiment: Experiment) -> dict[str, Any]:
    """What lists show of an experiment."""
    model = experiment.model
    return {
        "experiment_json": experiment.to_json(),
        "experiment_hash": experiment.hash,
        "seed": experiment.seed,
        "data": experiment.data.name,
        "depth": len(model.blocks or model.hidden),
        "width": _widths(model),
        "activation": str(model.activation),
        "init": str(model.init),
        "optimizer": str(experiment.optimizer),
        "lr": experiment.lr,
        "ensemble": experiment.ensemble.members if experiment.ensemble.members > 1 else None,
    }


def _widths(model: Model) -> str:
    """The units of the hidden layers, `64` or `256,128`; of blocks their kinds, `2 conv,max_pool,flatten`."""
    if model.blocks:
        runs = [(kind, len(list(alike))) for kind, alike in groupby(block.kind for block in model.blocks)]
        return ",".join(f"{count} {kind}" if count > 1 else kind for kind, count in runs)
    return ",".join(map(str, model.widths)) or (str(model.width) if model.hidden else "")


def _table(database: Database, name: str) -> Table:
    table = database[name]
    assert isinstance(table, Table)
    return table
