"""What a recipe gains by training its seeds together."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.timing import in_turns
from engine.experiment import Experiment
from workbench.recipes import shelf
from workbench.recipes.planning import plan
from workbench.runner import Runner

RECIPE, SEEDS = "glorot-gradients", 5
LIMIT = 0.5


def print_table(rounds: int) -> None:
    """Time of the runs of one group, trained as a population and one after the other, with data, measurements and history."""
    print(f"## A recipe: {SEEDS} seeds of {RECIPE} (quick) together, against one after the other\n")
    print(f"| group | {SEEDS} alone | together | ratio | at most |")
    print("| --- | --- | --- | --- | --- |", flush=True)
    for group in plan(shelf.recipe(RECIPE), "quick", seeds=SEEDS, settings={"threads": 1, "device": "cpu"}).groups:
        alone = [(experiment,) for experiment in group.experiments]
        contenders = {
            "alone": lambda alone=alone: seconds(alone),
            "together": lambda group=group: seconds([group.experiments]),
        }
        times = in_turns(contenders, rounds)
        ratio = times["together"] / times["alone"]
        print(f"| {group.label} | {times['alone']:.1f} s | {times['together']:.1f} s | {ratio:.3f} | {LIMIT} |", flush=True)
    print()


def seconds(trainings: Sequence[Sequence[Experiment]]) -> float:
    """Of training one after the other, recorded in a new history."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        for experiments in trainings:
            runner = Runner(experiments, db=Path(folder) / "history.db")
            runner.start()
            runner.join()
            if runner.error is not None:
                raise runner.error
        return time.perf_counter() - begin


if __name__ == "__main__":
    print_table(3)
