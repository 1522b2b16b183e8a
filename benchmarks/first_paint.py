"""Time from the start of a process until its first frame stands on the screen, for the workbench and for a bare Textual app."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.terminal import Recorded, places
from benchmarks.timing import Contender, in_turns

LIMIT = 2.5
"""The workbench's first frame may take so many times as long as that of a bare app."""
TAB, ROW = "Compare", "Learning rate"
"""What is waited for: the last word of the first line, and a row of the form."""


def print_table(rounds: int) -> None:
    """First frame, and the form, against a bare app."""
    print("## First paint: from the start of the process until it stands on the screen\n")
    print("| bare Textual app | workbench: first line | ratio | at most | workbench: form |")
    print("| --- | --- | --- | --- | --- |", flush=True)
    workbench = ["-m", "workbench"]
    contenders = {
        "bare": contender(["-m", "benchmarks.bare_app"], TAB),
        "bar": contender(workbench, TAB),
        "form": contender(workbench, ROW),
    }
    times = in_turns(contenders, rounds)
    bare, bar, form = (f"{times[name] * 1e3:,.0f} ms" for name in contenders)
    print(f"| {bare} | {bar} | {times['bar'] / times['bare']:.2f} | {LIMIT} | {form} |\n", flush=True)


def contender(command: list[str], text: str) -> Contender:
    """Starts a program and waits until a text stands on its screen; tells the seconds."""

    def work() -> float:
        with tempfile.TemporaryDirectory() as folder, Recorded(command, places(Path(folder))) as terminal:
            return terminal.moment(lambda screen: text in screen.text, text.encode()) - terminal.begun

    return work


if __name__ == "__main__":
    print_table(3)
