"""What theory expects of a run, as it is drawn behind what was measured."""

from dataclasses import replace

import numpy as np

from engine.data_outline import DataOutline
from engine.experiment import Experiment
from engine.insight.forecast import by_theory
from engine.training.loop import train
from workbench.expected import NOTHING, expected, expected_of, read_inputs
from workbench.live import LiveRun
from workbench.samples import take_sample


def test_it_is_the_forecast_of_the_engine_for_every_layer():
    experiment = Experiment.parse({"model": {"depth": 4, "width": 50, "activation": "tanh"}})
    data = DataOutline((64,), "classification", 10, 1000)
    told = by_theory(experiment, data)
    found = expected(experiment, data)
    assert found.names == tuple(layer.name for layer in told.layers)
    activation, gradient = found.of(found.names)
    np.testing.assert_array_equal(activation, [layer.theory.activation_std for layer in told.layers])
    np.testing.assert_array_equal(gradient, [layer.theory.gradient_std for layer in told.layers])
    assert found.words == told.verdict


def test_what_theory_does_not_look_at_changes_nothing_and_costs_nothing():
    data = DataOutline((64,), "classification", 10, 1000)
    plain = expected(Experiment.parse({"model": {"depth": 4}}), data)
    others = {"lr": 0.5, "optimizer": "sgd", "schedule": "cosine", "epochs": 3, "seed": 9, "threads": 1, "device": "cpu"}
    assert expected(Experiment.parse({"model": {"depth": 4}, **others}), data) is plain
    for settings in ({"l2": 0.1}, {"batch_size": 7}, {"model.batch_norm": True}, {"cost": "quadratic"}):
        assert expected(Experiment().with_settings({"model.depth": 4, **settings}), data) is not plain


def test_of_a_run_it_is_near_what_is_measured_at_its_first_step():
    asked = {"model": {"depth": 4, "width": 200, "activation": "tanh", "init": "xavier_normal"}, "steps": 1, "threads": 1}
    live = LiveRun()
    for event in train([Experiment.parse(asked)]):
        live.apply(event)
    view = live.view()
    names = tuple(layer.name for layer in view.layers)
    activation, gradient = expected_of(view).of(names)
    np.testing.assert_allclose(view.series("activation_std")[:4, 0], activation[:4], rtol=0.15)
    np.testing.assert_allclose(view.series("gradient_std")[:4, 0], gradient[:4], rtol=0.25)


def test_where_theory_does_not_reach_there_are_no_numbers():
    experiment = Experiment.parse({"model": {"blocks": "lstm(8)"}})
    found = expected(experiment, DataOutline((4, 4), "classification", 3, 100))
    activation, _ = found.of(found.names)
    assert np.isnan(activation).all()
    assert np.isnan(NOTHING.of(("hidden 1", "output"))[0]).all()
    assert np.isnan(found.of(("another", "network"))[1]).all()


def view_of(settings):
    live = LiveRun()
    for event in train([Experiment.parse({"model": {"depth": 2}, "steps": 1, "threads": 1, **settings})]):
        live.apply(event)
    return live.view()


def test_of_a_run_whose_data_are_read_it_is_what_the_preview_of_its_experiment_shows():
    view = view_of({})
    sample = take_sample(view.experiment.data)
    preview = expected(view.experiment, sample.outline, sample.scale)
    found = expected_of(view, read_inputs(view))
    np.testing.assert_array_equal(found.gradient_std, preview.gradient_std)
    np.testing.assert_array_equal(found.activation_std, preview.activation_std)
    assert not np.array_equal(expected_of(view).gradient_std, preview.gradient_std)


def test_of_data_that_are_gone_or_others_by_now_nothing_is_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b,y\n" + "".join(f"{n},{n * n},{n % 2}\n" for n in range(100)))
    view = view_of({"data": {"name": str(path), "target": "y"}, "batch_size": 8})
    assert read_inputs(view) == take_sample(view.experiment.data).scale
    assert read_inputs(replace(view, data=replace(view.data, features=7))) is None
    take_sample.cache_clear()
    path.unlink()
    assert read_inputs(view) is None
    assert np.isfinite(expected_of(view).gradient_std).all()
