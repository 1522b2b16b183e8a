"""The options that are settings of an experiment: all from one table."""

from __future__ import annotations

import pytest

from engine.catalog import ACTIVATIONS, COSTS, DATASETS, INITIALIZERS, OPTIMIZERS, OUTPUT_ACTIVATIONS, SCHEDULES
from engine.experiment import SETTINGS, Experiment
from workbench.cli.flags import FLAGS, Kind, number_or_text

CHOICES = {
    "data.name": DATASETS,
    "model.activation": ACTIVATIONS,
    "model.output": OUTPUT_ACTIVATIONS,
    "model.init": INITIALIZERS,
    "cost": COSTS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
}


def test_every_flag_gives_a_setting_that_exists():
    assert [flag.path for flag in FLAGS if flag.path not in SETTINGS] == []


def test_no_setting_has_two_flags_and_no_option_two_settings():
    assert len({flag.path for flag in FLAGS}) == len({flag.option for flag in FLAGS}) == len(FLAGS)


@pytest.mark.parametrize("path", CHOICES)
def test_the_help_of_a_choice_names_all_its_keys(path):
    (flag,) = (flag for flag in FLAGS if flag.path == path)
    words = flag.help.replace(";", ",").replace(":", ",").replace("one of ", "").split(", ")
    assert set(CHOICES[path]) <= {word.strip() for word in words}


def test_every_setting_with_choices_has_a_flag():
    picks = [path for path in SETTINGS if path in CHOICES]
    assert {flag.path for flag in FLAGS} >= set(picks)


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("0.5", 0.5), ("1e-3", 0.001), ("full", "full"), ("", ""), ("-2", -2)],
)
def test_numbers_are_read_as_numbers_and_words_as_words(text, value):
    read = number_or_text(text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize("flag", [flag for flag in FLAGS if flag.kind is Kind.NUMBER], ids=lambda flag: flag.option)
def test_the_default_of_a_number_survives_being_written_as_text(flag):
    *parents, name = flag.path.split(".")
    part = Experiment.parse({"steps": 100, "epochs": 3})
    for parent in parents:
        part = getattr(part, parent)
    value = getattr(part, name)
    assert flag.read(str(value)) == value


def test_widths_are_read_as_a_list():
    (flag,) = (flag for flag in FLAGS if flag.option == "--widths")
    assert flag.read("256, 128,64") == [256, 128, 64]
