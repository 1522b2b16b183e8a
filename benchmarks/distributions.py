"""What distributions and Jacobians cost, from which the constants in `engine/probes/occasions.py` come.

Prints, for networks of many sizes, the time that one set of distributions takes in units of a training step, beside what the
formulas say: so that whatever else the machine does hits both alike.
"""

from __future__ import annotations

import itertools
import os
import sys
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from benchmarks.cases import LARGE, MIDDLE, SMALL, TINY, Case
from benchmarks.timing import in_turns
from engine.probes.distributions import DistributionProbe
from engine.probes.held_out import held_out_examples
from engine.probes.jacobian import mean_singular_values
from engine.probes.occasions import jacobian_seconds, taking_seconds
from engine.probes.schedule import Size, step_seconds
from engine.training.optimizers import Optimizer

ROUNDS = 7
CASES = [(TINY, 1), (TINY, 16), (SMALL, 1), (SMALL, 16), (MIDDLE, 1), (MIDDLE, 4), (LARGE, 1)]


def main() -> None:
    """Measure and print; with an argument only the cases whose names hold it."""
    torch.set_num_threads(1)
    print("steps that distributions take, by formula | Jacobians, by formula | ms of a step, by formula")
    for case, members in CASES:
        if all(word in case.name for word in sys.argv[1:]):
            print(f"{case.name}, {members} members: {_line(case, members)}", flush=True)


def _line(case: Case, members: int) -> str:
    prepared = case.prepared(members)
    network = prepared.network
    examples = held_out_examples(prepared.train, prepared.validation, prepared.test, 0)
    probe = DistributionProbe(network, examples, jacobian=False)
    optimizer = Optimizer(prepared.experiments, network)
    x = prepared.train.inputs[: case.batch].expand(members, -1, -1)
    y = prepared.train.targets[: case.batch].expand(members, -1, -1)

    def step() -> float:
        begin = time.perf_counter()
        for _ in range(20):
            network.forward(x, y, training=True)
            network.backward()
            optimizer.step()
        return (time.perf_counter() - begin) / 20

    def take() -> float:
        begin = time.perf_counter()
        probe.take(0, 0)
        return time.perf_counter() - begin

    def jacobians() -> float:
        network.forward(examples.inputs.expand(members, -1, -1), examples.targets.expand(members, -1, -1), training=False)
        begin = time.perf_counter()
        mean_singular_values(network)
        return time.perf_counter() - begin

    taken = in_turns({"step": step, "take": take, "jacobians": jacobians}, ROUNDS)
    widths = [case.inputs, *[case.width] * case.depth, case.classes]
    weights = sum(a * b for a, b in itertools.pairwise(widths))
    size = Size(members, case.batch, len(widths) - 1, weights, sum(widths[1:]), weights)
    expected = step_seconds(size)
    ratios = [taken["take"] / taken["step"], taking_seconds(size, len(examples)) / expected]
    ratios += [taken["jacobians"] / taken["step"], jacobian_seconds(size, prepared.layers) / expected]
    first, second, third, fourth = (f"{ratio:.1f}" for ratio in ratios)
    return f"{first} {second} | {third} {fourth} | {taken['step'] * 1e3:.2f} {expected * 1e3:.2f}"


if __name__ == "__main__":
    main()
