"""The list of runs as text: its columns, which of them there is room for, its rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter

from engine.vocabulary import Status
from workbench.findings import brief, listed
from workbench.history import HistoryError, RunRecord
from workbench.history.fields import Field, Kind
from workbench.history.fields import field as field_named
from workbench.history.lists import Value
from workbench.plots import format_number
from workbench.plots.chart import Piece
from workbench.plots.numbers import ABSENT
from workbench.tui.session import Session
from workbench.tui.short_names import cut_at_end, short_name
from workbench.tui.words import SIGNS, blocks_count, stored_extras

PADDING = 2
"""Characters between columns."""
_NAME_WIDTH, _NAME_MOST = 9, 48
_NETWORK_WIDTH, _NETWORK_MOST = 8, 20
_SEED_RANK = 2  # where runs differ in it
_WIDEST, _NUMBER_WIDTH = 24, 9
FIXED = ("mark", "id")
"""Columns that are always there."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of the list, with the values of those of its columns that are none of the record's own."""

    record: RunRecord
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunColumn:
    """A column: its heading, its width, how soon it gives way (higher: sooner), and its text."""

    key: str
    title: str
    width: int
    rank: int
    text: Callable[[RunRow, Session], str]
    sort: str = ""
    """The field by which its heading sorts the list; empty: its key."""
    fields: tuple[str, ...] = ()
    """What it is made from; empty: the field that it sorts by."""
    right: bool = False
    cut: Callable[[str, int], str] = cut_at_end
    """Makes a text short that is too long."""

    def cell(self, row: RunRow, session: Session) -> str:
        """Its text of a run, as wide as the column, and the space behind it."""
        return self.cut(self.text(row, session), self.width).ljust(self.width + PADDING)

    @property
    def sorts_by(self) -> str:
        """Name of a field."""
        return self.sort or self.key

    @property
    def made_from(self) -> tuple[str, ...]:
        """Names of fields."""
        return self.fields or (self.sorts_by,)


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
        return f"{accuracy:.1%}"
    if r2 is not None:
        return f"R² {r2:.3f}"
    return format_number(cost)


def _name(row: RunRow, _: Session) -> str:
    tags = " ".join(f"#{tag}" for tag in row.record.tags)
    return f"{row.record.name} {tags}".strip()


def _activation(row: RunRow, _: Session) -> str:
    return kind(row.record.activation) if row.record.depth else ABSENT


def _layers(record: RunRecord) -> str:
    """The layers, and what is added to them, without its numbers."""
    added = (each.partition(" ")[0] for each in stored_extras(record.experiment_json))
    return " ".join([network(record, _NETWORK_WIDTH), *added])


def _validation(row: RunRow, _: Session) -> str:
    return score(row.record.validation_accuracy, row.record.validation_r2, row.record.validation_cost)


def _test(row: RunRow, _: Session) -> str:
    return score(row.record.test_accuracy, row.record.test_r2, row.record.test_cost)


def _data(row: RunRow, _: object = None) -> str:
    return row.record.data.replace("\\", "/").rpartition("/")[2]


def _status(row: RunRow, _: object = None) -> str:
    sign = "▫" if row.record.archived is not None else SIGNS.get(row.record.status, " ")
    return f"{sign} {row.record.status}"


def _scores(part: str) -> tuple[str, ...]:
    return tuple(f"{part}_{figure}" for figure in ("accuracy", "r2", "cost"))


