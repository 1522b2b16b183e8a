"""How runs ended, held against each other: alone or as groups that differ in their seed, and against a baseline."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from workbench.history.records import RunRecord
from workbench.plots.numbers import ABSENT, format_duration, format_number


class Kind(Enum):
    """How a figure is written."""

    NUMBER = "number"
    SHARE = "share"
    SECONDS = "seconds"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a run's end: a field of `RunRecord`."""

    field: str
    title: str
    kind: Kind
    better: int
    """1: more is better; -1: less is; 0: neither."""


FIGURES = (
    Figure("test_accuracy", "test accuracy", Kind.SHARE, 1),
    Figure("test_r2", "test R²", Kind.NUMBER, 1),
    Figure("validation_cost", "validation cost", Kind.NUMBER, -1),
    Figure("validation_accuracy", "validation accuracy", Kind.SHARE, 1),
    Figure("validation_r2", "validation R²", Kind.NUMBER, 1),
    Figure("test_cost", "test cost", Kind.NUMBER, -1),
    Figure("best_validation_cost", "best validation cost", Kind.NUMBER, -1),
    Figure("train_accuracy", "train accuracy", Kind.SHARE, 1),
    Figure("train_r2", "train R²", Kind.NUMBER, 1),
    Figure("train_cost", "train cost", Kind.NUMBER, -1),
    Figure("test_mae", "test mean abs. error", Kind.NUMBER, -1),
    Figure("validation_mae", "validation mean abs. error", Kind.NUMBER, -1),
    Figure("train_mae", "train mean abs. error", Kind.NUMBER, -1),
    Figure("combined_validation_accuracy", "together: valid. accuracy", Kind.SHARE, 1),
    Figure("combined_test_accuracy", "together: test accuracy", Kind.SHARE, 1),
    Figure("combined_test_r2", "together: test R²", Kind.NUMBER, 1),
    Figure("seconds", "time", Kind.SECONDS, -1),
    Figure("epoch", "epochs done", Kind.COUNT, 0),
    Figure("step", "steps done", Kind.COUNT, 0),
    Figure("parameters", "parameters", Kind.COUNT, 0),
    Figure("restored_step", "weights of step", Kind.COUNT, 0),
    Figure("diverged_step", "diverged at step", Kind.COUNT, 0),
)
"""All that are compared, the most telling first."""

BETTER, WORSE, SAME = "✓", "✗", "="
"""Signs behind a difference to the baseline."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A figure over the n runs of a group that have it."""

    n: int
    mean: float
    """Not-a-number where that of any run of several is not finite."""
    std: float | None
    """Sample standard deviation (n - 1 in the denominator); None of a single run."""
    without: int = 0
    """Runs of the group that do not have it, as those that diverged have no scores."""
    not_finite: int = 0
    """Those of the n of which it is no finite number."""

    def text(self, kind: Kind) -> str:
        """`97.20%`, or `97.20 ± 0.32%` of several runs; behind it of how many, where it is not of all: `(4 of 5)`."""
        return " ".join(filter(None, (self._numbers(kind), self.note)))

    @property
    def note(self) -> str:
        """Of how many runs it is, where it is not of all of them, or in how many it is not finite: `(4 of 5)`."""
        runs = self.n + self.without
        if self.not_finite and runs > 1:
            return f"({self.not_finite} of {runs} not finite)"
        return f"({self.n} of {runs})" if self.without else ""

    def _numbers(self, kind: Kind) -> str:
        if self.not_finite and self.n > 1:
            return ABSENT
        if self.std is None or (kind is Kind.COUNT and self.std == 0):
            return text_of(kind, self.mean)
        mean = text_of(kind, self.mean)
        return f"{mean.removesuffix('%') if kind is Kind.SHARE else mean} ± {text_of(kind, self.std)}"


@dataclass(frozen=True, slots=True)
class Delta:
    """By how much a figure differs from that of the baseline."""

    value: float
    verdict: int
    """1: better; -1: worse; 0: neither."""

    def text(self, figure: Figure) -> str:
        """The signed difference and its sign: `−0.02 ✓`, `+1.31 ✗`, of shares in percentage points; `=` where there is none."""
        if self.value == 0:
            return SAME
        number = text_of(figure.kind, abs(self.value)).removesuffix("%")
        sign = {1: f" {BETTER}", -1: f" {WORSE}", 0: ""}[self.verdict]
        return f"{'+' if self.value > 0 else '−'}{number}{sign}"


def grouped(records: Sequence[RunRecord]) -> tuple[tuple[RunRecord, ...], ...]:
    """The runs of the same experiment, whatever their seed, together; in the order in which each group first occurs."""
    groups: dict[str, list[RunRecord]] = {}
    for record in records:
        groups.setdefault(record.experiment_hash, []).append(record)
    return tuple(tuple(group) for group in groups.values())


def summary(figure: Figure, records: Iterable[RunRecord]) -> Summary | None:
    """A figure of one run or of a group; None where none of them has it."""
    found = [getattr(record, figure.field) for record in records]
    values = [float(value) for value in found if value is not None]
    if not values:
        return None
    without, not_finite = len(found) - len(values), sum(not math.isfinite(value) for value in values)
    if len(values) == 1:
        return Summary(1, values[0], None, without, not_finite)
    if not_finite:
        return Summary(len(values), math.nan, math.nan, without, not_finite)
    return Summary(len(values), statistics.fmean(values), statistics.stdev(values), without)


def delta(figure: Figure, of: Summary | None, baseline: Summary | None) -> Delta | None:
    """The difference of means; None where one of them is absent or not finite."""
    if of is None or baseline is None or not math.isfinite(of.mean - baseline.mean):
        return None
    value = of.mean - baseline.mean
    return Delta(value, figure.better * ((value > 0) - (value < 0)))


def figures_of(records: Iterable[RunRecord]) -> tuple[Figure, ...]:
    """The figures that any of the runs has."""
    there = list(records)
    return tuple(figure for figure in FIGURES if any(getattr(record, figure.field) is not None for record in there))


def text_of(kind: Kind, value: float) -> str:
    """A figure as text. Shares have two decimals: runs often differ by less than one in a hundred."""
    return _TEXTS[kind](value) if math.isfinite(value) else str(value)


_TEXTS: Mapping[Kind, Callable[[float], str]] = {
    Kind.NUMBER: format_number,
    Kind.SHARE: lambda value: f"{100 * value:.2f}%",
    Kind.SECONDS: format_duration,
    Kind.COUNT: lambda value: f"{value:,.0f}" if value == int(value) else f"{value:,.1f}",
}
