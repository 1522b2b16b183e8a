"""Experiments in TOML files: presets, one's own, and what is written down."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog import ACTIVATIONS, INITIALIZERS, OPTIMIZERS, PRETRAINING, SCHEDULES
from engine.data_outline import known
from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.outline import outline
from engine.population import expand
from tests.engine.network.stacks import ALONE
from workbench.experiment_files import (
    FOLDER,
    ExperimentFileError,
    own_experiment_files,
    preset,
    presets,
    read_experiment_file,
    shortest,
    toml_text,
    write_experiment_file,
)

NAMES = [each.name for each in presets()]


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_says_what_it_shows_and_fits_its_data(name):
    file = preset(name)
    assert file.title != name.replace("-", " ")
    assert len(file.about) > 20
    data = known(file.experiment.data)
    assert data is not None, "a preset needs no files of one's own"
    assert outline(file.experiment, data, len(expand(file.experiment))).steps > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_that_is_written_down_is_read_as_the_same_experiment(name, tmp_path):
    experiment = preset(name).experiment
    write_experiment_file(tmp_path / "kept" / "mine.toml", experiment)
    assert read_experiment_file(tmp_path / "kept" / "mine.toml").experiment == experiment


def some(registry):
    return st.sampled_from(list(registry))


SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "optimizer": some(OPTIMIZERS),
        "lr": st.floats(1e-6, 10),
        "schedule": some(SCHEDULES),
        "pretraining": some(PRETRAINING),
        "epochs": st.integers(1, 40),
        "steps": st.integers(1, 999),
        "batch_size": st.just("full") | st.integers(2, 99),
        "model.activation": some(ACTIVATIONS),
        "model.init": some(INITIALIZERS),
        "model.batch_norm": st.booleans(),
        "stop.patience": st.integers(1, 9),
        "monitor.distributions": st.just("never") | st.integers(1, 9),
        "seed": st.integers(0, 2**62),
        "callbacks": st.just(["my.module:Mine(1, 'two')"]),
    },
)
NETWORKS = st.one_of(
    st.fixed_dictionaries({"model.depth": st.integers(0, 5), "model.width": st.sampled_from([1, 64, 65])}),
    st.fixed_dictionaries({"model.widths": st.lists(st.integers(1, 99), min_size=1, max_size=4)}),
    st.fixed_dictionaries({"model.blocks": st.sampled_from([f"dense(5), {blocks}" for blocks, _ in ALONE])}),
)


@given(SETTINGS, NETWORKS)
def test_what_is_not_a_default_is_enough_to_read_the_same_experiment(settings, network):
    experiment = Experiment().with_settings({**settings, **network})
    assert Experiment.from_toml(toml_text(experiment)) == experiment


def test_only_what_differs_from_the_defaults_is_written():
    assert shortest(Experiment()) == {}
    usual = Experiment().with_settings({"optimizer": "sgd", "model.depth": 5})
    assert shortest(usual) == {"optimizer": "sgd", "model": {"depth": 5}}
    assert shortest(usual.with_settings({"lr": 0.001}))["lr"] == 0.001  # adam's usual one is not that of sgd
    assert shortest(Experiment().with_settings({"steps": 9, "epochs": 30})) == {"steps": 9, "epochs": 30}


def test_data_files_are_named_from_the_root_and_found_from_their_own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    experiment = Experiment().with_settings({"data.name": "houses.csv", "data.target": "price"})
    assert tomllib.loads(toml_text(experiment))["data"]["name"] == str(tmp_path / "houses.csv")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "by-hand.toml").write_text('[data]\nname = "houses.csv"\ntarget = "price"\n')
    assert read_experiment_file(Path("sub/by-hand.toml")).experiment.data.name == str(tmp_path / "sub" / "houses.csv")


def test_a_file_that_is_there_is_replaced_only_if_that_is_meant(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("seed = 4\n")
    with pytest.raises(FileExistsError):
        write_experiment_file(path, Experiment())
    write_experiment_file(path, Experiment().with_settings({"seed": 5}), replace=True)
    assert path.read_text() == "seed = 5\n"
    assert list(tmp_path.iterdir()) == [path]


def test_ones_own_files_have_their_comment_as_title(tmp_path):
    (tmp_path / "good-one.toml").write_text("# Two words: and what it is\n# about.\nseed = 3\n")
    (tmp_path / "plain-one.toml").write_text("seed = 3\n")
    (tmp_path / "other.toml").write_text("[tool.ruff]\n")
    found = list(own_experiment_files(tmp_path))
    assert [(each.name, each.title, each.about) for each in found] == [
        ("good-one", "Two words", "And what it is about."),
        ("plain-one", "plain one", ""),
    ]
    assert list(own_experiment_files(tmp_path / "nothing")) == []
    assert FOLDER.name == "sessions"


def test_what_is_wrong_with_a_file_is_told(tmp_path):
    with pytest.raises(ExperimentFileError, match="there is no experiment file"):
        read_experiment_file(tmp_path / "no.toml")
    with pytest.raises(ExperimentFileError, match=r"unknown preset 'spirl'\. Did you mean 'spiral'\?"):
        preset("spirl")
    (tmp_path / "bad.toml").write_text("[model]\ndepth = -1\n")
    with pytest.raises(ConfigurationError, match=r"bad\.toml: model\.depth"):
        read_experiment_file(tmp_path / "bad.toml")
    (tmp_path / "file").touch()
    with pytest.raises(ExperimentFileError, match="cannot be written"):
        write_experiment_file(tmp_path / "file" / "x.toml", Experiment())


@pytest.mark.parametrize("name", ["no\0name.toml", "no\0folder/mine.toml", "~nobodyisthere/mine.toml"])
def test_a_name_that_no_file_can_have_is_refused_in_words(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExperimentFileError, match="cannot be read"):
        read_experiment_file(Path(name))
    with pytest.raises(ExperimentFileError, match="name another"):
        write_experiment_file(Path(name), Experiment())
    assert list(tmp_path.iterdir()) == []
