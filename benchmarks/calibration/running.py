"""Runs the labelled set and tells what was found in each run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.calibration.kinds import LARGE, UNBALANCED, Half, Kind
from engine.events import Finished, Outcome
from engine.insight.diagnosis import Diagnosis
from engine.insight.finding import Finding
from engine.population import populations
from engine.training import train


@dataclass(frozen=True, slots=True)
class Labelled:
    """One run with what was found in it."""

    kind: str
    half: Half
    variant: str
    must: frozenset[str]
    may: frozenset[str]
    found: tuple[Finding, ...]
    cost: float | None
    seconds: float

    @property
    def rules(self) -> frozenset[str]:
        """Whose findings were opened at any time."""
        return frozenset(finding.rule for finding in self.found)

    @property
    def missed(self) -> frozenset[str]:
        """What should have been found."""
        return self.must - self.rules

    @property
    def wrong(self) -> frozenset[str]:
        """What should not."""
        return self.rules - self.must - self.may


def run_all(kinds: Iterable[Kind]) -> Iterator[Labelled]:
    """Train everything, one population after another."""
    with tempfile.TemporaryDirectory() as folder:
        make_files(Path(folder))
        for kind in kinds:
            yield from run(kind, Path(folder))


def run(kind: Kind, folder: Path) -> Iterator[Labelled]:
    """Train the runs of one kind; files of data lie in a folder."""
    if kind.settings.get("data.name") in (UNBALANCED, LARGE):
        settings = {**kind.settings, "data.name": str(folder / str(kind.settings["data.name"]))}
        kind = replace(kind, settings=settings)
    experiments = kind.experiments()
    for members in populations(experiments):
        begin = time.perf_counter()
        diagnosis = Diagnosis()
        outcomes: tuple[Outcome, ...] = ()
        for event in train([experiments[member] for member in members]):
            diagnosis.apply(event)
            if isinstance(event, Finished):
                outcomes = event.outcomes
        seconds = (time.perf_counter() - begin) / len(members)
        for place, member in enumerate(members):
            variant = ", ".join(f"{path}={value}" for path, value in kind.variants[member].items())
            score = outcomes[place].train
            cost = None if score is None else score.cost
            yield Labelled(kind.name, kind.half, variant, kind.must, kind.may, diagnosis.findings(place), cost, seconds)


def make_files(folder: Path) -> None:
    """Sets that no bundled one is like: digits of which one class is frequent, and digits a hundred times as large."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    rare = np.flatnonzero(digits.target != 0)
    chosen = np.sort(np.concatenate([np.flatnonzero(digits.target == 0), rare[rare % 12 == 0]]))
    np.savez(folder / UNBALANCED, x=digits.data[chosen].astype(np.float32), y=digits.target[chosen])
    np.savez(folder / LARGE, x=(digits.data * 10).astype(np.float32), y=digits.target)
