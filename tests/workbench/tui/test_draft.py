"""The form's content without a screen."""

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog import ACTIVATIONS, OPTIMIZERS, PRETRAINING
from engine.experiment import SETTINGS, Experiment
from engine.network.plan import plan
from workbench.tui.draft import Draft
from workbench.tui.fields import COUNTED_OUT, FIELDS, GROUPS, SEEDS, SUGGESTIONS, Kind
from workbench.tui.nudge import nudged

DEFAULT = Draft.of(Experiment())


def field(path):
    return next(each for each in DEFAULT.rows() if each.path == path)


def test_the_form_has_a_row_for_every_setting_and_one_for_the_members():
    assert sorted(each.path for each in FIELDS) == sorted([*(set(SETTINGS) - set(COUNTED_OUT)), SEEDS])
    assert all(each.title and each.help for each in FIELDS)


def test_the_form_of_an_experiment_means_that_experiment():
    settings = {
        "data.name": "moons",
        "model.widths": [16, 8],
        "model.activation": "leaky_relu(slope=0.2)",
        "optimizer": "nadam",
        "lr": 1 / 3,
        "schedule": "step(every=3)",
        "batch_size": "full",
        "steps": 77,
        "model.batch_norm": True,
        "l1": 1e-5,
        "stop.monitor": "train_cost",
        "stop.min_delta": 0.25,
        "data.dir": "unused",
        "monitor.distributions": "never",
        "monitor.jacobian": "always",
    }
    experiment = Experiment().with_settings(settings)
    assert Draft.of(experiment).check().experiments == (experiment,)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_choosing_an_optimizer_brings_its_parameters_and_its_usual_learning_rate(kind):
    draft = DEFAULT.with_text("optimizer", kind)
    (experiment,) = draft.check().experiments
    assert experiment == Experiment().with_settings({"optimizer": kind})
    assert [row.path for row in draft.rows() if row.parent == "optimizer"] == [
        f"optimizer.{parameter.name}" for parameter in OPTIMIZERS[kind].parameters
    ]


def test_a_learning_rate_of_the_users_own_stays_when_the_optimizer_is_changed():
    assert DEFAULT.with_text("lr", "0.5").with_text("optimizer", "sgd")["lr"] == "0.5"
    assert DEFAULT.with_text("lr", "").with_text("optimizer", "sgd")["lr"] == f"{OPTIMIZERS['sgd'].learning_rate:g}"


def test_the_missing_target_of_a_csv_file_is_told_at_its_row():
    checked = DEFAULT.with_text("data.name", "some.csv").check()
    assert set(checked.problems) == {"data.target"}
    assert checked.general == ()


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_every_activation_can_be_chosen(kind):
    (experiment,) = DEFAULT.with_text("model.activation", kind).check().experiments
    assert experiment.model.activation.kind == kind


def test_every_problem_is_found_at_its_row():
    draft = (
        DEFAULT.with_text("model.depth", "deep")
        .with_text("model.dropout", "1")
        .with_text("model.activation", "leaky_relu")
        .with_text("model.activation.slope", "5")
        .with_text("lr", "-1")
        .with_text("batch_size", "")
        .with_text(SEEDS, "0")
    )
    checked = draft.check()
    assert not checked.fine
    assert set(checked.problems) == {"model.depth", "model.dropout", "model.activation.slope", "lr", "batch_size", SEEDS}
    assert "at most 1" in checked.problems["model.activation.slope"]
    assert checked.problems["batch_size"] == "needs a value"


@pytest.mark.parametrize(
    ("texts", "row", "said"),
    [
        ({"cost": "cross_entropy", "model.output": "tanh"}, "cost", "needs output softmax"),
        ({"model.batch_norm": "on", "batch_size": "1"}, "batch_size", "leaves nothing for batch norm"),
        ({"schedule": "on_plateau", "data.validation": "0"}, "schedule", "watches the validation cost"),
        ({"stop.patience": "3", "data.validation": "0"}, "stop.monitor", "needs data.validation above 0"),
        ({"stop.target": "5", "stop.monitor": "train_accuracy"}, "stop.target", "is no accuracy"),
        ({"data.validation": "0.6", "data.test": "0.6"}, "data.validation", "must leave something to train on"),
        ({"model.blocks": "flatten", "model.dropout": "0.2"}, "model.dropout", "no block has the dropout"),
        ({"data.name": "shapeset", "ensemble.members": "3", "ensemble.by": "bagging"}, "ensemble.by", "of a fixed number"),
        ({"model.blocks": "dense(4), conv(2)"}, "model.blocks", "block 2, conv(2): a picture is needed"),
        ({"batch_size": "2000"}, "batch_size", "more than the 1437 training examples"),
        ({"data.name": "diabetes", "cost": "cross_entropy"}, "cost", "needs classes"),
        ({"data.name": "iris", "ensemble.members": "500", "ensemble.by": "disjoint"}, "ensemble.members", "cannot share"),
        ({"seed": str(2**63 - 1), SEEDS: "2"}, SEEDS, ""),
    ],
)
def test_what_concerns_several_rows_or_the_data_is_told_at_the_row_that_it_names(texts, row, said):
    draft = DEFAULT
    for path, text in texts.items():
        draft = draft.with_text(path, text)
    checked = draft.check()
    assert checked.experiments == ()
    assert set(checked.problems) == {row}
    assert said in checked.problems[row]
    assert checked.general == ()


