"""What was of note in the course of a training, in words: changes of settings, checkpoints, members that ended, where it began."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.events import CALLBACK, Change, Checkpointed, Intervened, MemberEnded
from workbench.plots import format_number
from workbench.tui.fields import number_text
from workbench.tui.words import ending_text

if TYPE_CHECKING:
    from workbench.live import RunView
    from workbench.view import PretrainingView

NAMES = {"lr": "learning rate", "model.dropout": "dropout", "l1": "L1", "l2": "L2", "batch_size": "batch size"}
"""How settings that can be changed while training goes on are called."""
_KINDS = {"last": "checkpoint", "epoch": "checkpoint kept", "best": "best epoch kept"}


def notes(view: RunView) -> tuple[str, ...]:
    """What to tell beside the curves: how the run ended, then what happened, the latest first; of checkpoints the last alone."""
    told: list[tuple[int, str]] = []
    if view.resumed is not None:
        told.append((view.resumed.step, _begun(view)))
    told += [(event.step, change_text(event)) for event in view.interventions]
    if view.checkpoints:
        told.append((view.checkpoints[-1].step, checkpoint_text(view.checkpoints[-1])))
    told += [(event.step, end_text(event, view)) for event in view.ends if event != view.ended]
    own = _own_end(view)
    in_order = sorted(told, key=lambda each: each[0])
    return (*_wrong(view), *([own] if own else []), *(text for _, text in reversed(in_order)))


def _wrong(view: RunView) -> Sequence[str]:
    """The most serious finding that is not gone, and how many there are besides."""
    lasting = [finding for finding in view.findings if finding.closed is None]
    if not lasting:
        return []
    from workbench.findings import places, sign, title

    worst = lasting[0]
    where = f" ({places(worst.layers)})" if worst.layers else ""
    more = f" and {len(lasting) - 1} more" if len(lasting) > 1 else ""
    return [f"{sign(worst)} {title(worst.rule)}{where}{more}: F fixes, ! explains"]


def changes(view: RunView, before: Sequence[Intervened] = ()) -> tuple[Intervened, ...]:
    """All changes of settings in their order. See `course` for the arguments."""
    return (*(event for event in before if event not in view.interventions), *view.interventions)


def course(view: RunView, before: Sequence[Intervened] = ()) -> tuple[str, ...]:
    """Everything of note in its order.

    Args:
        view: The run.
        before: Changes that were made before the training that is viewed went on.
    """
    told = [(event.step, change_text(event)) for event in changes(view, before)]
    told += [(event.step, checkpoint_text(event)) for event in view.checkpoints]
    told += [(event.step, end_text(event, view)) for event in view.ends]
    if view.resumed is not None:
        told.append((view.resumed.step, _begun(view)))
    in_order = (text for _, text in sorted(told, key=lambda each: each[0]))
    end = [f"at the end: {ending_text(view.outcome)}"] if view.outcome is not None and ending_text(view.outcome) else []
    return (*map(pretraining_text, view.pretraining), *in_order, *end)


def _own_end(view: RunView) -> str:
    """How the run itself ended early; empty if it did not."""
    if view.outcome is not None:
        return ending_text(view.outcome)
    return f"ended early ({view.ended.reason})" if view.ended is not None else ""


def _begun(view: RunView) -> str:
    assert view.resumed is not None
    return f"went on from step {view.resumed.step:,} (epoch {view.resumed.epoch:,})"


def change_text(event: Intervened) -> str:
    """What was changed at once, when, and whether a callback asked for it."""
    who = " (a callback)" if event.origin == CALLBACK else ""
    return f"step {event.step:,}: {', '.join(map(_change, event.changes))}{who}"


def _change(change: Change) -> str:
    name = NAMES.get(change.path, change.path)
    return f"{name} {format_number(change.before)} → {format_number(change.after)}"


def checkpoint_text(event: Checkpointed) -> str:
    """Which state was written to disk."""
    members = f" of member {event.members[0] + 1}" if event.kind == "best" and event.members else ""
    return f"step {event.step:,}: {_KINDS.get(event.kind, event.kind)}{members}"


def end_text(event: MemberEnded, view: RunView) -> str:
    """Which member ended before the others, and why."""
    who = f"member {event.member + 1} " if view.members > 1 else ""
    return f"step {event.step:,}: {who}ended early ({event.reason})"


def pretraining_text(layer: PretrainingView) -> str:
    """How the pre-training of a layer went."""
    first, last = (format_number(float(layer.error[end])) for end in (0, -1))
    return f"pre-training {layer.name}: error {first} → {last} in {int(layer.epochs[-1]):,} of {layer.total:,} epochs"


def present_settings(view: RunView, before: Sequence[Intervened] = ()) -> dict[str, str]:
    """The settings that can be changed, as they are now, by path; a text for each. See `course` for the arguments."""
    experiment = view.experiment
    assert experiment is not None
    now: dict[str, str] = {
        "lr": number_text(experiment.lr),
        "model.dropout": number_text(experiment.model.dropout),
        "l1": number_text(experiment.l1),
        "l2": number_text(experiment.l2),
        "batch_size": str(experiment.batch_size),
    }
    for event in changes(view, before):
        now |= {change.path: number_text(change.after) for change in event.changes}
    return now
