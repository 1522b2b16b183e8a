"""What a measurement of the layers costs, from which the constants in `engine/probes/schedule.py` come.

Trains networks of many sizes with every step measured and with none, and prints the time of a step and of a measurement
beside what the formula says.
"""

from __future__ import annotations

import itertools
import os
import statistics
from dataclasses import replace

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from benchmarks.cases import Case
from engine.events import Finished, Frame
from engine.probes.schedule import Size, probe_seconds, step_seconds
from engine.training.control import Control
from engine.training.loop import Training

SIZES = [  # inputs, width, depth, batch, members
    (2, 8, 3, 32, 1), (64, 64, 3, 64, 1), (64, 64, 10, 64, 1), (784, 256, 2, 100, 1), (784, 256, 4, 128, 1),
    (1024, 1000, 5, 10, 1), (784, 100, 10, 10, 1), (64, 64, 3, 64, 16), (2, 8, 3, 32, 64), (64, 64, 3, 1000, 1),
]  # fmt: skip


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    print("inputs width depth batch members |  step us  formula | measurement us  formula")
    for inputs, width, depth, batch, members in SIZES:
        steps = 1000 if width < 500 else 150
        case = Case("", inputs, width, depth, 10, batch, "relu", "adam", max(2000, 4 * batch), steps)
        size = Size(members, batch, depth + 1, _weights(case), depth * width + 10, _weights(case))
        step, probe = _seconds(case, members)
        figures = f"{step * 1e6:8.0f} {step_seconds(size) * 1e6:8.0f} | {probe * 1e6:8.0f} {probe_seconds(size) * 1e6:8.0f}"
        print(f"{inputs:6} {width:5} {depth:5} {batch:5} {members:7} | {figures}", flush=True)


def _weights(case: Case) -> int:
    widths = [case.inputs, *[case.width] * case.depth, case.classes]
    return sum(a * b for a, b in itertools.pairwise(widths))


def _seconds(case: Case, members: int) -> tuple[float, float]:
    """Seconds of a step, and of a measurement with its way into a frame; medians of three.

    Every 50th step is measured, as in a real run: when all are, they find everything in the processor's cache.
    """
    steps, probes = [], []
    for _ in range(3):
        prepared = case.prepared(members)
        lead = prepared.experiments[0].with_settings({"monitor.every": 50})
        prepared = replace(prepared, experiments=(lead, *prepared.experiments[1:]))
        events = list(Training(prepared, Control()).events())
        last = events[-1]
        assert isinstance(last, Finished)
        count = sum(len(event.layer_steps) for event in events if isinstance(event, Frame))
        measuring = last.measuring * last.seconds
        steps.append((last.seconds - measuring) / case.steps)
        probes.append(measuring / count)
    return statistics.median(steps), statistics.median(probes)


if __name__ == "__main__":
    main()
