"""Import rules, each proved in an interpreter of its own: what a module loads, directly or through others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workbench.cli.conftest import record

SHOW_MODULES = "import sys; sys.stdout.flush(); print('\\n' + ' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
SCREEN = {"textual", "textual_plot"}


def loaded_by(code: str, **environment: str) -> set[str]:
    """The top-level packages that are loaded after running some code in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{SHOW_MODULES}"], capture_output=True, text=True, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def loaded_by_command(*words: str, **environment: str) -> set[str]:
    return loaded_by(f"from workbench.cli import execute\nassert execute({list(words)!r}) == 0", **environment)


@pytest.mark.parametrize("module", ["engine.catalog", "engine.vocabulary", "engine.errors"])
def test_words_and_choices_load_neither_numpy_nor_pydantic(module):
    assert loaded_by(f"import {module}") & {"numpy", "pydantic", "torch"} == set()


@pytest.mark.parametrize(
    "module",
    [
        "engine",
        "engine.experiment",
        "engine.events",
        "engine.population",
        "engine.data",
        "engine.outline",
        "engine.insight.diagnosis",
        "workbench.samples",
        "workbench.experiment_files",
        "workbench.recipes.shelf",
        "engine.training",
        "engine.training.control",
        "workbench.runner",
        "workbench.live",
        "workbench.compare",
        "workbench.plots",
        "workbench.history",
        "workbench.history.recorder",
        "workbench.cli.app",
        "workbench.tui.app",
    ],
)
def test_what_needs_no_torch_loads_none(module):
    assert "torch" not in loaded_by(f"import {module}")


@pytest.mark.parametrize("module", ["engine.training.loop", "engine.data.load", "engine.experiment"])
def test_the_engine_knows_no_workbench_screen_or_command_line(module):
    assert loaded_by(f"import {module}") & {"workbench", "typer", "sqlite_utils", *SCREEN} == set()


@pytest.mark.parametrize(
    "module",
    ["workbench.history", "workbench.history.recorder", "workbench.history.replay", "workbench.plots.chart", "workbench.live"],
)
def test_history_plots_and_live_runs_know_no_screen(module):
    assert loaded_by(f"import {module}") & SCREEN == set()


def test_reading_the_history_loads_only_the_standard_library(tmp_path):
    db = tmp_path / "history.db"
    record(db, [{}])
    code = f"from workbench.history import History\nwith History.open({str(db)!r}) as history: assert len(history.runs()) == 1"
    assert loaded_by(code) & {"numpy", "pydantic", "sqlite_utils", "torch", "rich", *SCREEN} == set()


def test_help_loads_nothing_heavy():
    loaded = loaded_by_command("--help")
    assert loaded & {"torch", "numpy", "pydantic", "sqlite3", "sqlite_utils", "rich", *SCREEN} == set()


@pytest.mark.parametrize("words", [("runs",), ("runs", "--json"), ("runs", "digits")])
def test_runs_loads_nothing_heavy(words, tmp_path):
    db = tmp_path / "history.db"
    record(db, [{}])
    loaded = loaded_by_command(*words, WORKBENCH_DB=str(db))
    assert loaded & {"torch", "numpy", "sqlite_utils", "rich", "sklearn", *SCREEN} == set()


def test_choices_load_neither_torch_nor_numpy():
    assert loaded_by_command("choices", "activations") & {"torch", "numpy", *SCREEN} == set()


def test_importing_the_workbench_makes_waiting_threads_passive_before_torch_is_there():
    code = (
        "import os\nos.environ.pop('OMP_WAIT_POLICY', None)\nimport workbench\nassert os.environ['OMP_WAIT_POLICY'] == 'PASSIVE'"
    )
    assert "torch" not in loaded_by(code)


def test_a_waiting_policy_that_was_chosen_is_left_alone():
    loaded_by("import os, workbench\nassert os.environ['OMP_WAIT_POLICY'] == 'ACTIVE'", OMP_WAIT_POLICY="ACTIVE")


def test_every_module_of_both_packages_can_be_imported_alone():
    root = Path(__file__).parents[2]
    modules = [
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for package in ("engine", "workbench")
        for path in sorted((root / package).rglob("*.py"))
        if path.name != "__main__.py"
    ]
    assert len(modules) > 50
    loaded_by("import importlib\nfor name in " + repr(modules) + ": importlib.import_module(name)")
