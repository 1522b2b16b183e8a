"""How a run is spoken of on the screen: plain text from a view of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from engine.events import Outcome
from engine.experiment import Experiment
from engine.vocabulary import Status
from workbench.live import RunView
from workbench.plots import format_duration, format_number, format_share
from workbench.runner import Runner

SIGNS: Mapping[str, str] = {
    Status.RUNNING: "▶",
    Status.DONE: "✓",
    Status.STOPPED: "■",
    Status.DIVERGED: "×",
    Status.INTERRUPTED: "!",
    Status.FAILED: "!",
}
PAUSED = "paused"
STARTING = "starting"


def network_text(experiment: Experiment) -> str:
    """The hidden layers in a few characters: `3×64`, `64-32-16`, `linear`."""
    widths = experiment.model.hidden
    if not widths:
        return "linear"
    if len(set(widths)) == 1:
        return f"{len(widths)}×{widths[0]}"
    return "-".join(map(str, widths)) if len(widths) <= 4 else f"{len(widths)} layers"


def experiment_text(experiment: Experiment) -> str:
    """An experiment in one line: `digits  3×64 relu  he_normal  adam 0.001`."""
    model = experiment.model
    network = f"{network_text(experiment)} {model.activation.kind}" if model.hidden else network_text(experiment)
    return f"{experiment.data.name}  {network}  {model.init.kind}  {experiment.optimizer.kind} {format_number(experiment.lr)}"


def status_text(view: RunView, *, paused: bool = False, broken: bool = False) -> str:
    """How the run stands, in words; `broken`: its training has ended with an error."""
    if view.experiment is None:
        return "not started" if broken or view.status == Status.FAILED else STARTING
    if view.status == Status.RUNNING:
        return PAUSED if paused else "running"
    if view.status == Status.FAILED:
        return f"failed: {view.message or 'no reason was kept'}"
    if view.outcome is not None and view.outcome.divergence is not None:
        where = view.outcome.divergence
        return f"diverged at step {where.step:,} in {where.layer} ({where.quantity})"
    text = str(view.status)
    figures = outcome_figures(view.outcome)
    return f"{text}, {figures}" if figures else text


def state_text(view: RunView, runner: Runner) -> str:
    """How the training stands, in a few characters for the bar above all screens."""
    if runner.finished:
        status = Status.FAILED if runner.error is not None else view.status
        return f"{SIGNS.get(status, ' ')} {status}"
    if runner.stopping:
        return "■ stopping"
    text = status_text(view, paused=runner.paused)
    share = f" {view.step / view.total_steps:.0%}" if view.total_steps else ""
    return f"{'‖' if text == PAUSED else '▶'} {text}{share}"


def end_text(outcomes: Sequence[Outcome]) -> str:
    """How a training ended: in full for one run, counted for several."""
    if len(outcomes) == 1:
        divergence = outcomes[0].divergence
        if divergence is not None:
            return f"diverged at step {divergence.step:,} in {divergence.layer} ({divergence.quantity})"
        figures = outcome_figures(outcomes[0])
        return f"{outcomes[0].status}, {figures}" if figures else str(outcomes[0].status)
    counts = Counter(str(outcome.status) for outcome in outcomes)
    return ", ".join(f"{count} {status}" for status, count in counts.most_common())


def outcome_figures(outcome: Outcome | None) -> str:
    """The best figures there are of an ended run: those of the test, else of the validation part."""
    if outcome is None:
        return ""
    for part, score in (("test", outcome.test), ("validation", outcome.validation), ("training", outcome.train)):
        if score is None:
            continue
        if score.accuracy is not None:
            return f"{part} accuracy {format_share(score.accuracy)}"
        if score.r2 is not None:
            return f"{part} R² {format_number(score.r2)}"
        return f"{part} cost {format_number(score.cost)}"
    return ""


def progress_parts(view: RunView) -> tuple[str, ...]:
    """Where the run is, most important first."""
    parts = [f"step {view.step:,}/{view.total_steps:,}" if view.total_steps else f"step {view.step:,}", f"epoch {view.epoch:,}"]
    if view.status == Status.RUNNING:
        if view.steps_per_second is not None:
            parts.append(f"{format_number(view.steps_per_second)} steps/s")
        if view.seconds_left is not None:
            parts.append(f"{format_duration(view.seconds_left)} left")
    else:
        parts.append(format_duration(view.seconds))
    parts.append(f"{view.device}, {view.threads} thread{'s' if view.threads != 1 else ''}")
    return tuple(parts)
