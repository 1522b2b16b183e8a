"""The tables, made by ordered, named migrations. A migration that was released is never changed: add another one.

```
runs         one row per run, with the figures that lists show
layers       one row per run and layer
steps        one row per run and recorded step: loss, penalties, learning rate
layer_stats  one row per run, measured step and layer: one column per statistic
epochs       one row per run, epoch and part of the data: scores; `final` for those taken at the end
tags         one row per run and tag
```
Rows of the same run lie in the order in which they were recorded. Where a number is not finite, see `marker`.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database
from sqlite_utils.db import Table
from sqlite_utils.migrations import Migrations

from workbench.history.connection import APPLICATION_ID, SCHEMA_VERSION

migrations = Migrations("history")


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing. The caller holds a transaction, so that all of it is kept, with its records, or none."""
    assert connection.in_transaction, "a migration is part of a transaction"
    database = Database(connection, execute_plugins=False, recursive_triggers=False)
    migrations.apply(database)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


_RUN_FIGURES = ("cost", "accuracy", "r2", "mae")


@migrations(name="0001_runs_steps_layers_epochs_tags")
def _first(database: Database) -> None:
    _runs(database)
    of_run = [("run", "runs", "id")]
    layers = _table(database, "layers")
    columns = {"run": int, "layer": int, "name": str, "inputs": int, "outputs": int, "activation": str, "parameters": int}
    layers.create(columns, pk=("run", "layer"), foreign_keys=of_run)
    steps = {"run": int, "step": int, **dict.fromkeys(("seconds", "loss", "l1", "l2", "lr"), float), "nonfinite": str}
    _measurements(database, "steps", steps)
    measured = ["activation_mean", "activation_std", "saturated", "dead", "gradient_mean", "gradient_std"]
    measured += ["weight_gradient_norm", "weight_gradient_std", "weight_norm", "weight_std", "update_ratio", "near_zero"]
    layer_stats = {"run": int, "step": int, "layer": int, **dict.fromkeys(measured, float), "nonfinite": str}
    _measurements(database, "layer_stats", layer_stats)
    epochs = {"run": int, "epoch": int, "step": int, "part": str, "final": int, **dict.fromkeys(_RUN_FIGURES, float)}
    _measurements(database, "epochs", {**epochs, "seconds": float, "nonfinite": str})
    _table(database, "tags").create({"run": int, "tag": str}, pk=("run", "tag"), foreign_keys=of_run)


def _runs(database: Database) -> None:
    columns: dict[str, type] = dict.fromkeys(("name", "note", "status", "message", "started", "updated", "ended"), str)
    columns |= {"experiment_json": str, "experiment_hash": str, "seed": int, "data": str, "task": str}
    columns |= {"depth": int, "width": str, "activation": str, "init": str, "optimizer": str, "lr": float}
    columns |= {"device": str, "threads": int, "parameters": int, "data_json": str}
    columns |= dict.fromkeys(("steps_per_epoch", "measured_every", "epoch", "step", "total_steps"), int)
    columns |= dict.fromkeys(("seconds", "measuring", "loss"), float)
    columns |= {f"{part}_{figure}": float for part in ("train", "validation", "test") for figure in _RUN_FIGURES}
    columns |= {"best_validation_cost": float, "nonfinite": str}
    columns |= {"diverged_step": int, "diverged_layer": str, "diverged_quantity": str}
    columns |= {"parent": int, "population": int, "member": int, "versions_json": str, "git_commit": str}
    columns |= {"host": str, "pid": int, "process_started": str, "deleted": str}
    runs = _table(database, "runs")
    runs.create({"id": int, **columns}, pk="id", foreign_keys=[("parent", "runs", "id"), ("population", "runs", "id")])
    runs.create_index(["status"])  # finding those that were left running
    runs.create_index(["name"])


def _measurements(database: Database, name: str, columns: dict[str, type]) -> None:
    """A table that only grows. An index on the run alone: its entries are then in the order of recording.

    This keeps inserts fast, and "everything of this run after that row" is one walk along the index.
    """
    table = _table(database, name)
    table.create(columns, foreign_keys=[("run", "runs", "id")])
    table.create_index(["run"])


def _table(database: Database, name: str) -> Table:
    table = database[name]
    assert isinstance(table, Table)
    return table
