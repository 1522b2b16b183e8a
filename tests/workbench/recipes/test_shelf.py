"""Recipes are found in ./sessions and beside the package, and nothing else takes them for an experiment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from tests.workbench.recipes.writing import written
from workbench.experiment_files import ExperimentFileError, own_experiment_files, read_experiment_file
from workbench.recipes import shelf


@pytest.fixture
def sessions(tmp_path, monkeypatch) -> Path:
    """The folder ./sessions, with no recipes beside the package."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shelf, "WITH_THE_WORKBENCH", ())
    (tmp_path / "sessions").mkdir()
    return tmp_path / "sessions"


def test_recipes_are_listed_by_name_and_those_that_cannot_be_read_told(sessions):
    written(sessions, "b-second")
    written(sessions, "a-first")
    written(sessions, "wrong", claims="")
    (sessions / "single.toml").write_text("seed = 3\n")
    (sessions / "other.toml").write_bytes(b"\xff")
    found = shelf.recipes()
    assert [recipe.name for recipe in found.recipes] == ["a-first", "b-second"]
    assert [problem.path for problem in found.problems] == ["sessions/wrong.toml: claim"]


def test_a_recipe_is_asked_for_by_name_or_path(sessions):
    written(sessions, "vanishing")
    assert shelf.recipe("vanishing").path == Path("sessions/vanishing.toml")
    assert shelf.recipe(str(sessions / "vanishing.toml")).name == "vanishing"
    with pytest.raises(ConfigurationError, match=r"unknown recipe 'vanshing'. Did you mean 'vanishing'\?"):
        shelf.recipe("vanshing")
    with pytest.raises(ConfigurationError, match=r"there is no recipe none\.toml"):
        shelf.recipe("none.toml")


def test_ones_own_come_before_those_beside_the_package(sessions, tmp_path, monkeypatch):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    monkeypatch.setattr(shelf, "WITH_THE_WORKBENCH", (tmp_path / "nowhere", theirs))
    for folder, name in ((sessions, "b"), (theirs, "a"), (theirs, "b")):
        written(folder, name)
    assert shelf.recipe_paths() == {"a": theirs / "a.toml", "b": Path("sessions/b.toml")}


def test_a_recipe_is_no_single_experiment(sessions):
    written(sessions)
    with pytest.raises(ExperimentFileError, match=r"^sessions/mine.toml is a recipe: `workbench reproduce mine` runs it$"):
        read_experiment_file(Path("sessions/mine.toml"))
    other = written(sessions.parent, "other")
    with pytest.raises(ExperimentFileError, match=f"`workbench reproduce {other}` runs it"):
        read_experiment_file(other)
    (sessions / "single.toml").write_text("# A [recipe] in a comment\nseed = 3\n")
    assert [file.name for file in own_experiment_files()] == ["single"]


def test_those_that_come_with_the_workbench_can_be_read():
    assert shelf.recipes().problems == ()


def test_the_recipe_of_the_documentation_can_be_read(tmp_path):
    text = (Path(__file__).parents[3] / "docs" / "recipes.md").read_text(encoding="utf-8")
    path = tmp_path / "documented.toml"
    path.write_text(text.partition("## A small one\n\n```toml\n")[2].partition("```")[0])
    assert shelf.recipe(str(path)).title == "Sigmoid or ReLU"


def test_reading_loads_no_torch_screen_or_database():
    code = (
        "import sys\nfrom workbench.recipes.shelf import recipes\nrecipes()\n"
        "assert not {'torch', 'textual', 'sqlite3', 'sqlite_utils', 'numpy'} & sys.modules.keys(), sorted(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
