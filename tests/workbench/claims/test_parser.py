"""Reading checks: every tree is written as text that is read as the same tree, and what cannot be read is pointed at."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.claims import ClaimError
from workbench.claims.parser import parse_clause
from workbench.claims.term_tree import (
    COUNTED,
    OPERATORS,
    REDUCTIONS,
    Arithmetic,
    Constant,
    Layers,
    Moment,
    Negative,
    Quantity,
    Reduced,
    Selector,
    Until,
)
from workbench.claims.terms import parse_term
from workbench.claims.tree import (
    TESTS,
    And,
    Between,
    Comparison,
    Crossing,
    Diverges,
    Finds,
    ForEvery,
    Not,
    Or,
    Significance,
    Staying,
    Trend,
    Within,
)

names = st.one_of(
    st.sampled_from(
        ["relu", "he_normal", "3x64", "10", "0.1", "1e-3", "-2", "a b", "adam(lr=0.1)", "layer", "layers", "at", "p", "v1.2"]
    ),
    st.text("abcxyz_-.+ 0123456789=()", min_size=1, max_size=8),
)
numbers = st.floats(0, 1e12, allow_nan=False)
wholes = st.integers(1, 10_000)
constants = st.builds(Constant, numbers, st.booleans())
moments = st.one_of(
    st.builds(Moment, st.sampled_from(["start", "end", "best"])),
    st.builds(Moment, st.sampled_from(["epoch", "step"]), wholes),
    st.builds(Moment, st.just("%"), numbers),
)
layers = st.one_of(
    st.builds(Layers, st.sampled_from(["last", "output", "all"])),
    st.builds(Layers, wholes),
    st.builds(Layers, wholes, st.one_of(wholes, st.just("last"))),
)
selectors = st.lists(
    st.builds(Selector, names, st.one_of(st.just(""), names.filter(lambda n: not n.startswith("-")))), max_size=2
).map(tuple)
words = st.sampled_from(["test_error", "gradient_std", "steps", "loss", "meaning", "ratios"])
quantities = st.builds(Quantity, words, selectors, st.none() | layers, st.none() | moments)


def grown(terms):
    return st.one_of(
        st.builds(Negative, terms),
        st.builds(Arithmetic, st.sampled_from("+-*/"), terms, terms),
        st.builds(Reduced, st.sampled_from(REDUCTIONS), terms),
        st.builds(Until, st.sampled_from(COUNTED), quantities, st.sampled_from(OPERATORS), terms),
    )


terms = st.recursive(constants | quantities, grown, max_leaves=6)


@st.composite
def comparisons(draw):
    count = draw(st.integers(1, 3))
    direction = draw(st.sampled_from("<>"))
    signs = tuple(direction + draw(st.sampled_from(["", "="])) for _ in range(count))
    test = draw(st.none() | st.builds(Significance, st.floats(1e-6, 0.5), st.sampled_from(TESTS)))
    return Comparison(tuple(draw(terms) for _ in range(count + 1)), signs, test)


axes = names.filter(lambda name: not name.startswith("-"))
facts = st.one_of(
    comparisons(),
    st.builds(Within, terms, constants, terms),
    st.builds(Between, terms, terms, terms),
    st.builds(Trend, terms, st.sampled_from(["rises", "falls"]), st.just("") | axes),
    st.builds(Trend, terms, st.just("is flat"), st.just("") | axes, constants),
    st.builds(Crossing, quantities, st.booleans(), terms, st.none() | moments),
    st.builds(Staying, quantities, st.booleans(), terms, st.none() | moments),
    st.builds(Diverges, selectors),
    st.builds(Finds, st.sampled_from(["vanishing-gradient", "not-learning"]), selectors, st.booleans()),
)


def put_together(clauses):
    several = st.lists(clauses, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(And, several),
        st.builds(Or, several),
        st.builds(Not, clauses),
        st.builds(ForEvery, st.lists(axes, min_size=1, max_size=2).map(tuple), clauses),
    )


clauses = st.recursive(facts, put_together, max_leaves=5)


@settings(max_examples=150, deadline=None)
@given(clauses)
def test_every_tree_is_written_as_text_that_is_read_as_the_same_tree(clause):
    assert parse_clause(str(clause)) == clause


@settings(max_examples=100, deadline=None)
@given(terms)
def test_every_term_too(term):
    assert parse_term(str(term)) == term


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(
                [
                    "a",
                    "(",
                    ")",
                    "<",
                    "and",
                    "or",
                    "not",
                    "at",
                    "p",
                    "0.5",
                    "by",
                    "welch",
                    "rises",
                    "over",
                    "layers",
                    "%",
                    "=",
                    "layer",
                    "..",
                    "finds",
                    "for",
                    "every",
                    ":",
                    ",",
                    "within",
                    "of",
                    "\n",
                ]
            ),
            max_size=12,
        ).map(" ".join),
    )
)
def test_whatever_is_written_is_read_or_told_to_be_wrong_at_a_place_within_it(text):
    error = fault_in(text)
    if error is not None:
        assert 0 <= error.column <= len(text)
        assert error.message
        line, caret, *message = error.pointed.split("\n")
        assert line in text
        assert caret.strip() == "^"
        assert len(caret) <= len(line) + 1
        assert "\n".join(message) == error.message


def fault_in(text: str) -> ClaimError | None:
    try:
        parse_clause(text)
    except ClaimError as error:
        return error
    return None


def q(name, *selectors, **more):
    return Quantity(name, tuple(Selector(each) for each in selectors), **more)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("test_error(sigmoid) > test_error(relu)", Comparison((q("test_error", "sigmoid"), q("test_error", "relu")), (">",))),
        ("steps < 5", Comparison((q("steps"), Constant(5)), ("<",))),
        ("steps() < 5", Comparison((q("steps"), Constant(5)), ("<",))),
        (
            "gradient_std(sigmoid, layer=1) at start < 0.001 * gradient_std(sigmoid, layer=last) at start",
            Comparison(
                (
                    q("gradient_std", "sigmoid", layers=Layers(1), moment=Moment("start")),
                    Arithmetic("*", Constant(0.001), q("gradient_std", "sigmoid", layers=Layers("last"), moment=Moment("start"))),
                ),
                ("<",),
            ),
        ),
        ("a < b at p 0.005 by welch", Comparison((q("a"), q("b")), ("<",), Significance(0.005, "welch"))),
        (
            "a < b at end at p 0.005 by welch",
            Comparison((q("a"), q("b", moment=Moment("end"))), ("<",), Significance(0.005, "welch")),
        ),
        ("a at 50 % < b", Comparison((q("a", moment=Moment("%", 50)), q("b")), ("<",))),
        ("a - b - c < 1", Comparison((Arithmetic("-", Arithmetic("-", q("a"), q("b")), q("c")), Constant(1)), ("<",))),
        ("a - (b - c) < 1", Comparison((Arithmetic("-", q("a"), Arithmetic("-", q("b"), q("c"))), Constant(1)), ("<",))),
        ("a + b * -c < 1", Comparison((Arithmetic("+", q("a"), Arithmetic("*", q("b"), Negative(q("c")))), Constant(1)), ("<",))),
        ("(a + b) * 2 < 1", Comparison((Arithmetic("*", Arithmetic("+", q("a"), q("b")), Constant(2)), Constant(1)), ("<",))),
        ("a within 10 % of 0.5", Within(q("a"), Constant(10, True), Constant(0.5))),
        (
            "a between 0.4 and 0.6 and b < 1",
            And((Between(q("a"), Constant(0.4), Constant(0.6)), Comparison((q("b"), Constant(1)), ("<",)))),
        ),
        (
            "ratio(jacobian(layer=2..last)) < 1",
            Comparison((Reduced("ratio", q("jacobian", layers=Layers(2, "last"))), Constant(1)), ("<",)),
        ),
        ("a rises over layers", Trend(q("a"), "rises", "")),
        ("a falls over depth", Trend(q("a"), "falls", "depth")),
        ("a is flat over depth within 20 %", Trend(q("a"), "is flat", "depth", Constant(20, True))),
        ("a falls below 0.1 before epoch 5", Crossing(q("a"), True, Constant(0.1), Moment("epoch", 5))),
        ("a rises above 0.1", Crossing(q("a"), False, Constant(0.1))),
        ("a stays above 2.2 until step 500", Staying(q("a"), False, Constant(2.2), Moment("step", 500))),
        (
            "finds no vanishing-gradient in (relu, depth=10)",
            Finds("vanishing-gradient", (Selector("relu"), Selector("10", "depth")), True),
        ),
        ("not diverges(relu) or diverges", Or((Not(Diverges((Selector("relu"),))), Diverges()))),
        ("for every depth, lr: a < 1", ForEvery(("depth", "lr"), Comparison((q("a"), Constant(1)), ("<",)))),
        (
            "epochs_until(loss(relu) < 1) < 3",
            Comparison((Until("epochs", q("loss", "relu"), "<", Constant(1)), Constant(3)), ("<",)),
        ),
        (
            'a("two words", lr=-1) < 1',
            Comparison((Quantity("a", (Selector("two words"), Selector("-1", "lr"))), Constant(1)), ("<",)),
        ),
    ],
)
def test_what_checks_mean(text, tree):
    assert parse_clause(text) == tree


def test_not_binds_tighter_than_and_and_and_tighter_than_or():
    a, b, c = (Diverges((Selector(each),)) for each in "abc")
    assert parse_clause("diverges(a) or diverges(b) and not diverges(c)") == Or((a, And((b, Not(c)))))


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 0, "a quantity or a number"),
        ("test_error(relu)", 16, "a comparison such as <"),
        ("a < ", 4, "a quantity or a number"),
        ("a < b > c", 6, "one direction"),
        ("a < b c", 6, "nothing more, not 'c'"),
        ("a # b", 2, "'#' means nothing here"),
        ('a("b', 2, "not closed"),
        ("a(b < 1", 4, "','"),
        ("a(layer=1, layer=2) < 1", 11, "layer is given twice"),
        ("a(layer=0) < 1", 8, "a hidden layer from 1 on"),
        ("a(layer=x) < 1", 8, "a hidden layer from 1 on"),
        ("a at noon < 1", 5, "start, end, best"),
        ("a at epoch 1.5 < 1", 11, "a whole number"),
        ("a at 50 < 1", 8, "'%'"),
        ("a < b at p 5 by welch", 11, "between 0 and 1"),
        ("a < b at p 0.05 by magic", 19, "welch, mann_whitney, paired, proportions"),
        ("a + b falls below 1", 2, "only a quantity has a course"),
        ("a stays 1", 8, "below or above"),
        ("a is flat over layers", 21, "'within'"),
        ("(a < 1", 6, "')'"),
        ("(a < 1 and (b < )) or c < 1", 16, "a quantity or a number"),
        ("1e999 < a", 0, "too large"),
        ("for every: a < 1", 9, "an axis"),
    ],
)
def test_what_is_wrong_is_pointed_at(text, column, words):
    with pytest.raises(ClaimError) as caught:
        parse_clause(text)
    assert caught.value.column == column
    assert words in caught.value.message


def test_the_caret_stands_below_the_fault_on_its_own_line():
    with pytest.raises(ClaimError) as caught:
        parse_clause("a < 1 and\n  b ! 2")
    assert caught.value.pointed == "  b ! 2\n    ^\n'!' means nothing here"


def test_brackets_without_end_are_an_error_and_no_crash():
    with pytest.raises(ClaimError, match="nested too deeply"):
        parse_clause("(" * 5000)
