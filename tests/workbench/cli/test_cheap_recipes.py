"""Recipes that come with the workbench, as far as they take seconds and need no files: trained for real, and every claim holds."""

from __future__ import annotations

import pytest

from workbench.recipes import shelf

CHEAP = (
    "early-stopping",
    "glorot-cost-surface",
    "glorot-gradients",
    "gradient-descent",
    "house-prices",
    "vanishing-sigmoid",
    "zeros-symmetry",
)
LONGER = ("deep-and-wide", "dropout", "ensemble-gain", "glorot-activations", "init-10-layers", "l1-l2", "lego")
"""Those that take longer than six seconds on one core."""
FROM_FILES = (
    "batch-norm",
    "dbn-pretraining",
    "glorot-table-1",
    "he-deep",
    "mnist-ladder",
    "optimizers",
    "overfitting",
    "sigmoid-to-relu",
    "xavier-and-relu",
)
"""Those on MNIST, which has to be there."""


def test_every_recipe_is_trained_here_or_known_to_be_too_dear():
    assert sorted((*CHEAP, *LONGER, *FROM_FILES)) == list(shelf.recipe_paths())


@pytest.mark.slow
@pytest.mark.parametrize("name", CHEAP)
def test_every_claim_of_it_holds(name, command):
    ended = command("reproduce", name, "--scale", "quick", "--set", "threads=1", "--set", "device=cpu", "--json")
    assert ended.code == 0, ended.err
    verdicts = {each["claim"]: each["outcome"] for each in ended.objects if each["event"] == "verdict"}
    claims = [number for number, claim in enumerate(shelf.recipe(name).claims, 1) if claim.judged_at("quick")]
    assert verdicts == dict.fromkeys(claims, "pass")
