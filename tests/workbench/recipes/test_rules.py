"""A rule's page names the recipes that show it."""

from __future__ import annotations

from tests.workbench.tui.recipes import folder as folder
from workbench.explanations import explanation, page
from workbench.recipes.rules import Example, examples_of


def test_the_recipes_that_name_a_rule_are_found_and_other_files_passed_over(folder):
    (folder / "odd.toml").write_text('[recipe]\ntitle = 3\nshows = ["not-learning"]\n')
    (folder / "no-toml.toml").write_text("[recipe\n")
    assert examples_of("not-learning") == (Example("odd", "3"), Example("xor-depth", "Depth on xor"))
    assert examples_of("vanishing-gradient") == ()


def test_its_page_names_them_with_their_commands(folder):
    text = page(explanation("not-learning"))
    assert "Recipes that show it\n  $ workbench reproduce xor-depth   Depth on xor\n" in text
    assert "Recipes" not in page(explanation("vanishing-gradient"))
