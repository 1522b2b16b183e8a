"""Which of the things that go on coming are kept."""

from itertools import pairwise

from workbench.thinning import dispensable


def thinned(steps, most):
    kept = []
    for step in steps:
        kept.append(step)
        surplus = dispensable(kept, most)
        if surplus is not None:
            del kept[surplus]
    return kept


def test_none_goes_while_there_is_room():
    assert thinned([0, 3, 4], 3) == [0, 3, 4]


def test_the_one_whose_neighbours_are_closest_goes():
    assert thinned([0, 10, 11, 20], 3) == [0, 10, 20]
    assert thinned([0, 5, 10, 15], 3) == [0, 5, 15]


def test_of_many_the_first_the_last_and_some_from_all_over_are_kept():
    for count in (50, 333, 1000):
        kept = thinned(range(count), 12)
        assert (len(kept), kept[0], kept[-1]) == (12, 0, count - 1)
        assert max(later**0.5 - earlier**0.5 for earlier, later in pairwise(kept)) <= count**0.5 / 5
        assert kept[4] < count / 4
