"""`workbench predict`: the answers of stored runs, and how good they are."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.data import load_dataset
from engine.experiment import Experiment
from tests.workbench.cli.conftest import SMALL, Ended, query
from workbench import load_network

TABLE = [f"{place},{round(place * 0.37 % 5, 2)},{('red', 'green', 'blue')[place % 3]},{place * 2.5 + 7}" for place in range(80)]
TINY = ("--depth", "1", "--width", "6", "--epochs", "2", "--device", "cpu", "--batch-size", "8", "--quiet")


def rows(ended: Ended) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(ended.out)))


@pytest.fixture
def trained(command, db) -> Callable[..., Ended]:
    """A history with one run on the digits."""
    assert command("run", *SMALL, "--quiet").code == 0
    return command


@pytest.fixture
def priced(command, tmp_path) -> Path:
    """A history with one run that predicts prices, and the table it learned from."""
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(["size,age,colour,price", *TABLE]) + "\n")
    assert command("run", "--data", "prices.csv", "--target", "price", *TINY).code == 0
    return path


# --- the run's own data ------------------------------------------------------------


def test_the_test_part_is_answered_as_well_as_the_run_recorded(trained, db):
    ended = trained("predict", "1")
    assert ended.code == 0
    (accuracy,) = query(db, "select test_accuracy from runs")[0]
    found = rows(ended)
    assert list(found[0]) == ["example", "prediction", "truth"]
    assert np.mean([row["prediction"] == row["truth"] for row in found]) == pytest.approx(accuracy, abs=1e-12)
    assert ended.err == f"{len(found)} examples answered; accuracy {100 * accuracy:.2f} %\n"
    test = load_dataset(Experiment.parse({"data": {"name": "digits"}}).data).test
    assert [row["truth"] for row in found] == [str(label) for label in test.targets]


@pytest.mark.parametrize(("part", "column"), [("validation", "validation_accuracy"), ("train", "train_accuracy")])
def test_the_other_parts_can_be_answered(trained, db, part, column):
    (accuracy,) = query(db, f"select {column} from runs")[0]
    score = trained("predict", "1", "--part", part, "--json").objects[-1]
    assert (score["kind"], score["accuracy"]) == ("score", pytest.approx(accuracy, abs=1e-12))


def test_probabilities_are_the_outputs_of_the_network(trained, db):
    found = rows(trained("predict", "1", "--proba"))
    assert list(found[0])[3:] == [f"p({digit})" for digit in range(10)]
    import torch

    test = load_dataset(Experiment.parse({"data": {"name": "digits"}}).data).test
    expected = load_network("latest", db)(torch.from_numpy(test.inputs)).detach().numpy()
    np.testing.assert_allclose([[float(row[f"p({digit})"]) for digit in range(10)] for row in found], expected, atol=1e-7)
    assert [row["prediction"] for row in found] == [str(each) for each in expected.argmax(1)]


def test_outputs_that_are_no_probabilities_are_not_called_so(command):
    command("run", *SMALL, "--data", "iris", "--cost", "mean_squared", "--quiet")
    found = rows(command("predict", "1", "--proba"))
    assert list(found[0])[3:] == ["output(setosa)", "output(versicolor)", "output(virginica)"]


def test_one_output_for_two_classes_is_two_probabilities(command, db):
    command("run", *SMALL, "--data", "breast_cancer", "--cost", "binary_cross_entropy", "--quiet")
    ended = command("predict", "1", "--proba", "--json")
    *answers, score = ended.objects
    (accuracy,) = query(db, "select test_accuracy from runs")[0]
    assert score["accuracy"] == pytest.approx(accuracy, abs=1e-12)
    for answer in answers:
        no, yes = answer["p(malignant)"], answer["p(benign)"]
        assert no + yes == pytest.approx(1, abs=1e-6)
        assert answer["prediction"] == ("benign" if yes > 0.5 else "malignant")


def test_a_regression_answers_in_the_targets_own_unit(command, priced, db):
    ended = command("predict", "1", "--json")
    *answers, score = ended.objects
    r2, mae = query(db, "select test_r2, test_mae from runs")[0]
    assert (score["r2"], score["mae"]) == (pytest.approx(r2, rel=1e-4), pytest.approx(mae, rel=1e-4))
    assert {answer["truth"] for answer in answers} <= {float(line.split(",")[3]) for line in TABLE}
    error = np.mean([abs(answer["prediction"] - answer["truth"]) for answer in answers])
    assert error == pytest.approx(mae, rel=1e-4)
    assert "mean absolute error" in ended.err


def test_the_best_epoch_answers_when_it_was_kept(command, db):
    command("run", *SMALL, "--epochs", "6", "--lr", "0.5", "--keep-best", "--quiet")
    best = command("predict", "1", "--kind", "best", "--part", "validation", "--json").objects[-1]["accuracy"]
    lowest = "select accuracy from epochs where part = 'validation' and not final order by cost limit 1"
    assert best == pytest.approx(query(db, lowest)[0][0], abs=1e-12)


# --- ensembles ---------------------------------------------------------------------


def test_an_ensemble_answers_by_mean_and_by_vote_as_it_was_recorded(command, db):
    command("run", *SMALL, "--epochs", "1", "--ensemble", "3", "--quiet")
    ended = command("predict", "2", "--ensemble", "--json")
    *answers, score = ended.objects
    mean, vote = query(db, "select combined_test_accuracy, combined_test_vote_accuracy from runs")[0]
    assert (score["accuracy"], score["vote_accuracy"]) == (pytest.approx(mean, abs=1e-12), pytest.approx(vote, abs=1e-12))
    assert np.mean([answer["vote"] == answer["truth"] for answer in answers]) == pytest.approx(vote, abs=1e-12)
    alone = command("predict", "2", "--json").objects[-1]["accuracy"]
    assert alone == pytest.approx(query(db, "select test_accuracy from runs where id = 2")[0][0], abs=1e-12)
    assert (
        f"answered by 3 networks; accuracy {100 * mean:.2f} % by the mean of their outputs, {100 * vote:.2f} % by vote"
        in ended.err
    )


def test_runs_of_several_seeds_answer_together_without_those_that_diverged(command):
    words = ("--data", "diabetes", "--seeds", "2", "--optimizer", "sgd", "--depth", "1", "--width", "4", "--epochs", "2")
    command("run", *words, "--lr", "0.01", "--quiet")
    one, two, both = (command("predict", *each).out for each in (("1",), ("2",), ("1", "--ensemble")))
    means = [
        (float(a.split(",")[1]) + float(b.split(",")[1])) / 2
        for a, b in zip(one.splitlines()[1:], two.splitlines()[1:], strict=True)
    ]
    np.testing.assert_allclose([float(line.split(",")[1]) for line in both.splitlines()[1:]], means, rtol=1e-5)


# --- other data --------------------------------------------------------------------


def test_a_file_with_the_same_columns_is_answered(command, priced, tmp_path, db):
    own = rows(command("predict", "1"))
    learned = {float(line.split(",")[3]): line for line in TABLE}
    lines = [learned[float(row["truth"])].rpartition(",")[0] for row in own]
    (tmp_path / "new.csv").write_text("\n".join(["size,age,colour", *lines]) + "\n")
    ended = command("predict", "1", "--data", "new.csv")
    found = rows(ended)
    assert list(found[0]) == ["example", "prediction"]
    assert [row["prediction"] for row in found] == [row["prediction"] for row in own]
    assert ended.err == f"{len(own)} examples answered\n"


def test_what_is_known_of_the_truth_in_a_file_is_scored(command, priced, tmp_path):
    (tmp_path / "new.csv").write_text("size,age,colour,price\n1,1,red,50\n2,2,violet,60\n3,3,blue,\n")
    ended = command("predict", "1", "--data", "new.csv", "--json")
    *answers, score = ended.objects
    assert [answer["truth"] for answer in answers] == [50.0, 60.0, None]
    assert score["examples"] == 2
    assert "workbench: colour: no training row has violet\n" in ended.err
    assert "on the 2 whose truth is known" in ended.err


def test_arrays_are_answered(trained, tmp_path):
    data = load_dataset(Experiment.parse({"data": {"name": "digits", "scaling": "none"}}).data)
    np.savez(tmp_path / "some.npz", x=data.test.inputs.reshape(-1, 8, 8, 1), y=data.test.targets)
    own, other = trained("predict", "1", "--json"), trained("predict", "1", "--data", "some.npz", "--json")
    assert other.objects == own.objects


# --- where the answers go ----------------------------------------------------------


def test_answers_are_written_to_a_file_that_is_not_replaced_unasked(trained, tmp_path):
    expected = trained("predict", "1").out
    assert trained("predict", "1", "--output", "-").out == expected
    ended = trained("predict", "1", "--output", "answers.csv")
    assert (ended.code, ended.out) == (0, "")
    assert (tmp_path / "answers.csv").read_text() == expected
    again = trained("predict", "1", "--output", "answers.csv")
    assert again.code == 2
    assert "is there already" in again.err
    assert trained("predict", "1", "--output", "answers.csv", "--force").code == 0


# --- what goes wrong ---------------------------------------------------------------


def test_a_run_without_weights_is_told_with_what_to_do(command):
    command("run", *SMALL, "--checkpoint-every", "never", "--quiet")
    ended = command("predict", "1")
    assert (ended.code, ended.out) == (2, "")
    assert "`workbench run --like 1 --set checkpoint.every=auto` keeps them" in ended.err


def test_weights_that_were_never_or_are_no_longer_there_are_told(trained, db):
    assert (
        "run 1 kept no best epoch; `workbench run --like 1 --set checkpoint.best=true`"
        in trained("predict", "1", "--kind", "best").err
    )
    for path in (db.parent / "history.checkpoints" / "run-1").iterdir():
        path.unlink()
    ended = trained("predict", "1")
    assert ended.code == 2
    assert "the weights of run 1 are no longer in" in ended.err


def test_damaged_weights_are_told(trained, db):
    (path,) = (db.parent / "history.checkpoints" / "run-1").glob("*.safetensors")
    path.write_bytes(path.read_bytes()[:-7])
    ended = trained("predict", "1")
    assert ended.code == 2
    assert f"{path} is damaged" in ended.err


def test_data_that_have_changed_are_told(command, priced):
    priced.write_text(priced.read_text().replace("blue", "violet"))  # another order of the categories
    ended = command("predict", "1")
    assert (ended.code, ended.out) == (2, "")
    assert "the data have changed since the network was trained on them" in ended.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("7",), "no run '7'"),
        (("1", "--ensemble"), "run 1 was trained alone"),
        (("1", "--target", "y"), "--data-dir and --target belong to other data"),
        (("1", "--data", "nowhere.csv"), "there is no such file"),
        (("1", "--data", "iris"), "iris: its examples are 4 numbers, but the network was trained on 8x8 numbers"),
        (("1", "--data", "nothing"), "unknown dataset 'nothing'"),
        (("1", "--data", "new.csv", "--part", "test"), "all rows of a CSV file are answered; leave out the part (--part)"),
        (
            ("1", "--data", "new.csv", "--data-dir", "x"),
            "a folder is named for datasets, not for a file; leave it out (--data-dir)",
        ),
        (("1", "--data", "digits", "--target", "x"), "a column with the truth is named for CSV files; leave it out (--target)"),
    ],
)
def test_what_cannot_be_answered_is_told(trained, words, message):
    ended = trained("predict", *words)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


def test_what_does_not_go_with_a_regression_or_its_file_is_told(command, priced):
    ended = command("predict", "1", "--proba")
    assert (ended.code, ended.out) == (2, "")
    assert "run 1 predicts a number, and numbers have no probabilities; leave out --proba" in ended.err
    ended = command("predict", "1", "--data", "prices.csv", "--target", "cost")
    assert (ended.code, ended.out) == (2, "")
    assert "there is no column 'cost' with the truth, only size, age, colour, price; name one of those, or leave it" in ended.err


def test_a_file_that_cannot_be_written_is_told_before_anything_is_read(command):
    ended = command("predict", "9", "--output", "no/where.csv")
    assert (ended.code, ended.err) == (1, "workbench: no/where.csv: No such file or directory\n")


def test_a_run_that_diverged_has_no_answers(command):
    words = ("--data", "diabetes", "--optimizer", "sgd", "--lr", "900", "--epochs", "20", "--device", "cpu")
    assert command("run", *words, "--quiet").code == 3
    ended = command("predict", "1")
    assert ended.code == 2
    assert "member 0 diverged" in ended.err


# --- from Python -------------------------------------------------------------------


def test_a_network_is_loaded_by_its_run(trained, db):
    network = load_network("latest")
    assert network.experiment.model.width == 8
    assert network.step == query(db, "select step from runs")[0][0]
    assert load_network(1, str(db)).path == network.path


def test_a_checkpoint_of_another_run_in_its_place_is_refused(command, tmp_path):
    assert command("run", *SMALL).code == 0
    assert command("run", *SMALL, "--depth", "2").code == 0
    folder = tmp_path / "history.checkpoints"
    for file in (folder / "run-1").iterdir():
        shutil.copy(file, folder / "run-2" / file.name)
    for words in (("predict", "2"), ("show", "2", "--weights")):
        ended = command(*words)
        assert ended.code == 2
        assert "is a checkpoint of another experiment than run 2's" in ended.err
