"""What is said of the current run below the list."""

from __future__ import annotations

from textual.content import Content

from workbench.history import RunRecord
from workbench.plots import format_number
from workbench.tui.history_rows import kind, network, score
from workbench.tui.session import Session
from workbench.tui.words import stored_extras


def ensemble(record: RunRecord) -> str:
    """The ensemble that a run is a member of, and how good it is on the data kept for validation and for the test."""
    validation = score(record.combined_validation_accuracy, record.combined_validation_r2, record.combined_validation_cost)
    test = score(record.combined_test_accuracy, record.combined_test_r2, record.combined_test_cost)
    return f"member {record.member + 1} of an ensemble of {record.ensemble}; together: valid. {validation}, test {test}"


def layers_text(record: RunRecord) -> str:
    """The layers, their activation and what is added to them: `8×64 sigmoid +bn`."""
    activation = (kind(record.activation),) if record.depth else ()
    return " ".join([network(record), *activation, *stored_extras(record.experiment_json)])


def detail(record: RunRecord, session: Session) -> Content:
    """What else there is to say of the current run, in two or three lines."""
    layers = layers_text(record)
    first = (
        f"{record.data}, {layers}, {kind(record.init)}, {kind(record.optimizer)} lr {format_number(record.lr)}, "
        f"seed {record.seed}, {record.parameters:,} parameters, {record.device}"
    )
    lines = [Content(first), Content.styled(_course(record, session), "$muted")]
    if record.ensemble is not None:
        lines.append(Content.styled(ensemble(record), "$muted"))
    if record.note:
        lines.append(Content.styled(f"note: {record.note}", "$primary"))
    return Content("\n").join(lines)


def _course(record: RunRecord, session: Session) -> str:
    """How far it came, and how it ended."""
    parts = [f"step {record.step:,}/{record.total_steps:,}", f"{record.seconds:.1f} s"]
    parts.append(f"started {session.local_time(record.started)}")
    if record.diverged_step is not None:
        parts.append(f"diverged at step {record.diverged_step:,} in {record.diverged_layer} ({record.diverged_quantity})")
    if record.reason:
        parts.append(f"ended early ({record.reason})")
    if record.restored_step is not None:
        parts.append(f"weights of step {record.restored_step:,}")
    if record.message:
        parts.append(record.message)
    if record.archived is not None:
        parts.append("archived")
    return ", ".join(parts)
