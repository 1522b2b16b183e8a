"""What a recipe gains by training its runs together: all that are of one shape, seeds and groups alike, are one population."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.timing import in_turns
from engine.experiment import Experiment
from workbench.recipes import shelf
from workbench.recipes.planning import plan
from workbench.recipes.records import Plan
from workbench.reproduction.events import Ended
from workbench.reproduction.running import Reproduction
from workbench.runner import Runner

RECIPE, SEEDS = "glorot-gradients", 5
LIMIT = 0.5


def print_table(rounds: int) -> None:
    """Time of reproducing it, and of its runs one after the other; both with data, measurements and history."""
    wanted = plan(shelf.recipe(RECIPE), "quick", seeds=SEEDS, settings={"threads": 1, "device": "cpu"})
    alone = [experiment for group in wanted.groups for experiment in group.experiments]
    times = in_turns({"alone": lambda: one_by_one(alone), "together": lambda: reproduced(wanted)}, rounds)
    print(f"## A recipe: {RECIPE} (quick) with {SEEDS} seeds reproduced, against its runs one after the other\n")
    print("| runs | one after the other | reproduced | ratio | at most |")
    print("| --- | --- | --- | --- | --- |")
    ratio = times["together"] / times["alone"]
    print(f"| {len(alone)} | {times['alone']:.1f} s | {times['together']:.1f} s | {ratio:.3f} | {LIMIT} |\n", flush=True)


def reproduced(wanted: Plan) -> float:
    """Seconds for a reproduction in a new history, its claims judged."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        *_, last = Reproduction(wanted, Path(folder) / "history.db").events()
        taken = time.perf_counter() - begin
    assert isinstance(last, Ended), "it came to its end"
    assert last.made.trained == sum(len(group.experiments) for group in wanted.groups), "nothing broke off"
    return taken


def one_by_one(experiments: Sequence[Experiment]) -> float:
    """Seconds for training one after the other, recorded in a new history."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        for experiment in experiments:
            runner = Runner([experiment], db=Path(folder) / "history.db")
            runner.start()
            runner.join()
            if runner.error is not None:
                raise runner.error
        return time.perf_counter() - begin


if __name__ == "__main__":
    print_table(3)
