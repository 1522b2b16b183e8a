"""`workbench forecast`: how signal and gradient will pass a network, before it is trained."""

from __future__ import annotations

import json
import re

import pytest

from engine.insight.forecast_records import Flows, LayerForecast
from tests.contracts.test_imports import loaded_by_command
from tests.workbench.cli.conftest import lines_of

DEEP = ("--depth", "6", "--width", "32", "--activation", "sigmoid", "--device", "cpu")


def test_theory_and_measurement_stand_side_by_side(command):
    ended = command("forecast", *DEEP)
    assert ended.code == 0
    assert "Gradient falls to 0." in ended.out
    table = lines_of(ended.out, "layer")
    assert [line.split("  ")[0] for line in table[2:]] == [*(f"hidden {n}" for n in range(1, 7)), "output"]
    assert all(len(line.split()) == 6 + len(line.split("  ")[0].split()) for line in table[2:])
    assert "measured here" in ended.out
    assert max(map(len, table)) <= 80


def test_how_sure_theory_is_stands_beside_it_where_it_matters(command):
    ended = command("forecast", *DEEP)
    first = next(line for line in ended.out.splitlines() if line.startswith("hidden 2"))
    assert re.search(r"±[1-9]\d%", first)
    assert "Note: ± is how far one network on one batch typically lies from theory" in ended.out
    (told,) = command("forecast", *DEEP, "--json").objects
    sure = {layer["name"]: layer["tolerance"] for layer in told["layers"]}
    assert 0 < sure["hidden 1"]["z_std"] < 0.1 < sure["hidden 2"]["weight_gradient_std"] < 1
    steady = command(
        "forecast", "--width", "500", "--activation", "tanh", "--init", "orthogonal", "--depth", "2", "--no-measure"
    ).out
    assert "±" not in next(line for line in steady.splitlines() if line.startswith("hidden 2"))


def test_measurements_that_chance_does_not_explain_are_marked():
    seen = Flows(z_std=1.0, activation_std=1.3, gradient_std=0.95, weight_gradient_std=1.3)
    theory = Flows(z_std=1.0, activation_std=1.0, gradient_std=1.0, weight_gradient_std=1.0)
    sure = Flows(z_std=0.01, activation_std=0.1, gradient_std=0.01, weight_gradient_std=0.2)
    layer = LayerForecast("hidden 1", "dense", "relu", 8, 8, theory, sure, seen)
    assert layer.outside == ("activation_std",)


def test_without_measuring_theory_stands_alone_and_no_torch_is_loaded(command):
    ended = command("forecast", *DEEP, "--no-measure")
    assert "measured" not in ended.out
    assert "the data have not been read" in ended.out
    assert "estimated for one core" in ended.out
    assert "torch" not in loaded_by_command("forecast", *DEEP, "--no-measure")


def test_one_json_object_has_all_of_it(command):
    (told,) = command("forecast", *DEEP, "--json").objects
    assert [layer["name"] for layer in told["layers"]][-1] == "output"
    first = told["layers"][0]
    assert first["theory"]["activation_std"] == pytest.approx(first["measured"]["activation_std"], rel=0.2)
    assert told["trends"][1]["quantity"] == "gradient"
    assert told["parameters"] == 64 * 32 + 32 + 5 * (32 * 32 + 32) + 32 * 10 + 10
    assert told["memory"]["total"] > 0
    assert told["step"]["measured"]
    assert told["epoch_seconds"] == pytest.approx(told["step"]["seconds"] * told["steps_per_epoch"])


def test_what_theory_does_not_reach_is_empty_and_the_reason_is_told(command):
    ended = command("forecast", "--blocks", "conv(2), max_pool, flatten, dense(4)", "--device", "cpu")
    assert "Theory does not reach: what 2 max_pool makes of neighbours" in ended.out
    row = next(line for line in ended.out.splitlines() if line.startswith("4 dense")).split()
    assert [row[2], row[4], row[6]] == ["–"] * 3
    assert "–" not in (row[3], row[5], row[7])
    assert "(as measured)" in ended.out


@pytest.mark.parametrize(
    "words",
    [
        ("--data", "diabetes", "--depth", "0"),
        ("--data", "diabetes", "--batch-size", "1"),
        ("--blocks", "lstm(8), dense(5)"),
        ("--data", "diabetes", "--blocks", "lstm(4)", "--ensemble", "3"),
        ("--ensemble", "3", "--ensemble-by", "disjoint"),
        ("--depth", "60", "--init", "normal(std=50)"),
    ],
)
@pytest.mark.parametrize("measure", ["--measure", "--no-measure"])
def test_json_has_a_verdict_and_no_number_that_json_does_not_know(words, measure, command):
    ended = command("forecast", *words, measure, "--device", "cpu", "--json")
    assert (ended.code, ended.err) == (0, "")

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    told = json.loads(ended.out, parse_constant=refuse)
    assert told["verdict"]
    assert all((layer["measured"] is None) == (measure == "--no-measure") for layer in told["layers"])


def test_many_layers_are_shortened(command):
    out = command("forecast", "--depth", "100", "--width", "4", "--no-measure").out
    assert "\n…" in out
    assert "hidden 100" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--blocks", "dense(4), conv(2)"), "block 2, conv(2): a picture is needed"),
        (("--data", "none.csv"), "none.csv: there is no such file"),
        (("--data", "wime"), "unknown dataset 'wime'. Did you mean 'wine'?"),
        (("--batch-size", "2000"), "more than the 1437 training examples"),
        (("--activation", "rellu"), "Did you mean 'relu'?"),
    ],
)
def test_what_does_not_fit_is_told(words, said, command):
    ended = command("forecast", *words, "--no-measure")
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
