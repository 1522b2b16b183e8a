"""Recipes are read as they are written, and all that is wrong with one is told at once."""

from __future__ import annotations

import pytest

from engine.errors import ConfigurationError
from engine.experiment import Experiment
from tests.workbench.recipes.writing import ABOUT, AXES, CLAIM, SCALES, written
from workbench.recipes.reading import read_recipe
from workbench.recipes.records import Claim, Column, Published, Scale, Selection, Show, ShowKind


def problems(path) -> dict[str, str]:
    """What is wrong with a recipe, by place."""
    with pytest.raises(ConfigurationError) as caught:
        read_recipe(path)
    assert all(problem.path.startswith(f"{path}: ") for problem in caught.value.problems)
    found = {problem.path.removeprefix(f"{path}: "): problem.message for problem in caught.value.problems}
    assert len(found) == len(caught.value.problems), caught.value
    return found


def test_a_recipe_is_read_as_it_is_written(tmp_path):
    more = """
    [[claim]]
    says = "Sigmoids
 learn"
    check = "test_error(sigmoid, depth=1) < 10"
    scales = ["full"]
    published = { value = 7, source = "figure 3" }
    [choose]
    axis = "depth"
    by = "validation_error"
    [[show]]
    kind = "table"
    title = "Errors"
    columns = ["test_error", { of = "gap", title = "overfitting" }]
    [[show]]
    kind = "curves"
    of = "train_cost"
    log = true
    [[show]]
    kind = "axis"
    axis = "depth"
    of = "test_error"
    [[show]]
    kind = "heat"
    of = "gradient_std"
    group = "relu, depth=5"
    """.replace('"Sigmoids\n learn"', '"""Sigmoids\n learn"""')
    about = ABOUT + 'shows = ["vanishing-gradient"]\nnotes = "None."\n'
    path = written(tmp_path, about=about, more=more)
    recipe = read_recipe(path)
    assert (recipe.name, recipe.path, recipe.title, recipe.source) == ("mine", path, "Sigmoid to ReLU", "Glorot & Bengio 2010")
    assert (recipe.shows, recipe.notes, len(recipe.digest)) == (("vanishing-gradient",), "None.", 16)
    assert recipe.base == Experiment().with_settings({"epochs": 3, "data.name": "iris", "model.width": 4})
    assert [(axis.name, axis.path, axis.numeric, axis.names) for axis in recipe.axes] == [
        ("network", "", False, ("sigmoid", "relu")),
        ("depth", "model.depth", True, ("1", "2", "5")),
    ]
    assert recipe.axes[0].variations[1].settings == {"model.activation": "relu", "model.init": "he_normal"}
    assert list(recipe.scales) == ["quick", "full"]
    only = {"depth": ("1", "5")}  # in the order of the axis
    assert recipe.scales["quick"] == Scale("quick", 2, {"epochs": 1, "data.train_size": 50}, only)
    published = Published(7.0, "figure 3")
    assert recipe.claims[1] == Claim("Sigmoids learn", "test_error(sigmoid, depth=1) < 10", ("full",), published, "claim 2")
    assert recipe.choose == Selection("depth", "validation_error")
    assert recipe.show == (
        Show(
            ShowKind.TABLE,
            title="Errors",
            columns=(Column("test_error", "test_error"), Column("gap", "overfitting")),
            place="show 1",
        ),
        Show(ShowKind.CURVES, of="train_cost", log=True, place="show 2"),
        Show(ShowKind.AXIS, of="test_error", axis="depth", place="show 3"),
        Show(ShowKind.HEAT, of="gradient_std", group="relu, depth=5", place="show 4"),
    )


def test_the_least_recipe_has_one_group_and_no_axes(tmp_path):
    claim = '[[claim]]\nsays = "It learns"\ncheck = "test_error < 50"\n'
    recipe = read_recipe(written(tmp_path, base="", axes="", scales="[scale]\nquick.seeds = 1\nfull.seeds = 1\n", claims=claim))
    assert (recipe.base, recipe.axes, recipe.show, recipe.choose) == (Experiment(), (), (), None)


def test_another_text_has_another_digest(tmp_path):
    one, other = (read_recipe(written(tmp_path, more=more)).digest for more in ("", "# changed\n"))
    assert one != other


def test_values_of_an_axis_are_called_as_they_are_written(tmp_path):
    axes = """[vary]
    lr = { path = "lr", values = [1, 0.1, 1e-5, 0.1234567] }
    batch_norm = { path = "model.batch_norm", values = [true, false] }
    widths = { path = "model.widths", values = [[5], [5, 2]] }
    activation = { path = "model.activation", values = ["tanh", "leaky_relu(slope=0.1)"] }
    """
    claim = '[[claim]]\nsays = "It learns"\ncheck = "test_error(lr=1, batch_norm=true, widths=5, activation=tanh) < 50"\n'
    scales = "[scale]\nquick.seeds = 1\nfull.seeds = 1\n"
    axes_read = read_recipe(written(tmp_path, axes=axes, scales=scales, claims=claim)).axes
    assert [axis.names for axis in axes_read] == [
        ("1", "0.1", "1e-05", "0.1234567"),
        ("true", "false"),
        ("5", "5-2"),
        ("tanh", "leaky_relu(slope=0.1)"),
    ]
    assert [axis.numeric for axis in axes_read] == [True, False, False, False]


