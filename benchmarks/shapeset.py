"""Pictures of Shapeset-3x2 a second on one thread, as training asks for them.

A round goes on through the stream where the last one ended, so that no picture is found ready.
"""

from __future__ import annotations

import time

from benchmarks.timing import Contender, in_turns
from engine.data.shapeset import BLOCK, ShapesetStream

BATCHES = (10, 100, 1000)
"""Pictures in a batch; 10 are those of Glorot & Bengio."""
PICTURES = 10 * BLOCK
"""Drawn in a round, by whole blocks."""
LEAST = 10_000


def print_table(rounds: int) -> None:
    """Pictures a second for batches of several sizes."""
    print("## Shapeset-3x2: pictures a second, drawn while they are used\n")
    print("| pictures in a batch | pictures/s | at least |")
    print("| --- | --- | --- |", flush=True)
    times = in_turns({str(size): contender(size) for size in BATCHES}, rounds)
    for size, seconds in times.items():
        print(f"| {size} | {1 / seconds:,.0f} | {LEAST:,} |", flush=True)
    print()


def contender(batch: int) -> Contender:
    """Draws pictures in batches; tells the seconds that one takes."""
    stream = ShapesetStream(0)
    place = 0

    def draw() -> float:
        nonlocal place
        begun = time.perf_counter()
        for first in range(place, place + PICTURES, batch):
            stream.examples(first, batch)
        place += PICTURES
        return (time.perf_counter() - begun) / PICTURES

    return draw


if __name__ == "__main__":
    print_table(3)
