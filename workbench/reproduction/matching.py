"""Which trials have been run already, by whatever command or recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from engine.errors import EngineError
from engine.parts import IMAGE_FOLDER, Data, is_file
from workbench.claims.stored import StoredRuns
from workbench.history import History
from workbench.history.provenance import program_version
from workbench.history.records import RunRecord
from workbench.history.reproductions import FinishedRun
from workbench.history.series import SeriesHistory
from workbench.recipes.records import Group
from workbench.reproduction.trials import Key, Trial

Found = Mapping[Key, tuple[int, ...]]
"""The ids of the runs that stand for trials."""


def finished(
    history: History, wanted: Sequence[Trial], same: SameData | None = None, *, any_version: bool = False
) -> dict[Key, tuple[int, ...]]:
    """The runs that can stand for trials: for one experiment its run, for an ensemble those of its members in their order.

    A run counts if it is done or has diverged, with the same experiment and seed, and learned from the same data; the latest one if
    there are several. Early stopping and targets belong to the experiment; what somebody stopped by hand, changed while it went on
    or began from a checkpoint does not count. The members of an ensemble must have been trained together. What another version of
    this program trained, whose engine may have computed otherwise, does not count either.

    Args:
        history: where they are looked for.
        wanted: what is looked for.
        same: what is known of the data by now.
        any_version: whether runs of other versions count, too.
    """
    mine = program_version()
    found = _matching(history, wanted, same or SameData(), lambda run: any_version or run.version == mine)
    return {key: tuple(run.id for run in runs) for key, runs in found.items()}


def of_other_versions(history: History, wanted: Sequence[Trial], same: SameData | None = None) -> dict[Key, str]:
    """The trials for which there would be runs if those of other versions of this program counted, each with the version."""
    mine = program_version()
    found = _matching(history, wanted, same or SameData(), lambda run: run.version != mine)
    return {key: runs[0].version or "unknown" for key, runs in found.items()}


def _matching(
    history: History, wanted: Sequence[Trial], same: SameData, counts: Callable[[FinishedRun], bool]
) -> dict[Key, Sequence[FinishedRun]]:
    """The latest of those runs of trials that count."""
    by_key = {trial.key: trial for trial in wanted}
    hashes = sorted({key.hash for key in by_key})
    found = dict[Key, Sequence[FinishedRun]]()
    rows = [row for some in _batches(hashes) for row in history.finished_runs(some) if counts(row)]
    for key, runs in _candidates(rows, by_key):
        if key not in found and same.holds(runs[0], by_key[key].experiments[0].data):
            found[key] = runs
    return found


def stored_runs(history: SeriesHistory, groups: Sequence[tuple[Group, Sequence[Trial]]], found: Found) -> StoredRuns:
    """What the runs that stand for the trials of some groups tell; of the others, and of those deleted since, that they are not there."""
    records = {run.id: run for run in history.records([run for runs in found.values() for run in runs])}
    matched: dict[str, list[RunRecord | None]] = {}
    for group, trials in groups:
        runs = [found.get(trial.key, (None,) * len(trial.experiments)) for trial in trials]
        matched[group.label] = [None if run is None else records.get(run) for of_one in runs for run in of_one]
    return StoredRuns(history, matched)


def _candidates(rows: Iterable[FinishedRun], wanted: Mapping[Key, Trial]) -> Iterator[tuple[Key, Sequence[FinishedRun]]]:
    """Runs that could stand for a trial, the latest first."""
    ensembles = {key.hash: key.members for key in wanted if key.members > 1}
    for (_, digest), group in groupby(rows, key=lambda row: (row.trained_with, row.experiment_hash)):
        together = list(group)
        members = ensembles.get(digest, 1)
        if members == 1:
            candidates = [(Key(digest, run.seed), [run]) for run in together]
        else:
            candidates = [(Key(digest, together[0].seed, members), together)] if _is_whole(together, members) else []
        yield from ((key, runs) for key, runs in candidates if key in wanted)


def _is_whole(runs: Sequence[FinishedRun], members: int) -> bool:
    """Whether these are all the members of an ensemble."""
    places = [(run.member, run.seed - runs[0].seed) for run in runs]
    return places == [(member, member) for member in range(members)]


PERHAPS_IN_PART = ("cifar10",)
"""Sets of several files, of which some may come later into a folder."""


class SameData:
    """Whether a run learned from what its experiment would learn from now. Data are read only where they may be others."""

    def __init__(self) -> None:
        self._now: dict[Data, str | None] = {}

    def holds(self, run: FinishedRun, data: Data) -> bool:
        """Whether it did. Data that come with the program or with checksums, or from the same folder, are what they were.

        Of files of somebody's own only the fingerprint tells; a run without one does not count.
        """
        own = is_file(data.name) or data.name == IMAGE_FOLDER or (data.name in PERHAPS_IN_PART and data.dir is not None)
        if not own and (run.fingerprint == "" or run.data_dir == data.dir):
            return True
        if data not in self._now:
            self._now[data] = _fingerprint(data)
        return self._now[data] == run.fingerprint


def _fingerprint(data: Data) -> str | None:
    """That of the data as they are now; None where they cannot be read, of which training tells."""
    from engine.data import load_dataset
    from engine.training.prepare import fingerprint

    try:
        return fingerprint(load_dataset(data))
    except EngineError:
        return None


def _batches(hashes: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    """So many as SQLite takes in one question."""
    return (hashes[first : first + size] for first in range(0, len(hashes), size))
