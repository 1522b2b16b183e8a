"""A small recipe with every kind of table and picture, trained once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from workbench.history.series import SeriesHistory
from workbench.recipes.planning import plan
from workbench.recipes.reading import read_recipe
from workbench.recipes.records import Recipe
from workbench.report.records import Shown
from workbench.report.showing import shown
from workbench.report.stored import Result, result_of
from workbench.reproduction.running import Reproduction

RECIPE = """
[recipe]
title = "Every kind | of picture"
question = "Are all kinds drawn?"
source = "Nobody 2026"
look = "Everything."
shows = ["vanishing-gradient"]
notes = '''
A first paragraph
of two lines.

A second one.'''

[base]
optimizer = "sgd"
batch_size = 10
l2 = 0.1
data = { name = "digits", train_size = 100 }
model = { depth = 2, width = 6 }
monitor.distributions = 1

[vary.network]
sigmoid = { model.activation = "sigmoid" }
tanh = { model.activation = "tanh" }
[vary]
lr = { path = "lr", values = [0.001, 0.1, 1000] }

[choose]
axis = "lr"
by = "validation_error"

[scale.quick]
seeds = 2
settings = { epochs = 3 }
only = { lr = [0.1, 1000] }
[scale.full]
seeds = 2

[[claim]]
says = "Errors are errors"
check = "test_error(tanh) > 1"
published = { value = 3.5, source = "a book | page 3" }
[[claim]]
says = "Nothing diverges"
check = "not diverges(tanh, lr=1000)"

[[show]]
kind = "table"
columns = ["test_error", { title = "first layer", of = "activation_std(layer=1) at start" }]
[[show]]
kind = "curves"
of = "train_cost"
title = "Training cost"
[[show]]
kind = "curves"
of = "loss"
log = true
[[show]]
kind = "layers"
of = "gradient_std at start"
log = true
[[show]]
kind = "axis"
axis = "network"
of = "test_error"
[[show]]
kind = "layer_curves"
of = "activation_p98"
group = "tanh, lr=0.1"
[[show]]
kind = "heat"
of = "activation_mean"
group = "sigmoid, lr=0.1"
[[show]]
kind = "heat"
of = "activation_mean"
group = "sigmoid, lr=0.001"
title = "Left out"
[[show]]
kind = "surface"
group = "tanh, lr=0.1"
"""


@dataclass(frozen=True)
class Made:
    """The recipe's file, the history, and what is shown of it."""

    path: Path
    db: Path
    recipe: Recipe
    history: SeriesHistory
    result: Result

    def shown(self, number: int) -> Shown:
        """What its n-th [[show]] comes to, counted from 1."""
        return shown(self.recipe.show[number - 1], self.result.plan, self.result.runs)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """All of it at the scale quick: two networks with two rates, of which one diverges, two seeds each."""
    folder = tmp_path_factory.mktemp("report")
    path, db = folder / "kinds.toml", folder / "history.db"
    path.write_text(RECIPE)
    recipe = read_recipe(path)
    for _ in Reproduction(plan(recipe, "quick"), db).events():
        pass
    with SeriesHistory.open(db) as history:
        yield Made(path, db, recipe, history, result_of(recipe, history.latest_reproductions("quick")["kinds"], history))
