"""Where a run comes from, against git itself."""

import json
import os
import shutil
import subprocess
from importlib.metadata import version

import pytest

from workbench.history.provenance import git_commit, versions_json

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder, *arguments):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


@needs_git
def test_the_commit_is_the_one_that_git_names(repository):
    inner = repository / "some" / "folder"
    inner.mkdir(parents=True)
    assert git_commit(inner) == git(repository, "rev-parse", "HEAD")
    git(repository, "commit", "-q", "--allow-empty", "-m", "second")
    assert git_commit(inner) == git(repository, "rev-parse", "HEAD")


@needs_git
def test_packed_references_are_read(repository):
    git(repository, "pack-refs", "--all")
    assert git_commit(repository) == git(repository, "rev-parse", "HEAD")


@needs_git
def test_a_commit_without_a_branch_is_read(repository):
    git(repository, "checkout", "-q", "--detach")
    assert git_commit(repository) == git(repository, "rev-parse", "HEAD")


@needs_git
def test_a_linked_work_tree_has_its_own_commit(repository):
    linked = repository.parent / "linked"
    git(repository, "worktree", "add", "-q", "-b", "other", str(linked))
    git(linked, "commit", "-q", "--allow-empty", "-m", "elsewhere")
    assert git_commit(linked) == git(linked, "rev-parse", "HEAD") != git_commit(repository)


@needs_git
def test_a_repository_without_commits_has_none(tmp_path):
    git(tmp_path, "init", "-q")
    assert git_commit(tmp_path) is None


def test_outside_of_a_repository_there_is_none(tmp_path):
    assert git_commit(tmp_path) is None


def test_versions_are_those_that_are_installed():
    versions = json.loads(versions_json())
    assert versions["numpy"] == version("numpy")
    assert versions["torch"] == version("torch")
    assert {"python", "workbench"} <= versions.keys()
