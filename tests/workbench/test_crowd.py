"""All members of a population beside each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.events import Frame, MemberEnded
from tests.workbench.scripted import scripted_events
from workbench.crowd import spread
from workbench.live import LiveRun


def applied(events):
    live = LiveRun()
    for event in events:
        live.apply(event)
    return live


values = arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 9)), elements=st.floats(-1e3, 1e3) | st.just(np.nan))


@given(values)
@pytest.mark.filterwarnings("ignore:All-NaN")
def test_quartiles_are_those_of_the_members_that_have_a_number(numbers):
    about = spread(numbers)
    for share, found in ((25, about.quartile), (50, about.median), (75, about.upper), (0, about.low), (100, about.high)):
        np.testing.assert_allclose(found, np.nanpercentile(numbers, share, axis=1), atol=1e-9)


def test_of_many_rows_some_are_taken_and_no_extreme_is_lost():
    numbers = np.ones((5000, 3))
    numbers[2503, 1], numbers[17, 2] = 9.0, np.inf
    about = spread(numbers, most=1000)
    assert len(about.at) == len(about.median) == len(about.high) == 1000
    assert (about.high.max(), about.low.min()) == (9.0, 1.0)


def test_no_rows_have_no_spread():
    assert len(spread(np.empty((0, 4))).median) == 0


def test_one_network_has_no_crowd():
    assert applied(scripted_events(members=1)).view().crowd is None


def test_a_crowd_has_the_series_of_all_members():
    events = list(scripted_events(steps=100, members=3))
    live = applied(events)
    crowd = live.view(1).crowd
    assert crowd.member == 1
    np.testing.assert_array_equal(crowd.steps, np.arange(1, 101))
    np.testing.assert_array_equal(crowd.series("loss"), np.concatenate([each.loss for each in events if isinstance(each, Frame)]))
    for member in range(3):
        np.testing.assert_array_equal(crowd.series("validation_cost")[:, member], live.view(member).validation_cost)


def test_it_is_told_how_the_members_stand():
    events = list(scripted_events(steps=100, members=4, diverges_at=60, diverging=(1,), ends={2: 2}))
    ended = next(number for number, event in enumerate(events) if isinstance(event, MemberEnded))
    assert dict(+applied(events[:2]).view().crowd.standing) == {"go on": 4}
    assert dict(+applied(events[: ended + 1]).view(3).crowd.standing) == {"go on": 3, "ended early": 1}
    assert dict(+applied(events[:-1]).view().crowd.standing) == {"go on": 2, "ended early": 1, "diverged": 1}
    assert dict(+applied(events).view().crowd.standing) == {"done": 2, "ended early": 1, "diverged": 1}


def test_before_the_first_step_all_go_on():
    assert dict(+applied(list(scripted_events(members=2))[:1]).view().crowd.standing) == {"go on": 2}
