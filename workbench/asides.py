"""What a training tells beside its steps and epochs, as far as a live run keeps it: bounded, and shared with readers."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.events import (
    Checkpointed,
    Combined,
    Distributions,
    EpochEnded,
    Finished,
    Intervened,
    PretrainingEpoch,
    Reconstructed,
    Resumed,
)
from engine.insight.finding import Finding
from engine.pictures import Examined, Mistaken, Plane, Region
from engine.vocabulary import PERCENTILES, QUANTITIES
from workbench.findings import with_finding
from workbench.thinning import REGIONS, dispensable
from workbench.track import Track
from workbench.view import CombinedView, DistributionView, ExaminedView, PretrainingView, ReconstructionView, RegionView

Aside = Intervened | Checkpointed | PretrainingEpoch | Reconstructed | Distributions | Plane | Region | Mistaken | Examined

POINTS = 1024
"""At most so many epochs of pre-training, scores of an ensemble and distributions are kept."""
LATEST = 256
"""So many changes of settings and checkpoints are kept, the latest ones."""
MEMORY = 32 * 2**20
"""Bytes that the percentiles of all members may take; big populations keep fewer distributions."""

HISTOGRAMS = 24
"""At most so many sets of histograms are kept, of big populations fewer."""

_COMBINED = ("cost", "accuracy", "r2", "mae", "vote_accuracy")


class Asides:
    """Collects them for one population. Not safe to be used from several threads; `LiveRun` sees to that."""

    def __init__(self, members: int) -> None:
        self.resumed: Resumed | None = None
        self._members = members
        self._interventions: tuple[Intervened, ...] = ()
        self._checkpoints: tuple[Checkpointed, ...] = ()
        self._pretraining: dict[int, tuple[PretrainingEpoch, Track]] = {}  # by layer, in the order of their turns
        self._reconstructed: Reconstructed | None = None
        number = np.zeros((), np.int64)
        self._combined = Track(POINTS, {"epochs": number, "steps": number, **dict.fromkeys(_COMBINED, np.array(np.nan))})
        self._final: tuple[Combined | None, Combined | None] = (None, None)
        self._first: Distributions | None = None
        self._latest: Distributions | None = None
        self._taken: tuple[Distributions, ...] = ()
        self._spread = _spread_track(members, 0)
        self._plane: Plane | None = None
        self._regions: tuple[Region, ...] = ()
        self._mistaken: Mistaken | None = None
        self._examined: Examined | None = None
        self._findings: dict[int, tuple[Finding, ...]] = {}  # by member, the worst first

    def apply(self, event: Aside) -> None:
        """Take in the next event."""
        match event:
            case Intervened():
                self._interventions = (*self._interventions, event)[-LATEST:]
            case Checkpointed():
                self._checkpoints = (*self._checkpoints, event)[-LATEST:]
            case PretrainingEpoch():
                self._pretrained(event)
            case Reconstructed():
                self._reconstructed = event
            case Distributions():
                self._distributions(event)
            case Plane():
                self._plane = event
            case Region():
                self._region(event)
            case Mistaken():
                self._mistaken = event
            case Examined():
                self._examined = event

    def found(self, finding: Finding) -> None:
        """Take in a finding as it now stands."""
        self._findings[finding.member] = with_finding(self._findings.get(finding.member, ()), finding)

    def epoch_ended(self, event: EpochEnded) -> None:
        """Take in the scores of an ensemble, if it is one."""
        if event.combined is None:
            return
        mean, vote = event.combined.mean, event.combined.vote
        scores = {name: getattr(mean, name) for name in _COMBINED[:-1]} | {"vote_accuracy": vote.accuracy if vote else None}
        row = {name: np.array([value], np.float64) for name, value in scores.items()}
        self._combined.extend({"epochs": np.array([event.epoch]), "steps": np.array([event.step]), **row})

    def finished(self, event: Finished) -> None:
        """Take in the last scores of an ensemble."""
        self._final = event.combined_validation, event.combined_test

    def of_member(self, member: int) -> dict[str, Any]:
        """What comes to an end with a member, as arguments of `RunView`."""
        return {
            "interventions": self._interventions,
            "first_distributions": DistributionView(self._first, member) if self._first is not None else None,
            "distributions": DistributionView(self._latest, member) if self._latest is not None else None,
            "taken": tuple(DistributionView(event, member) for event in self._taken),
            "distribution_steps": self._spread.column("steps"),
            "spread": self._spread.pieces("spread", member),
            "mistaken": ExaminedView(self._mistaken, member) if self._mistaken is not None else None,
        }

    def of_all(self, member: int) -> dict[str, Any]:
        """What is there for a member also after its end, as arguments of `RunView`."""
        validation, test = self._final
        columns = {name: self._combined.column(name) for name in ("epochs", "steps", *_COMBINED)}
        return {
            "resumed": self.resumed,
            "checkpoints": tuple(event for event in self._checkpoints if member in event.members),
            "pretraining": tuple(self._pretraining_view(layer, member) for layer in self._pretraining),
            "reconstruction": ReconstructionView(self._reconstructed, member) if self._reconstructed is not None else None,
            "combined": CombinedView(**columns, validation=validation, test=test),
            "plane": self._plane,
            "regions": tuple(RegionView(event, member) for event in self._regions),
            "examined": ExaminedView(self._examined, member) if self._examined is not None else None,
            "findings": self._findings.get(member, ()),
        }

    def _pretrained(self, event: PretrainingEpoch) -> None:
        if event.layer not in self._pretraining:
            row = {"epochs": np.zeros((), np.int64), "error": np.full(self._members, np.nan)}
            self._pretraining[event.layer] = event, Track(POINTS, row)
        track = self._pretraining[event.layer][1]
        track.extend({"epochs": np.array([event.epoch]), "error": event.error[None]})
        self._pretraining[event.layer] = event, track

    def _pretraining_view(self, layer: int, member: int) -> PretrainingView:
        latest, track = self._pretraining[layer]
        epochs, error = track.column("epochs"), track.column("error", member)
        return PretrainingView(layer, latest.name, latest.epochs, epochs, error, latest.seconds)

    def _distributions(self, event: Distributions) -> None:
        if self._first is None:
            self._first = event
            self._spread = _spread_track(self._members, event.percentiles.shape[1])
        self._latest = event
        kept = (*self._taken, event)
        surplus = dispensable([each.step for each in kept], max(3, min(HISTOGRAMS, MEMORY // max(event.counts.nbytes, 1))))
        self._taken = tuple(each for place, each in enumerate(kept) if place != surplus)
        spread = np.concatenate([event.percentiles, event.moments[..., 1:]], axis=-1, dtype=np.float32)
        self._spread.extend({"steps": np.array([event.step]), "spread": spread[None]})

    def _region(self, event: Region) -> None:
        """A few of them: one of the same step takes the place of the earlier, and of too many one goes."""
        kept = [*(region for region in self._regions if region.step != event.step), event]
        surplus = dispensable([region.step for region in kept], REGIONS)
        self._regions = tuple(region for place, region in enumerate(kept) if place != surplus)


def _spread_track(members: int, layers: int) -> Track:
    row = np.full((members, layers, len(QUANTITIES), len(PERCENTILES) + 1), np.nan, np.float32)
    return Track(max(16, min(POINTS, MEMORY // max(row.nbytes, 1))), {"steps": np.zeros((), np.int64), "spread": row})
