"""What docs/recipes.md says of claims is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.workbench.claims.memory import Axis, Variation, recipe
from workbench.claims import parse
from workbench.claims.quantities import MEASURES, PERCENTILE_NAMES
from workbench.claims.tree import TESTS

PAGE = (Path(__file__).parents[3] / "docs" / "recipes.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Claims\n")[2].partition("\n## ")[0]

NETWORK = Axis("network", tuple(Variation(name, {}) for name in ("sigmoid", "relu", "plain", "xavier")))
DEPTH = Axis("depth", tuple(Variation(str(depth), {"model.depth": depth}) for depth in (4, 10)), "model.depth", numeric=True)
RECIPES = (recipe(NETWORK, DEPTH), recipe(NETWORK), recipe(DEPTH))
KEYWORDS = re.compile(r" [<>]=? | within | between | rises | falls | stays | is flat |^diverges|^finds|^for every")


def checks() -> list[str]:
    """All whole checks that are written there, in their own words."""
    block = SECTION.partition("```\n")[2].partition("```")[0].splitlines()
    spans = [
        span
        for span in re.findall(r"`([^`]+)`", SECTION.replace("```", ""))
        if KEYWORDS.search(span) and not span.startswith("steps_until") and "…" not in span
    ]
    return [*block, *(re.sub(r"\b([abc])\b", "test_error", span) for span in spans if "±" not in span)]


@pytest.mark.parametrize("check", checks())
def test_every_check_that_is_shown_can_be_read(check):
    if re.match(r"test_error (rises|falls|stays) (above|below)", check):
        check = check.replace("test_error", "train_cost(relu)", 1)
    if check.endswith("over layers"):
        check = check.replace("test_error", "gradient_std(relu)", 1)
    check = re.sub(r"test_error(?= |$)", "test_error(relu)", check)
    errors = []
    for each in RECIPES:
        try:
            parse(check.replace("step 500", "epoch 5"), each)
        except ValueError as error:
            errors.append(str(error))
    assert len(errors) < len(RECIPES), errors


def test_all_quantities_and_tests_are_named():
    for name in MEASURES.keys() - PERCENTILE_NAMES.keys():
        stem = name.removeprefix("combined_")
        for part in ("train_", "validation_"):
            stem = stem if stem.startswith("best") else stem.replace(part, "test_")
        assert re.search(rf"`(combined_)?{stem}`", SECTION) or f"`…_{stem.rpartition('_')[2]}`" in SECTION, name
    for test in TESTS:
        assert f"| `{test}` |" in SECTION
