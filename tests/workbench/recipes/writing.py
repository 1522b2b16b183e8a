"""Recipes for tests, written into files."""

from __future__ import annotations

from pathlib import Path

ABOUT = """
[recipe]
title = "Sigmoid to ReLU"
question = "Does ReLU learn where sigmoids do not?"
source = "Glorot & Bengio 2010"
look = "The gradient of the lowest layers."
"""
BASE = """
[base]
epochs = 3
data.name = "iris"
model = { width = 4 }
"""
AXES = """
[vary.network]
sigmoid = { model.activation = "sigmoid", model.init = "standard" }
relu = { model.activation = "relu", model.init = "he_normal" }
[vary]
depth = { path = "model.depth", values = [1, 2, 5] }
"""
SCALES = """
[scale.quick]
seeds = 2
settings = { epochs = 1, data.train_size = 50 }
only = { depth = [5, 1] }
[scale.full]
seeds = 3
"""
CLAIM = """
[[claim]]
says = "ReLU is better"
check = "test_error(relu, depth=5) < test_error(sigmoid, depth=5)"
"""
PARTS = {"about": ABOUT, "base": BASE, "axes": AXES, "scales": SCALES, "claims": CLAIM, "more": ""}


def written(folder: Path, name: str = "mine", **parts: str) -> Path:
    """A recipe's file; parts that are given take the place of the usual ones."""
    path = folder / f"{name}.toml"
    path.write_text("".join({**PARTS, **parts}.values()))
    return path
