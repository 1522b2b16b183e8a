"""The tables, made by ordered, named migrations. A migration that was released is never changed: add another one.

```
runs           one row per run, with the figures that lists show
layers         one row per run and layer
steps          one row per run and recorded step: loss, penalties, learning rate
layer_stats    one row per run, measured step and layer: one column per statistic
epochs         one row per run, epoch and part of the data: scores; `final` for those taken at the end
tags           one row per run and tag
resumptions    one row per run and checkpoint from which its training went on, or began as a branch
interventions  one row per run and setting that was changed while it was trained
checkpoints    one row per run and checkpoint on disk; `path` is relative to the history's folder
pretraining    one row per run, hidden layer and epoch of pre-training
histograms     one row per run, chosen step, layer and quantity: moments, percentiles, counts as a JSON array
layer_probes   one row per run, chosen step and layer: Jacobian, variance ratios, units that are off as a JSON array
ensembles      one row per population, epoch, part and way of combining: scores of the members together; `final` as in epochs
confusion      one row per run, true class and answer that occurred: how often
pictures       one row per run and picture: worst examples, mistakes of the latest epoch (`step`), inputs and reconstructions
mistaken       one row per run: what was taken for what on the validation part after the latest epoch at which that was looked at
planes         one row per population whose inputs are two numbers: the grid of its regions, and examples that lie on it
regions        one row per run and chosen step: what was answered on the cells of the plane's grid
findings       one row per run, rule and step at which it was opened: what was wrong, since when, until when
reproductions  one row per time that the claims of a recipe were judged: when, where, at which scale
verdicts       one row per reproduction and claim: what came of it, with its numbers
reproduction_runs  one row per reproduction, group and run that its claims were judged by
```
The numbers of pictures, planes and regions are bytes; see `pictures` and `regions`. For the lists in a finding see `findings`.

Rows of the same run lie in the order in which they were recorded. Where a number is not finite, see `marker`.
"""

from __future__ import annotations

import sqlite3
from typing import Any

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


@migrations(name="0002_everything_else_that_a_training_tells")
def _second(database: Database) -> None:
    _grow_runs_and_layers(database)
    finding = {"run": int, "step": int}
    _measurements(database, "resumptions", {**finding, "epoch": int, "seconds": float, "at": str})
    change: dict[str, type] = {"number": int, "path": str, "before": float, "after": float, "origin": str, "pending": int}
    _measurements(database, "interventions", {**finding, **change})
    checkpoint = {"member": int, "epoch": int, "kind": str, "path": str, "interventions": int, "removed": int}
    _measurements(database, "checkpoints", {**finding, **checkpoint})
    pretraining = {"run": int, "layer": int, "name": str, "epoch": int, "epochs": int, "error": float, "seconds": float}
    _measurements(database, "pretraining", {**pretraining, "nonfinite": str})
    percentiles = dict.fromkeys(("p01", "p02", "p05", "p25", "p50", "p75", "p95", "p98", "p99"), float)
    numbers: dict[str, type] = {"mean": float, "std": float, **percentiles, "low": float, "high": float}
    of_layer = {**finding, "epoch": int, "layer": int}
    _measurements(
        database, "histograms", {**of_layer, "quantity": str, "examples": int, **numbers, "counts": str, "nonfinite": str}
    )
    ratios: dict[str, type] = dict.fromkeys(("jacobian", "activation_ratio", "gradient_ratio"), float)
    units = {"dead_units": int, "saturated_units": int, "unit_counts": str}
    _measurements(database, "layer_probes", {**of_layer, "examples": int, **ratios, **units, "nonfinite": str})
    combined = {"run": int, "epoch": int, "step": int, "final": int, "part": str, "method": str}
    _measurements(database, "ensembles", {**combined, **dict.fromkeys(_RUN_FIGURES, float), "nonfinite": str})
    _measurements(database, "confusion", {"run": int, "part": str, "truth": int, "answer": int, "count": int})
    picture: dict[str, type] = {"kind": str, "layer": int, "name": str, "position": int, "part": str, "example": int}
    picture |= {"label": str, "answer": str, "probability": float, "channels": int, "height": int, "width": int}
    _measurements(database, "pictures", {"run": int, **picture, "pixels": bytes, "nonfinite": str})


@migrations(name="0003_archived_runs_and_an_index_for_lists")
def _third(database: Database) -> None:
    _table(database, "runs").add_column("archived", str)
    _table(database, "runs").create_index(_LIST_COLUMNS, index_name="idx_runs_list")


