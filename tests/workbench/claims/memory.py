"""Recipes and runs that are made up: of each group and seed what is wanted, and no training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.experiment import Experiment
from workbench.claims import Course
from workbench.recipes.planning import plan as make_plan
from workbench.recipes.records import Axis, Claim, Group, Plan, Recipe, Scale, Selection, Variation

NETWORK = Axis(
    "network",
    (
        Variation("sigmoid", {"model.activation": "sigmoid"}),
        Variation("relu", {"model.activation": "relu"}),
        Variation("tanh", {"model.activation": "tanh"}),
    ),
)
DEPTH = Axis("depth", tuple(Variation(str(n), {"model.depth": n}) for n in (2, 4, 8)), "model.depth", numeric=True)
LR = Axis("lr", tuple(Variation(text, {"lr": float(text)}) for text in ("0.01", "0.1", "1.0")), "lr", numeric=True)

SEEDS = 3
STEPS_PER_EPOCH = 10
EPOCHS = 10


def recipe(
    *axes: Axis,
    choose: Selection | None = None,
    only: Mapping[str, tuple[str, ...]] | None = None,
    claims: Sequence[Claim] = (),
    base: Mapping[str, Any] | None = None,
) -> Recipe:
    """A recipe with these axes; `only` is that of the scale quick."""
    scales = {"quick": Scale("quick", SEEDS, {}, only or {}), "full": Scale("full", SEEDS, {}, {})}
    experiment = Experiment().with_settings({"epochs": EPOCHS, "data.name": "digits", **(base or {})})
    words = ("made up", Path("made-up.toml"), "Title", "Question?", "Source", "Look")
    return Recipe(*words, (), "", experiment, axes, choose, scales, tuple(claims), (), "0" * 16)


def claim(check: str) -> Claim:
    return Claim("It is so", check, (), None, "claim 1")


def planned(of: Recipe, scale: str = "full", seeds: int | None = None) -> Plan:
    return make_plan(of, scale, seeds=seeds)


@dataclass
class Run:
    """One run. `layer_courses` are [M, H + 1] at `layer_steps`."""

    seed: int = 0
    figures: Mapping[str, float] = field(default_factory=dict)
    courses: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """After the epochs 1, 2, …; the loss at the steps 1, 2, …"""
    layer_courses: Mapping[str, Sequence[Sequence[float]]] = field(default_factory=dict)
    layer_steps: Sequence[float] = ()
    found: Sequence[str] = ()
    diverged: bool = False
    last_step: int = STEPS_PER_EPOCH * EPOCHS
    steps_per_epoch: int = STEPS_PER_EPOCH

    def examples(self, part: str) -> int:
        return {"test": 360, "train": 1000, "validation": 200}[part]

    def figure(self, name: str) -> float | None:
        return self.figures.get(name)

    def course(self, name: str) -> Course | None:
        if name not in self.courses:
            return None
        values = np.array(self.courses[name], float)
        every = 1 if name == "loss" else self.steps_per_epoch
        return Course(np.arange(1, len(values) + 1) * float(every), values)

    def layers(self, name: str) -> Course | None:
        if name not in self.layer_courses:
            return None
        return Course(np.array(self.layer_steps, float), np.array(self.layer_courses[name], float))

    def findings(self) -> frozenset[str]:
        return frozenset(self.found)


class Memory:
    """The runs of the groups, by their labels."""

    def __init__(self, runs: Mapping[str, Sequence[Run | None]], *, seeds: int = SEEDS) -> None:
        self._runs = runs
        self._seeds = seeds

    def of(self, group: Group) -> Sequence[Run | None]:
        return self._runs.get(group.label, (None,) * self._seeds)


def with_figure(name: str, **groups: Sequence[float]) -> Memory:
    """Runs of which one figure is known; the groups by their labels, with `_` for blanks, commas and signs left out."""
    return Memory({label: [Run(seed, {name: value}) for seed, value in enumerate(values)] for label, values in groups.items()})


def grid(name: str, values: Mapping[str, Sequence[float]]) -> Memory:
    """The same, by labels of any kind."""
    return with_figure(name, **dict(values))
