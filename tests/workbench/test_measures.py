"""Statistics of the layers as they are drawn."""

import numpy as np

from engine.vocabulary import STATISTICS, Statistic
from tests.workbench.scripted import scripted_events
from workbench.live import LiveRun
from workbench.measures import MEASURES, measured_at, over_time


def views(**script):
    live = LiveRun()
    for event in scripted_events(**script):
        live.apply(event)
        yield live.view()


def test_every_statistic_can_be_drawn():
    assert set(MEASURES) == set(STATISTICS)
    assert MEASURES[Statistic.SATURATED].text(0.034) == "3.4%"
    assert MEASURES[Statistic.GRADIENT_STD].text(1.2e-7) == "1.2e-07"


def test_what_was_measured_and_is_no_number_any_more_is_infinite_and_what_a_layer_lacks_is_not():
    *_, view = views(steps=60, members=2, diverges_at=30)
    values = over_time(view, Statistic.GRADIENT_STD)
    assert values.shape == (4, len(view.layer_steps))
    before = view.layer_steps <= 30
    assert np.isfinite(values[:, before]).all()
    assert np.isposinf(values[:, ~before]).all()
    healthy = list(views(steps=60))[-1]
    assert np.array_equal(over_time(healthy, Statistic.DEAD), healthy.series(Statistic.DEAD))


def test_a_layer_that_never_had_it_stays_without():
    *_, view = views(steps=60)
    view.measured[0].flags.writeable = True
    view.measured[0][:, 1] = np.nan
    values = over_time(view, Statistic.WEIGHT_NORM)
    assert np.isnan(values[1]).all()
    assert np.isfinite(values[[0, 2, 3]]).all()


def test_a_picture_of_the_layers_is_new_only_after_a_measurement():
    seen = [measured_at(view) for view in views(steps=60, per_frame=2, steps_per_epoch=1000)]
    assert len(set(seen)) == 1 + 13  # before the first, at steps 1, 5, 10, …, 60
