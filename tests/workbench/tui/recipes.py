"""A folder with small recipes, and what the screen of recipes shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workbench.reproduction.written import DEPTHS, HOLDS, recipe_text
from tests.workbench.tui.screen import text_of
from workbench.recipes import shelf
from workbench.tui.widgets.recipe_head import RecipeHead
from workbench.tui.widgets.recipe_list import RecipeList
from workbench.tui.widgets.sheet import Sheet

CHECKS = (HOLDS, "steps(depth=0) < 40", "test_r2(depth=1) > 0.5")
"""One that holds, one that does not, one that cannot be judged."""
REST = """
[[claim]]
says = "More seeds say the same"
check = "steps(depth=1) >= 40"
scales = ["full"]
published = { value = 40.0, source = "Nobody" }
[[show]]
kind = "curves"
of = "train_cost"
title = "Cost by epoch"
[[show]]
kind = "table"
columns = ["steps"]
"""
BROKEN = '[recipe]\ntitle = "Broken"\nquestion = "What?"\ncolour = "red"\n[base]\ndata.name = "xorr"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with two recipes and a file that is none; there are no others."""
    written = tmp_path / "sessions"
    written.mkdir()
    text = recipe_text(*CHECKS, rest=REST).replace('look = "The error."\n', 'look = "The error."\nshows = ["not-learning"]\n')
    (written / "xor-depth.toml").write_text(text)
    other = recipe_text("steps(depth=1) >= 40", vary=DEPTHS.replace("[0, 1]", "[1, 2]"))
    (written / "xor-deeper.toml").write_text(other.replace("Depth on xor", "Deeper on xor"))
    (written / "broken.toml").write_text(BROKEN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shelf, "WITH_THE_WORKBENCH", ())
    return written


def recipes(app) -> RecipeList:
    return app.screen.query_one(RecipeList)


def results(app) -> dict[str, str]:
    """What the list says of each file."""
    return {line.name: line.result for line in recipes(app).lines}


def head(app) -> str:
    return text_of(app.screen.query_one(RecipeHead))


def page(app) -> str:
    return app.screen.query_one("#recipe-page", Sheet).text


def picture(app) -> str:
    return app.screen.query_one("#show", Sheet).text


def signs(app) -> list[str]:
    """The signs of the claims."""
    lines = [line for line in page(app).splitlines() if len(line) > 6 and line[3:5].strip().isdigit() and line[5] == " "]
    return [line[1] for line in lines]
