"""Runs of a plan as the history keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import Statistic, Status
from workbench.claims.errors import Undecided
from workbench.claims.quantities import PERCENTILE_NAMES, PROBES
from workbench.claims.records import Course, Trained
from workbench.claims.term_checking import LAYER_KINDS
from workbench.history.detail_records import HistogramRow, LayerProbeRow
from workbench.history.records import RunRecord
from workbench.history.series import ScoreSeries, SeriesHistory
from workbench.recipes.records import Group
from workbench.remedy import findings_of

Floats = NDArray[np.float64]


class StoredRuns:
    """The runs that belong to the groups of a plan, by a reader of their history. What was read is kept.

    Args:
        history: the reader; it belongs to the thread that opened it.
        matched: by the label of a group, for each of its experiments the run that trained it; None where it is still to be trained.
    """

    def __init__(self, history: SeriesHistory, matched: Mapping[str, Sequence[RunRecord | None]]) -> None:
        self._history = history
        self._matched = matched
        self._made: dict[str, tuple[Trained | None, ...]] = {}

    def of(self, group: Group) -> Sequence[Trained | None]:
        """One for each seed; an ensemble is there when all of its members are."""
        if group.label not in self._made:
            records = self._matched.get(group.label, (None,) * len(group.experiments))
            members = group.experiments[0].ensemble.members
            seeds = [records[first : first + members] for first in range(0, len(records), members)]
            self._made[group.label] = tuple(self._trained([record for record in each if record], members) for each in seeds)
        return self._made[group.label]

    def _trained(self, records: Sequence[RunRecord], members: int) -> Trained | None:
        if len(records) < members:
            return None
        runs = [StoredRun(self._history, record) for record in records]
        return runs[0] if members == 1 else StoredEnsemble(runs)


class StoredRun:
    """One run that has ended."""

    def __init__(self, history: SeriesHistory, record: RunRecord) -> None:
        self._history = history
        self._record = record
        self._layers: dict[str, Course | None] = {}

    @property
    def seed(self) -> int:
        """Its seed."""
        return self._record.seed

    @property
    def diverged(self) -> bool:
        """Whether its cost was no longer a finite number."""
        return self._record.status == Status.DIVERGED

    @property
    def last_step(self) -> int:
        """The step at which it ended, alone or with others that went on."""
        record = self._record
        if self.diverged and record.diverged_step is not None:
            return record.diverged_step
        return record.step if record.ended_step is None else record.ended_step

    @property
    def steps_per_epoch(self) -> int:
        """Steps in a pass over the training data."""
        return max(self._record.steps_per_epoch, 1)

    def examples(self, part: str) -> int:
        """How many there are in a part of its data."""
        return int(json.loads(self._record.data_json).get(part, 0))

    def figure(self, name: str) -> float | None:
        """A figure of its end; None where it has none."""
        record = self._record
        match name:
            case "diverged":
                return float(self.diverged)
            case "plateau":
                return self._plateau
            case "steps":
                return float(self.last_step)
            case "epochs":
                return self.last_step / self.steps_per_epoch
            case "gap":
                test, train = self.figure("test_error"), self.figure("train_error")
                return None if test is None or train is None else test - train
        if name.endswith("error"):
            share = self.figure(name.removesuffix("error") + "accuracy")
            return None if share is None else 100 * (1 - share)
        value = getattr(record, name)
        return None if value is None else float(value)

    def course(self, name: str) -> Course | None:
        """A quantity of the run while it was trained."""
        if name == "loss":
            steps = self._history.step_series(self._record, most=max(self._record.step, 1))
            return Course(steps.step, steps.loss)
        part, _, score = name.partition("_")
        series = self._scores.get((part, "accuracy" if score == "error" else score))
        if series is None:
            return None
        return Course(series.step, 100 * (1 - series.value) if score == "error" else series.value)

    def layers(self, name: str) -> Course | None:
        """A quantity of its layers while it was trained: those of the hidden ones that have weights, and the output."""
        if name not in self._layers:
            self._layers[name] = self._layer_course(name)
        return self._layers[name]

    def findings(self) -> frozenset[str]:
        """The rules that found something in it at any time.

        Raises:
            Undecided: it was not looked through to its end while it was trained, and cannot be now.
        """
        return self._findings

    @cached_property
    def _findings(self) -> frozenset[str]:
        try:
            found = findings_of(self._history, self._record)
        except Exception as error:  # whatever fails in a rule is no reason to judge by half of what would be found
            raise Undecided(f"the run of seed {self.seed} cannot be looked through for findings: {error}") from error
        return frozenset(finding.rule for finding in found)

    @cached_property
    def _plateau(self) -> float:
        """The share of plateaus in the cost about its first weights, which is not recorded but worked out (see `engine.insight`)."""
        from engine.errors import EngineError
        from engine.insight.surface import surface_of  # torch is loaded for this alone

        try:
            surface = surface_of(self._record.experiment)
        except EngineError as error:
            raise Undecided(f"plateau cannot be worked out: {error}") from None
        if not np.isfinite(surface.slopes).all():
            raise Undecided(f"plateau is not defined for the run of seed {self.seed}: its surface is not finite everywhere")
        return surface.plateau

    @cached_property
    def _scores(self) -> Mapping[tuple[str, str], ScoreSeries]:
        return self._history.score_series(self._record.id)

    @cached_property
    def _counted(self) -> list[int]:
        """The places of the layers that count, the output last."""
        rows = self._history.layers(self._record.id)
        hidden = [row.layer for row in rows[:-1] if row.kind in LAYER_KINDS]
        return [*hidden, rows[-1].layer] if rows else []

    def _layer_course(self, name: str) -> Course | None:
        if name in PROBES:
            return self._taken([(row, getattr(row, name)) for row in self._history.layer_probes(self._record.id)])
        if name in PERCENTILE_NAMES:
            quantity, percent = PERCENTILE_NAMES[name]
            rows = [row for row in self._history.histograms(self._record.id) if row.quantity == quantity]
            return self._taken([(row, row.percentile(percent)) for row in rows])
        series = self._history.layer_series(self._record.id, Statistic(name))
        return Course(series.step, series.values[self._counted].T) if series.step.size else None

    def _taken(self, found: Sequence[tuple[HistogramRow | LayerProbeRow, float | None]]) -> Course | None:
        """What was taken together with the distributions."""
        taken = [(row, value) for row, value in found if value is not None]
        steps = sorted({row.step for row, _ in taken})
        if not steps:
            return None
        place = {layer: column for column, layer in enumerate(self._counted)}
        values = np.full((len(steps), len(place)), np.nan)
        for row, value in taken:
            if row.layer in place:
                values[steps.index(row.step), place[row.layer]] = value
        return Course(np.array(steps, np.float64), values)


class StoredEnsemble:
    """The members of one ensemble: what they answer together, and else the means over them."""

    def __init__(self, members: Sequence[StoredRun]) -> None:
        self._members = members

    @property
    def seed(self) -> int:
        """That of its first member."""
        return self._members[0].seed

    @property
    def diverged(self) -> bool:
        """Whether any member did."""
        return any(member.diverged for member in self._members)

    @property
    def last_step(self) -> int:
        """The step at which the last of them ended."""
        return max(member.last_step for member in self._members)

    @property
    def steps_per_epoch(self) -> int:
        """Steps in a pass over the training data."""
        return self._members[0].steps_per_epoch

    def examples(self, part: str) -> int:
        """How many there are in a part of the data, which its members share."""
        return self._members[0].examples(part)

    def figure(self, name: str) -> float | None:
        """The mean over the members; what they answer together, they have in common."""
        found = [member.figure(name) for member in self._members]
        values = [value for value in found if value is not None]
        return sum(values) / len(values) if len(values) == len(found) else None

    def course(self, name: str) -> Course | None:
        """The mean over the members at the steps that all of them have."""
        return _mean([member.course(name) for member in self._members])

    def layers(self, name: str) -> Course | None:
        """The mean over the members at the steps that all of them have."""
        return _mean([member.layers(name) for member in self._members])

    def findings(self) -> frozenset[str]:
        """The rules that found something in any member."""
        return frozenset().union(*(member.findings() for member in self._members))


def _mean(courses: Sequence[Course | None]) -> Course | None:
    there = [course for course in courses if course is not None]
    if len(there) < len(courses):
        return None
    steps = there[0].steps
    for course in there[1:]:
        steps = np.intersect1d(steps, course.steps)
    return Course(steps, np.mean([course.values[np.isin(course.steps, steps)] for course in there], axis=0))