def test_all_that_is_wrong_in_any_table_is_told_at_once(tmp_path):
    found = problems(
        written(
            tmp_path,
            about='[recipe]\ntitel = "x"\nquestion = 3\nsource = "s"\nlook = " "\nshows = ["vanishing-grad"]\n',
            base='[base]\ndata.name = "mnsit"\nmodel.dept = 3\n',
            axes='[vary.network]\nrelu = { model.activatoin = "relu" }\n[vary]\nlr = [1]\n',
            scales='[scale.quick]\nseeds = 0\ncots = "much"\nonly = { dept = [1] }\n[scale.ful]\nseeds = 1\n',
            claims='[[claim]]\nsays = "a"\ncheck = "b"\nscales = ["paper"]\npublished = { value = "x" }\n[[claim]]\nsays = "a"\n',
            more='[choose]\naxis = "nework"\n[[show]]\nkind = "tabel"\n[bse]\n',
        )
    )
    near = {
        "bse": "Did you mean 'base'?",
        "[recipe] titel": "unknown key 'titel'. Did you mean 'title'?",
        "[recipe] title": "is missing",
        "[recipe] question": "must be text in quotes, not 3",
        "[recipe] look": "is missing",
        "[recipe] shows": "unknown rule 'vanishing-grad'. Did you mean 'vanishing-gradient'?",
        "[base] data.name": "Did you mean 'mnist'?",
        "[base] model.dept": "Did you mean 'model.depth'?",
        "[vary.network] relu": "unknown setting 'model.activatoin'. Did you mean 'model.activation'?",
        "[vary] lr": "must be a table, not [1]",
        "[scale] full": "is missing",
        "[scale] ful": "Did you mean 'full'?",
        "[scale.quick] seeds": "must be a whole number, at least 1, not 0",
        "[scale.quick] cots": "Did you mean 'cost'?",
        "[scale.quick] only dept": "unknown axis 'dept'",
        "[choose] axis": "unknown axis 'nework'. Did you mean 'network'?",
        "[choose] by": "is missing",
        "claim 1 scales": "unknown scale 'paper'",
        "claim 1 published value": "must be a number, not 'x'",
        "claim 1 published source": "is missing",
        "claim 2 check": "is missing",
        "claim 2 says": "the same as claim 1",
        "show 1 kind": "unknown kind 'tabel'. Did you mean 'table'?",
    }
    assert found.keys() == near.keys()
    assert [place for place, words in near.items() if words not in found[place]] == []


