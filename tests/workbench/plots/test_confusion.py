"""What was taken for what as text."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import recall_score

from workbench.plots.confusion import BAD, commonest, confusion_rows, recalls
from workbench.plots.palette import DARK


def text(rows):
    return ["".join(piece for piece, _ in row) for row in rows]


COUNTS = np.array([[9, 1, 0], [0, 20, 0], [3, 0, 1]])
NAMES = ("cat", "dog", "wolf")


def many(classes):
    """Each class is mostly right; number 7 is taken for 3, and 5 for 6."""
    counts = np.diag(np.full(classes, 50))
    counts[7, 3], counts[5, 6] = 30, 10
    return counts, [f"class {number}" for number in range(classes)]


def test_a_matrix_has_a_line_for_each_true_class_and_its_share_of_right_answers():
    rows = text(confusion_rows(COUNTS, NAMES, 40, 5, None, "validation part, epoch 3"))
    assert rows == [
        "validation part, epoch 3  30 of 34 righ…",
        "truth  cat  dog wolf   right            ",
        "cat      9    1    ·     90%            ",
        "dog      ·   20    ·    100%            ",
        "wolf     3    ·    1     25%            ",
    ]


def test_beside_the_matrix_stand_the_commonest_mistakes_if_there_is_room():
    rows = text(confusion_rows(COUNTS, NAMES, 80, 6, None, "test part"))
    assert rows[0].rstrip() == "test part  30 of 34 right (88.2 %)"
    assert rows[1].split()[-5:] == ["taken", "for", "each", "other", "most"]
    assert rows[2].split()[-5:] == ["3×", "wolf", "→", "cat", "75%"]
    assert rows[3].split()[-5:] == ["1×", "cat", "→", "dog", "10%"]


def test_recalls_are_scikit_learns_and_of_a_class_without_examples_there_is_none():
    truth = np.repeat(np.arange(3), COUNTS.sum(axis=1))
    answer = np.concatenate([np.repeat(np.arange(3), row) for row in COUNTS])
    np.testing.assert_allclose(recalls(COUNTS), recall_score(truth, answer, average=None))
    counts = COUNTS.copy()
    counts[1] = 0
    assert np.isnan(recalls(counts)[1])
    assert text(confusion_rows(counts, NAMES, 40, 5, None))[3].split() == ["dog", "·", "·", "·", "–"]


def test_right_and_wrong_answers_have_colours_of_their_own_and_the_number_in_them():
    rows = confusion_rows(COUNTS, NAMES, 40, 5, DARK)
    grounds = {piece.strip(): style.rpartition(" on ")[2] for row in rows[2:] for piece, style in row if " on " in style}
    assert set(grounds) == {"9", "1", "20", "3"}

    def is_greenish(colour):
        red, green = int(colour[1:3], 16), int(colour[3:5], 16)
        return green > red

    assert is_greenish(grounds["20"])
    assert not is_greenish(grounds["3"])
    styles = [style for row in rows[2:] for piece, style in row if piece.strip() in ("9", "20")]
    assert all(style.startswith("bold ") for style in styles)


def test_of_many_classes_there_is_a_map_and_a_list():
    counts, names = many(20)
    rows = text(confusion_rows(counts, names, 60, 24, None, "test part"))
    assert rows[1].startswith("truth ↓ answer → ")
    drawn = [row[:20] for row in rows[2:22]]
    assert drawn[0] == "\\" + " " * 19
    assert drawn[7][3] not in " \\"
    assert drawn[5][6] not in " \\"
    assert sum(sign not in " \\" for row in drawn for sign in row) == 2
    words = "\n".join(rows)
    assert "30× class 7 → class 3  38%" in words
    assert words.index("class 7 → class 3") < words.index("class 5 → class 6")
    assert "least right: class 7  62%" in words


def test_a_map_that_is_too_large_is_drawn_smaller_and_keeps_every_mistake():
    counts, names = many(90)
    rows = text(confusion_rows(counts, names, 60, 12, None))
    drawn = [row[: 90 // 9] for row in rows[2:]]
    assert len(rows) <= 12
    assert sum(sign not in " \\" for row in drawn for sign in row) == 1  # both lie in the same cell
    assert all(style == "" or " on #" in style for row in confusion_rows(counts, names, 60, 12, DARK)[2:] for _, style in row[:3])


def test_of_few_classes_there_is_a_map_where_the_matrix_is_too_high():
    counts = np.zeros((10, 10), int)
    counts[:, 3] = 20  # one answer to everything
    names = [str(number) for number in range(10)]
    rows = text(confusion_rows(counts, names, 78, 7, DARK, "test part"))
    assert len(rows) == 7
    assert rows[1].startswith("truth ↓ answer →")
    assert len({len(row) for row in rows[2:]}) == 1
    drawn = "".join(row[:30] for row in rows[2:])
    assert drawn.count("▀") == 30 * 5
    for lower in (rows, text(confusion_rows(counts, names, 78, 5, DARK))):
        assert "least right: 0 and 8 more  0%" in "\n".join(lower)


def test_where_there_is_no_room_for_a_map_the_list_stands_alone():
    counts, names = many(30)
    for width, height in ((38, 6), (60, 6)):
        rows = confusion_rows(counts, names, width, height, None)
        assert len(rows) <= height
        assert "30×" in text(rows)[2]
        assert ("   30× ", BAD) in rows[2]


@pytest.mark.parametrize("palette", [None, DARK])
@pytest.mark.parametrize(("width", "height"), [(110, 36), (76, 13), (40, 7), (12, 3), (1, 1)])
def test_what_is_drawn_is_never_larger_than_its_place(width, height, palette):
    for classes in (2, 10, 16, 17, 100):
        counts, names = many(classes) if classes > 7 else (np.eye(2, dtype=np.int64), ["a", "b"])
        rows = confusion_rows(counts, names, width, height, palette, "validation part, epoch 3")
        assert len(rows) <= height
        assert {len(row) for row in text(rows)} == {width}


def test_no_answers_and_no_mistakes_are_said():
    assert text(confusion_rows(np.zeros((3, 3), np.int64), NAMES, 40, 5, None, "test part")) == [
        "test part  no answers".ljust(40)
    ]
    assert "no mistakes" in "\n".join(text(confusion_rows(np.eye(3, dtype=np.int64), NAMES, 80, 5, None)))


def test_mistakes_are_told_by_their_number():
    assert commonest(COUNTS) == [(2, 0, 3), (0, 1, 1)]
