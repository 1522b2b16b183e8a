"""Recipes reproduced in the foreground: one after the other, or several at once; what is told of them, and the exit code."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, closing, nullcontext, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.cli.errors import ExitCode, nobody_reads
from workbench.cli.output import json_text
from workbench.cli.processes import Processes
from workbench.cli.progress import NoProgress, Progress, progress_for
from workbench.cli.reproduction_objects import Fields, reproduction_object
from workbench.cli.reproduction_words import head, said, summary, tidings
from workbench.cli.session import stopped_by_signals
from workbench.plots import format_duration
from workbench.recipes.records import Plan
from workbench.reproduction.events import Begun, Going
from workbench.reproduction.running import Reproduction


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be reproduced, and how it is told."""

    names: tuple[str, ...]
    """What the recipes were asked for by, one for each plan."""
    plans: tuple[Plan, ...]
    settings: Mapping[str, Any]
    options: list[str]
    """Of the command, for a process that does one recipe."""
    db: Path
    check: bool
    any_version: bool
    """Whether runs of other versions of this program count."""
    as_json: bool
    quiet: bool
    summed_up: bool
    """Whether a table of all recipes comes last."""


@dataclass(slots=True)
class _Told:
    """What has been said of one recipe."""

    name: str
    scale: str
    objects: list[Fields] = field(default_factory=list)

    @property
    def code(self) -> ExitCode:
        """How its process would end."""
        last = self.objects[-1] if self.objects else {}
        if last.get("event") != "finished":
            return ExitCode.FAILED
        if last["status"] == "interrupted":
            return ExitCode.INTERRUPTED
        broke = any(each["event"] == "failed" for each in self.objects)
        return ExitCode.DONE if last["passed"] == last["claims"] and not broke else ExitCode.FAILED


def reproduced(wanted: Wanted, jobs: int) -> int:
    """Do it all; return the exit code."""
    told = [_Told(plan.recipe.name, plan.scale.name) for plan in wanted.plans]
    try:
        code = _side_by_side(wanted, told, jobs) if jobs > 1 and len(told) > 1 else _one_by_one(wanted, told)
        if wanted.summed_up and not wanted.as_json:
            summary([(each.name, each.objects) for each in told])
    except BrokenPipeError:  # whoever read it has left: an interruption like another
        nobody_reads()
        return ExitCode.INTERRUPTED
    return code


def _one_by_one(wanted: Wanted, told: list[_Told]) -> int:
    codes: list[int] = []
    for plan, each in zip(wanted.plans, told, strict=True):
        reproduction = Reproduction(
            plan, wanted.db, settings=wanted.settings, train=not wanted.check, any_version=wanted.any_version
        )
        with stopped_by_signals(reproduction), progress_for(wanted.quiet, plain=False) as progress:
            _follow(reproduction, each, progress, wanted)
        codes.append(each.code)
        if each.code == ExitCode.INTERRUPTED:
            break
    return max(codes)


def _follow(reproduction: Reproduction, told: _Told, progress: Progress, wanted: Wanted) -> None:
    begun, out = time.monotonic(), sys.stdout
    kept_apart: AbstractContextManager[object] = redirect_stdout(sys.stderr) if wanted.as_json else nullcontext()
    with kept_apart, closing(reproduction.events()) as events:  # what callbacks print is no JSON
        for event in events:
            if isinstance(event, Going):
                passed = format_duration(time.monotonic() - begun)
                progress.look(event.runner, head(told.name, event.labels, event.done, event.runs, passed))
                continue
            made = reproduction_object(event, told.name, wanted.db)
            assert made is not None, "all but Going are told"
            told.objects.append(made)
            if wanted.as_json:
                out.write(json_text(made) + "\n")
                out.flush()
            elif not isinstance(event, Begun) or not wanted.quiet:
                _say(tidings(made), progress, quiet=wanted.quiet)
    if not wanted.as_json:
        said(told.objects)


def _say(line: str, progress: Progress, *, quiet: bool) -> None:
    """Write a line of how it goes to stderr."""
    if isinstance(progress, NoProgress) and line and not quiet:
        print(line, file=sys.stderr, flush=True)
    elif line:
        progress.say(line)


def _side_by_side(wanted: Wanted, told: list[_Told], jobs: int) -> int:
    """Each recipe in a process of its own; they are told of in their order."""
    options = [*wanted.options, "--json", "--quiet", "--db", str(wanted.db)]
    base = [sys.executable, "-m", "workbench", "reproduce"]
    with Processes([[*base, name, *options] for name in wanted.names], jobs) as processes, stopped_by_signals(processes):
        for place, made in processes.objects():
            told[place].objects.append(made)
            if wanted.as_json:
                print(json_text(made), flush=True)
            elif made["event"] == "finished":
                said(told[place].objects)
            elif not wanted.quiet and (line := tidings(made)):
                print(line, file=sys.stderr, flush=True)
    return processes.code
