"""Which rows a track keeps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workbench.track import Track

row = {"number": np.zeros((), np.int64), "twice": np.zeros((2, 1))}


def rows(begin, end):
    numbers = np.arange(begin, end)
    return {"number": numbers, "twice": np.stack([2.0 * numbers, 2.0 * numbers + 1], axis=1)[:, :, None]}


@given(capacity=st.integers(3, 70), chunks=st.lists(st.integers(1, 200), min_size=1, max_size=30))
def test_a_track_keeps_order_ends_and_bound_however_rows_are_handed_over(capacity, chunks):
    track, one_by_one = Track(capacity, row), Track(capacity, row)
    came = 0
    for chunk in chunks:
        track.extend(rows(came, came + chunk))
        for number in range(came, came + chunk):
            one_by_one.extend(rows(number, number + 1))
        came += chunk
        kept = track.column("number")
        assert (kept[0], kept[-1]) == (0, came - 1)
        assert len(track) == len(kept) <= capacity
        gaps = np.diff(kept)
        stride = gaps[0] if len(gaps) else 1
        assert (gaps[:-1] == stride).all()
        assert len(gaps) == 0 or 0 < gaps[-1] <= stride
        assert stride == 1 or came > (capacity - 1) * stride // 2  # no row is dropped before it must be
        np.testing.assert_array_equal(kept, one_by_one.column("number"))
        np.testing.assert_array_equal(track.column("twice", 1)[:, 0], 2.0 * kept + 1)
        np.testing.assert_array_equal(track.latest("twice", 0), [2.0 * (came - 1)])
