"""`workbench surface`: the cost over two weights or along two directions."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from engine.data import load_dataset
from engine.experiment import Experiment
from engine.insight.surface import surface_of
from tests.contracts.test_imports import loaded_by_command
from tests.workbench.cli.conftest import SMALL, lines_of
from workbench.stored import load_network

TINY = ("--data", "noise", "--samples", "200", "--set", "data.inputs=5", "--width", "3", "--depth", "1", "--device", "cpu")
SOFTMAX = ("--activation", "tanh", "--output", "softmax", "--cost", "cross_entropy,quadratic")


def test_maps_stand_side_by_side_above_their_figures(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    ended = command("surface", *TINY, *SOFTMAX)
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert "cross_entropy  plateau" in lines[0]
    assert "quadratic  plateau" in lines[0]
    assert lines[1].count("↑ output[0, 0]") == 2
    assert lines[24].count("hidden 1[0, 0]") == 2
    assert max(map(len, lines)) <= 100
    table = lines_of(ended.out, "cost ")
    assert [row.split()[0] for row in table[2:]] == ["cross_entropy", "quadratic"]
    assert "Means over 160 training examples" in ended.out


def test_objects_hold_what_the_engine_works_out(command):
    options = ("--weights", "hidden 1[4,2], hidden 1[0, 1]", "--range", "2", "--points", "5", "--examples", "50", "--json")
    entropy, quadratic = command("surface", *TINY, *SOFTMAX, *options).objects
    assert [entropy["cost"], quadratic["cost"]] == ["cross_entropy", "quadratic"]
    assert [entropy["x"]["label"], entropy["y"]["label"]] == ["hidden 1[4, 2]", "hidden 1[0, 1]"]
    assert entropy["x"]["values"][4] - entropy["x"]["here"] == pytest.approx(2)
    assert len(entropy["costs"]) == len(entropy["gradients"][0]) == len(entropy["costs"][0]) == 5
    assert entropy["examples"] == 50
    (along,) = command("surface", *TINY, "--directions", "--points", "3", "--json").objects
    assert [along["x"]["label"], along["x"]["values"]] == ["direction 1", [-1, 0, 1]]
    described = Experiment().with_settings({"data.name": "iris", "device": "cpu"})
    (usual,) = command("surface", "--data", "iris", "--device", "cpu", "--json").objects
    assert usual["plateau"] == surface_of(described).plateau
    assert usual["here"] == pytest.approx(surface_of(described).here)


def test_about_a_stored_run_the_middle_is_its_own_cost(command):
    assert command("run", *SMALL, "--batch-norm").code == 0
    (stored,) = command("surface", "--of", "1", "--points", "3", "--json").objects
    (first,) = command("surface", "--like", "1", "--points", "3", "--json").objects
    network = load_network(1)
    train = load_dataset(network.experiment.data).train
    with torch.no_grad():
        outputs = network(torch.from_numpy(train.inputs[:300]))
        expected = functional.nll_loss(outputs.log(), torch.from_numpy(train.targets[:300])).item()
    assert stored["here"] == pytest.approx(expected, rel=1e-5)
    assert first["here"] > stored["here"]
    assert command("surface", "--of", "1", "--depth", "3").code == 2


@pytest.mark.parametrize("name", ["surface.png", "surface.svg"])
def test_a_picture_is_written_and_not_replaced_unasked(command, tmp_path, name):
    path = tmp_path / name
    words = ("surface", *TINY, "--points", "5", "--picture", str(path))
    ended = command(*words)
    assert ended.err == f"Written: {path}\n"
    assert path.read_bytes().startswith(b"\x89PNG" if name.endswith("png") else b"<?xml")
    assert "is there already" in command(*words).err
    assert command(*words, "--force").code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--weights", "hidden 1[0,0]"), "--weights must name two weights"),
        (("--weights", "hidden 1[0,0], nowhere[0,0]"), "unknown layer 'nowhere'"),
        (("--weights", "hidden 1[0,0], output[0,0]", "--directions"), "give --weights or --directions, not both"),
        (("--picture", "x.jpg"), "--picture must end in .png or .svg"),
        (("--points", "1"), "points: must be from 3 to 501"),
        (("--cost", "quadratic,hinge"), "unknown cost 'hinge'"),
        (("--of", "1", "--like", "1"), "give --like or --of, not both"),
        (("--of", "1"), "there are no runs"),
    ],
)
def test_what_is_wrong_is_said(command, words, message):
    ended = command("surface", *TINY, *words)
    assert ended.code == 2
    assert message in ended.err
    assert ended.out == ""


def test_help_loads_no_torch():
    assert "torch" not in loaded_by_command("surface", "--help")
