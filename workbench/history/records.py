"""What is read from the history. Frozen; loads nothing but the standard library.

In all of them None means "not measured", and not-a-number and infinity mean what they say.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.vocabulary import STATISTICS, Statistic

if TYPE_CHECKING:
    from engine.experiment import Experiment


class Origin(StrEnum):
    """How a run was made from its parent."""

    LIKE = "like"  # from its experiment, perhaps changed
    REPLAY = "replay"  # the same experiment, with the changes that were made while it was trained
    BRANCH = "branch"  # from one of its checkpoints
    FIX = "fix"  # from its experiment, with a remedy for something that was found to be wrong


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run as lists show it: what was trained, where, how far it came and how well it did.

    The figures are those of the last epoch while the run goes on, and those of its end afterwards; a run that diverged has
    none but `best_validation_cost` and the loss that was not finite. Times are ISO 8601 in UTC.
    """

    id: int
    name: str
    tags: tuple[str, ...]  # sorted
    note: str
    status: str  # a value of engine.vocabulary.Status
    message: str | None  # why it failed or was interrupted
    started: str
    updated: str  # when something was last recorded
    ended: str | None
    experiment_json: str
    experiment_hash: str
    seed: int
    data: str
    task: str
    depth: int
    width: str  # "64", or "256,128" where layers differ
    activation: str
    init: str
    optimizer: str
    lr: float
    device: str
    threads: int
    parameters: int
    data_json: str  # engine.events.DataInfo
    steps_per_epoch: int
    measured_every: int
    epoch: int
    step: int
    total_steps: int
    seconds: float  # of training, pauses left out
    measuring: float | None  # share of those seconds that the probes took
    loss: float | None  # latest recorded mean cost of a batch
    train_cost: float | None
    train_accuracy: float | None
    train_r2: float | None
    train_mae: float | None
    validation_cost: float | None
    validation_accuracy: float | None
    validation_r2: float | None
    validation_mae: float | None
    test_cost: float | None
    test_accuracy: float | None
    test_r2: float | None
    test_mae: float | None
    best_validation_cost: float | None
    ensemble: int | None  # networks whose answers are combined; None where there is no ensemble
    combined_validation_cost: float | None  # of the mean of their outputs, as all that follow but the votes
    combined_validation_accuracy: float | None
    combined_validation_r2: float | None
    combined_validation_mae: float | None
    combined_validation_vote_accuracy: float | None  # of the class that most of them name
    combined_test_cost: float | None
    combined_test_accuracy: float | None
    combined_test_r2: float | None
    combined_test_mae: float | None
    combined_test_vote_accuracy: float | None
    diverged_step: int | None
    diverged_layer: str | None
    diverged_quantity: str | None
    reason: str | None  # why it ended before its last step, where it chose to: "early stopping", "target", "callback"
    restored_step: int | None  # the step whose weights it ended with, where that is not the last
    ended_step: int | None  # where it ended while other members went on
    ended_epoch: int | None
    checkpoint_step: int | None  # of the latest checkpoint
    parent: int | None  # the run that this one repeats or changes
    origin: str | None  # how it was made from its parent: a value of `Origin`; None too in histories of before there were several
    population: int | None  # shared by runs that were trained together: the id of the first of them
    member: int  # place in the population, from 0
    versions_json: str
    git_commit: str | None
    host: str
    pid: int
    process_started: str | None  # tells a process from others with the same pid; None where the system does not say
    deleted: str | None  # when it was moved out of the lists
    archived: str | None  # when it was put away: lists show it only where it is asked for
    findings: tuple[str, ...] = ()  # the rules of those that are not closed, the most serious first
    severity: str | None = None  # of the first of them: a value of engine.insight.finding.Severity
    diagnosed: bool = False  # whether it was diagnosed to its end; False also where that is not known

    @property
    def trained_with(self) -> int:
        """The id of the first run of its population; its own if it was trained alone."""
        return self.id if self.population is None else self.population

    @property
    def experiment(self) -> Experiment:
        """The experiment, validated anew. Loads pydantic.

        Raises:
            ConfigurationError: this version does not know all of its settings.
        """
        from engine.experiment import Experiment

        return Experiment.from_json(self.experiment_json)

    @property
    def data_fingerprint(self) -> str:
        """Hex digits that equal data share; empty where they were not recorded."""
        fingerprint: str = json.loads(self.data_json).get("fingerprint", "")
        return fingerprint


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer of a run's network."""

    layer: int  # from 0, at the input
    name: str
    inputs: int
    outputs: int
    activation: str
    parameters: int
    kind: str  # a key of engine.catalog.BLOCKS
    weights: int  # those that L1 and L2 apply to
    shape: tuple[int, ...]  # of what leaves


@dataclass(frozen=True, slots=True)
class StepRow:
    """The record of one step."""

    rowid: int  # grows; reading on from the last one seen misses nothing
    step: int
    seconds: float | None
    loss: float | None
    l1: float | None
    l2: float | None
    lr: float | None


@dataclass(frozen=True, slots=True)
class LayerStatRow:
    """The measurement of one layer at one step."""

    rowid: int
    step: int
    layer: int
    name: str
    values: tuple[float | None, ...]  # [K] in the order of engine.vocabulary.STATISTICS

    def value(self, statistic: Statistic) -> float | None:
        """One statistic."""
        return self.values[STATISTICS.index(statistic)]


@dataclass(frozen=True, slots=True)
class EpochRow:
    """How good a run was on one part of the data after an epoch, or at its end."""

    rowid: int
    epoch: int
    step: int
    part: str  # "train", "validation" or "test"
    final: bool  # taken after training, on all examples of the part
    cost: float | None
    accuracy: float | None
    r2: float | None
    mae: float | None
    seconds: float | None
