"""The options that are settings of an experiment: all from one table."""

from __future__ import annotations

import pytest

from engine.catalog import (
    ACTIVATIONS,
    BLOCKS,
    COSTS,
    DATASETS,
    INITIALIZERS,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    PRETRAINING,
    SCHEDULES,
)
from engine.experiment import SETTINGS, Experiment
from workbench.cli.flags import FLAGS, Group, Kind, list_reader, number_or_text

CHOICES = {
    "data.name": DATASETS,
    "model.activation": ACTIVATIONS,
    "model.output": OUTPUT_ACTIVATIONS,
    "model.init": INITIALIZERS,
    "cost": COSTS,
    "model.blocks": BLOCKS,
    "pretraining": PRETRAINING,
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
    words = flag.help.replace("kinds:", ",").replace(";", ",").replace(":", ",").replace("one of ", "").split(", ")
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
    given = {"steps": 100, "epochs": 3, "data": {"train_size": 500}, "stop": {"patience": 4, "target": 0.5}}
    part = Experiment.parse(given)
    for parent in parents:
        part = getattr(part, parent)
    value = getattr(part, name)
    assert flag.read(str(value)) == value


def test_widths_are_read_as_a_list():
    (flag,) = (flag for flag in FLAGS if flag.option == "--widths")
    assert flag.read("256, 128,64") == [256, 128, 64]


def test_words_are_read_as_a_list_and_may_begin_with_a_minus(command):
    (flag,) = (flag for flag in FLAGS if flag.option == "--features")
    assert flag.read("age, -rooms,0") == ["age", "-rooms", "0"]


def test_settings_that_are_lists_can_be_read_from_text():
    lists = {path: list_reader(path) for path in SETTINGS if list_reader(path) is not None}
    assert set(lists) == {"model.widths", "data.features", "callbacks"}
    assert lists["callbacks"]("a:B, c:D") == ["a:B", "c:D"]
    assert lists["model.widths"]("3,4") == [3, 4]


def test_every_figure_that_the_help_names_can_be_watched():
    (flag,) = (flag for flag in FLAGS if flag.path == "stop.monitor")
    figures = flag.help.partition("one of ")[2].split(", ")
    assert len(figures) == 6
    assert [Experiment.parse({"stop": {"monitor": figure}}).stop.monitor for figure in figures] == figures


def test_the_help_of_run_has_its_options_under_heads(command):
    text = command("run", "--help").out
    heads = [line.rstrip(":") for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert heads == ["Arguments", *Group, "Options"]
    data, network = text.partition("\nData:\n")[2].split("\nNetwork:\n")
    assert "--label-noise" in data
    assert "--width " in network
    assert text.count("--activation ") == 1
