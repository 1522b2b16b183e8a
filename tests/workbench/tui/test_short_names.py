"""Names that are cut: what tells runs apart stays."""

import pytest

from workbench.tui.short_names import cut_at_end, short_name

RECIPE = "sigmoid-to-relu: classification, {}, depth={} #sigmoid-to-relu"
GROUPS = [(kind, depth) for kind in ("tanh", "sigmoid", "relu") for depth in (1, 5, 10)]


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("named", 9, "named"),
        ("named #a #b", 9, "named #a"),  # a tag is there whole or not at all
        ("mended by batch norm #keep", 11, "mende… norm"),
        ("xor-depth: depth=1 #xor-depth", 18, "xor-depth: depth=1"),
        ("xor-depth: depth=1 #xor-depth", 11, "xor…depth=1"),
        ("xor-depth: depth=1", 8, "depth=1"),
        ("vanishing-sigmoid: sigmoid, depth=10", 11, "sigmoid, 10"),
        (RECIPE.format("tanh", 10), 20, "classificat…,tanh,10"),
        (RECIPE.format("tanh", 10), 11, "cl…,tanh,10"),
    ],
)
def test_what_tells_least_goes_first(text, width, shown):
    assert short_name(text, width) == shown


@pytest.mark.parametrize("width", range(9, 49))
def test_groups_of_a_recipe_can_be_told_apart_in_the_narrowest_column(width):
    names = {short_name(RECIPE.format(*group), width) for group in GROUPS}
    assert len(names) == len(GROUPS)
    assert max(map(len, names)) <= width


def test_other_texts_are_cut_at_their_end():
    assert [cut_at_end("optimizer", width) for width in (9, 8)] == ["optimizer", "optimiz…"]
