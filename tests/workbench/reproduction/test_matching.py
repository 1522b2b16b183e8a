"""Runs that were trained before stand for experiments of a plan, whatever trained them, if they are the same."""

from __future__ import annotations

import pytest

from engine.experiment import Experiment
from engine.population import expand
from tests.workbench.history.recorded import record, rows
from tests.workbench.scripted import scripted_events
from workbench.history import History
from workbench.history.connection import open_writer
from workbench.history.edit import delete
from workbench.recipes.records import Group
from workbench.reproduction.matching import finished, of_other_versions
from workbench.reproduction.trials import Key, distinct, trials_of

ONE = Experiment.parse({"model": {"depth": 2, "width": 16}, "steps": 40, "device": "cpu"})
ENSEMBLE = ONE.with_settings({"ensemble.members": 3})


def group(*experiments):
    return Group((), experiments)


def recorded(path, experiments):
    return record(path, scripted_events(steps=40, steps_per_epoch=20, experiments=tuple(experiments)))


def found(path, wanted):
    with History.open(path) as history:
        return {key.seed: runs for key, runs in finished(history, trials_of(wanted)).items()}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "h.db"


def seeds(experiment, *numbers):
    return [experiment.with_settings({"seed": number}) for number in numbers]


def test_each_seed_of_a_group_is_a_trial_and_so_is_each_ensemble():
    assert [trial.key for trial in trials_of(group(*seeds(ONE, 0, 1)))] == [Key(ONE.hash, 0), Key(ONE.hash, 1)]
    members = [*expand(ENSEMBLE), *expand(ENSEMBLE.with_settings({"seed": 3}))]
    made = trials_of(group(*members))
    assert [trial.key for trial in made] == [Key(ENSEMBLE.hash, 0, 3), Key(ENSEMBLE.hash, 3, 3)]
    assert made[1].experiments == tuple(members[3:])
    assert distinct([*made, *made]) == made


def test_runs_of_other_seeds_and_settings_are_not_taken(path):
    recorded(path, [*seeds(ONE, 0, 2), ONE.with_settings({"lr": 0.5, "seed": 1})])
    assert found(path, group(*seeds(ONE, 0, 1, 2))) == {0: (1,), 2: (2,)}


def test_the_latest_run_is_taken_and_when_it_is_deleted_the_one_before(path):
    recorded(path, seeds(ONE, 0))
    recorded(path, seeds(ONE, 0))
    assert found(path, group(ONE)) == {0: (2,)}
    delete(path, [2])
    assert found(path, group(ONE)) == {0: (1,)}


def test_an_ensemble_is_taken_as_it_was_trained_whole(path):
    recorded(path, expand(ENSEMBLE))
    assert found(path, group(*expand(ENSEMBLE))) == {0: (1, 2, 3)}
    assert found(path, group(*expand(ENSEMBLE.with_settings({"seed": 1})))) == {}
    delete(path, [2])
    assert found(path, group(*expand(ENSEMBLE))) == {}


def test_networks_of_the_same_seeds_that_were_no_ensemble_are_none(path):
    recorded(path, seeds(ONE, 0, 1, 2))
    assert found(path, group(*expand(ENSEMBLE))) == {}
    assert found(path, group(*seeds(ONE, 1))) == {1: (2,)}


def trained_by(path, version, *runs):
    """Say that runs were trained by another version of this program; None: that was not recorded."""
    with open_writer(path) as connection:
        for run in runs:
            connection.execute(
                "UPDATE runs SET versions_json = json_set(versions_json, '$.workbench', ?) WHERE id = ?", (version, run)
            )


def test_what_another_version_has_trained_is_not_taken_unless_that_is_asked_for(path):
    recorded(path, seeds(ONE, 0))
    recorded(path, seeds(ONE, 0, 1, 2, 3))
    trained_by(path, "0.0.9", 2, 3)
    trained_by(path, None, 4)
    wanted = trials_of(group(*seeds(ONE, 0, 1, 2, 3)))
    with History.open(path) as history:
        taken = finished(history, wanted)
        assert {key.seed: runs for key, runs in taken.items()} == {0: (1,), 3: (5,)}  # of seed 0 there is an older one
        missing = [trial for trial in wanted if trial.key not in taken]
        assert {key.seed: version for key, version in of_other_versions(history, missing).items()} == {1: "0.0.9", 2: "unknown"}
        whatever = finished(history, wanted, any_version=True)
        assert {key.seed: runs for key, runs in whatever.items()} == {0: (2,), 1: (3,), 2: (4,), 3: (5,)}


def test_an_ensemble_of_another_version_is_not_taken(path):
    recorded(path, expand(ENSEMBLE))
    wanted = trials_of(group(*expand(ENSEMBLE)))
    with History.open(path) as history:
        assert of_other_versions(history, wanted) == {}
    trained_by(path, "9.9", 1, 2, 3)
    with History.open(path) as history:
        assert finished(history, wanted) == {}
        assert of_other_versions(history, wanted) == {wanted[0].key: "9.9"}


def test_a_file_that_has_changed_makes_other_data(path, tmp_path):
    data = tmp_path / "points.csv"

    def write(period):
        data.write_text("x,y\n" + "".join(f"{x},{x % period}\n" for x in range(60)), encoding="utf-8")

    write(5)
    experiment = ONE.with_settings({"data.name": str(data), "data.target": "y"})
    recorded(path, [experiment])
    assert found(path, group(experiment)) == {}  # nobody knows what it learned from
    with open_writer(path) as connection:
        told = fingerprint_of(experiment)
        connection.execute("UPDATE runs SET data_json = json_set(data_json, '$.fingerprint', ?)", (told,))
    assert found(path, group(experiment)) == {0: (1,)}
    write(7)
    assert found(path, group(experiment)) == {}
    data.unlink()
    assert found(path, group(experiment)) == {}


def fingerprint_of(experiment):
    from engine.data import load_dataset
    from engine.training.prepare import fingerprint

    return fingerprint(load_dataset(experiment.data))


def test_a_set_read_from_another_folder_counts_if_its_numbers_are_the_same(path):
    """`data.dir` is no part of what an experiment is, so that only the data themselves tell."""
    elsewhere = ONE.with_settings({"data.dir": "/somewhere/else"})
    recorded(path, [elsewhere])
    with open_writer(path) as connection:
        for told, expected in (("0" * 16, {}), (fingerprint_of(ONE), {0: (1,)})):
            connection.execute("UPDATE runs SET data_json = json_set(data_json, '$.fingerprint', ?)", (told,))
            assert found(path, group(ONE)) == expected
    assert rows(path, "SELECT count(*) FROM runs") == [(1,)]


def test_a_set_of_which_files_were_missing_is_another_when_they_are_there(path, tmp_path):
    """CIFAR-10: one training file of twenty pictures, then a second one."""

    def write(name, labels):
        (tmp_path / name).write_bytes(b"".join(bytes([label]) + bytes(3072) for label in labels))

    write("data_batch_1.bin", [*range(10)] * 2)
    write("test_batch.bin", [*range(10)] * 2)
    data = {"data.name": "cifar10", "data.dir": str(tmp_path), "data.validation": 0.5}
    experiment = ONE.with_settings(data)
    recorded(path, [experiment])
    with open_writer(path) as connection:
        told = fingerprint_of(experiment)
        connection.execute("UPDATE runs SET data_json = json_set(data_json, '$.fingerprint', ?)", (told,))
    assert found(path, group(experiment)) == {0: (1,)}
    write("data_batch_2.bin", [*range(10)] * 2)
    assert found(path, group(experiment)) == {}
