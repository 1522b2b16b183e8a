"""How a run is spoken of on the screen: plain text from a view of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.vocabulary import Status
from workbench.plots import format_duration, format_number
from workbench.tui.doing import doing

if TYPE_CHECKING:
    from engine.events import Intervened, Outcome, Score
    from engine.experiment import Experiment
    from workbench.live import RunView
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
_BLOCKS_MOST = 32
STARTING = "starting"
STOPPING = "stopping: what was trained is scored"
RUNNING = "running"
_UNCHANGED: Mapping[str, float] = MappingProxyType({})


def network_text(experiment: Experiment) -> str:
    """The hidden layers in a few characters: `3×64`, `64-32-16`, `linear`; of blocks their kinds: `2 conv-flatten-dense`."""
    if blocks := experiment.model.blocks:
        runs = ((kind, len(list(alike))) for kind, alike in groupby(block.kind for block in blocks))
        text = "-".join(f"{count} {kind}" if count > 1 else kind for kind, count in runs)
        return text if len(text) <= _BLOCKS_MOST else blocks_count(len(blocks))
    widths = experiment.model.hidden
    if not widths:
        return "linear"
    if len(set(widths)) == 1:
        return f"{len(widths)}×{widths[0]}"
    return "-".join(map(str, widths)) if len(widths) <= 4 else f"{len(widths)} layers"


def blocks_count(count: int) -> str:
    """How many blocks there are, where there is no room for their kinds."""
    return f"{count} block{'s' * (count != 1)}"


def experiment_text(experiment: Experiment, now: Mapping[str, float] = _UNCHANGED) -> str:
    """An experiment in one line: `digits  3×64 relu +bn  he_normal  adam 0.001`.

    Args:
        experiment: As it began.
        now: Settings that were changed since then, by path; both values are told: `sgd 0.1→0.5`.
    """
    model = experiment.model
    network = network_text(experiment)
    if model.hidden or model.blocks:
        network += f" {model.activation.kind}"
    network = " ".join([network, *extras(experiment, now)])
    rate = _changed(experiment.lr, now.get("lr"))
    parts = [experiment.data.name, network, model.init.kind, f"{experiment.optimizer.kind} {rate}"]
    batch = now.get("batch_size")
    if batch is not None and str(experiment.batch_size) != f"{batch:g}":
        parts.append(f"batch {experiment.batch_size}→{batch:g}")
    return "  ".join(parts)


def extras(experiment: Experiment, now: Mapping[str, float] = _UNCHANGED) -> tuple[str, ...]:
    """What is added to the plain layers: `+bn`, `+dropout 0.5`, `+L1 0.01`, `+L2 0→0.01`, `+dbn`."""
    model = experiment.model
    numbers = {"model.dropout": model.dropout, "l1": experiment.l1, "l2": experiment.l2}
    blocks = ", ".join(map(str, model.blocks))
    return _extras(numbers, blocks, experiment.pretraining.kind, now, batch_norm=model.batch_norm, shown=network_text(experiment))


@lru_cache(maxsize=2000)
def stored_extras(experiment_json: str) -> tuple[str, ...]:
    """The same of an experiment as the history keeps it, which may be of another version."""
    settings: Mapping[str, Any] = json.loads(experiment_json)
    model = settings.get("model", {})
    numbers = {"model.dropout": model.get("dropout", 0.0), "l1": settings.get("l1", 0.0), "l2": settings.get("l2", 0.0)}
    kind = str(settings.get("pretraining", "none")).partition("(")[0]
    return _extras(numbers, str(model.get("blocks") or ""), kind, _UNCHANGED, batch_norm=bool(model.get("batch_norm")))


_EXTRAS = {"model.dropout": "dropout", "l1": "L1", "l2": "L2"}


def _extras(
    numbers: Mapping[str, float], blocks: str, pretraining: str, now: Mapping[str, float], *, batch_norm: bool, shown: str = ""
) -> tuple[str, ...]:
    """`shown`: names of blocks that are told anyway."""
    found = ["+bn"] if batch_norm or (re.search("batch_norm(?!=off)", blocks) and "batch_norm" not in shown) else []
    for path, name in _EXTRAS.items():
        if numbers[path] or now.get(path):
            found.append(f"+{name} {_changed(numbers[path], now.get(path))}")
        elif name in blocks and name not in shown:
            found.append(f"+{name}")
    return (*found, *([f"+{pretraining}"] if pretraining != "none" else []))


def _changed(began: float, now: float | None) -> str:
    return format_number(began) if now is None or now == began else f"{format_number(began)}→{format_number(now)}"


def changed_settings(events: Iterable[Intervened]) -> dict[str, float]:
    """The latest value of each setting that was changed, by path."""
    return {change.path: change.after for event in events for change in event.changes}


def is_pretraining(view: RunView) -> bool:
    """Whether the first step is still to come, because layers learn without labels."""
    return view.is_pretraining


def status_text(view: RunView, *, paused: bool = False, broken: bool = False, stopping: bool = False, still: bool = False) -> str:
    """How the run stands, in words.

    Args:
        view: What is known of it.
        paused: It waits before its next step.
        broken: Its training has ended with an error.
        stopping: Its end was asked for.
        still: Nothing new was told for a while.
    """
    if view.experiment is None:
        return "not started" if broken or view.status == Status.FAILED else STARTING
    if view.status == Status.RUNNING:
        word, figures = _running_word(view, paused=paused, stopping=stopping, still=still), together(view)
        goes_on = word in (RUNNING, doing(view, still=still))
        return f"{word}, {_latest(view)}{figures}" if figures and goes_on else word
    if view.status == Status.FAILED:
        return f"failed: {view.message or 'no reason was kept'}"
    if view.outcome is not None and view.outcome.divergence is not None:
        where = view.outcome.divergence
        return f"diverged at step {where.step:,} in {where.layer} ({where.quantity})"
    return ", ".join(filter(None, [str(view.status), outcome_figures(view.outcome), together(view)]))


def _running_word(view: RunView, *, paused: bool, stopping: bool = False, still: bool = False) -> str:
    if stopping:
        return STOPPING
    if paused:
        return PAUSED
    if view.ended is not None:
        return f"ended ({view.ended.reason})"
    return "pre-training" if is_pretraining(view) else doing(view, still=still) or RUNNING


def ending_text(outcome: Outcome) -> str:
    """Why a run ended before its last step, and with which weights; empty if it did neither."""
    why = f"ended early ({outcome.reason})" if outcome.reason else ""
    weights = f"weights of step {outcome.restored_step:,}" if outcome.restored_step is not None else ""
    return ", ".join(filter(None, [why, weights]))


def _latest(view: RunView) -> str:
    """The member's own score after the latest epoch, as `together` gives that of its ensemble."""
    for name, figures, text in (
        ("accuracy", view.validation_accuracy, _percent),
        ("R²", view.validation_r2, format_number),
    ):
        if figures.size and isfinite(figures[-1]):
            return f"validation {name} {text(float(figures[-1]))}, "
    return ""


