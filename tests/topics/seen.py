"""A small run of a row's command: what it said and what it recorded."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.vocabulary import Statistic
from workbench.cli import execute
from workbench.history import History, RunRecord
from workbench.history.records import LayerRow

S = Statistic
MACHINE = ("--device", "cpu", "--threads", "1", "--quiet")
GUESSING = 0.2
"""More than the accuracy of guessing one of ten classes."""


@dataclass(frozen=True)
class Seen:
    """What a command said, and what it recorded."""

    command: str
    out: str
    shown: Mapping[str, str]  # what the commands of the last column print
    history: History
    members: tuple[RunRecord, ...]  # the runs that it made

    @property
    def run(self) -> RunRecord:
        return self.members[0]

    @property
    def layers(self) -> tuple[LayerRow, ...]:
        return self.history.layers(self.run.id)

    @property
    def data(self) -> dict:
        return json.loads(self.run.data_json)

    @property
    def losses(self) -> list[float]:
        found = [row.loss for row in self.history.steps(self.run.id)]
        assert found
        assert all(loss is not None and math.isfinite(loss) for loss in found)
        return found

    @property
    def rates(self) -> list[float]:
        return [row.lr for row in self.history.steps(self.run.id)]

    def first(self, statistic: Statistic) -> list[float]:
        """A statistic of the layers that have it, at the first step."""
        rows = [row for row in self.history.layer_stats(self.run.id) if row.step == 1]
        return _numbers(rows, statistic)

    def last(self, statistic: Statistic) -> list[float]:
        """The same at the latest measurement."""
        return _numbers(self.history.latest_layer_stats(self.run.id), statistic)

    def costs(self, part: str) -> list[float]:
        """After each epoch."""
        return [row.cost for row in self.history.epochs(self.run.id) if row.part == part and not row.final]

    def beside(self, more: str, steps: int, *, without: str = "") -> Seen:
        """The same command with other words, run as well."""
        words = [*shlex.split(self.command.replace(without, "") if without else self.command)[1:], *shlex.split(more)]
        return run_and_look(words, steps, self.history)


def run_and_look(
    words: list[str], steps: int, history: History, out: Callable[[], str] = str, looks: tuple[str, ...] = ()
) -> Seen:
    """Run a command, and the ones that show more of what it recorded; `out` tells what was printed since it was asked last."""
    out()
    code = execute([*words, "--steps", str(steps), *MACHINE])
    said = out()
    assert code in (0, 3), said
    shown = {}
    for look in looks:
        assert execute(shlex.split(look)[1:]) == 0
        shown[look] = out()
    return Seen(shlex.join(["workbench", *words]), said, shown, history, history.population(history.run("latest")))


def _numbers(rows, statistic: Statistic) -> list[float]:
    found = [row.value(statistic) for row in rows if row.value(statistic) is not None]
    assert found, f"{statistic} was not measured"
    assert all(map(math.isfinite, found)), statistic
    return found


def spread(numbers: list[float]) -> float:
    return max(numbers) / min(numbers)
