"""Small recipes, written into a folder and read from there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbench.recipes.planning import plan
from workbench.recipes.reading import read_recipe
from workbench.recipes.records import Plan

ABOUT = '[recipe]\ntitle = "Depth on xor"\nquestion = "Which depth?"\nsource = "Nobody"\nlook = "The error."\n'
BASE = '[base]\ndata.name = "xor"\ndata.samples = 200\nmodel.width = 8\nsteps = 40\nlr = 0.03\nthreads = 1\ndevice = "cpu"\n'
DEPTHS = '[vary]\ndepth = { path = "model.depth", values = [0, 1] }\n'
SCALES = "[scale.quick]\nseeds = 2\n[scale.full]\nseeds = 3\n"
HOLDS, FAILS, UNKNOWN = "steps(depth=1) >= 40", "steps(depth=0) < 40", "test_r2(depth=1) > 0.5"
"""A claim that holds, one that does not, and one that cannot be judged, for a classification has no r2."""


def recipe_text(*checks: str, base: str = BASE, vary: str = DEPTHS, scales: str = SCALES, rest: str = "") -> str:
    """A recipe's file."""
    claims = "".join(f'[[claim]]\nsays = "Claim {number}"\ncheck = "{check}"\n' for number, check in enumerate(checks, 1))
    return "\n".join([ABOUT, base, vary, scales, claims, rest])


def write_recipe(folder: Path, name: str = "xor-depth", checks: Sequence[str] = (HOLDS,), **parts: str) -> Path:
    """The file of a recipe."""
    path = folder / f"{name}.toml"
    path.write_text(recipe_text(*checks, **parts), encoding="utf-8")
    return path


def planned(folder: Path, checks: Sequence[str] = (HOLDS,), *, scale: str = "quick", **parts: str) -> Plan:
    """The plan of a recipe that is written for it."""
    return plan(read_recipe(write_recipe(folder, checks=checks, **parts)), scale)
