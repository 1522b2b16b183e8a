"""A group of the list of runs as text: its line, and what is said of it below the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.vocabulary import Status
from workbench.history import Group
from workbench.history.fields import Field
from workbench.plots.chart import Piece
from workbench.tui.history_rows import padded, value_text
from workbench.tui.session import Session
from workbench.tui.words import SIGNS

_VALUE_MOST = 40


@dataclass(frozen=True, slots=True)
class Room:
    """Characters that there are for the lines of groups."""

    line: int
    value: int
    """For what the runs of a group have in common."""
    aside: int
    """For how many of them have no part in its figures; 0 where no group has any."""

    @classmethod
    def of(cls, line: int, groups: Sequence[Group], by: Field, session: Session) -> Room:
        """That for the lines of these groups, which are `line` characters long."""
        values = (len(group_value(group, by, session)) for group in groups)
        asides = (len(group_aside(group)) for group in groups)
        return cls(line, min(max(values, default=0), _VALUE_MOST), max(asides, default=0))


def group_pieces(group: Group, by: Field, figure: Field, session: Session, *, is_open: bool, room: Room) -> list[Piece]:
    """The line of a group: its value, how many runs it has, the median and the best of their figures; the best run if it fits."""
    value = group_value(group, by, session)
    count = f"{len(group.ids):>6,} {'run ' if len(group.ids) == 1 else 'runs'}"
    left_out = f" {group_aside(group).ljust(room.aside)}" if room.aside else ""
    texts = [value_text(figure, number, session) for number in (group.median, group.best)]
    known = group.best_run is not None
    between = "  " if room.aside else "   "
    figures = f"{between}median {texts[0]:>7}{between}best {texts[1]:>7}" if known else ""
    best = f"{between}run {group.best_run}" if known else ""
    pieces = [
        (f"{'▾' if is_open else '▸'} ", "runs--mark"),
        (padded(value, room.value), "runs--group"),
        (count, ""),
        (left_out, "runs--bad"),
        (figures, ""),
    ]
    if sum(len(text) for text, _ in pieces) + len(best) > room.line:
        return pieces  # rather none than half of a number
    return [*pieces, (f"{best.ljust(13)}  {figure.name.replace('_', ' ')}" if known else "", "runs--muted")]


def group_value(group: Group, by: Field, session: Session) -> str:
    """What the runs of a group have in common, `activation = relu`."""
    return f"{by.name} {'' if group.value is None else '= '}{'not set' if group.value is None else value_text(by, group.value, session)}"


def group_aside(group: Group) -> str:
    """How many runs of a group diverged, and how many go on or broke off, by the signs of how runs end: `1× 2!`."""
    counts = ((group.diverged, Status.DIVERGED), (group.unfinished, Status.INTERRUPTED))
    return " ".join(f"{count:,}{SIGNS[status]}" for count, status in counts if count)


def group_detail(group: Group) -> tuple[str, ...]:
    """The lines that are told of a group: which of its runs have no part in its median and its best, and what enter does."""
    counts = ((group.diverged, "diverged"), (group.unfinished, "unfinished (running, interrupted or failed)"))
    left_out = " and ".join(f"{count:,} {what}" for count, what in counts if count)
    keys = "enter shows the runs of this group, or folds them"
    return (f"{left_out}: median and best are of the others", keys) if left_out else (keys,)
