"""`workbench step`: one step as tables and as JSON, checked, from first weights and from a stored run."""

from __future__ import annotations

import numpy as np
import pytest

from engine.network.activations import Tanh
from tests.workbench.cli.conftest import SMALL, query
from workbench import load_network

TINY = ("--data", "iris", "--depth", "1", "--width", "3", "--device", "cpu", "--dtype", "float64")


def kinds(objects: list[dict], kind: str) -> list[dict]:
    return [each for each in objects if each["kind"] == kind]


def tensor(layer: dict, symbol: str) -> dict:
    return next(each for each in (*layer["forward"], *layer["backward"]) if each["symbol"] == symbol)


# --- tables ------------------------------------------------------------------------


def test_people_read_the_batch_each_layer_with_its_formulas_and_the_verdict(command):
    ended = command("step", *TINY, "--activation", "tanh", "--l2", "0.01", "--check")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "Step 1 from first weights (he_normal(gain=1.0), seed 0), on 4 examples of iris"
    assert lines[1] == "cost: cross_entropy, -ln h_y, h = softmax(z)"
    assert "C = " in lines[3]
    assert " + L2 " in lines[3]
    assert "; after the update C = " in lines[3]
    assert "hidden 1: dense, 4 -> 3, tanh" in lines
    assert "output: dense, 3 -> 3, softmax" in lines
    for formula in (
        "z = x W + b",
        "h = tanh z",
        "dC/dh f'(z)",
        "xᵀ dC/dz",
        "sum of dC/dz",
        "(h - y) / B",
        "2 lambda W",
        "dC/dz Wᵀ",
    ):
        assert formula in ended.out, formula
    assert "share in the norm of the whole gradient of W: L2 " in ended.out
    assert "+ L1" not in ended.out
    assert lines[-1] == "passed: 27 gradients agree"


def test_nothing_is_recorded(command, db):
    command("step", *TINY)
    assert not db.exists()
    assert not list(db.parent.iterdir())


def test_of_wide_layers_the_first_units_are_shown_with_figures_of_all(command):
    lines = command("step", "--data", "digits", "--width", "50", "--depth", "1", "--units", "2").out.splitlines()
    heads = [line.split() for line in lines if line.split() == ["1", "2"]]
    assert len(heads) == 2
    assert any(line.split()[:2] == ["W", "before"] and "64x50" in line for line in lines)
    assert not any("example 3" in line or "input 3" in line for line in lines)
    assert "(2 more examples are not shown; --units N shows more)" in lines


def test_a_regression_shows_targets_and_outputs(command):
    lines = command("step", "--data", "diabetes", "--depth", "0", "--examples", "2").out.splitlines()
    assert lines[5].split() == ["example", "target", "y", "output", "h", "cost"]
    target, output, cost = (float(number) for number in lines[7].split()[1:])
    assert cost == pytest.approx((target - output) ** 2, rel=0.05)


@pytest.mark.parametrize(
    "blocks",
    [
        "conv(2), max_pool, flatten, dense(3)",
        "lstm(3)",
        "dense(4), residual(dense(3), dense(4)), split(dense(2) | dense(2)), batch_norm",
    ],
)
def test_blocks_are_shown(command, blocks):
    ended = command("step", "--data", "digits", "--blocks", blocks, "--check")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-1].startswith("passed: ")


def test_pictures_are_shown_at_the_middle_and_sequences_at_their_last_step(command):
    assert "example 1 at 5,5" in command("step", "--data", "digits", "--blocks", "conv(2), dense(3)").out
    assert "example 1 step 8" in command("step", "--data", "digits", "--blocks", "lstm(3)").out


# --- json --------------------------------------------------------------------------


def test_json_has_the_step_each_layer_and_the_check(command):
    objects = command("step", *TINY, "--optimizer", "sgd", "--lr", "0.5", "--l1", "0.1", "--check", "--json").objects
    assert [each["kind"] for each in objects] == ["meta", "layer", "layer", "check"]
    meta, hidden, output, check = objects
    assert (meta["step"], meta["lr"], meta["examples"], meta["from"]) == (1, 0.5, 4, None)
    assert meta["cost"] == pytest.approx(np.mean(meta["costs"]))
    assert check["passed"] is True
    assert [(each["layer"], each["name"], each["checked"]) for each in check["tensors"]] == [
        ("hidden 1", "weight", 12),
        ("hidden 1", "bias", 3),
        ("output", "weight", 9),
        ("output", "bias", 3),
    ]
    x, delta = (np.array(tensor(hidden, symbol)["values"]) for symbol in ("x", "dC/dz"))
    weight = hidden["parameters"][0]
    np.testing.assert_allclose(weight["gradient"]["values"], (x.T @ delta)[:, :4], atol=1e-14)
    total = np.array(weight["gradient"]["values"]) + np.array(weight["l1"]["values"])
    np.testing.assert_allclose(weight["change"]["values"], -0.5 * total, atol=1e-14)
    assert weight["l2"] is None
    assert weight["l1_share"] > 0
    assert tensor(output, "z")["shape"] == [4, 3]
    assert tensor(output, "z")["mean"] == pytest.approx(np.mean(tensor(output, "z")["values"]))


