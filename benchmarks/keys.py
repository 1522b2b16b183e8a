"""Time from a key to the screen while a network trains: the arrows move the cursor of the form.

The interface runs in a process of its own, on a pseudo-terminal. Keys come at irregular intervals, as from somebody who looks
through the form, so that they meet all that the interface does meanwhile.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.interface import CASES
from benchmarks.terminal import Recorded
from benchmarks.timing import Contender, in_turns

KEYS = 100
"""Pressed in a round."""
MOST_ROUNDS = 3
"""Of so many keys the emulator takes half a minute."""
LIMIT = 0.060
SHARE = 0.95
"""Of the keys that are to be on the screen within the limit."""
DOWN = 12
"""Rows that one goes downwards before one goes upwards again: so few that nothing is scrolled."""
BETWEEN = (0.02, 0.12)
"""Seconds between two keys."""
UNTRAINED = "none"
FIRST_ROW, TRAINING = b"Learning rate", b"steps/s"
"""What is drawn once the form is there, and once training has begun."""


def print_table(rounds: int) -> None:
    """Key to screen, without a training and with one."""
    print(f"## Key to screen: the cursor of the form, {KEYS} keys a round, {SHARE:.0%} of them within\n")
    print("| training | within | at most |")
    print("| --- | --- | --- |", flush=True)
    names = {UNTRAINED: "none", **{name: case.name for name, (case, _) in CASES.items()}}
    times = in_turns({name: contender(name) for name in names}, min(rounds, MOST_ROUNDS))
    for name, seconds in times.items():
        print(f"| {names[name]} | {seconds * 1e3:.1f} ms | {LIMIT * 1e3:.0f} ms |", flush=True)
    print()


def contender(name: str) -> Contender:
    """Presses keys while a network of this name trains; tells in how many seconds most of them are on the screen."""
    return lambda: within(delays(name), SHARE)


def within(seconds: list[float], share: float) -> float:
    """The time that a share of them does not exceed."""
    return statistics.quantiles(seconds, n=1000, method="inclusive")[round(share * 1000) - 1]


def delays(name: str, keys: int = KEYS) -> list[float]:
    """Seconds from each key to the frame in which the cursor has moved."""
    gaps = random.Random(keys)
    with tempfile.TemporaryDirectory() as folder, Recorded(["-m", "benchmarks.keys", name, f"{folder}/history.db"]) as terminal:
        terminal.moment(lambda screen: screen.highlighted, FIRST_ROW)
        if name != UNTRAINED:
            terminal.type("space")
            terminal.wait(TRAINING)
        taken = []
        for number in range(keys):
            terminal.read_for(gaps.uniform(*BETWEEN))
            taken.append(_delay(terminal, "down" if number // DOWN % 2 == 0 else "up"))
        return taken


def _delay(terminal: Recorded, key: str) -> float:
    """Press a key; seconds until the cursor is elsewhere."""
    terminal.follow()
    before, colour = terminal.highlighted, terminal.highlight
    pressed = terminal.type(key)
    return terminal.moment(lambda screen: screen.highlighted not in (None, before), colour) - pressed


def _open(name: str, db: Path) -> None:
    """What the new process does: the interface, in which `space` begins a training that does not end by itself."""
    from benchmarks.cases import prepared_source
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.draft import Draft

    case = replace(CASES["small" if name == UNTRAINED else name][0], steps=10_000_000)
    prepared = case.prepared()
    app = WorkbenchApp(db, source=prepared_source(prepared))
    app.session.draft = Draft.of(prepared.experiments[0])
    app.run()


if __name__ == "__main__":
    _open(sys.argv[1], Path(sys.argv[2]))
