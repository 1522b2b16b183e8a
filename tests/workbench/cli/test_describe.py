"""`workbench describe` and `workbench presets`: what an experiment comes to, and experiments to begin with."""

from __future__ import annotations

import pytest

from engine.experiment import Experiment
from tests.contracts.test_imports import loaded_by_command


def test_describe_draws_the_layers_with_their_shapes_and_counts_what_they_take(command):
    ended = command(
        "describe", "--data", "mnist", "--blocks", "conv(16, batch_norm=on), max_pool, flatten, dense(64, dropout=0.5)"
    )
    assert ended.code == 0
    lines = [line.split() for line in ended.out.splitlines()]
    assert lines[3][:2] == ["1", "conv"]
    assert lines[3][-4:] == ["16@28×28", "relu", "norm", "176"]
    assert [word for word in lines[4] if "█" not in word] == ["2", "max_pool", "16@14×14"]
    assert lines[6][-5:] == ["64", "relu", "drop", "0.5", "200,768"]
    parameters = 16 * 9 + 2 * 16 + 3136 * 64 + 64 + 64 * 10 + 10
    assert f"parameters   {parameters:,}" in ended.out
    assert "844 an epoch" in ended.out
    assert "54,000 examples in batches of 64" in ended.out


def test_describe_as_json_has_the_numbers_and_all_networks_count(command):
    alone = command("describe", "--depth", "1", "--width", "8", "--json").objects[0]
    three = command("describe", "--depth", "1", "--width", "8", "--seeds", "3", "--json").objects[0]
    assert alone["parameters"] == three["parameters"] == 64 * 8 + 8 + 8 * 10 + 10
    assert [layer["name"] for layer in alone["layers"]] == ["hidden 1", "output"]
    assert (alone["members"], three["members"]) == (1, 3)
    assert three["memory"]["total"] == 3 * alone["memory"]["total"]
    assert three["forward"] == 3 * alone["forward"]


def test_describe_reads_a_table_to_know_its_shape(command, tmp_path):
    rows = "".join(f"{n},{'ab'[n % 2]},{n * 0.5}\n" for n in range(100))
    (tmp_path / "t.csv").write_text("n,word,y\n" + rows)
    assert command("describe", "--data", "t.csv", "--target", "y", "--json").objects[0]["data"]["shape"] == [3]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--blocks", "dense(4), conv(2)"), "block 2, conv(2): a picture is needed"),
        (("--batch-size", "2000"), "more than the 1437 training examples"),
        (("--data", "none.csv"), "none.csv: there is no such file"),
        (("--preset", "spirl"), "Did you mean 'spiral'?"),
        (("x.toml", "--preset", "spiral"), "give an experiment file or --preset, not both"),
    ],
)
def test_what_does_not_fit_is_told(words, said, command):
    ended = command("describe", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_a_file_that_is_not_there_is_told_before_the_target_that_it_lacks(command):
    ended = command("run", "--data", "nofile.csv")
    assert ended.code == 2
    assert ended.err == "workbench: nofile.csv: there is no such file\n"


def test_what_is_described_can_be_saved_and_trained(command, tmp_path):
    asked = ("--preset", "xor-line", "--epochs", "2", "--seed", "4")
    assert "Written" in command("describe", *asked, "--save", "kept/mine.toml").err
    saved = (tmp_path / "kept" / "mine.toml").read_text()
    assert Experiment.from_toml(saved) == Experiment().with_settings(
        {"data.name": "xor", "model.depth": 0, "epochs": 2, "seed": 4}
    )
    again = command("describe", "--save", "kept/mine.toml")
    assert again.code == 2
    assert "--force" in again.err
    assert (tmp_path / "kept" / "mine.toml").read_text() == saved
    assert command("describe", "--save", "kept/mine.toml", "--force").code == 0
    assert Experiment.from_toml((tmp_path / "kept" / "mine.toml").read_text()) == Experiment()


def test_a_preset_is_trained_and_options_change_it(command):
    ended = command("run", "--preset", "xor-line", "--epochs", "1", "--json")
    assert ended.code == 0
    started = ended.objects[0]
    assert started["experiment"]["data"]["name"] == "xor"
    assert started["experiment"]["epochs"] == 1


def test_presets_are_listed_with_what_they_show_and_with_ones_own(command, tmp_path):
    (tmp_path / "sessions").mkdir()
    (tmp_path / "sessions" / "mine.toml").write_text("# My own: as it was.\nseed = 3\n")
    ended = command("presets")
    assert "vanishing-sigmoid" in ended.out
    assert "Two spirals" in ended.out
    assert "sessions/mine.toml" in ended.out
    objects = {each["name"]: each for each in command("presets", "--json").objects}
    assert objects["mine"]["path"] == "sessions/mine.toml"
    assert objects["spiral"]["path"] is None
    assert objects["mine"]["experiment"]["seed"] == 3
    assert Experiment.from_toml(command("presets", "xor-line").out).data.name == "xor"
    assert command("presets", "xor").code == 2


def test_describing_a_bundled_set_loads_no_torch():
    assert "torch" not in loaded_by_command("describe")
