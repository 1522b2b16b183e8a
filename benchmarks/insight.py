"""What `engine.insight.diagnosis` costs: of a training that goes on, and of a long one that is read again."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from benchmarks.cases import MIDDLE, SMALL, Case
from benchmarks.timing import in_turns
from engine.events import DataInfo, EpochEnded, Frame, LayerInfo, Score, Started
from engine.experiment import Experiment
from engine.insight.diagnosis import Diagnosis
from engine.training.control import Control
from engine.training.loop import Training
from engine.vocabulary import STATISTICS

SECONDS = 4
"""About so long a training is made; the case's own may be over before anybody has looked."""
RECORDS, LAYERS, RECORDS_PER_FRAME, STEPS_PER_EPOCH = 10_000, 10, 512, 25
"""Of the long training that is read again."""


def print_table(rounds: int) -> None:
    """Share of the training thread's time that diagnosis takes, and seconds for a long training that is read again."""
    print("## Diagnosis: its share of the training thread's time; reading a long training again\n")
    print("| what | a step | of it diagnosis | share | at most |")
    print("| --- | --- | --- | --- | --- |", flush=True)
    for case in (SMALL, MIDDLE):
        step, diagnosis = median(case, rounds)
        cells = f"{step * 1e6:.0f} µs | {diagnosis * 1e6:.1f} µs | {diagnosis / step:.2%} | 1 %"
        print(f"| {case.name} | {cells} |", flush=True)
    again = in_turns({"again": seconds_again}, rounds)["again"]
    print(f"| {RECORDS:,} measured records, {LAYERS} layers | | {again:.2f} s | | 0.50 s |\n", flush=True)


def median(case: Case, rounds: int) -> tuple[float, float]:
    """Seconds of a step, and those of it that diagnosis took, of the round whose share is the median.

    Taken within one training: the difference between two trainings is lost in what else the machine does.
    """
    longer = replace(case, steps=int(SECONDS / seconds_per_step(case)[0]))
    taken = sorted((seconds_per_step(longer) for _ in range(rounds)), key=lambda pair: pair[1] / pair[0])
    return taken[len(taken) // 2]


def seconds_per_step(case: Case) -> tuple[float, float]:
    """Seconds of a step of a training that is diagnosed, and those of it that diagnosis took."""
    events, diagnosis = Training(case.prepared(), Control()).events(), Diagnosis()
    diagnosing, begin = 0.0, time.thread_time()
    for event in events:
        before = time.thread_time()
        diagnosis.apply(event)
        diagnosing += time.thread_time() - before
    return (time.thread_time() - begin) / case.steps, diagnosing / case.steps


def seconds_again() -> float:
    """A training of a network that saturates and does not learn, all layers measured at each step."""
    random = np.random.default_rng(0)
    hidden = [LayerInfo(f"hidden {number}", 64, 64, "tanh", 4160, weights=4096, shape=(64,)) for number in range(1, LAYERS)]
    layers = (*hidden, LayerInfo("output", 64, 10, "softmax", 650, weights=640, shape=(10,)))
    data = DataInfo("classification", 64, 10, tuple("0123456789"), 1438, 180, 179)
    diagnosis = Diagnosis()
    begin = time.thread_time()
    diagnosis.apply(Started((Experiment(),), data, layers, 37_000, "cpu", 1, STEPS_PER_EPOCH, RECORDS, 1))
    for first in range(0, RECORDS, RECORDS_PER_FRAME):
        diagnosis.apply(_frame(first, random))
        for step in range(first, min(first + RECORDS_PER_FRAME, RECORDS), STEPS_PER_EPOCH):
            score = (Score(2.3, accuracy=0.1),)
            diagnosis.apply(EpochEnded(step // STEPS_PER_EPOCH + 1, step, step * 1e-3, score, score))
    diagnosis.findings()
    return time.thread_time() - begin


def _frame(first: int, random: np.random.Generator) -> Frame:
    steps = np.arange(first + 1, min(first + RECORDS_PER_FRAME, RECORDS) + 1)
    count = len(steps)
    zeros = np.zeros((count, 1))
    values = random.uniform(0.1, 1, (count, 1, LAYERS, len(STATISTICS))).astype(np.float32)
    return Frame(
        steps, steps.astype(np.float64) * 1e-3, random.normal(2.3, 0.1, (count, 1)), zeros, zeros, zeros + 0.1, steps, values
    )
