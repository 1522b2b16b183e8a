"""What a recipe comes to: groups, experiments, seeds."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.experiment import Experiment
from tests.workbench.recipes.writing import CLAIM, SCALES, written
from workbench.recipes.planning import plan
from workbench.recipes.reading import read_recipe

PLAIN = "[scale]\nquick.seeds = 1\nfull.seeds = 1\n"
ANY = '[[claim]]\nsays = "It ends"\ncheck = "{} < 100"\n'


def planned(path: Path, scale: str = "full", **wishes):
    return plan(read_recipe(path), scale, **wishes)


def test_a_grid_has_every_combination_the_first_axis_slowest(tmp_path):
    made = planned(written(tmp_path))
    assert [group.label for group in made.groups] == [
        *("sigmoid, depth=1", "sigmoid, depth=2", "sigmoid, depth=5"),
        *("relu, depth=1", "relu, depth=2", "relu, depth=5"),
    ]
    group = made.groups[-1]
    assert group.names == (("network", "relu"), ("depth", "5"))
    assert (group.on("network"), group.on("depth"), made.seeds) == ("relu", "5", 3)
    wanted = {"epochs": 3, "data.name": "iris", "model.width": 4, "model.depth": 5, "model.init": "he_normal"}
    assert group.experiments == tuple(Experiment().with_settings({**wanted, "seed": seed}) for seed in range(3))


def test_a_scale_takes_a_part_and_has_the_last_word(tmp_path):
    made = planned(written(tmp_path), "quick")
    assert [group.label for group in made.groups] == ["sigmoid, depth=1", "sigmoid, depth=5", "relu, depth=1", "relu, depth=5"]
    assert [axis.names for axis in made.axes] == [("sigmoid", "relu"), ("1", "5")]
    assert {(each.epochs, each.data.train_size) for group in made.groups for each in group.experiments} == {(1, 50)}


def test_what_is_given_goes_over_the_scale(tmp_path):
    made = planned(written(tmp_path), "quick", seeds=5, settings={"epochs": 9, "lr": 0.5})
    assert {(len(group.experiments), group.experiments[0].epochs, group.experiments[0].lr) for group in made.groups} == {
        (5, 9, 0.5)
    }
    with pytest.raises(ConfigurationError) as caught:
        planned(written(tmp_path), settings={"lr": -1.0})
    assert len(caught.value.problems) == 1
    assert "(in group 'sigmoid, depth=1')" in str(caught.value)
    with pytest.raises(ConfigurationError, match="seeds: must be at least 1"):
        planned(written(tmp_path), seeds=0)
    with pytest.raises(ConfigurationError, match=r"unknown scale 'ful'. Did you mean 'full'\?"):
        planned(written(tmp_path), "ful")


def test_what_is_given_may_not_make_groups_the_same(tmp_path):
    with pytest.raises(ConfigurationError, match="'sigmoid, depth=1' and 'sigmoid, depth=2' come to the same experiment"):
        planned(written(tmp_path), settings={"model.depth": 3})


def test_steps_take_the_place_of_epochs(tmp_path):
    made = planned(written(tmp_path, scales=SCALES.replace("epochs = 1", "steps = 7")), "quick")
    assert {(group.experiments[0].epochs, group.experiments[0].steps) for group in made.groups} == {(None, 7)}


def test_another_dataset_or_optimizer_takes_its_usual_values(tmp_path):
    axes = '[vary.how]\nplain = {}\nother = { data.name = "wine", optimizer = "sgd" }\n'
    base = '[base]\ndata = { name = "moons", noise = 0.3 }\n'
    path = written(tmp_path, base=base, axes=axes, scales=PLAIN, claims=ANY.format("test_error(plain)"))
    plain, other = (group.experiments[0] for group in planned(path).groups)
    assert (plain.data.noise, plain.lr) == (0.3, 0.001)
    assert (other.data.name, other.data.noise, other.lr) == ("wine", Experiment().data.noise, 0.1)


def test_without_axes_there_is_one_group_without_a_name(tmp_path):
    made = planned(written(tmp_path, axes="", scales=PLAIN, claims=ANY.format("test_error"), base="[base]\nseed = 7\n"), seeds=2)
    assert [(group.label, [each.seed for each in group.experiments]) for group in made.groups] == [("", [7, 8])]


def test_no_two_ensembles_share_a_seed(tmp_path):
    path = written(tmp_path, axes="", base="[base]\nensemble.members = 3\n", claims=ANY.format("test_error"), scales=PLAIN)
    (group,) = planned(path, seeds=2).groups
    assert [(each.seed, each.ensemble.member) for each in group.experiments] == [(0, 0), (1, 1), (2, 2), (3, 0), (4, 1), (5, 2)]


def test_files_are_looked_for_beside_the_recipe_and_data_where_the_user_has_them(tmp_path, monkeypatch):
    axes = '[vary.data]\ntable = { data.name = "t.csv", data.target = "y" }\npictures = { data.name = "fashion_mnist" }\nplain = {}\n'
    (tmp_path / "here").mkdir()
    path = written(tmp_path / "here", axes=axes, scales=PLAIN, claims=ANY.format("test_error(plain)"))
    monkeypatch.chdir(tmp_path)
    table, pictures, plain = (group.experiments[0].data for group in planned(Path("here/mine.toml")).groups)
    assert (table.name, pictures.dir, plain.dir) == (str(tmp_path / "here" / "t.csv"), None, None)
    there = tmp_path / "there"
    (there / "fashion-mnist").mkdir(parents=True)
    (there / "t.csv").touch()
    table, pictures, plain = (group.experiments[0].data for group in planned(path, data_dir=Path("there")).groups)
    assert (table.name, pictures.dir, plain.dir) == (str(there / "t.csv"), str(there / "fashion-mnist"), str(there))
    (there / "tables").mkdir()
    (there / "t.csv").rename(there / "tables" / "t.csv")
    assert planned(path, data_dir=Path("there")).groups[0].experiments[0].data.name == str(there / "tables" / "t.csv")


def test_a_scale_without_settings_trains_what_is_varied(tmp_path):
    full, quick = (planned(written(tmp_path, scales=PLAIN, claims=CLAIM), scale) for scale in ("full", "quick"))
    assert full.groups == quick.groups