@pytest.mark.parametrize(
    ("parts", "place", "words"),
    [
        ({"claims": ""}, "claim", "is missing; a recipe has a [[claim]]"),
        ({"claims": "", "about": "claim = 3\n" + ABOUT}, "claim", "must be tables, each under [[claim]]"),
        (
            {"axes": "[vary.layer]\na = {}\n", "scales": "[scale]\nquick.seeds = 1\nfull.seeds = 1"},
            "[vary] layer",
            "no name for an axis",
        ),
        ({"axes": AXES + "[vary.units]\n"}, "[vary] units", "varies nothing"),
        ({"axes": AXES + '[vary.units]\n"a, b" = {}\n'}, "[vary.units] a, b", "is no name for a variation"),
        ({"axes": AXES + "[vary.units]\nrelu = {}\n"}, "[vary]", "'relu' is a variation of 2 axes"),
        ({"axes": AXES + 'lr = { path = "lr", values = [1, 1.0] }\n'}, "[vary] lr values", "has 1 more than once"),
        ({"axes": AXES + 'lr = { path = "lr", values = [] }\n'}, "[vary] lr values", "at least one value"),
        ({"axes": AXES + 'lr = { path = "rl", values = [1] }\n'}, "[vary] lr path", "unknown setting 'rl'"),
        ({"scales": SCALES.replace("[5, 1]", "[3]")}, "[scale.quick] only depth", "unknown variation '3'. Choose from: 1, 2, 5"),
        ({"scales": SCALES.replace("[5, 1]", "[]")}, "[scale.quick] only depth", "at least one value"),
        ({"scales": SCALES.replace("seeds = 3", "")}, "[scale.full] seeds", "is missing; it must be a whole number"),
        ({"claims": CLAIM + "scales = []\n"}, None, ""),
        ({"more": '[[show]]\nkind = "table"\n'}, "show 1 columns", "at least one value"),
        ({"more": '[[show]]\nkind = "table"\ncolumns = [3]\n'}, "show 1 columns", "must be quantities in quotes"),
        ({"more": '[[show]]\nkind = "curves"\nof = "loss"\naxis = "depth"\n'}, "show 1 axis", "unknown key 'axis'"),
        ({"more": '[[show]]\nkind = "axis"\nof = "gap"\naxis = "dept"\n'}, "show 1 axis", "Did you mean 'depth'?"),
        ({"more": '[[show]]\nkind = "heat"\nof = "dead"\n'}, "show 1 group", "is missing"),
        (
            {"more": '[[show]]\nkind = "heat"\nof = "dead"\ngroup = "relu, depth=3"\n'},
            "show 1 group",
            "Did you mean 'relu, depth=",
        ),
        ({"more": '[[show]]\nkind = ["heat"]\n'}, "show 1 kind", "must be text in quotes"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path, parts, place, words):
    path = written(tmp_path, **parts)
    if place is None:
        read_recipe(path)
        return
    found = problems(path)
    assert list(found) == [place]
    assert words in found[place]


def test_a_setting_that_no_group_can_have_is_told_once_with_the_first_group(tmp_path):
    axes = AXES.replace('"he_normal"', '"he"').replace("[1, 2, 5]", "[1, -2, 5]")
    scales = SCALES.replace("epochs = 1", "epochs = -1")
    claim = '[[claim]]\nsays = "It learns"\ncheck = "test_error(sigmoid, depth=5) < 50"\n'
    found = problems(written(tmp_path, axes=axes, scales=scales, claims=claim))
    assert list(found) == ["[scale.quick] settings epochs", "[vary.network] relu model.init", "[vary] depth=-2 model.depth"]
    groups = [message[message.rindex("(in group") :] for message in found.values()]
    assert groups == ["(in group 'sigmoid, depth=1')", "(in group 'relu, depth=1')", "(in group 'sigmoid, depth=-2')"]


def test_a_scale_at_which_nothing_could_fail_is_told(tmp_path):
    found = problems(written(tmp_path, claims=CLAIM + 'scales = ["full"]\n'))
    assert found == {"[scale.quick]": "no claim is judged at it; give one no scales, or 'quick' among them"}


def test_groups_that_are_the_same_experiment_are_told(tmp_path):
    found = problems(written(tmp_path, scales=SCALES.replace("epochs = 1", "model.depth = 3")))
    assert found == {"[scale.quick]": "groups 'sigmoid, depth=1' and 'sigmoid, depth=5' come to the same experiment"}


def test_a_file_that_is_none_says_so(tmp_path):
    with pytest.raises(ConfigurationError, match=r"there is no recipe .*none\.toml"):
        read_recipe(tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_recipe(tmp_path)
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        read_recipe(written(tmp_path, more="= 3"))
    (tmp_path / "single.toml").write_text("seed = 3\n")
    with pytest.raises(ConfigurationError, match=r"no \[recipe\] table; `workbench run .*single.toml` trains"):
        read_recipe(tmp_path / "single.toml")


@pytest.mark.parametrize(
    ("parts", "place", "words"),
    [
        ({"claims": CLAIM.replace("relu,", "rleu,")}, "claim 1 check", "relu"),
        ({"claims": CLAIM.replace("depth=5)", "depth=3)")}, "claim 1 check", "depth"),
        ({"more": '[choose]\naxis = "depth"\nby = "validation_eror"\n'}, "[choose] by", "'validation_error'"),
        ({"more": '[choose]\naxis = "depth"\nby = "0.9 - validation_accuracy"\n'}, "[choose] by", "one quantity"),
        ({"more": '[[show]]\nkind = "table"\ncolumns = ["gap", "tset_error"]\n'}, "show 1 columns", "'test_error'"),
        ({"more": '[[show]]\nkind = "curves"\nof = "gradient_std(layer=1) at start"\n'}, "show 1 of", "course"),
        ({"more": '[[show]]\nkind = "layers"\nof = "test_error"\n'}, "show 1 of", "layers"),
        ({"more": '[[show]]\nkind = "heat"\nof = "deed"\ngroup = "relu, depth=5"\n'}, "show 1 of", "Did you mean 'dead'?"),
    ],
)
def test_what_means_nothing_for_the_recipe_is_told_with_a_caret_below_it(tmp_path, parts, place, words):
    found = problems(written(tmp_path, **parts))
    assert list(found) == [place]
    message, line, caret = found[place].split("\n")
    assert words in message
    assert line.strip() in "\n".join(parts.values())
    assert caret.strip() == "^"


def test_what_is_wrong_with_groups_and_with_claims_is_told_together(tmp_path):
    about, axes, claims = ABOUT.replace("look", "lok"), AXES.replace("he_normal", "he"), CLAIM.replace("relu", "rleu")
    found = problems(written(tmp_path, about=about, axes=axes, claims=claims))
    assert {"[recipe] lok", "[recipe] look", "[vary.network] relu model.init", "claim 1 check"} == found.keys()
