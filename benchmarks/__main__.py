"""`make bench`: run all measurements and print them as Markdown."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from benchmarks import diagnosing, first_paint, insight, interface, keys, lists, memory, pictures, recipes, shapeset
from benchmarks.cases import CONVOLUTION, LARGE, MIDDLE, RECURRENT, RESIDUAL, SMALL, TINY, Case
from benchmarks.contenders import bare_loop, engine, keras, scikit_learn
from benchmarks.timing import Contender, in_turns
from engine.training.memory import keep_memory


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of which the median is taken")
    parser.add_argument("--only", choices=list(TABLES), help="one table alone")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    keep_memory()  # for all contenders alike
    print(f"# Benchmarks\n\n{machine()}. Medians of {arguments.rounds} rounds in turns, one thread.\n", flush=True)
    for name, print_table in TABLES.items():
        if arguments.only in (None, name):
            print_table(arguments.rounds)


def machine() -> str:
    """Date, processor and versions."""
    versions = f"Python {platform.python_version()}, torch {torch.__version__}"
    gpu = f", {torch.cuda.get_device_name(0)}" if torch.cuda.is_available() else ""
    return f"{datetime.now(UTC):%d %B %Y}, {os.cpu_count()} cores of {_processor()}{gpu}, {versions}"


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open() as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def print_steps(rounds: int) -> None:
    """Time per step of the engine over a bare loop, with peers beside it, and both on a GPU if there is one."""
    columns = ["network", "bare loop", "engine", "ratio", "at most", "scikit-learn", "Keras (torch)"]
    gpu = ["bare loop, GPU", "engine, GPU"] if torch.cuda.is_available() else []
    print("## Time per step: engine with monitoring and recording, against a bare loop\n")
    print(f"| {' | '.join([*columns, *gpu])} |")
    print(f"|{' --- |' * len([*columns, *gpu])}", flush=True)
    for case, limit in ((SMALL, 0.75), (MIDDLE, 0.95), (LARGE, 1.05)):
        contenders: dict[str, Contender] = {"bare loop": bare_loop(case), "engine": engine(case), **peers(case)}
        if gpu:
            contenders |= {gpu[0]: bare_loop(case, "cuda:0"), gpu[1]: engine(case, device="cuda:0")}
        times = in_turns(contenders, rounds)
        ratio = times["engine"] / times["bare loop"]
        others = [_us(times.get(name)) for name in (*columns[-2:], *gpu)]
        cells = [case.name, _us(times["bare loop"]), _us(times["engine"]), f"{ratio:.3f}", str(limit), *others]
        print(f"| {' | '.join(cells)} |", flush=True)
    print()


def print_blocks(rounds: int) -> None:
    """Time per step of networks of blocks over the same in PyTorch's modules, and of 16 members over 16 alone."""
    print("## Networks of blocks: against the same modules of PyTorch, and 16 members against 16 alone\n")
    print("| network | bare loop | engine | ratio | at most | per member of 16 | over one alone |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for case, limit in ((RESIDUAL, 1.1), (CONVOLUTION, 1.1), (RECURRENT, 1.5)):
        contenders = {"bare loop": bare_loop(case), "engine": engine(case), "members": engine(case, 16)}
        times = in_turns(contenders, rounds)
        bare, alone, member = times["bare loop"], times["engine"], times["members"]
        cells = [case.name, _us(bare), _us(alone), f"{alone / bare:.3f}", str(limit), _us(member), f"{member / alone:.3f}"]
        print(f"| {' | '.join(cells)} |", flush=True)
    print()


def peers(case: Case) -> dict[str, Contender]:
    """Other tools that can do the same work."""
    found: dict[str, Contender] = {"scikit-learn": scikit_learn(case)}
    on_torch = keras(case)
    return found if on_torch is None else {**found, "Keras (torch)": on_torch}


def print_members(rounds: int) -> None:
    """Time per member and step of a population over one member alone."""
    print("## Time per member and step: a population against one alone\n")
    print("| network | members | one alone | per member | ratio | at most |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    for case, members, limit in ((SMALL, 16, 0.35), (TINY, 64, 0.06)):
        times = in_turns({"alone": engine(case), "population": engine(case, members)}, rounds)
        ratio = times["population"] / times["alone"]
        cells = [case.name, str(members), _us(times["alone"]), _us(times["population"]), f"{ratio:.3f}", str(limit)]
        print(f"| {' | '.join(cells)} |", flush=True)
    print()


def _us(seconds: float | None) -> str:
    return "not installed" if seconds is None else f"{seconds * 1e6:,.1f} us"


TABLES: dict[str, Callable[[int], None]] = {
    "steps": print_steps,
    "blocks": print_blocks,
    "members": print_members,
    "shapeset": shapeset.print_table,
    "pictures": pictures.print_table,
    "interface": interface.print_table,
    "paint": first_paint.print_table,
    "keys": keys.print_table,
    "lists": lists.print_table,
    "memory": memory.print_table,
    "insight": insight.print_table,
    "diagnosing": diagnosing.print_table,
    "recipes": recipes.print_table,
}
"""What is measured, in its order, by the names that `--only` takes."""

if __name__ == "__main__":
    main()
