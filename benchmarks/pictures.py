"""What pictures of what a network does cost, from which the constants in `engine/training/pictures.py` come.

Prints, for networks of many sizes, the time that a region or a look at the mistakes takes, with its way to the history, in units of a
training step, beside what the formulas say: so that whatever else the machine does hits both alike. How often pictures are taken
follows from the formulas, so that pictures which cost no more than these keep to their share of `monitor.budget`.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from benchmarks.timing import in_turns
from engine.experiment import Experiment
from engine.pictures import Mistaken
from engine.probes.examine import Examination
from engine.probes.region import RegionProbe, plane_of
from engine.probes.schedule import step_seconds
from engine.training.control import Control
from engine.training.loop import Training
from engine.training.pictures import WORST, mistakes_seconds, region_seconds
from engine.training.prepare import prepare
from workbench.history import Recorder

LIMIT = 1.5
"""A picture may cost so many times what the formula says."""
Costs = tuple[float, float, float, float]
SIZES = [(2, 8, 1), (3, 64, 1), (3, 64, 8), (4, 256, 1), (8, 64, 2)]  # depth, width, members
DATA = ({"name": "spirals"}, {"name": "digits"}, {"name": "spirals", "samples": 20_000})


def print_table(rounds: int) -> None:
    """Steps that pictures take, and those that the formulas say."""
    print("## Cost of pictures, in training steps: measured, and by the formula that decides how often they are taken\n")
    print("| data | network | members | region | by formula | mistakes | by formula | over the formula | at most |")
    print(f"|{' --- |' * 9}", flush=True)
    for data in DATA:
        for depth, width, members in SIZES:
            base = {"data": data, "model": {"depth": depth, "width": width}, "threads": 1, "device": "cpu"}
            costs = _costs([Experiment.parse({**base, "seed": seed}) for seed in range(members)], rounds)
            name = " of ".join(f"{part:,}" if isinstance(part, int) else str(part) for part in reversed(data.values()))
            figures = " | ".join(f"{cost:.1f}" if cost else "–" for cost in costs)
            print(f"| {name} | {depth}x{width} | {members} | {figures} | {over(costs):.2f} | {LIMIT} |", flush=True)
    print()


def over(costs: Costs) -> float:
    """How many times the cost by its formula the dearer of the pictures takes that there are."""
    region, region_formula, mistakes, mistakes_formula = costs
    return max(region / region_formula if region_formula else 0.0, mistakes / mistakes_formula)


def _costs(experiments: list[Experiment], rounds: int) -> Costs:
    """Steps that a region takes, 0 where there is none, and by formula; the same of a look at the mistakes."""
    prepared = prepare(experiments)
    training = Training(prepared, Control())
    network, plane, part = prepared.network, plane_of(prepared), prepared.validation
    probe = RegionProbe(prepared, plane) if plane is not None else None
    count = 0
    x, y = (t[: prepared.batch_size].expand(network.members, -1, -1) for t in (prepared.train.inputs, prepared.train.targets))

    def step() -> float:
        begin = time.perf_counter()
        for _ in range(20):
            network.forward(x, y, training=True)
            network.backward()
            training.optimizer.step()
        return (time.perf_counter() - begin) / 20

    def region() -> float:
        nonlocal count
        count += 1
        begin = time.perf_counter()
        if probe is not None:
            recorder.record(probe.take(count, 0))
        return time.perf_counter() - begin

    heard = part.inputs.expand(network.members, -1, -1), part.targets.expand(network.members, -1, -1)

    def mistakes() -> float:
        h, cost = network.forward(*heard, training=False)  # which the scores need in any case
        begin = time.perf_counter()
        examination = Examination(network, part, prepared.data.classes, WORST)
        examination.add(0, h, cost, heard[1])
        recorder.record(Mistaken(0, 0, examination.confusion(), examination.worst()))
        return time.perf_counter() - begin

    with tempfile.TemporaryDirectory() as folder, Recorder(Path(folder) / "h.db") as recorder:
        recorder.record(training.started())
        if plane is not None:
            recorder.record(plane)
        taken = in_turns({"step": step, "region": region, "mistakes": mistakes}, rounds)
    size, classes = training.size(), len(prepared.data.classes)
    expected = step_seconds(size)
    cells = plane.rows * plane.columns if plane is not None else 0
    formulas = region_seconds(size, cells) if cells else 0.0, mistakes_seconds(size.members, len(part), classes)
    region_steps = taken["region"] / taken["step"] if cells else 0.0
    return region_steps, formulas[0] / expected, taken["mistakes"] / taken["step"], formulas[1] / expected


if __name__ == "__main__":
    torch.set_num_threads(1)
    print_table(15)
