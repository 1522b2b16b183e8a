"""Which lines a picture has, and in how many parts."""

import itertools

import pytest

from tests.workbench.recipes.writing import written
from workbench.plots.figure import COLOURS, DASHES
from workbench.recipes.planning import plan
from workbench.recipes.reading import read_recipe
from workbench.report.groups import bundles

WIDTHS = "[vary]\nwidth = { path = 'model.width', values = [1, 2, 3, 4, 5] }\n"
NETWORKS = "[vary.network]\na = { model.activation = 'relu' }\nb = { model.activation = 'tanh' }\n"
RATES = "[vary]\nlr = { path = 'lr', values = [0.1, 0.2] }\n"
MANY = f"[vary]\nwidth = {{ path = 'model.width', values = {list(range(1, 12))} }}\n"
SCALES = "[scale.quick]\nseeds = 1\n[scale.full]\nseeds = 1\n"


@pytest.fixture
def planned(tmp_path):
    """The plan of a recipe with these axes."""

    def made(axes):
        first = [name for name in ("network=a", "width=1", "lr=0.1") if name.partition("=")[0] in axes]
        claims = f"[[claim]]\nsays = 'x'\ncheck = 'steps({', '.join(first)}) > 0'\n"
        return plan(read_recipe(written(tmp_path, axes=axes, scales=SCALES, claims=claims)), "full")

    return made


def test_few_lines_are_drawn_together(planned):
    made = planned(WIDTHS)
    found = list(bundles(made, made.groups))
    assert [each.label for each in found] == [f"width={n}" for n in range(1, 6)]
    assert {each.title for each in found} == {""}


def test_many_are_parted_by_the_first_axis(planned):
    made = planned(NETWORKS + WIDTHS)
    found = list(bundles(made, made.groups))
    assert [(each.title, each.label) for each in found] == [(a, f"width={n}") for a in "ab" for n in range(1, 6)]
    assert [each.hue for each in found[:5]] == [each.hue for each in found[5:]], "the same look in each part"


def test_the_last_axis_is_never_parted(planned):
    made = planned(MANY)
    assert {each.title for each in bundles(made, made.groups)} == {""}


def test_of_two_axes_one_has_colours_and_one_dashes(planned):
    made = planned(NETWORKS + "[vary]\nlr = { path = 'lr', values = [0.1, 0.2, 0.3] }\n")
    looks = {each.label: (each.hue % len(COLOURS), each.hue % len(DASHES)) for each in bundles(made, made.groups)}
    rates, networks = ("lr=0.1", "lr=0.2", "lr=0.3"), ("a", "b")
    for rate, network in itertools.product(rates, networks):
        assert looks[f"{network}, {rate}"] == (rates.index(rate), networks.index(network))


def test_over_an_axis_groups_become_one_line(planned):
    made = planned(NETWORKS + RATES)
    found = list(bundles(made, made.groups, over="network"))
    assert [each.label for each in found] == ["lr=0.1", "lr=0.2"]
    assert [[group.on("network") for group in each.groups] for each in found] == [["a", "b"]] * 2
