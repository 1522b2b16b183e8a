"""No setting may be missing from the form."""

import pytest

from engine.experiment import SETTINGS, Experiment
from workbench.tui.draft import Draft
from workbench.tui.fields import COUNTED_OUT, Kind

DEFAULT = Draft.of(Experiment())
TEXTS = {
    "data.name": "iris",
    "data.dir": "some/folder",
    "data.target": "price",
    "data.task": "regression",
    "data.samples": "500",
    "data.noise": "0.3",
    "data.inputs": "20",
    "data.image_size": "64",
    "data.colour": "rgb",
    "data.validation": "0.2",
    "data.test": "0.3",
    "data.train_size": "100",
    "data.features": "-pixel 1, -pixel 2",
    "data.label_noise": "0.25",
    "data.scaling": "none",
    "data.seed": "7",
    "model.depth": "5",
    "model.width": "32",
    "model.widths": "16, 8",
    "model.blocks": "conv(16, kernel=5), max_pool, flatten, 2*dense(64)",
    "model.activation": "tanh",
    "model.output": "softmax",
    "model.init": "lsuv",
    "model.bias_init": "0.1",
    "model.bias_std": "0.1",
    "model.batch_norm_eps": "0.001",
    "model.dropout": "0.5",
    "model.batch_norm": "on",
    "pretraining": "dbn",
    "cost": "mean_squared",
    "l1": "0.001",
    "l2": "0.002",
    "optimizer": "nadam",
    "lr": "0.5",
    "schedule": "step",
    "batch_size": "full",
    "epochs": "3",
    "steps": "20",
    "seed": "5",
    "device": "cpu",
    "dtype": "float64",
    "threads": "2",
    "stop.monitor": "validation_accuracy",
    "stop.patience": "4",
    "stop.min_delta": "0.01",
    "stop.restore_best": "off",
    "stop.target": "0.95",
    "ensemble.members": "5",
    "ensemble.by": "bagging",
    "checkpoint.every": "2",
    "checkpoint.best": "on",
    "callbacks": "my.module:Mine, other:Schedule(0.1, 'a, b')",
    "monitor.every": "10",
    "monitor.budget": "0.1",
    "monitor.train_examples": "300",
    "monitor.distributions": "3",
    "monitor.jacobian": "always",
}
"""Another text than the default for every setting."""

BEFORE = {
    "data.target": {"data.name": "cars.csv"},
    "data.task": {"data.name": "cars.npz"},
    "data.samples": {"data.name": "shapeset"},
    "data.noise": {"data.name": "moons"},
    "data.inputs": {"data.name": "noise"},
    "data.image_size": {"data.name": "image_folder", "data.dir": "pictures"},
    "data.colour": {"data.name": "image_folder", "data.dir": "pictures"},
    "model.batch_norm_eps": {"model.batch_norm": "on"},
    "stop.monitor": {"stop.target": "0.9"},
    "stop.min_delta": {"stop.patience": "2"},
    "stop.restore_best": {"stop.patience": "2"},
    "ensemble.by": {"ensemble.members": "3"},
}
"""What must be chosen for a setting to have a row."""


def value_at(experiment, path):
    for name in path.split("."):
        experiment = getattr(experiment, name)
    return experiment


@pytest.mark.parametrize("path", [path for path in SETTINGS if path not in COUNTED_OUT])
def test_every_setting_has_a_row_and_can_be_set(path):
    assert (path in BEFORE) == (path not in {row.path for row in DEFAULT.rows()})
    draft = DEFAULT
    for other, text in BEFORE.get(path, {}).items():
        draft = draft.with_text(other, text)
    row = next(row for row in draft.rows() if row.path == path)
    assert row.options == () or TEXTS[path] in row.options or row.kind not in (Kind.CHOICE, Kind.SWITCH)
    draft = draft.with_text(path, TEXTS[path])
    checked = draft.check()
    assert checked.problems == {}
    experiment = checked.experiments[0]
    assert value_at(experiment, path) != value_at(Experiment(), path)
    assert Draft.of(experiment)[path] == TEXTS[path]
    assert Draft.of(experiment).check().experiments == checked.experiments