COLUMNS = (
    RunColumn("mark", "", 1, 0, lambda row, session: "●" if row.record.id in session.marked else " ", "id"),
    RunColumn("id", "id", 5, 0, lambda row, _: str(row.record.id)),
    RunColumn("name", "name #tag", _NAME_WIDTH, 1, _name, fields=("name", "tag"), cut=short_name),
    RunColumn("data", "data", 10, 1, _data),
    RunColumn("network", "network", _NETWORK_WIDTH, 1, lambda row, _: _layers(row.record), "depth", ("depth", "width")),
    RunColumn("activation", "activation", 10, 3, _activation),
    RunColumn("init", "init", 14, 6, lambda row, _: kind(row.record.init)),
    RunColumn("optimizer", "optim.", 8, 4, lambda row, _: kind(row.record.optimizer)),
    RunColumn("lr", "lr", 7, 5, lambda row, _: format_number(row.record.lr)),
    RunColumn("seed", "seed", 4, 8, lambda row, _: str(row.record.seed)),
    RunColumn("status", "status", 13, 0, _status),
    RunColumn("epoch", "epochs", 6, 7, lambda row, _: str(row.record.epoch)),
    RunColumn("validation", "valid.", 8, 1, _validation, "validation_score", _scores("validation")),
    RunColumn("test", "test", 8, 2, _test, "test_score", _scores("test")),
    RunColumn("started", "started", 11, 9, lambda row, session: session.local_time(row.record.started)[-11:]),
)  # fmt: skip
USUAL = tuple(column.key for column in COLUMNS if column.key not in FIXED)
"""The columns of a list that nobody has arranged, in their order."""
_FINDINGS = RunColumn("findings", "findings", 24, 0, lambda row, _: brief(row.record.findings, row.record.severity))
_BY_KEY = {column.key: column for column in (*COLUMNS, _FINDINGS)}


def column(key: str) -> RunColumn | None:
    """The column of this key: one of `COLUMNS`, or any field of a run; None where this version does not know it."""
    known = _BY_KEY.get(key)
    if known is not None:
        return known
    try:
        found = field_named(key)
    except HistoryError:
        return None
    title = found.name.rpartition(".")[2].replace("_", " ")
    number = found.kind in (Kind.NUMBER, Kind.SHARE, Kind.PERCENT)
    width = max(len(title) + 2, _NUMBER_WIDTH if number else 12 if found.kind is Kind.SETTING else 16)

    def text(row: RunRow, session: Session) -> str:
        value = row.values.get(key)
        return value_text(found, value if key in row.values else getattr(row.record, found.name, None), session)

    return RunColumn(key, title, min(width, _WIDEST), 0, text, found.name)


def value_text(found: Field, value: Value, session: Session) -> str:
    """A value of a field as it is shown."""
    if value is None:
        return ABSENT
    if found.kind is Kind.TAG:
        return " ".join(f"#{tag}" for tag in str(value).split("\n"))
    if found.kind is Kind.FINDING:
        return brief(*listed(str(value)))
    if found.kind is Kind.TIME:
        return session.local_time(str(value))
    if found.switch and value in (0, 1):
        return "on" if value else "off"
    if isinstance(value, str):
        return kind(value) if found.kind in (Kind.SETTING, Kind.TEXT) and value.endswith(")") else value
    if found.kind is Kind.SHARE:
        return f"{value:.1%}"
    if found.kind is Kind.PERCENT:
        return f"{value:.1f}%" if abs(value) < 10 else f"{value:.0f}%"
    return str(value) if isinstance(value, int) else format_number(value)


def wanted_values(columns: Sequence[RunColumn]) -> tuple[str, ...]:
    """The fields that have to be read for these columns besides the records."""
    return tuple(column.key for column in columns if column.key not in _BY_KEY)


def chosen_columns(keys: Sequence[str], same: Collection[str] = (), sort: str = "") -> list[RunColumn]:
    """The columns of a list: those of these keys, or the usual ones, and that of the field by which it is sorted.

    Those that are the same in all runs are left out.
    """
    found = [each for each in map(column, keys or USUAL) if each is not None and each.key not in FIXED]
    if keys:  # the last ones give way
        found = [replace(each, rank=number + 1) for number, each in enumerate(found)]
    found = [each for each in found if not all(name in same for name in each.made_from)]
    first = [_BY_KEY[key] for key in FIXED]
    sorted_by = column(sort) if sort and all(each.sorts_by != sort for each in (*first, *found)) else None
    if sorted_by is not None:
        first.append(replace(sorted_by, rank=0))
    return [*first, *found]


