"""The columns of the list of runs: what they say, and which of them there is room for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from textual.content import Content

from engine.vocabulary import Status
from workbench.history import RunRecord
from workbench.plots import format_number, format_share
from workbench.plots.numbers import ABSENT
from workbench.tui.session import Session
from workbench.tui.words import SIGNS, blocks_count

PADDING = 2
"""Characters between columns."""
_NAME_WIDTH, _NAME_MOST = 9, 48
_NETWORK_WIDTH = 8


@dataclass(frozen=True, slots=True)
class RunColumn:
    """A column: its heading, its width, how soon it gives way (higher: sooner), and its text."""

    key: str
    title: str
    width: int
    rank: int
    text: Callable[[RunRecord, Session], str]


def network(record: RunRecord, room: int = 100) -> str:
    """The hidden layers: `3×64`, `256,128`, `linear`; of blocks their kinds, or in less room their number."""
    if record.depth == 0:
        return "linear"
    if record.width.isdigit():
        return f"{record.depth}×{record.width}"
    of_blocks = any(map(str.isalpha, record.width))
    return blocks_count(record.depth) if of_blocks and len(record.width) > room else record.width


def kind(pick: str) -> str:
    """A choice without its parameters."""
    return pick.partition("(")[0]


def score(accuracy: float | None, r2: float | None, cost: float | None) -> str:
    """Accuracy as a percentage, else R², else the cost marked as one."""
    if accuracy is not None:
        return format_share(accuracy)
    if r2 is not None:
        return f"R² {r2:.3f}"
    return format_number(cost)


def _name(record: RunRecord, _: Session) -> str:
    tags = " ".join(f"#{tag}" for tag in record.tags)
    return f"{record.name} {tags}".strip()


def _data(record: RunRecord) -> str:
    return record.data.replace("\\", "/").rpartition("/")[2]


def _activation(record: RunRecord) -> str:
    return kind(record.activation) if record.depth else ABSENT


COLUMNS = (
    RunColumn("mark", "", 1, 0, lambda record, session: "●" if record.id in session.marked else " "),
    RunColumn("id", "id", 5, 0, lambda record, _: str(record.id)),
    RunColumn("name", "name, tags", _NAME_WIDTH, 1, _name),
    RunColumn("data", "data", 10, 1, lambda record, _: _data(record)),
    RunColumn("network", "network", _NETWORK_WIDTH, 1, lambda record, _: network(record, _NETWORK_WIDTH)),
    RunColumn("activation", "activation", 10, 3, lambda record, _: _activation(record)),
    RunColumn("init", "init", 14, 6, lambda record, _: kind(record.init)),
    RunColumn("optimizer", "optim.", 8, 4, lambda record, _: kind(record.optimizer)),
    RunColumn("lr", "lr", 7, 5, lambda record, _: format_number(record.lr)),
    RunColumn("seed", "seed", 4, 8, lambda record, _: str(record.seed)),
    RunColumn("status", "status", 13, 0, lambda record, _: f"{SIGNS.get(record.status, ' ')} {record.status}"),
    RunColumn("epoch", "epochs", 6, 7, lambda record, _: str(record.epoch)),
    RunColumn(
        "validation",
        "valid.",
        8,
        1,
        lambda record, _: score(record.validation_accuracy, record.validation_r2, record.validation_cost),
    ),
    RunColumn("test", "test", 8, 2, lambda record, _: score(record.test_accuracy, record.test_r2, record.test_cost)),
    RunColumn("started", "started", 11, 9, lambda record, session: session.local_time(record.started)[-11:]),
)


def columns_for(width: int, runs: Sequence[RunRecord]) -> tuple[RunColumn, ...]:
    """The columns that fit in `width` characters; those of the highest rank give way first, and names
    where no run has any. Names take what is left.
    """
    named = any(run.name or run.tags for run in runs)
    columns = [column for column in COLUMNS if named or column.key != "name"]
    while sum(column.width + PADDING for column in columns) > width and max(column.rank for column in columns) > 0:
        columns.remove(max(columns, key=lambda column: column.rank))
    free = min(width - sum(column.width + PADDING for column in columns), _NAME_MOST - _NAME_WIDTH)
    return tuple(replace(column, width=column.width + max(0, free)) if column.key == "name" else column for column in columns)


def cells(record: RunRecord, columns: Sequence[RunColumn], session: Session) -> list[Content]:
    """The texts of one run."""
    style: Mapping[str, str] = {Status.DIVERGED: "$error", Status.FAILED: "$error", Status.RUNNING: "$primary"}
    return [
        Content.styled(
            _cut(column.text(record, session), column.width), style.get(record.status, "") if column.key == "status" else ""
        )
        for column in columns
    ]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def ensemble(record: RunRecord) -> str:
    """The ensemble that a run is a member of, and how good it is on the data kept for validation and for the test."""
    validation = score(record.combined_validation_accuracy, record.combined_validation_r2, record.combined_validation_cost)
    test = score(record.combined_test_accuracy, record.combined_test_r2, record.combined_test_cost)
    return f"member {record.member + 1} of an ensemble of {record.ensemble}; together: valid. {validation}, test {test}"


def detail(record: RunRecord, session: Session) -> Content:
    """What else there is to say of the current run, in two or three lines."""
    layers = f"{network(record)} {kind(record.activation)}" if record.depth else network(record)
    first = (
        f"{record.data}, {layers}, {kind(record.init)}, {kind(record.optimizer)} lr {format_number(record.lr)}, "
        f"seed {record.seed}, {record.parameters:,} parameters, {record.device}"
    )
    reach = f"step {record.step:,}/{record.total_steps:,}, {record.seconds:.1f} s, started {session.local_time(record.started)}"
    if record.diverged_step is not None:
        reach += f", diverged at step {record.diverged_step:,} in {record.diverged_layer} ({record.diverged_quantity})"
    if record.reason:
        reach += f", ended early ({record.reason})"
    if record.restored_step is not None:
        reach += f", weights of step {record.restored_step:,}"
    if record.message:
        reach += f", {record.message}"
    lines = [Content(first), Content.styled(reach, "$muted")]
    if record.ensemble is not None:
        lines.append(Content.styled(ensemble(record), "$muted"))
    if record.note:
        lines.append(Content.styled(f"note: {record.note}", "$primary"))
    return Content("\n").join(lines)