def test_a_later_step_is_the_last_of_as_many(command, db):
    """Its weights are those of a run of as many steps with such small batches."""
    *_, layer = command("step", *TINY, "--steps", "5", "--json").objects
    assert command("run", *TINY, "--steps", "5", "--batch-size", "4", "--quiet").code == 0
    weights = load_network("latest", db).layers.output.weight.detach().numpy().T
    np.testing.assert_allclose(layer["parameters"][0]["after"]["values"], weights, atol=1e-14)


# --- where it begins ---------------------------------------------------------------


def test_from_a_run_it_begins_with_the_weights_of_the_run(command, db):
    command("run", *SMALL, "--seeds", "2", "--quiet")
    meta, hidden, _ = command("step", "--from", "2", "--lr", "0.25", "--json").objects
    (steps,) = query(db, "select step from runs where id = 2")[0]
    assert (meta["from"], meta["step"], meta["experiment"]["seed"], meta["lr"]) == ("2", steps + 1, 1, 0.25)
    weights = dict(load_network(2, db).named_parameters())["layers.body.hidden 1.affine.weight"].detach().numpy().T
    np.testing.assert_allclose(hidden["parameters"][0]["before"]["values"], weights[:4, :4], atol=1e-7)
    assert "from the weights of run 2" in command("step", "--from", "2").out


def test_like_a_run_it_begins_with_its_first_weights(command):
    command("run", *SMALL, "--seed", "3", "--quiet")
    meta = command("step", "--like", "1", "--json").objects[0]
    assert (meta["step"], meta["experiment"]["seed"], meta["experiment"]["model"]["width"]) == (1, 3, 8)


def test_a_file_and_set_are_heeded(command, tmp_path):
    (tmp_path / "mine.toml").write_text('epochs = 1\n[data]\nname = "iris"\n[model]\ndepth = 1\nwidth = 4\n')
    meta = command("step", "mine.toml", "--set", "model.width=6", "--json").objects[0]
    assert (meta["experiment"]["data"]["name"], meta["experiment"]["model"]["width"]) == ("iris", 6)


# --- what goes wrong ---------------------------------------------------------------


def test_gradients_that_are_wrong_end_with_code_1(command, monkeypatch):
    right = Tanh.backward
    monkeypatch.setattr(Tanh, "backward", lambda self, grad, z, h: right(self, grad, z, h) * 1.01)
    ended = command("step", *TINY, "--activation", "tanh", "--check")
    assert ended.code == 1
    lines = ended.out.splitlines()
    assert lines[-1].startswith("FAILED: ")
    assert any(line.startswith("hidden 1 weight: ") and "back-propagation gives" in line for line in lines)
    assert command("step", *TINY, "--activation", "tanh").code == 0
    told = command("step", *TINY, "--activation", "tanh", "--check", "--json")
    assert told.code == 1
    assert told.objects[-1]["passed"] is False


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--examples", "200"), "200 is more than the 120 training examples"),
        (("--steps", "none"), "--steps must be a whole number from 1 on, not 'none'"),
        (("--steps", "0"), "--steps must be a whole number from 1 on, not 0"),
        (("--depth", "-1"), "--depth: must be greater than or equal to 0"),
        (("--from", "7"), "there are no runs in"),
        (("--from", "7", "--like", "7"), "give --like or --from, not both"),
        (("nowhere.toml",), "there is no experiment file nowhere.toml"),
    ],
)
def test_what_cannot_be_looked_at_is_told(command, words, message):
    ended = command("step", "--data", "iris", *words)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


def test_a_run_without_weights_is_told_with_what_to_do(command):
    command("run", *SMALL, "--checkpoint-every", "never", "--quiet")
    ended = command("step", "--from", "1")
    assert ended.code == 2
    assert (
        "run 1 kept no weights, as checkpoint.every is never; `workbench run --like 1 --set checkpoint.every=auto`" in ended.err
    )
