"""How a training is doing, on stderr: a bar on a terminal, plain lines where they are asked for, or nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from workbench.live import RunView
from workbench.plots import format_duration, format_number
from workbench.runner import Runner

if TYPE_CHECKING:
    import rich.progress

SECONDS_BETWEEN_LINES = 2.0


class Progress(Protocol):
    """Shows a training whenever it is told to look at it."""

    def look(self, runner: Runner, head: str = "") -> None:
        """Show how things stand now; `head` says of which training, where there are several."""
        ...

    def say(self, line: str) -> None:
        """Write a line that stays, where there is anything to be seen."""
        ...


class NoProgress:
    """Shows nothing."""

    def look(self, runner: Runner, head: str = "") -> None:
        """Do nothing."""

    def say(self, line: str) -> None:
        """Do nothing."""


class Lines:
    """One plain line when an epoch is over, but not more often than every few seconds."""

    def __init__(self) -> None:
        self._epoch = 0
        self._next = 0.0
        self._preparing = ""

    def look(self, runner: Runner, head: str = "") -> None:
        """Print a line if there is something new to say."""
        preparation = runner.preparation
        if preparation is not None and preparation.what != self._preparing:
            self._preparing = preparation.what
            print(f"{head}{preparation.what}", file=sys.stderr)
        view = runner.live.view()
        if (words := _pretraining(view)) and words != self._preparing and time.monotonic() >= self._next:
            self._preparing, self._next = words, time.monotonic() + SECONDS_BETWEEN_LINES
            print(f"{head}{words}", file=sys.stderr)
        if view.epoch > self._epoch and (time.monotonic() >= self._next or runner.finished):
            self._epoch = view.epoch
            self._next = time.monotonic() + SECONDS_BETWEEN_LINES
            print(f"{head}epoch {view.epoch}  step {view.step:,} of {view.total_steps:,}  {_figures(view)}", file=sys.stderr)

    def say(self, line: str) -> None:
        """Write it."""
        print(line, file=sys.stderr)


class Bar:
    """A bar with the loss, the validation score, steps per second and the time left."""

    def __init__(self, bar: rich.progress.Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("getting ready", total=None, figures="")

    def look(self, runner: Runner, head: str = "") -> None:
        """Draw the bar anew."""
        view = runner.live.view()
        preparation = runner.preparation
        if preparation is not None:
            self._bar.update(
                self._task, description=f"{head}{preparation.what}", completed=preparation.done, total=preparation.total
            )
        elif view.experiment is not None:
            members = f"{view.members} runs, first: " if view.members > 1 else ""
            self._bar.update(
                self._task,
                description=f"{head}{_pretraining(view) or view.status}",
                completed=view.step,
                total=view.total_steps,
                figures=members + _figures(view),
            )
        self._bar.refresh()

    def say(self, line: str) -> None:
        """Write it above the bar."""
        self._bar.console.print(line, soft_wrap=True, markup=False, highlight=False, emoji=False)


@contextmanager
def progress_for(quiet: bool, plain: bool) -> Iterator[Progress]:
    """The progress that fits: none if `quiet`, a bar on a terminal, else lines if `plain`."""
    if quiet or not (sys.stderr.isatty() or plain):
        yield NoProgress()
    elif not sys.stderr.isatty():
        yield Lines()
    else:
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn
        from rich.progress import Progress as Columns

        from workbench.cli.output import console

        what, figures = (TextColumn(f"{{task.{field}}}", markup=False) for field in ("description", "fields[figures]"))
        columns = (what, BarColumn(20), TaskProgressColumn(), figures)
        # No thread of its own draws it: it is drawn when there is something new, which leaves the cores to training.
        with Columns(*columns, console=console(stderr=True), auto_refresh=False, transient=True) as bar:
            yield Bar(bar)


def _pretraining(view: RunView) -> str:
    """How far pre-training is; empty when there is none, or none any more."""
    if not view.pretraining or view.step:
        return ""
    layer = view.pretraining[-1]
    return f"pre-training {layer.name}: epoch {int(layer.epochs[-1])} of {layer.total}, error {format_number(float(layer.error[-1]))}"


def _figures(view: RunView) -> str:
    words = []
    if view.loss.size:
        words.append(f"loss {format_number(float(view.loss[-1]))}")
    if view.validation_accuracy.size and view.validation_accuracy[-1] >= 0:
        words.append(f"validation {100 * view.validation_accuracy[-1]:.1f} %")
    elif view.validation_cost.size and view.validation_cost[-1] >= 0:
        words.append(f"validation cost {format_number(float(view.validation_cost[-1]))}")
    if view.steps_per_second:
        words.append(f"{view.steps_per_second:,.0f} steps/s")
    if view.seconds_left is not None:
        words.append(f"{format_duration(view.seconds_left)} left")
    return "  ".join(words)
