"""From the words of the command line to experiments."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.experiment import Experiment
from tests.workbench.cli.conftest import record
from workbench.cli.errors import CommandError
from workbench.cli.experiments import Request, requested
from workbench.history import HistoryError

NO_DB = Path("no.db")


def one(settings=None, **request) -> Experiment:
    (experiment,) = requested(Request(settings or {}, **request), NO_DB).experiments
    return experiment


def written(tmp_path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_no_words_are_the_default_experiment():
    assert one() == Experiment()


def test_flags_override_the_file_and_set_overrides_flags(tmp_path):
    path = written(tmp_path, "lr = 0.5\n[model]\ndepth = 7\nwidth = 5\n")
    experiment = one({"model.depth": 6, "lr": 0.25}, file=path, assignments=("lr=0.125",))
    assert (experiment.model.depth, experiment.model.width, experiment.lr) == (6, 5, 0.125)


@pytest.mark.parametrize(
    ("assignment", "path", "value"),
    [
        ("monitor.every=10", "monitor.every", 10),
        ("monitor.every = auto", "monitor.every", "auto"),
        ("model.batch_norm=true", "model.batch_norm", True),
        ("model.widths=[8, 4]", "model.widths", [8, 4]),
        ("model.widths=8,4", "model.widths", [8, 4]),
        ("model.widths=8", "model.widths", [8]),
        ('model.init="normal(std=0.5)"', "model.init", "normal(std=0.5)"),
        ("model.init=normal(std=0.5)", "model.init", "normal(std=0.5)"),
        ("l1=1e-3", "l1", 0.001),
    ],
)
def test_set_reads_toml_values_and_plain_text(assignment, path, value):
    assert one(assignments=(assignment,)) == Experiment().with_settings({path: value})


def test_set_none_takes_the_default(tmp_path):
    path = written(tmp_path, "[model]\ndropout = 0.5\n")
    assert one(file=path, assignments=("model.dropout=none",)).model.dropout == 0


@pytest.mark.parametrize("text", ["depth", "=3", ""])
def test_set_without_path_or_value_is_wrong_usage(text):
    with pytest.raises(CommandError, match=r"path\.to\.field=value"):
        one(assignments=(text,))


def test_an_unknown_path_is_answered_with_the_nearest_ones_and_not_with_all(tmp_path):
    with pytest.raises(CommandError, match=r"--set model\.dept: .* 'model\.depth' .*`workbench choices settings`") as caught:
        one(assignments=("model.dept=3",))
    assert "model.depth" in str(caught.value)
    assert "batch_size" not in str(caught.value)


def test_steps_alone_leave_the_epochs_open():
    experiment = one({"steps": 500})
    assert (experiment.steps, experiment.epochs) == (500, None)


def test_epochs_alone_leave_the_steps_of_a_file_open(tmp_path):
    experiment = one({"epochs": 4}, file=written(tmp_path, "steps = 10"))
    assert (experiment.steps, experiment.epochs) == (None, 4)


def test_steps_and_epochs_together_are_both_kept():
    experiment = one({"steps": 500, "epochs": 2})
    assert (experiment.steps, experiment.epochs) == (500, 2)


def test_a_new_optimizer_brings_its_usual_learning_rate():
    assert one({"optimizer": "sgd"}).lr == Experiment.parse({"optimizer": "sgd"}).lr != Experiment().lr


def test_seeds_follow_each_other():
    made = requested(Request({"seed": 5}, seeds=3), NO_DB)
    assert [experiment.seed for experiment in made.experiments] == [5, 6, 7]
    assert len({experiment.hash for experiment in made.experiments}) == 1


def test_seeds_must_be_at_least_one():
    with pytest.raises(CommandError, match="--seeds must be at least 1"):
        requested(Request({}, seeds=0), NO_DB)


def test_files_are_named_from_the_root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    experiment = one({"data.name": "some/table.csv", "data.target": "y"})
    assert experiment.data.name == str(tmp_path / "some" / "table.csv")
    assert one({"data.name": "mnist", "data.dir": "../idx"}).data.dir == str(tmp_path.parent / "idx")


def test_files_named_by_an_experiment_file_are_looked_for_beside_it(tmp_path):
    path = written(tmp_path, '[data]\nname = "table.csv"\ntarget = "y"\n')
    assert one(file=path).data.name == str(tmp_path / "table.csv")


def test_other_data_leave_neither_target_nor_folder(tmp_path):
    path = written(tmp_path, '[data]\nname = "table.csv"\ntarget = "y"\ndir = "there"\n')
    data = one({"data.name": "iris"}, file=path).data
    assert (data.name, data.target, data.dir) == ("iris", None, None)


def test_all_problems_are_named_at_once_by_the_words_that_were_written():
    with pytest.raises(ConfigurationError) as caught:
        one({"model.width": 0, "model.activation": "rellu"}, assignments=("l2=-1",))
    assert {problem.path for problem in caught.value.problems} == {"--width", "--activation", "--set l2"}
    assert "Did you mean 'relu'?" in str(caught.value)


def test_a_problem_in_a_file_names_the_file(tmp_path):
    path = written(tmp_path, "[model]\nwidht = 3\n")
    with pytest.raises(ConfigurationError, match=r"mine.toml: model.widht: unknown setting.*model.width"):
        one(file=path)


@pytest.mark.parametrize(("text", "words"), [("lr = ", "not valid TOML"), (None, "there is no experiment file")])
def test_a_file_that_cannot_be_read_says_so(tmp_path, text, words):
    path = tmp_path / "mine.toml" if text is None else written(tmp_path, text)
    with pytest.raises((CommandError, ConfigurationError), match=words):
        one(file=path)


def test_file_and_like_exclude_each_other(tmp_path):
    with pytest.raises(CommandError, match="not both"):
        one(file=tmp_path / "a.toml", like="3")


def test_like_takes_the_stored_experiment_and_names_its_parent(stored):
    made = requested(Request({"model.depth": 2}, like="smooth"), stored)
    (experiment,) = made.experiments
    assert (str(experiment.model.activation), experiment.seed, experiment.model.depth) == ("tanh", 3, 2)
    assert made.parent == 2


def test_like_of_a_run_that_is_not_there_says_so(stored):
    with pytest.raises(HistoryError, match="77"):
        requested(Request({}, like="77"), stored)


def test_none_is_a_value_where_there_is_one_of_that_name_and_else_the_default():
    given = one(assignments=("data.scaling=none", "pretraining=none", "schedule=none", "stop.patience=none"))
    assert given.data.scaling == "none"
    assert given == Experiment().with_settings({"data.scaling": "none"})


# --- settings that would do nothing -----------------------------------------------


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"stop.min_delta": 0.1}, "--min-delta: does nothing by itself; give stop.patience or checkpoint.best as well"),
        ({"stop.restore_best": True}, "--restore-best: does nothing without early stopping; give stop.patience as well"),
        ({"stop.restore_best": True, "checkpoint.best": True}, "--restore-best: does nothing without early stopping"),
        (
            {"stop.monitor": "train_cost"},
            "--watch: nothing goes by it; give stop.patience, stop.target or checkpoint.best as well",
        ),
    ],
    ids=str,
)
def test_a_setting_of_early_stopping_that_would_do_nothing_is_refused(settings, problem):
    with pytest.raises(ConfigurationError) as caught:
        one(settings)
    assert str(caught.value.problems[0]).startswith(problem)
    assert len(caught.value.problems) == 1
    assert one({**settings, "stop.patience": 2}).stop.patience == 2


def test_the_watched_figure_may_be_that_of_a_target_or_of_the_best_epoch():
    for more in ({"stop.target": 0.1}, {"checkpoint.best": True}):
        assert one({"stop.monitor": "train_cost", **more}).stop.monitor == "train_cost"


def test_of_a_file_what_would_do_nothing_is_refused_too(tmp_path):
    with pytest.raises(ConfigurationError, match=r"stop\.min_delta: does nothing by itself"):
        one(file=written(tmp_path, "[stop]\nmin_delta = 0.1\n"))
    path = written(tmp_path, "[stop]\nmin_delta = 0.0\nrestore_best = true\n")  # as a file that names every setting
    assert one(file=path) == Experiment()


def test_what_a_stored_run_has_without_effect_may_stay(db):
    record(db, [{"stop.min_delta": 0.1}])
    (again,) = requested(Request({"lr": 0.5}, like="1"), db).experiments
    assert (again.stop.min_delta, again.lr) == (0.1, 0.5)
