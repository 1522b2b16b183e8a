"""Reading what the history keeps of a run's course and end, beside its steps and epochs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from workbench.history.columns import HISTOGRAM_NUMBERS, PERCENTILE_NUMBERS, PROBE_NUMBERS, SCORE_NUMBERS
from workbench.history.detail_records import (
    CheckpointRow,
    ConfusionRow,
    EnsembleRow,
    HistogramRow,
    InterventionRow,
    LayerProbeRow,
    MistakenRow,
    PictureRow,
    PlaneRow,
    PretrainingRow,
    RegionRow,
    ResumptionRow,
)
from workbench.history.errors import HistoryError
from workbench.history.findings import COLUMNS as FINDING_COLUMNS
from workbench.history.findings import as_finding
from workbench.history.marker import restored
from workbench.history.reader import Reader

if TYPE_CHECKING:
    from engine.insight.finding import Finding

_PICTURE = "kind, layer, name, position, part, example, label, answer, probability, channels, height, width, pixels, nonfinite"


class Details(Reader):
    """The queries on the tables of details. All of them give a run's rows in the order in which they were recorded."""

    def resumptions(self, run_id: int) -> tuple[ResumptionRow, ...]:
        """The checkpoints from which a run's training went on; for a branch the first is the one from which it began."""
        return tuple(ResumptionRow(*row) for row in self._of("resumptions", "step, epoch, seconds, at", run_id))

    def interventions(self, run_id: int, *, pending: bool = False) -> tuple[InterventionRow, ...]:
        """The settings that were changed while a run was trained.

        Args:
            run_id: The run.
            pending: Those instead that will be made again when a training that goes on from before them gets there.
        """
        query = "SELECT step, number, path, before, after, origin FROM interventions WHERE run = ? AND pending = ? ORDER BY number, rowid"
        return tuple(InterventionRow(*row) for row in self._rows(query, (run_id, int(pending))))

    def checkpoints(self, run_id: int) -> tuple[CheckpointRow, ...]:
        """The checkpoints of a run, also those that are no longer there."""
        rows = self._of("checkpoints", "step, epoch, kind, path, member, interventions, removed", run_id)
        folder = self.path.absolute().parent
        return tuple(
            CheckpointRow(step, epoch, kind, folder / path, member, interventions, bool(removed))
            for step, epoch, kind, path, member, interventions, removed in rows
        )

    def pretraining(self, run_id: int) -> tuple[PretrainingRow, ...]:
        """The epochs of a run's pre-training, layer by layer."""
        rows = []
        for _, layer, name, epoch, epochs, error, seconds, marker in self._after(
            "pretraining", ("layer", "name", "epoch", "epochs", "error", "seconds"), run_id, 0
        ):
            (told,) = restored(("error",), [error], marker)
            rows.append(PretrainingRow(layer, name, epoch, epochs, told, seconds))
        return tuple(rows)

    def distribution_steps(self, run_id: int) -> tuple[int, ...]:
        """The steps at which distributions were taken; 0 is before training."""
        return tuple(row[0] for row in self._rows("SELECT DISTINCT step FROM layer_probes WHERE run = ? ORDER BY step", [run_id]))

    def histograms(self, run_id: int, step: int | None = None) -> tuple[HistogramRow, ...]:
        """The distributions of a run, at one of `distribution_steps` or at all: for each layer its quantities.

        What a layer does not have, such as weights, has no row.
        """
        names = self._layer_names(run_id)
        columns = ("step", "epoch", "layer", "quantity", "examples", *HISTOGRAM_NUMBERS, "counts")
        found = []
        for at, epoch, layer, quantity, examples, *numbers, counts, marker in self._at("histograms", columns, run_id, step):
            mean, std, *percentiles, low, high = restored(HISTOGRAM_NUMBERS, numbers, marker)
            assert len(percentiles) == len(PERCENTILE_NUMBERS)
            head = (at, epoch, layer, names[layer], quantity, examples)
            found.append(HistogramRow(*head, mean, std, tuple(percentiles), low, high, tuple(json.loads(counts))))
        return tuple(found)

    def layer_probes(self, run_id: int, step: int | None = None) -> tuple[LayerProbeRow, ...]:
        """What was measured of the layers together with the distributions, at one of `distribution_steps` or at all."""
        names = self._layer_names(run_id)
        columns = ("step", "epoch", "layer", "examples", *PROBE_NUMBERS, "dead_units", "saturated_units", "unit_counts")
        found = []
        for at, epoch, layer, examples, *numbers, dead, saturated, counts, marker in self._at(
            "layer_probes", columns, run_id, step
        ):
            jacobian, activation_ratio, gradient_ratio = restored(PROBE_NUMBERS, numbers, marker)
            head = (at, epoch, layer, names[layer], examples)
            ratios = (jacobian, activation_ratio, gradient_ratio)
            found.append(LayerProbeRow(*head, *ratios, dead, saturated, tuple(json.loads(counts))))
        return tuple(found)

    def ensemble(self, run_id: int) -> tuple[EnsembleRow, ...]:
        """The scores of the ensemble that a run is a member of; none if it is none."""
        query = f"""
            SELECT epoch, step, final, part, method, {", ".join(SCORE_NUMBERS)}, nonfinite FROM ensembles
            WHERE run = (SELECT coalesce(population, id) FROM runs WHERE id = ?) ORDER BY rowid
        """  # noqa: S608
        return tuple(
            EnsembleRow(epoch, step, bool(final), part, method, *restored(SCORE_NUMBERS, numbers, marker))
            for epoch, step, final, part, method, *numbers, marker in self._rows(query, [run_id])
        )

    def confusion(self, run_id: int) -> tuple[ConfusionRow, ...]:
        """What a run mistook for what at its end; the numbers of the classes are places in `DataInfo.classes`."""
        return tuple(ConfusionRow(*row) for row in self._of("confusion", "part, truth, answer, count", run_id))

    def mistaken(self, run_id: int) -> MistakenRow | None:
        """What a run mistook for what after the latest epoch at which that was looked at; None if it never was."""
        for step, epoch, counts in self._of("mistaken", "step, epoch, counts", run_id):
            return MistakenRow(step, epoch, tuple(map(tuple, json.loads(counts))))
        return None

    def mistakes(self, run_id: int) -> tuple[PictureRow, ...]:
        """The examples that a run got most wrong then, the worst first."""
        return self._pictures(run_id, "mistake")

    def plane(self, run_id: int) -> PlaneRow | None:
        """Where the regions of a run were taken; None if its inputs are not two numbers."""
        columns = "rows, columns, left, right, bottom, top, low, high, points"
        query = f"SELECT {columns} FROM planes WHERE run = (SELECT coalesce(population, id) FROM runs WHERE id = ?)"  # noqa: S608
        return next((PlaneRow(*row) for row in self._rows(query, [run_id])), None)

    def regions(self, run_id: int) -> tuple[RegionRow, ...]:
        """A few of a run's regions in their order; the last is that of its end, or the latest."""
        return tuple(RegionRow(*row) for row in self._of("regions", "step, epoch, cells", run_id))

    def findings(self, run_id: int) -> tuple[Finding, ...]:
        """What was found to be wrong with a run, in the order in which it was opened, also what is closed."""
        query = f"SELECT {FINDING_COLUMNS} FROM findings WHERE run = ? ORDER BY opened, rowid"  # noqa: S608
        return tuple(map(as_finding, self._rows(query, [run_id])))

    def worst(self, run_id: int) -> tuple[PictureRow, ...]:
        """The examples that a run got most wrong at its end, the worst first."""
        return self._pictures(run_id, "worst")

    def reconstructions(self, run_id: int) -> tuple[PictureRow, ...]:
        """For each pre-trained layer some inputs, and what the layers up to it made of them."""
        return self._pictures(run_id, "input", "reconstruction")

    def _pictures(self, run_id: int, *kinds: str) -> tuple[PictureRow, ...]:
        marks = ", ".join("?" * len(kinds))
        query = f"SELECT {_PICTURE} FROM pictures WHERE run = ? AND kind IN ({marks}) ORDER BY layer, position, rowid"  # noqa: S608
        found = []
        for *head, probability, channels, height, width, pixels, marker in self._rows(query, (run_id, *kinds)):
            shape = tuple(length for length in (channels, height, width) if length is not None)
            (told,) = restored(("probability",), [probability], marker)
            found.append(PictureRow(*(*head, told, shape, pixels)))
        return tuple(found)

    def _layer_names(self, run_id: int) -> _LayerNames:
        names = (row[0] for row in self._rows("SELECT name FROM layers WHERE run = ? ORDER BY layer", [run_id]))
        return _LayerNames(enumerate(names), gone=self._gone(run_id))

    def _is_there(self, run_id: int) -> bool:
        return next(self._rows("SELECT 1 FROM runs WHERE id = ?", [run_id]), None) is not None

    def _gone(self, run_id: int) -> HistoryError:
        return HistoryError(f"run {run_id} was deleted from {self.path} while it was read", exit_code=2)

    def _of(self, table: str, columns: str, run_id: int) -> Iterator[tuple[Any, ...]]:
        return self._rows(f"SELECT {columns} FROM {table} WHERE run = ? ORDER BY rowid", [run_id])  # noqa: S608

    def _at(self, table: str, columns: Sequence[str], run_id: int, step: int | None) -> Iterator[tuple[Any, ...]]:
        """A run's rows of one step, or all of them."""
        query = f"SELECT {', '.join(columns)}, nonfinite FROM {table} WHERE run = ? AND step = coalesce(?, step) ORDER BY rowid"  # noqa: S608
        return self._rows(query, (run_id, step))


class _LayerNames(dict[int, str]):
    """The names of a run's layers by their numbers; one that is missing was deleted, with its run, between two queries."""

    def __init__(self, names: Iterable[tuple[int, str]], *, gone: HistoryError) -> None:
        super().__init__(names)
        self._gone = gone

    def __missing__(self, layer: int) -> str:
        raise self._gone
