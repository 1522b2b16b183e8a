"""`workbench forecast`: how signal and gradient will pass a network, before it is trained."""

from __future__ import annotations

import json
import re

import pytest

from tests.contracts.test_imports import loaded_by_command
from tests.workbench.cli.conftest import lines_of

DEEP = ("--depth", "6", "--width", "32", "--activation", "sigmoid", "--device", "cpu")


def test_theory_and_measurement_stand_side_by_side(command):
    ended = command("forecast", *DEEP)
    assert ended.code == 0
    assert "Gradient falls from hidden 6 down to hidden 1: ×0." in ended.out
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


def test_what_is_much_is_told_as_a_factor_and_what_is_left_to_chance_as_such(command):
    deep = command("forecast", "--depth", "60", "--width", "32", "--no-measure").out
    assert re.search(r"^hidden 60 .* [\d.]+×÷[1-4]\.\d ", deep, re.MULTILINE)
    assert re.search(r"^hidden 1 .*\?", deep, re.MULTILINE)
    assert "\nNote: ×÷ is the same as a factor" in deep
    assert "\nNote: ? is left to chance" in deep
    assert not re.search(r"±([5-9]\d|\d{3,})%", deep)


def test_of_a_single_unit_nothing_is_said_that_one_network_does_not_tell(command):
    ended = command("forecast", "--width", "1", "--device", "cpu")
    rows = [line for line in ended.out.splitlines() if line.startswith(("hidden", "output"))]
    assert len(rows) == 4
    assert all(row.count("?") >= 2 and "!" not in row and "±" not in row for row in rows)
    assert rows[1].split()[-2:] == ["–", "–"]  # the gradient of one weight has no spread
    assert "One network tells nothing of another: with fewer than 4 units in a layer chance decides." in ended.out
    assert "Note: one weight alone has no spread: hidden 2, hidden 3." in ended.out
    (told,) = command("forecast", "--width", "1", "--device", "cpu", "--json").objects
    assert all(layer["tolerance"] is None and layer["outside"] == [] for layer in told["layers"])


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
    assert "in all, as measured" in ended.out


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


@pytest.mark.parametrize(("depth", "left_out"), [(39, 0), (40, 0), (41, 2), (100, 61)])
def test_many_layers_are_shortened_but_never_by_one(depth, left_out, command):
    out = command("forecast", "--depth", str(depth), "--width", "8", "--no-measure").out
    assert out.count("\n…") == (left_out > 0)
    assert len(re.findall(r"^hidden \d+ ", out, re.MULTILINE)) == depth - left_out
    assert f"hidden {depth} " in out


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
