"""A comparison as it stands: which runs, alone or grouped, against which, and what is shown of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from workbench.compare import Difference, data_difference, differing, short_names, short_value
from workbench.compare_curves import RunCurves
from workbench.compare_figures import FIGURES, Figure, Summary, figures_of, grouped, summary
from workbench.history.records import RunRecord
from workbench.plots.overlay import sign_of

MOST = 50
"""Runs that are compared at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """What has a row and a curve of its own: a run, or the runs of one experiment that differ in their seed."""

    runs: tuple[RunCurves, ...]
    number: int
    """Tells its sign and colour."""

    @property
    def key(self) -> int:
        """The id of its first run."""
        return self.runs[0].record.id

    @property
    def records(self) -> tuple[RunRecord, ...]:
        """Those of its runs."""
        return tuple(run.record for run in self.runs)

    @property
    def sign(self) -> str:
        """By which it is told from all others in a picture."""
        return sign_of(self.number)

    @property
    def label(self) -> str:
        """The run's number and name; of several their numbers."""
        first = self.runs[0].record
        name = first.name if len({record.name for record in self.records}) == 1 else ""
        return f"{id_ranges([record.id for record in self.records])} {name}".strip()

    def summary(self, figure: Figure) -> Summary | None:
        """A figure over its runs."""
        return summary(figure, self.records)


@dataclass(frozen=True, eq=False)  # without slots, for the cached property
class Comparison:
    """Everything that table and pictures are made from."""

    entries: tuple[Entry, ...] = ()
    hidden: frozenset[int] = frozenset()
    """Keys of the entries that are not drawn."""
    baseline: int | None = None
    """Key of the entry against which the others are held."""
    current: int | None = None
    """Key of the entry that is brought forward."""
    by_seed: bool = False
    ranked: str = ""
    """Field of the figure by which the entries are in order, the best first; empty: as they were marked."""

    @property
    def shown(self) -> tuple[Entry, ...]:
        """The entries that are drawn."""
        return tuple(entry for entry in self.entries if entry.key not in self.hidden)

    @property
    def base(self) -> Entry | None:
        """The baseline."""
        return self.entry(self.baseline)

    def entry(self, key: int | None) -> Entry | None:
        """The entry with this key."""
        return next((entry for entry in self.entries if entry.key == key), None)

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """The settings in which the entries differ, one text for each entry."""
        return _differences([entry.runs[0] for entry in self.entries], by_seed=self.by_seed)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Those that any run has."""
        return figures_of(run.record for entry in self.entries for run in entry.runs)


def compared(runs: Sequence[RunCurves], numbers: Mapping[int, int], *, by_seed: bool = False) -> tuple[Entry, ...]:
    """Runs as entries, grouped by experiment if `by_seed`. `numbers`: the place of each run, by which it has its sign."""
    of = {run.record.id: run for run in runs}
    groups = grouped([run.record for run in runs]) if by_seed else tuple((run.record,) for run in runs)
    return tuple(Entry(tuple(of[record.id] for record in group), numbers[group[0].id]) for group in groups)


def ranked(entries: Sequence[Entry], field: str) -> tuple[Entry, ...]:
    """The entries with the best figure first (of those that are neither good nor bad, the smallest); those without it last."""
    figure = next((each for each in FIGURES if each.field == field), None)
    if figure is None:
        return tuple(entries)
    sign = -1 if figure.better > 0 else 1

    def place(entry: Entry) -> tuple[bool, float]:
        found = entry.summary(figure)
        return (True, 0.0) if found is None or not math.isfinite(found.mean) else (False, sign * found.mean)

    return tuple(sorted(entries, key=place))


def _differences(runs: Sequence[RunCurves], *, by_seed: bool) -> tuple[Difference, ...]:
    experiments = [run.experiment for run in runs if run.experiment is not None]
    found = differing([run.settings for run in runs], but_seeds=by_seed)
    if len(experiments) < len(runs):
        return found
    data = data_difference(experiments, [run.record.data_fingerprint for run in runs])
    return (*found, *([data] if data is not None else []))


def setting_titles(differences: Sequence[Difference]) -> dict[str, str]:
    """What settings are called in headings."""
    names = short_names([difference.path for difference in differences])
    return {**names, "data.name": "data"} if "data.name" in names else names


def setting_text(difference: Difference, number: int) -> str:
    """A setting of one entry."""
    return short_value(difference.path, difference.values[number])


def changes(comparison: Comparison, entry: Entry) -> tuple[str, ...]:
    """What an entry has otherwise than the baseline: `activation relu → tanh`."""
    if comparison.base is None:
        return ()
    titles = setting_titles(comparison.differences)
    keys = [each.key for each in comparison.entries]
    at, base = keys.index(entry.key), keys.index(comparison.base.key)
    return tuple(
        f"{titles[found.path]} {setting_text(found, base)} → {setting_text(found, at)}"
        for found in comparison.differences
        if found.values[at] != found.values[base]
    )


def together(comparison: Comparison) -> dict[int, str]:
    """For each entry that was trained together with another of them a letter and its member: `A member 1`, as the Bench counts."""
    populations: dict[int, list[Entry]] = {}
    for entry in comparison.entries:
        populations.setdefault(entry.runs[0].record.trained_with, []).append(entry)
    several = [members for members in populations.values() if len(members) > 1]
    return {
        entry.key: f"{chr(ord('A') + number % 26)} member {entry.runs[0].record.member + 1}"
        for number, members in enumerate(several)
        for entry in members
    }


def figure_named(text: str, comparison: Comparison) -> Figure:
    """The figure of this name; where no run has it, the first that they have."""
    there = comparison.figures or FIGURES
    return next((figure for figure in there if figure.field == text), there[0])


def counted(words: Iterable[str]) -> str:
    """Words that occur several times: `done`, or `4 done, 1 diverged` where they are not all the same."""
    found = Counter(words)
    return ", ".join(found) if len(found) < 2 else ", ".join(f"{count} {word}" for word, count in found.most_common())


def id_ranges(ids: Sequence[int]) -> str:
    """Numbers in a few characters: `3`, `3–5`, `3–5, 9`."""
    parts: list[list[int]] = []
    for number in sorted(ids):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{part[0]}–{part[-1]}" if len(part) > 2 else ", ".join(map(str, part)) for part in parts)