@pytest.mark.parametrize(
    ("path", "text", "mended"),
    [
        ("stop.min_delta", "0.1", {"stop.patience": "3"}),
        ("stop.min_delta", "0.1", {"checkpoint.best": "on"}),
        ("stop.restore_best", "off", {"stop.patience": "3"}),
        ("stop.monitor", "train_cost", {"stop.target": "0.1"}),
        ("data.dir", "there", {"data.name": "mnist"}),
    ],
)
def test_a_row_that_does_nothing_says_so_until_it_does(path, text, mended):
    idle = DEFAULT.with_text("data.name", "moons").with_text(path, text) if path == "data.dir" else DEFAULT.with_text(path, text)
    assert path in {row.path for row in idle.rows()}
    assert "thing" in idle.check().notes[path]
    assert idle.check().fine
    for other, value in mended.items():
        idle = idle.with_text(other, value)
    assert dict(idle.check().notes) == {}


def test_a_wrong_width_in_the_list_is_a_problem_of_the_list():
    assert set(DEFAULT.with_text("model.widths", "64, 0").check().problems) == {"model.widths"}


def test_blocks_take_the_place_of_depth_and_widths():
    draft = DEFAULT.with_text("model.widths", "16, 8").with_text("model.blocks", "2*dense(32, activation=tanh), dropout(0.3)")
    assert not {row.path for row in draft.rows()} & {"model.depth", "model.width", "model.widths"}
    (experiment,) = draft.check().experiments
    assert experiment == Experiment().with_settings({"model.blocks": "2*dense(32, activation=tanh), dropout(0.3)"})
    assert draft.with_text("model.blocks", " ").check().experiments[0].model.hidden == (16, 8)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("den", "unknown block 'den'. Did you mean 'dense'?"),
        ("dense", "dense needs its width: units"),
        ("dense(64", "a closing bracket is missing"),
        ("conv(16, kernel=0)", "conv: kernel must be at least 1 and at most 1e+06, not 0"),
        ("split(dense(4))", "split needs at least 2 branches, such as split(dense(32) | dense(32))"),
    ],
)
def test_what_is_wrong_with_blocks_is_told_at_their_row(text, problem):
    checked = DEFAULT.with_text("model.blocks", text).check()
    assert dict(checked.problems) == {"model.blocks": problem}
    assert checked.general == ()


@pytest.mark.parametrize("text", SUGGESTIONS["model.blocks"])
def test_every_example_of_blocks_can_be_built_on_the_digits(text):
    (experiment,) = DEFAULT.with_text("model.blocks", text).check().experiments
    blocks = plan(experiment.model, (1, 8, 8))
    assert blocks[-1].outputs == (64,) or blocks[-1].pick.kind == "split"
    assert Draft.of(experiment)["model.blocks"] == text


def test_commas_within_brackets_belong_to_a_callback():
    (experiment,) = DEFAULT.with_text("callbacks", "a:B(1, 2), c:D").check().experiments
    assert experiment.callbacks == ("a:B(1, 2)", "c:D")
    assert "bracket" in DEFAULT.with_text("callbacks", "a:B(1").check().problems["callbacks"]


def test_a_pretraining_brings_its_parameters():
    draft = DEFAULT.with_text("pretraining", "dbn").with_text("pretraining.epochs", "2")
    (experiment,) = draft.check().experiments
    assert experiment.pretraining["epochs"] == 2
    assert {row.path for row in draft.rows() if row.parent == "pretraining"} == {
        f"pretraining.{parameter.name}" for parameter in PRETRAINING["dbn"].parameters
    }


def test_a_folder_of_pictures_needs_its_folder():
    checked = DEFAULT.with_text("data.name", "image_folder").check()
    assert "folder of the pictures" in checked.problems["data.dir"]
    assert checked.general == ()


def test_an_ensemble_makes_its_members():
    experiments = DEFAULT.with_text("ensemble.members", "3").with_text("seed", "5").check().experiments
    assert [(each.seed, each.ensemble.members, each.ensemble.member) for each in experiments] == [(5, 3, 0), (6, 3, 1), (7, 3, 2)]