_LIST_COLUMNS = (
    *("deleted", "archived", "id", "name", "status", "data", "task", "depth", "width", "activation", "init", "optimizer", "lr"),
    *("seed", "device", "started", "epoch", "best_validation_cost"),
    *(f"{part}_{figure}" for part in ("train", "validation", "test") for figure in _RUN_FIGURES),
)
"""What lists are mostly filtered and sorted by. Rows of runs are long, for they hold the experiment: a list reads this index instead."""


@migrations(name="0004_pictures_of_what_a_network_does")
def _fourth(database: Database) -> None:
    _table(database, "pictures").add_column("step", int)
    moment = {"run": int, "step": int, "epoch": int}
    _measurements(database, "mistaken", {**moment, "counts": str})
    edges: dict[str, type] = dict.fromkeys(("left", "right", "bottom", "top", "low", "high"), float)
    _measurements(database, "planes", {"run": int, "rows": int, "columns": int, **edges, "points": bytes})
    _measurements(database, "regions", {**moment, "cells": bytes})


@migrations(name="0005_findings")
def _fifth(database: Database) -> None:
    columns = {"rule": str, "severity": str, "opened": int, "updated": int, "closed": int}
    table = _table(database, "findings")
    texts: dict[str, type] = dict.fromkeys(("words", "layers", "evidence", "remedies", "nonfinite"), str)
    table.create({"run": int, **columns, **texts}, foreign_keys=[("run", "runs", "id")])
    # Filters and lists are answered from these alone, without the rows.
    table.create_index(["run", "closed", "severity", "rule", "opened"], index_name="idx_findings_run")
    table.create_index(["rule", "closed", "run"], index_name="idx_findings_rule")


@migrations(name="0006_reproductions_of_recipes")
def _sixth(database: Database) -> None:
    texts: dict[str, type] = dict.fromkeys(("recipe", "digest", "scale", "settings", "started", "ended", "device", "host"), str)
    judged = _table(database, "reproductions")
    judged.create({"id": int, **texts, "versions_json": str, "seeds": int, "trained": int, "seconds": float}, pk="id")
    judged.create_index(["recipe"])
    of_one: list[Any] = [("reproduction", "reproductions", "id")]
    words: dict[str, type] = dict.fromkeys(("says", "check", "outcome", "words", "published_source"), str)
    verdicts = {"reproduction": int, "number": int, **words, "ours": float, "published": float}
    _table(database, "verdicts").create(verdicts, pk=("reproduction", "number"), foreign_keys=of_one)
    runs = _table(database, "reproduction_runs")
    runs.create({"reproduction": int, "label": str, "run": int}, foreign_keys=[*of_one, ("run", "runs", "id")])
    runs.create_index(["reproduction"])
    # Whether an experiment has been run is looked up for each one of a recipe.
    _table(database, "runs").create_index(["experiment_hash", "seed"], index_name="idx_runs_experiment")


@migrations(name="0007_whether_runs_were_diagnosed_to_their_end")
def _seventh(database: Database) -> None:
    """Of the runs that are there already it is not known: a diagnosis that broke off left no word of it."""
    runs = _table(database, "runs")
    runs.add_column("diagnosed", int)
    runs.create_index(["diagnosed"])  # the filter for runs without findings reads it instead of the rows


def _grow_runs_and_layers(database: Database) -> None:
    """What is new of runs and layers. All layers recorded until then were dense; of maxout several sets of weights share a unit."""
    runs, layers = _table(database, "runs"), _table(database, "layers")
    for name, kind in {"origin": str, "reason": str, "restored_step": int, "ended_step": int, "ended_epoch": int}.items():
        runs.add_column(name, kind)
    for name in ("ensemble", "checkpoint_step"):
        runs.add_column(name, int)
    for part in ("validation", "test"):
        for figure in (*_RUN_FIGURES, "vote_accuracy"):
            runs.add_column(f"combined_{part}_{figure}", float)
    for name, kind in {"kind": str, "weights": int, "shape": str}.items():
        layers.add_column(name, kind)
    pieces = "MAX(1, parameters / MAX(1, outputs * (inputs + 1)))"
    database.conn.execute(
        f"UPDATE layers SET kind = 'dense', weights = inputs * outputs * {pieces}, shape = '[' || outputs || ']'"  # noqa: S608
    )


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
