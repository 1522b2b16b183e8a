"""What is said on stderr while a training goes on."""

from __future__ import annotations

import io
from types import SimpleNamespace

import rich.progress
from rich.console import Console

from engine.events import Frame, Started
from tests.workbench.scripted import scripted_events
from workbench.cli import progress
from workbench.cli.progress import Bar, Lines
from workbench.live import LiveRun
from workbench.runner import Preparation


class Shown:
    """Takes what a bar is told."""

    def __init__(self) -> None:
        self.descriptions: list[str] = []

    def add_task(self, description: str, **words: object) -> int:
        return 0

    def update(self, task: int, *, description: str, **words: object) -> None:
        self.descriptions.append(description)

    def refresh(self) -> None:
        pass


def looked_at(shown, until) -> None:
    """Let a progress look at a training after each of its events up to one of a kind."""
    live = LiveRun()
    runner = SimpleNamespace(live=live, preparation=None, finished=False)
    for event in scripted_events(steps=60, steps_per_epoch=20, everything=True):
        live.apply(event)
        shown.look(runner)
        if isinstance(event, until):
            return


def test_a_bar_tells_how_far_pre_training_is_until_the_first_step():
    shown = Shown()
    looked_at(Bar(shown), Frame)
    assert shown.descriptions[1] == "pre-training hidden 1: epoch 1 of 2, error 1"
    assert "pre-training hidden 3: epoch 2 of 2, error 0.25" in shown.descriptions
    assert (shown.descriptions[0], shown.descriptions[-1]) == ("running", "running")


def test_what_is_said_above_a_bar_is_shown_as_it_is():
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=40, highlight=True, _environ={"TERM": "xterm"})
    line = "▲ Not finite: weights of [bold]hidden 12[/] are 3e+05 :warning: and do not fit into 40 columns"
    with rich.progress.Progress(console=console, auto_refresh=False, transient=True) as columns:
        Bar(columns).say(line)
    assert line in out.getvalue()


def test_a_bar_tells_what_is_got_ready_also_before_a_training_goes_on():
    shown, live = Shown(), LiveRun()
    runner = SimpleNamespace(live=live, preparation=None, finished=False)
    bar = Bar(shown)
    for event in scripted_events(steps=20):
        live.apply(event)
        if isinstance(event, Started):
            bar.look(runner)
            runner.preparation = Preparation("looking through what was recorded", 1, 3)
            bar.look(runner)
            runner.preparation = None
    assert shown.descriptions == ["running", "looking through what was recorded"]


def test_without_a_terminal_nothing_is_said_but_in_plain_lines(capsys):
    with progress.progress_for(False, False) as nothing:
        nothing.say("▲ Vanishing gradient")
    assert capsys.readouterr().err == ""
    with progress.progress_for(False, True) as plain:
        plain.say("▲ Vanishing gradient")
    assert capsys.readouterr().err == "▲ Vanishing gradient\n"


def test_plain_lines_tell_of_pre_training_and_epochs_but_not_too_often(capsys, monkeypatch):
    looked_at(Lines(), type(None))
    assert capsys.readouterr().err.splitlines() == ["pre-training hidden 1: epoch 1 of 2, error 1"]
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    looked_at(Lines(), type(None))
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith("pre-training")][-1] == "pre-training hidden 3: epoch 2 of 2, error 0.25"
    assert [line.split("  ")[0] for line in lines if line.startswith("epoch")] == ["epoch 1", "epoch 2", "epoch 3"]


def test_before_anything_has_begun_nothing_is_said(capsys):
    looked_at(Lines(), Started)
    assert capsys.readouterr().err == ""