def columns_for(
    width: int, runs: Sequence[RunRecord], keys: Sequence[str] = (), same: Collection[str] = (), sort: str = ""
) -> tuple[RunColumn, ...]:
    """The columns that fit in `width` characters; those of the highest rank give way first, and names
    where no run has any. Networks with something added, then names take what is left; seeds that differ stay longer. Data
    that all have in common make room for names that would be cut.
    """
    named = bool(keys) or any(run.name or run.tags for run in runs)
    columns = [each for each in chosen_columns(keys, same, sort) if named or each.key != "name"]
    wanted = min(max((len(_layers(run)) for run in runs), default=0), _NETWORK_MOST)
    if not keys:
        if len({run.seed for run in runs}) > 1:
            columns = [replace(each, rank=_SEED_RANK) if each.key == "seed" else each for each in columns]
        if sum(each.width + PADDING for each in columns) > width:
            columns = [replace(each, width=_trimmed(each, runs)) for each in columns]
        columns = _given_way(columns, width - max(0, wanted - _NETWORK_WIDTH), _SEED_RANK)
    columns = _given_way(columns, width, 0)
    filled = _filled(columns, width, wanted)
    if not keys and len(runs) > 1 and len({run.data for run in runs}) == 1 and _cuts_names(filled, runs):
        filled = _filled([each for each in columns if each.key != "data"], width, wanted)
    return tuple(filled)


def _filled(columns: Sequence[RunColumn], width: int, wanted: int) -> list[RunColumn]:
    """The columns with what is left of the width: for networks up to `wanted`, then for names."""
    filled = list(columns)
    for key, most in (("network", wanted - _NETWORK_WIDTH), ("name", _NAME_MOST - _NAME_WIDTH)):
        free = max(0, min(width - sum(each.width + PADDING for each in filled), most))
        filled = [replace(each, width=each.width + free) if each.key == key else each for each in filled]
    return filled


def _cuts_names(columns: Sequence[RunColumn], runs: Sequence[RunRecord]) -> bool:
    """Whether there is not room for the names of some runs."""
    return any(len(run.name) > each.width for each in columns if each.key == "name" for run in runs)


def _trimmed(given: RunColumn, runs: Sequence[RunRecord]) -> int:
    """No more than the column's width that these runs need, for those whose texts are mostly short."""
    text = {"data": _data, "status": _status}.get(given.key)
    if text is None or not runs:
        return given.width
    return min(given.width, max(len(given.title) + 2, *(len(text(RunRow(run))) for run in runs)))


def _given_way(columns: Sequence[RunColumn], width: int, rank: int) -> list[RunColumn]:
    """The columns that fit in `width`; none of this rank or below gives way."""
    kept = list(columns)
    while sum(each.width + PADDING for each in kept) > width and max(each.rank for each in kept) > rank:
        kept.remove(max(kept, key=lambda each: each.rank))
    return kept


_STYLES: Mapping[str, str] = {Status.DIVERGED: "runs--bad", Status.FAILED: "runs--bad", Status.RUNNING: "runs--running"}


def run_pieces(row: RunRow, columns: Sequence[RunColumn], session: Session) -> list[Piece]:
    """The line of a run."""
    usual = "runs--muted" if row.record.archived else ""
    styles = {"mark": "runs--mark", "status": _STYLES.get(row.record.status, usual)}
    told = ((styles.get(each.key, usual), each.cell(row, session)) for each in columns)
    return [("".join(text for _, text in same), style) for style, same in groupby(told, key=itemgetter(0))]


def waiting_pieces(run_id: int, columns: Sequence[RunColumn]) -> list[Piece]:
    """The line of a run that has not been read yet."""
    return [(padded({"id": str(run_id), "name": "…"}.get(each.key, ""), each.width), "runs--muted") for each in columns]


def heading_pieces(columns: Sequence[RunColumn], sort: str, *, up: bool) -> list[Piece]:
    """The line of headings; an arrow stands behind the one by which the list is sorted."""
    pieces: list[Piece] = []
    for each in columns:
        sorted_by = each.sorts_by == sort and each.key != "mark"
        title = f"{each.title[: each.width - 2]} {'▲' if up else '▼'}" if sorted_by else each.title
        pieces.append((padded(title, each.width), "runs--sorted" if sorted_by else "runs--heading"))
    return pieces


def padded(text: str, width: int) -> str:
    """The text, cut or filled to the width of its column, and the space behind it."""
    return cut_at_end(text, width).ljust(width + PADDING)
