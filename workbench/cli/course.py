"""How a training went beside its curves, in words and tables: pre-training, changes of settings, its end, ensemble, checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.events import CALLBACK, Checkpointed, Combined, Intervened, Score
from workbench.cli.output import make_table, print_table
from workbench.cli.scores import BY_VOTE, print_scores
from workbench.plots import format_duration, format_number, sparkline
from workbench.view import RunView

SPARK = 16
CHANGES_SHOWN = CHECKPOINTS_SHOWN = 12
"""Of more changes of settings or checkpoints than this the first ones are left out."""


def print_pretraining(view: RunView) -> None:
    """A line for each pre-trained layer: how its reconstruction error fell."""
    if not view.pretraining:
        return
    table = make_table(["pre-training", "epochs", "error of a reconstructed input"], numbers=["epochs"])
    for layer in view.pretraining:
        ends = f"{format_number(float(layer.error[0]))} to {format_number(float(layer.error[-1]))}"
        table.add_row(layer.name, str(int(layer.epochs[-1])), f"{sparkline(layer.error, SPARK)} {ends}")
    print_table(table)
    print(f"Pre-training took {format_duration(max(layer.seconds for layer in view.pretraining))}.\n")


def print_combined(view: RunView) -> None:
    """The scores of the ensemble that a run is a member of: at its end, or as of the latest epoch before that."""
    combined = view.combined
    parts = {"validation": combined.validation, "test": combined.test}
    found: dict[str, Score] = {}
    for part, both in parts.items():
        found |= combined_scores(part, both)
    if found:
        print_scores(found)
    elif combined.epochs.size:
        accuracy, cost = float(combined.accuracy[-1]), float(combined.cost[-1])
        figure = f"accuracy {100 * accuracy:.2f} %" if accuracy >= 0 else f"cost {format_number(cost)}"
        print(f"together after epoch {int(combined.epochs[-1]):,}: {figure} on the validation data\n")


def combined_scores(part: str, combined: Combined | None) -> Mapping[str, Score]:
    """The scores of an ensemble on one part of the data, by what a table calls them."""
    if combined is None:
        return {}
    votes = {f"{part}, {BY_VOTE}": combined.vote} if combined.vote is not None else {}
    return {f"{part}, together": combined.mean, **votes}


def print_interventions(view: RunView) -> None:
    """A line for each time that settings of the live run were changed."""
    hidden = len(view.interventions) - CHANGES_SHOWN
    if hidden > 0:
        print(f"({hidden} earlier changes are not shown; `workbench export --what interventions` has them all)")
    for event in view.interventions[-CHANGES_SHOWN:]:
        print(f"after step {event.step:,}: {change_words(event)}")


def change_words(event: Intervened) -> str:
    """What was changed at once, and whether a callback asked for it."""
    changes = (f"{change.path} from {format_number(change.before)} to {format_number(change.after)}" for change in event.changes)
    return f"{', '.join(changes)}{' (a callback)' if event.origin == CALLBACK else ''}"


def ending_sentence(run: int, view: RunView) -> str:
    """Why a run ended before its last step, and with which weights; empty where it did neither."""
    if _ended_in_pretraining(view):
        return f"Run {run} ended in its pre-training, which cannot be resumed; `workbench run --like {run}` begins again."
    restored = view.outcome.restored_step if view.outcome is not None else None
    weights = f" with the weights of step {restored:,}" if restored is not None else ""
    if view.reason:
        return f"Run {run} ended early after step {view.step:,} ({view.reason}){weights}."
    return f"Run {run} ended{weights}." if weights else ""


def _ended_in_pretraining(view: RunView) -> bool:
    """The first checkpoint is written after pre-training."""
    experiment = view.experiment
    if experiment is None or experiment.pretraining.kind == "none" or experiment.checkpoint.every == "never":
        return False
    return view.outcome is not None and view.step == 0 and view.resumed is None and not view.checkpoints


def beginning_words(view: RunView, parent: int | None) -> str:
    """From where a run went on, or as a branch of another began; empty where it began at its beginning."""
    if view.resumed is None:
        return ""
    where = f"step {view.resumed.step:,} (epoch {view.resumed.epoch:,})"
    return f"resumed from {where}" if parent is None else f"branched from run {parent} at {where}"


def print_checkpoints(view: RunView) -> None:
    """Where the checkpoints that are there lie, and of which steps they are."""
    there = [event for event in view.checkpoints if Path(event.path).is_file()]
    if not there:
        return
    words = list(dict.fromkeys(map(_checkpoint, there)))  # that of an epoch and the latest may be of one step
    earlier = f"{len(words) - CHECKPOINTS_SHOWN} earlier ones, " if len(words) > CHECKPOINTS_SHOWN else ""
    print(f"checkpoints in {Path(there[-1].path).parent}: {earlier}{', '.join(words[-CHECKPOINTS_SHOWN:])}")


def _checkpoint(event: Checkpointed) -> str:
    kind = ", the best" if event.kind == "best" else ""
    return f"step {event.step:,} (epoch {event.epoch:,}{kind})"
