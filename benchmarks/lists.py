"""How long the History of 10,000 runs, its filter and a comparison of 20 runs take, from the key to the screen."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.histories import make_history
from benchmarks.terminal import COLUMNS, LINES, Recorded, Seen, places
from benchmarks.timing import Contender, in_turns
from workbench.compare_pictures import Look, curve_rows
from workbench.compare_state import Comparison
from workbench.compare_state import compared as compared_runs
from workbench.history import FilterError, History
from workbench.tui.reading import read_curves

RUNS = 10_000
COMPARED, POINTS = 20, 2_000
FILTERS = ("tanh adam", "sweep 19", "test_error<20")
"""Typed letter by letter; a letter that does not change which runs are found is not measured."""
LISTED, LETTER, COMPARED_IN = 0.5, 0.1, 0.5
"""Seconds that opening a screen, a letter of the filter and comparing may take."""
SETTLED = 0.5
"""Seconds after which a screen that has come is drawn to its end."""
BELL = b"\x07\x07"
"""Rung once the other screens are loaded and the data of the form are read, which goes on behind the first paint. Twice, for a
single one ends some of a terminal's commands."""
FORM = "Learning rate"


def print_table(rounds: int) -> None:
    """All of them, from the key to the screen."""
    print("## Lists and comparisons, from the key to the screen\n")
    print("| what | until it is there | at most |")
    print("| --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        many, few = Path(folder) / "many.db", Path(folder) / "few.db"
        make_history(many, RUNS)
        make_history(few, COMPARED, steps=POINTS)
        letters: list[float] = []

        def slowest() -> float:
            letters[:] = [letter for text in FILTERS for letter in filtered(many, text)]
            return max(letters)

        rows: dict[str, tuple[Contender, float]] = {
            f"open the History of {RUNS:,} runs": (lambda: opened(many, RUNS), LISTED),
            "come back to it": (lambda: opened_again(many, RUNS), LISTED),
            "a letter in its filter, the slowest": (slowest, LETTER),
            "a letter in its filter, the median": (lambda: statistics.median(letters), LETTER),
            f"open the comparison of {COMPARED} runs of {POINTS:,} points": (lambda: compared(few, COMPARED), COMPARED_IN),
            "read and draw them, without the screen": (lambda: read_and_drawn(few, COMPARED), COMPARED_IN),
        }
        times = in_turns({what: way for what, (way, _) in rows.items()}, rounds)
    for what, seconds in times.items():
        print(f"| {what} | {seconds * 1e3:,.0f} ms | {rows[what][1] * 1e3:,.0f} ms |", flush=True)
    print()


def opened(db: Path, runs: int) -> float:
    """Seconds until the list of so many runs is there for the first time."""
    with _workbench(db) as terminal:
        return _open(terminal, runs)


def opened_again(db: Path, runs: int) -> float:
    """Seconds until the list is there again after one was elsewhere."""
    with _workbench(db) as terminal:
        _open(terminal, runs)
        _settle(terminal)
        terminal.type("b")
        terminal.moment(_shows(FORM), FORM.encode())
        _settle(terminal)
        return _open(terminal, runs)


def filtered(db: Path, text: str) -> list[float]:
    """Seconds from each letter of a filter, where others are found than before, until they are there."""
    total = found(db, "")
    shown, taken = total, []
    with _workbench(db) as terminal:
        _open(terminal, total or 0)
        terminal.type("/")
        _settle(terminal)
        for number in range(1, len(text) + 1):
            part = text[:number]
            count = found(db, part)
            pressed = terminal.type(text[number - 1])
            if count and count != shown:
                sign = f"{count:,} of {total:,} runs"
                taken.append(terminal.moment(_shows(sign), sign.encode()) - pressed)
                shown = count
            else:
                terminal.moment(_shows(part), b"")
    return taken


def found(db: Path, text: str) -> int | None:
    """How many runs a filter finds; None if it is not a whole one."""
    try:
        with History.open(db) as history:
            return len(history.listing(text).ids)
    except FilterError:
        return None


def compared(db: Path, runs: int) -> float:
    """Seconds until all runs of a history stand on the screen for comparing, with their curves."""
    with _workbench(db, marked=runs) as terminal:
        pressed = terminal.type("c")
        there = (f" {runs} ", "━ 1 ", "enter pins")  # last row of the table, legend of the picture, line below the table
        return terminal.moment(_shows(*there), b"enter pins") - pressed


def read_and_drawn(db: Path, runs: int) -> float:
    """Seconds to read all runs of a history with their curves, and to draw these over each other."""
    begun = time.perf_counter()
    *_, read = read_curves(db, range(1, runs + 1), {})
    entries = compared_runs(read, {run.record.id: number for number, run in enumerate(read)}, by_seed=False)
    rows = curve_rows(Comparison(entries), Look(), COLUMNS, LINES // 2)
    assert len(entries) == runs, "a run is missing"
    assert rows, "nothing was drawn"
    return time.perf_counter() - begun


def _open(terminal: Recorded, runs: int) -> float:
    signs = f"{runs:,} runs", f" {runs} "  # the latest run stands on top
    pressed = terminal.type("h")
    return terminal.moment(_shows(*signs), signs[0].encode()) - pressed


def _settle(terminal: Recorded) -> None:
    """Let the screen be drawn to its end, so that nothing on it is of the one before."""
    terminal.read_for(SETTLED)
    terminal.follow()


def _shows(*texts: str) -> Seen:
    """Whether all these stand on the screen."""
    return lambda screen: all(text in screen.text for text in texts)


@contextmanager
def _workbench(db: Path, marked: int = 0) -> Iterator[Recorded]:
    """The interface once nothing goes on in it any more, with the first runs marked."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["-m", "benchmarks.lists", str(db), str(marked)]
        with Recorded(command, places(Path(folder))) as terminal:
            terminal.wait(BELL)
            terminal.moment(_shows(FORM), FORM.encode())
            yield terminal


def _run(db: Path, marked: int) -> None:
    """What the new process does."""
    from workbench.preferences import preferences_path
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.widgets.preview import Preview

    class Ringing(WorkbenchApp):
        """Rings when all is loaded."""

        def on_mount(self) -> None:
            super().on_mount()
            self._waiting = self.set_interval(0.05, self._ring)

        def _ring(self) -> None:
            loaded = "workbench.tui.screens.compare" in sys.modules and all(worker.is_finished for worker in self.workers)
            if loaded and self.screen.query_one(Preview).described.sample is not None:
                self._waiting.stop()
                self.bell()
                self.bell()

    app = Ringing(db, preferences=preferences_path())
    app.session.marked = tuple(range(1, marked + 1))
    app.run()


if __name__ == "__main__":
    _run(Path(sys.argv[1]), int(sys.argv[2]))
