"""How a training goes: its costs in blocks of steps, and its scores after epochs, as shares of the chance level.

Axes of the arrays: S records, M measurements, B blocks, E epochs, P members.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.events import EpochEnded, Floats, Frame, Score
from engine.insight.latch import Steps
from engine.insight.subject import RECTIFYING, Subject
from engine.insight.thresholds import NEARLY_ALL_DEAD
from engine.vocabulary import STATISTICS, Statistic

LEAST_STEPS, LEAST_RECORDS, GROWTH = 8, 4, 0.05
"""A block has so many steps and records at least, and so large a share of the steps before it: there are some 300 at most."""

UPDATE = STATISTICS.index(Statistic.UPDATE_RATIO)
GRADIENT = STATISTICS.index(Statistic.WEIGHT_GRADIENT_NORM)
SIZE = STATISTICS.index(Statistic.WEIGHT_NORM)
DEAD = STATISTICS.index(Statistic.DEAD)
BACK = [STATISTICS.index(Statistic.GRADIENT_MEAN), STATISTICS.index(Statistic.GRADIENT_STD)]


class Grown:
    """Rows of one shape in an array that grows."""

    def __init__(self, *shape: int) -> None:
        self._rows = np.empty((16, *shape))
        self._count = 0

    def append(self, row: Floats | float) -> None:
        """Add one row."""
        self.extend(np.asarray(row)[None])

    def extend(self, rows: Floats) -> None:
        """Add several rows."""
        count = self._count + len(rows)
        if count > len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty((count, *self._rows.shape[1:]))])
        self._rows[self._count : count] = rows
        self._count = count

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> Floats:
        """All rows; to be read only."""
        return self._rows[: self._count]


@dataclass(eq=False)
class Blocks:
    """Records in blocks: long enough to tell the trend from the noise, short enough early to tell early."""

    subject: Subject
    ends: Grown = field(init=False)  # [B] last step
    level: Grown = field(init=False)  # [B, P] mean training cost as a share of the reference
    noise: Grown = field(init=False)  # [B, P] standard deviation of the cost of a batch around the trend, likewise
    batches: Grown = field(init=False)  # [B] steps in the block
    figures: Grown = field(init=False)  # [B, 4, P] `fastest`, `middle`, `slope` and `passed`, medians over the measurements
    reference: Floats = field(init=False)  # [P] the chance level, or the first cost where that is not known
    first: Floats | None = None  # [P] cost of the first record, as a share of the reference
    penalty: Floats | None = None  # [P] what L1 and L2 added at the first record, likewise

    def __post_init__(self) -> None:
        members = self.subject.members
        self.ends, self.batches = Grown(), Grown()
        self.level, self.noise, self.figures = Grown(members), Grown(members), Grown(4, members)
        self.reference = np.full(members, self.subject.chance)
        self._steps = np.empty(0, np.int64)  # of the records that are in no block yet
        self._losses, self._gaps = np.empty((0, members)), np.empty(0)
        self._last = 0  # step of the last record
        self._measured = np.empty(0, np.int64)
        self._figures = np.empty((0, 4, members))

    @property
    def fastest(self) -> Floats:
        """[B, P] update ratio of the fastest layer."""
        return self.figures.rows[:, 0]

    @property
    def middle(self) -> Floats:
        """[B, P] update ratio of the median layer."""
        return self.figures.rows[:, 1]

    @property
    def slope(self) -> Floats:
        """[B, P] weight gradient over weights, the largest of the layers."""
        return self.figures.rows[:, 2]

    @property
    def passed(self) -> Floats:
        """[B, P] gradient of a hidden layer over the largest above it, the least of the layers."""
        return self.figures.rows[:, 3]

    def take(self, frame: Frame) -> None:
        """Take in the records and measurements of a frame."""
        if len(frame.steps) == 0:
            return
        if self.first is None:
            self._begin(frame)
        gaps = np.diff(frame.steps, prepend=self._last)
        self._last = int(frame.steps[-1])
        self._steps = np.concatenate([self._steps, frame.steps])
        self._losses = np.concatenate([self._losses, frame.loss / self.reference])
        self._gaps = np.concatenate([self._gaps, np.maximum(gaps, 1)])
        if len(frame.layer_steps):
            self._measured = np.concatenate([self._measured, frame.layer_steps])
            self._figures = np.concatenate([self._figures, self._of_layers(frame)])
        self._close_blocks()

    def _begin(self, frame: Frame) -> None:
        first = frame.loss[0]
        self._last = int(frame.steps[0]) - 1
        unknown = ~np.isfinite(self.reference)
        self.reference = np.where(unknown, np.where(np.isfinite(first), first, np.nan), self.reference)
        self.first = first / self.reference
        self.penalty = (frame.l1[0] + frame.l2[0]) / self.reference

    def _of_layers(self, frame: Frame) -> Floats:
        """[M, 4, P] of the layers with weights: fastest and median update ratio, largest relative gradient; what passes them."""
        values = frame.layers[:, :, self.subject.weighted].astype(np.float64)
        if values.shape[2] == 0:
            return np.full((len(values), 4, values.shape[1]), np.nan)
        update = values[..., UPDATE]
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.where(values[..., SIZE] > 0, values[..., GRADIENT] / values[..., SIZE], 0.0)
            middle = np.sort(update, axis=-1)[..., update.shape[-1] // 2]  # not-a-number is last
        return np.stack([update.max(-1), middle, slope.max(-1), self._passed(frame)], axis=1)

    def _passed(self, frame: Frame) -> Floats:
        """[M, P] the least of the hidden layers' gradients over the largest above, but for those below dead units."""
        hidden = self.subject.hidden
        if hidden.sum() < 2:
            return np.full(frame.layers.shape[:2], np.nan)
        back = frame.layers[:, :, hidden][..., BACK].astype(np.float64)
        size = np.sqrt(np.square(back).sum(-1) * self.subject.values[hidden])
        above = np.maximum.accumulate(size[..., :0:-1], axis=-1)[..., ::-1]
        dead = (frame.layers[:, :, hidden, DEAD] >= NEARLY_ALL_DEAD) & self.subject.with_activation(RECTIFYING)[hidden]
        blocked = np.logical_or.accumulate(dead[..., ::-1], axis=-1)[..., :0:-1]
        with np.errstate(divide="ignore", invalid="ignore"):
            passed: Floats = np.fmin.reduce(np.where((above > 0) & ~blocked, size[..., :-1] / above, np.nan), axis=-1)
        return passed

    def _close_blocks(self) -> None:
        begin = int(self.ends.rows[-1]) if len(self.ends) else int(self._steps[0] - self._gaps[0])
        while True:
            end = int(np.searchsorted(self._steps, begin + max(LEAST_STEPS, int(GROWTH * begin))))
            end = max(end, LEAST_RECORDS - 1)
            if end >= len(self._steps):
                return
            self._close(end + 1)
            begin = int(self.ends.rows[-1])

    def _close(self, count: int) -> None:
        """Make a block of the first records."""
        losses, gaps = self._losses[:count], self._gaps[:count, None]
        steps = gaps.sum()
        self.ends.append(float(self._steps[count - 1]))
        self.batches.append(float(steps))
        with np.errstate(over="ignore", invalid="ignore"):
            self.level.append((losses * gaps).sum(0) / steps)
            jumps = np.square(np.diff(losses, axis=0)) / (1 / gaps[1:] + 1 / gaps[:-1])
            self.noise.append(np.sqrt(jumps.mean(0)))
        inside = int(np.searchsorted(self._measured, self._steps[count - 1], side="right"))
        self.figures.append(self._median(inside))
        self._steps, self._losses, self._gaps = self._steps[count:], self._losses[count:], self._gaps[count:]
        self._measured, self._figures = self._measured[inside:], self._figures[inside:]

    def _median(self, count: int) -> Floats:
        """[4, P] of the first measurements; those of the block before where there are none."""
        median: Floats = np.full(self._figures.shape[1:], np.nan)
        if count == 1:  # as often as not, and ten times faster than a median
            median = self._figures[0]
        elif count:
            median = np.median(self._figures[:count], axis=0)
        elif len(self.figures):
            median = self.figures.rows[-1]
        return median

    def level_at(self, steps: Steps) -> Floats:
        """[M, P, 1] the level of the last block that had ended by each step; before the first the first cost."""
        assert self.first is not None
        levels = np.concatenate([self.first[None], self.level.rows])
        places = np.searchsorted(self.ends.rows, steps, side="right")
        return levels[places][:, :, None]