def test_members_and_an_ensemble_at_once_are_a_problem_of_the_members():
    draft = DEFAULT.with_text("ensemble.members", "3").with_text(SEEDS, "2")
    assert "ensemble of 3 trains 3 networks" in draft.check().problems[SEEDS]
    assert draft.with_text(SEEDS, "1").check().fine
    assert draft.with_text("ensemble.members", "1").check().fine


def test_the_form_of_a_member_is_that_of_its_ensemble():
    ensemble = Experiment().with_settings({"ensemble.members": 3, "ensemble.by": "bagging", "seed": 4})
    member = ensemble.with_settings({"ensemble.member": 2, "seed": 6})
    assert Draft.of(member).check().experiments[0] == ensemble


def test_the_rows_of_a_group_stand_together_and_the_ensemble_beside_the_members():
    assert list(dict.fromkeys(each.group for each in FIELDS)) == list(GROUPS)
    paths = [each.path for each in FIELDS]
    place = paths.index(SEEDS)
    assert paths[place - 1 : place + 3] == ["seed", SEEDS, "ensemble.members", "ensemble.by"]
    assert len([group for group, _ in groupby(each.group for each in FIELDS)]) == len(GROUPS)


def test_members_differ_in_their_seed_alone():
    experiments = DEFAULT.with_text(SEEDS, "3").with_text("seed", "5").check().experiments
    assert [experiment.seed for experiment in experiments] == [5, 6, 7]
    assert len({experiment.hash for experiment in experiments}) == 1


def test_only_rows_that_matter_are_shown():
    paths = {row.path for row in DEFAULT.rows()}
    assert "data.noise" not in paths
    assert "data.target" not in paths
    moons = {row.path for row in DEFAULT.with_text("data.name", "moons").rows()}
    assert {"data.noise", "data.samples"} <= moons
    table = {row.path for row in DEFAULT.with_text("data.name", "cars.csv").rows()}
    assert {"data.target", "data.task"} <= table
    online = {row.path for row in DEFAULT.with_text("data.name", "shapeset").rows()}
    assert "data.samples" in online
    assert not online & {"data.dir", "data.noise", "data.train_size", "data.features", "data.label_noise", "data.image_size"}
    assert not paths & {"stop.monitor", "stop.min_delta", "stop.restore_best", "ensemble.by", "data.image_size", "data.colour"}
    widths = {row.path for row in DEFAULT.with_text("model.widths", "8, 4").rows()}
    assert not widths & {"model.depth", "model.width"}


def test_a_hidden_row_does_not_disturb():
    draft = DEFAULT.with_text("data.name", "cars.csv").with_text("data.target", "price").with_text("data.name", "iris")
    assert draft.check().fine


def test_an_empty_learning_rate_is_the_optimizers_usual_one():
    (experiment,) = DEFAULT.with_text("optimizer", "sgd").with_text("lr", "").check().experiments
    assert experiment.lr == OPTIMIZERS["sgd"].learning_rate


@pytest.mark.parametrize(
    ("path", "text", "up", "down"),
    [
        ("model.depth", "3", "4", "2"),
        ("model.depth", "0", "1", "0"),
        ("model.width", "64", "128", "32"),
        ("model.width", "100", "128", "64"),
        ("model.dropout", "0.1", "0.15", "0.05"),
        ("lr", "0.001", "0.003", "0.0003"),
        ("lr", "0.002", "0.003", "0.001"),
        ("l1", "0", "1e-06", "0"),
        ("l1", "1e-06", "3e-06", "0"),
        ("model.batch_norm", "off", "on", "on"),
        ("model.output", "auto", "softmax", "silu"),
        ("device", "auto", "cpu", "cuda"),
        ("data.dir", "x", "x", "x"),
        ("model.blocks", "", SUGGESTIONS["model.blocks"][0], SUGGESTIONS["model.blocks"][-1]),
        ("model.blocks", "dense(7)", "dense(7)", "dense(7)"),
        ("batch_size", "full", "full", "full"),
        ("model.depth", "nan", "nan", "nan"),
    ],
)
def test_arrows_move_a_value_to_its_neighbour(path, text, up, down):
    assert nudged(field(path), text, 1) == up
    assert nudged(field(path), text, -1) == down


@given(st.floats(1e-5, 500))
def test_up_and_down_come_back_to_the_ladder(number):
    up = nudged(field("lr"), repr(number), 1)
    assert float(up) > number
    assert float(nudged(field("lr"), up, -1)) <= number * 1.001


def test_every_row_with_choices_has_a_neighbour():
    for each in DEFAULT.rows():
        if each.kind is Kind.CHOICE:
            assert nudged(each, DEFAULT[each.path], 1) in each.options
