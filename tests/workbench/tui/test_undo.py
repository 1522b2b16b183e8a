"""Taking back what was done, and doing it again."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.tui.undo import Undo


def test_changes_are_taken_back_one_by_one_and_made_again():
    undo = Undo("a")
    undo.put("b", "to b")
    undo.put("c", "to c")
    assert (undo.undo(), undo.present) == ("to c", "b")
    assert (undo.undo(), undo.present) == ("to b", "a")
    assert undo.undo() is None
    assert (undo.redo(), undo.present) == ("to b", "b")
    assert (undo.redo(), undo.present) == ("to c", "c")
    assert undo.redo() is None


def test_a_new_change_forgets_what_was_taken_back():
    undo = Undo(1)
    undo.put(2, "two")
    undo.undo()
    undo.put(3, "three")
    assert undo.redo() is None
    assert (undo.undo(), undo.present) == ("three", 1)


def test_the_keys_of_a_word_are_one_change_and_none_if_the_word_is_as_before():
    undo = Undo("")
    for text in ("8", "80", "800"):
        undo.put(text, f"width {text}", joins="width#1")
    undo.put("900", "width 900", joins="width#2")
    assert undo.undo() == "width 900"
    assert (undo.undo(), undo.present) == ("width 800", "")
    for text in ("5", ""):
        undo.put(text, f"width {text}", joins="width#3")
    assert undo.undo() is None


@given(st.lists(st.integers(0, 3), max_size=30))
def test_only_so_many_changes_are_remembered_and_redo_leads_back(values):
    undo = Undo(-1, most=5)
    for value in values:
        undo.put(value, str(value))
    last = undo.present
    steps = 0
    while undo.undo() is not None:
        steps += 1
    assert steps <= 5
    while undo.redo() is not None:
        steps -= 1
    assert (steps, undo.present) == (0, last)