def together(view: RunView) -> str:
    """How good the ensemble is that a run is a member of; empty if it is none: at the end, or after the latest epoch."""
    combined = view.combined
    final = combined.test or combined.validation
    if final is not None:
        return f"together {_figure(final.mean)}"
    for figures, text in ((combined.accuracy, _percent), (combined.r2, _r2), (combined.cost, _cost)):
        if figures.size and isfinite(figures[-1]):
            return f"together {text(float(figures[-1]))}"
    return ""


def _figure(score: Score) -> str:
    if score.accuracy is not None:
        return _percent(score.accuracy)
    return _r2(score.r2) if score.r2 is not None else _cost(score.cost)


def _percent(share: float) -> str:
    """To a tenth: what an ensemble gains is often less than one in a hundred."""
    return f"{share:.1%}"


def _r2(number: float) -> str:
    return f"R² {format_number(number)}"


def _cost(number: float) -> str:
    return f"cost {format_number(number)}"


def state_text(view: RunView, runner: Runner, *, run: int | None = None) -> str:
    """How the training stands, in a few characters for the bar above all screens: `▶ run 12 37%`."""
    name = f"run {run} " if run is not None else ""
    if runner.finished:
        status = Status.FAILED if runner.error is not None else view.status
        return f"{SIGNS.get(status, ' ')} {name}{status}"
    if runner.stopping:
        return f"■ {name}stopping"
    text = _running_word(view, paused=runner.paused) if view.status == Status.RUNNING else status_text(view)
    share = f"{view.step / view.total_steps:.0%}" if view.total_steps else ""
    word = "" if text == RUNNING and share else text
    return f"{'‖' if text == PAUSED else '▶'} {name}{' '.join(filter(None, [word, share]))}"


def queued_text(count: int) -> str:
    """How many trainings wait; empty if none does."""
    return f"+{count} queued" if count else ""


def end_text(outcomes: Sequence[Outcome], view: RunView) -> str:
    """How a training ended: in full for one run, counted for several, of which `view` shows one."""
    if len(outcomes) == 1:
        divergence = outcomes[0].divergence
        if divergence is not None:
            return f"diverged at step {divergence.step:,} in {divergence.layer} ({divergence.quantity})"
        return ", ".join(filter(None, [str(outcomes[0].status), outcome_figures(outcomes[0]), ending_text(outcomes[0])]))
    counts = Counter(str(outcome.status) for outcome in outcomes)
    texts = [f"{count} {status}" for status, count in counts.most_common()]
    return ", ".join(filter(None, [*texts, together(view)]))


def outcome_figures(outcome: Outcome | None) -> str:
    """The best figures there are of an ended run: those of the test, else of the validation part."""
    if outcome is None:
        return ""
    for part, score in (("test", outcome.test), ("validation", outcome.validation), ("training", outcome.train)):
        if score is None:
            continue
        if score.accuracy is not None:
            return f"{part} accuracy {_percent(score.accuracy)}"
        if score.r2 is not None:
            return f"{part} R² {format_number(score.r2)}"
        return f"{part} cost {format_number(score.cost)}"
    return ""


def progress_parts(view: RunView, *, still: bool = False) -> tuple[str, ...]:
    """Where the run is, most important first; `still`: nothing new was told for a while."""
    if is_pretraining(view):
        return _pretraining_parts(view)
    parts = [f"step {view.step:,}/{view.total_steps:,}" if view.total_steps else f"step {view.step:,}", f"epoch {view.epoch:,}"]
    if now := doing(view, still=still):
        parts.append(now)
    elif view.status == Status.RUNNING:
        if view.steps_per_second is not None:
            parts.append(f"{format_number(view.steps_per_second)} steps/s")
        if view.seconds_left is not None:
            parts.append(f"{format_duration(view.seconds_left)} left")
    else:
        parts.append(format_duration(view.seconds))
    parts.append(f"{view.device}, {view.threads} thread{'s' if view.threads != 1 else ''}")
    return tuple(parts)


def _pretraining_parts(view: RunView) -> tuple[str, ...]:
    if not view.pretraining:
        return ("pre-training",)
    layer = view.pretraining[-1]
    done = f"pre-training {layer.name}: epoch {int(layer.epochs[-1]):,}/{layer.total:,}"
    return (done, f"error {format_number(float(layer.error[-1]))}", format_duration(layer.seconds))
