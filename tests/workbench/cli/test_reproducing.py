"""The command line that trains an experiment again: read back, it is the same experiment."""

import shlex
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from engine.experiment import Experiment
from engine.population import expand
from workbench.cli.app import app
from workbench.cli.reproducing import command, command_of_run

SETTINGS = (
    {},
    {"model.depth": 8, "model.activation": "sigmoid", "optimizer": "sgd", "epochs": 2000},
    {"model.widths": [32, 16], "lr": 1 / 3, "l2": 1e-5, "model.batch_norm": True},
    {"model.blocks": "conv(16), max_pool, 2*dense(64, dropout=0.5), split(dense(8) | dense(8), join=concat)"},
    {"data.name": "/data/it's here/houses.csv", "data.target": "price in $", "data.features": ["-id", "-sq ft"]},
    {"data.name": "spirals", "data.noise": 0.3, "data.samples": 500, "data.seed": 7},
    {"optimizer": "adam(beta1=0.5)", "schedule": "step(every=10, factor=0.3)"},
    {"steps": 500},
    {"steps": 500, "epochs": 30},
    {"steps": 500, "epochs": 4},
    {"epochs": 31},
    {"model.activation": "leaky_relu(slope=0.2)", "model.init": "normal(std=0.05)", "model.bias_init": -0.5},
    {"stop.patience": 5, "stop.min_delta": 0.01, "stop.restore_best": False, "checkpoint.every": 3, "checkpoint.best": True},
    {"stop.target": 0.98, "stop.monitor": "train_accuracy", "checkpoint.every": "never"},
    {"monitor.every": 3, "data.scaling": "none", "data.test": 0.2, "data.validation": 0.0},
    {"callbacks": ["my_module:One(a=1, b='x y')", "other:Two"]},
    {"seed": 2**62, "device": "cuda:1", "dtype": "float64", "threads": 4, "batch_size": "full"},
    {"data.name": "digits", "data.label_noise": 0.2, "data.train_size": 300, "pretraining": "dbn", "cost": "cross_entropy"},
)


def read_back(text, monkeypatch):
    """The experiments that the command line asks for, as `workbench run` reads it."""
    words = shlex.split(text)
    assert words[:2] == ["workbench", "run"]
    asked = []

    def trained(experiments, session):
        asked.extend(experiments)
        return 0

    monkeypatch.setattr("workbench.cli.session.train", trained)
    result = CliRunner().invoke(app, words[1:])
    assert result.exit_code == 0, result.output
    return tuple(asked)


@pytest.mark.parametrize("changed", SETTINGS, ids=str)
def test_it_is_read_back_as_the_same_experiment(changed, monkeypatch):
    experiment = Experiment().with_settings(changed)
    assert read_back(command([experiment]), monkeypatch) == (experiment,)


def test_only_what_differs_is_given():
    assert command([Experiment()]) == "workbench run"
    experiment = Experiment().with_settings({"model.depth": 8, "optimizer": "sgd"})
    assert command([experiment]) == "workbench run --depth 8 --optimizer sgd"


def test_members_and_ensembles_are_counted(monkeypatch):
    seeds = tuple(Experiment().with_settings({"seed": seed}) for seed in (3, 4, 5))
    assert command(seeds) == "workbench run --seed 3 --seeds 3"
    assert read_back(command(seeds), monkeypatch) == seeds
    ensemble = expand(Experiment().with_settings({"ensemble.members": 3, "ensemble.by": "bagging"}))
    assert command(ensemble) == "workbench run --ensemble 3 --ensemble-by bagging"
    assert command(ensemble[1:2]) == command(ensemble)
    assert read_back(command(ensemble), monkeypatch) == ensemble


@settings(max_examples=60, deadline=None)
@given(
    lr=st.floats(1e-12, 1000, exclude_min=True),
    l1=st.floats(0, 1000),
    bias=st.floats(-100, 100),
    depth=st.integers(0, 9),
    steps=st.none() | st.integers(1, 10**9),
    epochs=st.none() | st.integers(1, 10**6),
    features=st.lists(st.from_regex(r"[a-z $'\"\\*]{1,8}", fullmatch=True), max_size=3),
    noise=st.floats(0, 0.99),
)
def test_any_numbers_and_words(lr, l1, bias, depth, steps, epochs, features, noise):
    values = {"lr": lr, "l1": l1, "model.bias_init": bias, "model.depth": depth, "steps": steps, "epochs": epochs}
    names = {"data.name": "/x.npz", "data.features": [each for each in features if each.strip()], "data.label_noise": noise}
    experiment = Experiment().with_settings({**values, **names})
    with pytest.MonkeyPatch.context() as patch:
        assert read_back(command([experiment]), patch) == (experiment,)


def test_a_stored_run_is_named_with_its_history_where_that_is_another():
    assert command_of_run("run --replay", 3, Path("a/h.db"), Path("a/h.db")) == "workbench run --replay 3"
    assert command_of_run("run --replay", 3, Path("b c.db"), Path("h.db")) == "workbench run --replay 3 --db 'b c.db'"
