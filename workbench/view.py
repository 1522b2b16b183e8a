"""What is known of one member of a training at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.events import Checkpointed, DataInfo, Intervened, LayerInfo, MemberEnded, Outcome, Resumed
from engine.experiment import Experiment
from engine.insight.finding import Finding
from engine.pictures import Plane
from engine.vocabulary import PERCENTILES, QUANTITIES, STATISTICS, Quantity, Statistic, Status
from workbench.crowd import Crowd
from workbench.track import joined
from workbench.view_parts import CombinedView as CombinedView
from workbench.view_parts import DistributionView as DistributionView
from workbench.view_parts import ExaminedView as ExaminedView
from workbench.view_parts import PretrainingView as PretrainingView
from workbench.view_parts import ReconstructionView as ReconstructionView
from workbench.view_parts import RegionView as RegionView

Floats = NDArray[np.float64]
Float32s = NDArray[np.float32]


@dataclass(frozen=True)  # without slots, for the cached property
class RunView:
    """What is known of one member at one moment. The arrays are never changed afterwards and cannot be written to.

    Axes: S recorded steps, M measurements of the layers, E epochs and D distributions that are kept, L layers, K statistics,
    Q quantities, T percentiles. The first and the latest are always kept; in between, of long runs every 2nd, 4th, … one. Of a
    member that ended while others went on, all of them end there.
    """

    status: str  # a value of engine.vocabulary.Status, or `PREPARING`
    message: str | None
    experiment: Experiment | None
    data: DataInfo | None
    layers: tuple[LayerInfo, ...]
    parameters: int
    device: str
    threads: int
    step: int
    total_steps: int
    epoch: int
    steps_per_epoch: int
    seconds: float
    steps_per_second: float | None  # lately; over the whole run once it has ended
    seconds_left: float | None  # at that speed; None once the run has ended
    steps: NDArray[np.int64]  # [S]
    step_seconds: Floats  # [S] of training until then, pauses left out
    loss: Floats  # [S]
    l1: Floats  # [S]
    l2: Floats  # [S]
    lr: Floats  # [S]
    epochs: NDArray[np.int64]  # [E] numbers of the epochs, from 1
    epoch_steps: NDArray[np.int64]  # [E] the steps at which they ended
    train_cost: Floats  # [E], as all that follow; not-a-number where there is none
    train_accuracy: Floats
    train_r2: Floats
    train_mae: Floats
    validation_cost: Floats
    validation_accuracy: Floats
    validation_r2: Floats
    validation_mae: Floats
    layer_steps: NDArray[np.int64]  # [M] the steps at which layers were measured
    measured: tuple[Float32s, Float32s]  # `layer_stats` in two pieces: [M or M - 1, L, K], [0 or 1, L, K]
    latest: Float32s  # [L, K] of the latest measurement; not-a-number before there is one
    interventions: tuple[Intervened, ...]  # the latest ones, in their order
    checkpoints: tuple[Checkpointed, ...]  # the latest ones, in their order
    resumed: Resumed | None  # the latest checkpoint from which training went on or, as a branch, began
    ended: MemberEnded | None  # where it ended while others went on
    ends: tuple[MemberEnded, ...]  # of all members that have
    pretraining: tuple[PretrainingView, ...]  # a layer after the other
    reconstruction: ReconstructionView | None  # the latest
    combined: CombinedView
    first_distributions: DistributionView | None
    distributions: DistributionView | None  # the latest
    taken: tuple[DistributionView, ...]  # some of them, with their histograms, over the whole run
    distribution_steps: NDArray[np.int64]  # [D] the steps at which they were taken
    spread: tuple[Float32s, Float32s]  # [D or D - 1, L, Q, T + 1], [0 or 1, ...]: percentiles, then the standard deviation
    plane: Plane | None  # where regions are taken; None where the inputs are not two numbers
    regions: tuple[RegionView, ...]  # a few of them in their order, the latest is the last
    mistaken: ExaminedView | None  # after the latest epoch at which that was looked at
    examined: ExaminedView | None  # at the end
    findings: tuple[Finding, ...]  # what is wrong: those that are not closed first, the most serious first; then what was
    judged: int | None  # the step up to which the layers were looked at for what goes wrong; None: not yet
    outcome: Outcome | None
    measuring: float | None  # share of the time that the probes took; None until the end
    members: int
    crowd: Crowd | None  # all members, if there are several
    version: int  # grows with each event

    @property
    def is_pretraining(self) -> bool:
        """Whether the first step is still to come, because layers learn without labels."""
        pick = self.experiment.pretraining.kind if self.experiment is not None else "none"
        return pick != "none" and self.status == Status.RUNNING and self.step == 0

    @property
    def is_regression(self) -> bool:
        """Whether numbers are predicted rather than classes."""
        return self.data is not None and self.data.task == "regression"

    @property
    def reason(self) -> str:
        """Why it ended before its last step, where it chose to; else empty."""
        if self.outcome is not None and self.outcome.reason:
            return self.outcome.reason
        return self.ended.reason if self.ended is not None else ""

    @cached_property
    def layer_stats(self) -> Float32s:
        """All measurements of the layers: [M, L, K]. Joined when first asked for: most who look at a run want a few scalars."""
        return joined(self.measured)

    def series(self, statistic: Statistic) -> Float32s:
        """One statistic of every layer over `layer_steps`: [L, M]."""
        column = STATISTICS.index(statistic)
        rows, latest = self.measured
        return joined((rows[:, :, column], latest[:, :, column])).T

    def percentile_series(self, quantity: Quantity, percent: int) -> Float32s:
        """One of `PERCENTILES` of a quantity in every layer over `distribution_steps`: [L, D]."""
        return self._spread(quantity, PERCENTILES.index(percent))

    def deviation_series(self, quantity: Quantity) -> Float32s:
        """The standard deviation of a quantity in every layer over `distribution_steps`: [L, D]."""
        return self._spread(quantity, len(PERCENTILES))

    def _spread(self, quantity: Quantity, column: int) -> Float32s:
        row = QUANTITIES.index(quantity)
        rows, latest = self.spread
        return joined((rows[:, :, row, column], latest[:, :, row, column])).T
