"""Distributions and probes of layers, and layers that do not have all statistics."""

import dataclasses
import math

import numpy as np

from engine.events import (
    Distributions,
    Frame,
    Started,
)
from engine.vocabulary import PERCENTILES, QUANTITIES, STATISTICS, WEIGHT_STATISTICS
from tests.workbench.history.processes import same
from tests.workbench.history.recorded import everything, record, rows
from tests.workbench.scripted import scripted_events
from tests.workbench.scripted_details import EXAMPLES, scripted_distributions
from workbench.history import History
from workbench.history.columns import HISTOGRAM_NUMBERS


def test_a_distribution_is_a_row_that_sql_can_read(tmp_path):
    path = tmp_path / "h.db"
    events = list(without_weights(everything(tmp_path), 1))
    started = events[0]
    told = scripted_distributions(started, 20, 1)
    record(path, [started, told])
    columns = ", ".join(HISTOGRAM_NUMBERS)
    (row,) = rows(path, f"SELECT {columns} FROM histograms WHERE layer = 2 AND quantity = 'gradient'")
    mean, std, *percentiles, low, high = row
    assert (mean, std) == tuple(told.moments[0, 2, 1])
    assert percentiles == told.percentiles[0, 2, 1].tolist()
    assert (low, high) == tuple(told.edges[0, 2, 1])
    assert rows(path, "SELECT DISTINCT quantity FROM histograms WHERE layer = 1") == [("activation",), ("gradient",)]
    sums = rows(path, "SELECT layer, (SELECT sum(value) FROM json_each(counts)) FROM histograms WHERE quantity = 'activation'")
    assert dict(sums) == {layer: told.counts[0, layer, 0].sum() for layer in range(4)}


def test_units_are_counted_that_are_dead_or_mostly_saturated(tmp_path):
    path = tmp_path / "h.db"
    (started, *_) = scripted_events(steps=5)
    told = scripted_distributions(started, 0, 0)
    units = np.zeros((1, 16), np.uint16)
    units[0, :5] = EXAMPLES, EXAMPLES, EXAMPLES - 1, EXAMPLES // 2 + 1, EXAMPLES // 2
    record(path, [started, dataclasses.replace(told, saturated=(units, *told.saturated[1:]))])
    with History.open(path) as history:
        row = history.layer_probes(1, 0)[0]
        assert (row.dead_units, row.saturated_units, row.unit_counts) == (2, 4, tuple(units[0].tolist()))
        ratios = [each.activation_ratio for each in history.layer_probes(1)]
        assert ratios == [None, *told.activation_ratio[0, 1:].tolist()]
        assert [each.gradient_ratio for each in history.layer_probes(1)] == [*told.gradient_ratio[0, :-1].tolist(), None]
        assert [each.jacobian for each in history.layer_probes(1)] == told.jacobian[0].tolist()


def test_a_distribution_that_is_not_finite_keeps_what_it_was(tmp_path):
    path = tmp_path / "h.db"
    (started, *_) = scripted_events(steps=5)
    told = scripted_distributions(started, 5, 1)
    told.percentiles[0, 0, 0, -1] = np.inf
    told.moments[0, 0, 0] = np.inf, np.nan
    told.jacobian[0, 1] = np.inf
    record(path, [started, told])
    (marked,) = rows(path, "SELECT nonfinite FROM histograms WHERE nonfinite IS NOT NULL")
    assert marked == ("inf:mean,p99 nan:std",)
    with History.open(path) as history:
        (again,) = (event for event in history.events(1) if isinstance(event, Distributions))
        assert history.histograms(1, 5)[0].percentile(99) == math.inf
        assert history.layer_probes(1, 5)[1].jacobian == math.inf
    assert same(again, told)


def test_the_same_step_told_twice_is_kept_once(tmp_path):
    path = tmp_path / "h.db"
    (started, *_) = scripted_events(steps=5)
    first, second = scripted_distributions(started, 5, 1), scripted_distributions(started, 5, 1)
    second.moments[...] += 1
    record(path, [started, scripted_distributions(started, 0, 0), first, second])
    with History.open(path) as history:
        assert history.distribution_steps(1) == (0, 5)
        assert len(history.histograms(1)) == 2 * 4 * len(QUANTITIES)
        assert history.histograms(1, 5)[0].mean == second.moments[0, 0, 0, 0]
    assert tuple(int(name[1:]) for name in HISTOGRAM_NUMBERS if name[1:].isdigit()) == PERCENTILES


# --- layers without weights ---------------------------------------------------------


def without_weights(events, layer):
    """The same training, of whose layers one has no weights."""
    for event in events:
        if isinstance(event, Started):
            layers = [dataclasses.replace(i, weights=0, kind="flatten") if n == layer else i for n, i in enumerate(event.layers)]
            yield dataclasses.replace(event, layers=tuple(layers))
        elif isinstance(event, Frame):
            stats = event.layers.copy()
            stats[:, :, layer, [statistic in WEIGHT_STATISTICS for statistic in STATISTICS]] = np.nan
            yield dataclasses.replace(event, layers=stats)
        else:
            yield event


def test_statistics_that_a_layer_does_not_have_are_absent_and_not_numbers_that_went_wrong(tmp_path):
    path = tmp_path / "h.db"
    events = list(without_weights(scripted_events(steps=30, diverges_at=20), 1))
    record(path, events)
    of_weights = ", ".join(sorted(WEIGHT_STATISTICS))
    nothing = (None,) * (len(WEIGHT_STATISTICS) + 1)
    assert set(rows(path, f"SELECT {of_weights}, nonfinite FROM layer_stats WHERE layer = 1 AND step < 20")) == {nothing}
    with History.open(path) as history:
        values = [row.value(statistic) for row in history.layer_stats(1) if row.layer == 1 for statistic in WEIGHT_STATISTICS]
        assert values
        assert set(values) == {None}
        assert history.layers(1)[1].kind == "flatten"
        told = np.concatenate([event.layers for event in history.events(1) if isinstance(event, Frame)])
    true = np.concatenate([event.layers for event in events if isinstance(event, Frame)])
    assert same(told, true)


def test_of_a_layer_without_weights_what_it_has_keeps_its_marker(tmp_path):
    path = tmp_path / "h.db"
    started, frame, *_ = without_weights(scripted_events(steps=5, measured_every=1, per_frame=5), 1)
    stats = frame.layers.copy()
    stats[2, 0, 1] = np.nan
    stats[3, 0, 1, 0] = np.inf
    record(path, [started, dataclasses.replace(frame, layers=stats)])
    markers = dict(rows(path, "SELECT step, nonfinite FROM layer_stats WHERE layer = 1"))
    others = ",".join(statistic for statistic in STATISTICS if statistic not in WEIGHT_STATISTICS)
    assert markers == {1: None, 2: None, 3: f"nan:{others}", 4: "inf:activation_mean", 5: None}
    with History.open(path) as history:
        (told,) = (event.layers for event in history.events(1) if isinstance(event, Frame))
    assert same(told, stats)
