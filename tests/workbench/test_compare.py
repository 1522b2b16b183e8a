"""The configuration difference: what differs, and nothing else."""

from engine.experiment import SETTINGS, Experiment
from workbench.compare import Difference, data_difference, differences, flat_settings


def test_equal_experiments_have_no_differences():
    assert differences([Experiment(), Experiment()]) == ()


def test_one_experiment_alone_has_no_differences():
    assert differences([Experiment()]) == ()


def test_only_settings_that_differ_are_named_in_the_order_of_the_form():
    plain = Experiment()
    other = plain.with_settings({"seed": 7, "model.activation": "leaky_relu(slope=0.2)", "model.batch_norm": True})
    assert differences([plain, other]) == (
        Difference("model.activation", ("relu", "leaky_relu(slope=0.2)")),
        Difference("model.batch_norm", ("off", "on")),
        Difference("seed", ("0", "7")),
    )


def test_a_setting_in_which_one_of_three_differs_is_named_for_all():
    plain = Experiment()
    assert differences([plain, plain.with_settings({"lr": 0.5}), plain]) == (Difference("lr", ("0.001", "0.5", "0.001")),)


def test_a_setting_left_open_is_told_from_every_value():
    epochs, steps = Experiment.parse({"epochs": 5}), Experiment.parse({"steps": 5})
    assert differences([epochs, steps]) == (Difference("epochs", ("5", None)), Difference("steps", (None, "5")))


def test_unequal_widths_are_shown_as_a_list():
    plain = Experiment.parse({"model": {"depth": 2, "width": 32}})
    narrowing = Experiment.parse({"model": {"widths": [32, 16]}})
    assert differences([plain, narrowing]) == (Difference("model.widths", (None, "32, 16")),)


def test_flat_settings_name_every_setting_that_has_a_value():
    flat = flat_settings(Experiment())
    assert set(flat) <= set(SETTINGS)
    left_open = {
        "data.dir",
        "data.target",
        "data.train_size",
        "data.features",
        "model.widths",
        "model.blocks",
        "steps",
        "callbacks",
    }
    assert set(SETTINGS) - set(flat) == left_open | {"stop.patience", "stop.target"}
    assert flat["monitor.budget"] == "0.05"


def test_data_that_changed_under_equal_settings_are_a_difference():
    plain, elsewhere = Experiment(), Experiment().with_settings({"data.dir": "/there", "lr": 0.5})
    assert data_difference([plain, elsewhere], ["aa", "bb"]) == Difference("data", ("aa", "bb"))
    assert data_difference([plain, plain, elsewhere], ["aa", "", "bb"]) == Difference("data", ("aa", None, "bb"))


def test_data_that_are_equal_unknown_or_asked_for_otherwise_are_none():
    plain, other = Experiment(), Experiment().with_settings({"data.seed": 5})
    assert data_difference([plain, plain], ["aa", "aa"]) is None
    assert data_difference([plain, plain], ["aa", ""]) is None
    assert data_difference([plain, other], ["aa", "bb"]) is None
