"""The list of runs without a widget: what is in it line by line, with groups opened or not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from workbench.history import Group, Listing

Entry = int | Group
"""A line of the list: a run by its id, or a group."""


@dataclass(frozen=True, slots=True)
class RunList:
    """The runs that fit a filter as lines, and the values of the groups that are opened."""

    listing: Listing = field(default_factory=lambda: Listing((), 0))
    opened: frozenset[str] = frozenset()
    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, listing: Listing, opened: Collection[str] = ()) -> RunList:
        """The lines: all runs, or the groups with the runs of those that are opened."""
        if not listing.groups:
            return cls(listing, frozenset(opened), listing.ids)
        entries: list[Entry] = []
        for group in listing.groups:
            entries.append(group)
            if str(group.value) in opened:
                entries.extend(group.ids)
        return cls(listing, frozenset(opened), tuple(entries))

    def is_open(self, group: Group) -> bool:
        """Whether the runs of a group are shown."""
        return str(group.value) in self.opened

    def with_group(self, group: Group, *, is_open: bool) -> RunList:
        """The list with a group opened or folded."""
        value = frozenset((str(group.value),))
        return RunList.of(self.listing, self.opened | value if is_open else self.opened - value)

    def group_of(self, index: int) -> int | None:
        """Where the group of a line stands; None where there are no groups."""
        return next((at for at in range(min(index, len(self.entries) - 1), -1, -1) if isinstance(self.entries[at], Group)), None)

    def index(self, entry: Entry | None) -> int | None:
        """Where a run stands, or the group of the same value; None if it is not in the list."""
        if entry is None:
            return None
        if isinstance(entry, int):
            return self.entries.index(entry) if entry in self.entries else None
        same = (at for at, each in enumerate(self.entries) if isinstance(each, Group) and each.value == entry.value)
        return next(same, None)

    def runs_between(self, first: int, last: int) -> tuple[int, ...]:
        """The runs of some lines, `last` left out."""
        return tuple(each for each in self.entries[max(first, 0) : last] if isinstance(each, int))