def guessing_wrong(subject: Subject) -> float:
    """Share of wrong answers of naming the most frequent class."""
    shares = subject.data.class_shares or [1 / max(len(subject.data.classes), 2)]
    return max(1 - max(shares), 1e-9)


class Epochs:
    """Scores after epochs, as shares of the chance level."""

    def __init__(self, subject: Subject) -> None:
        members = subject.members
        self._guessing_wrong = guessing_wrong(subject)
        self.steps, self.numbers = Grown(), Grown()  # [E]
        self.train, self.validation = Grown(members), Grown(members)  # [E, P]
        self.wrong = Grown(members)  # [E, P] share of wrong training answers over that of guessing; not-a-number of a regression

    def take(self, events: Sequence[EpochEnded], reference: Floats) -> None:
        """Take in the ends of some epochs."""
        if not events:
            return
        self.steps.extend(np.array([event.step for event in events]))
        self.numbers.extend(np.array([event.epoch for event in events]))
        self.train.extend(np.array([_costs(event.train) for event in events]) / reference)
        self.validation.extend(np.array([_costs(event.validation) for event in events]) / reference)
        right = np.array([[np.nan if score.accuracy is None else score.accuracy for score in event.train] for event in events])
        self.wrong.extend((1 - right) / self._guessing_wrong)

    def train_before(self, steps: Floats) -> Floats:
        """[B, P] the latest training cost told before each step; infinite where there is none."""
        return self._before(self.train.rows, steps)

    def wrong_before(self, steps: Floats) -> Floats:
        """[B, P] the latest share of wrong training answers told before each step; infinite where there is none."""
        return self._before(self.wrong.rows, steps)

    def _before(self, rows: Floats, steps: Floats) -> Floats:
        told = np.concatenate([np.full((1, rows.shape[1]), np.inf), rows])
        found: Floats = told[np.searchsorted(self.steps.rows, steps, side="left")]
        return np.where(np.isnan(found), np.inf, found)


def _costs(scores: Sequence[Score | None]) -> list[float]:
    return [np.nan if score is None else score.cost for score in scores]
