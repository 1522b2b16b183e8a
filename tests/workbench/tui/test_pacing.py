"""Pictures of a training come as often as the work they make allows."""

import pytest

from workbench.tui.pacing import LONGEST, SHARE, SHORTEST, Pace


class Hands:
    """A clock, and a thread's work, moved by hand."""

    def __init__(self) -> None:
        self.now = self.worked = 0.0
        self.pace = Pace(lambda: self.now, lambda: self.worked)

    def pictures(self, *, seconds: float, work: float) -> int:
        """How many there are in so many seconds, when each makes `work` seconds of work; looked at every millisecond."""
        count = 0
        for _ in range(round(seconds * 1000)):
            self.now += 0.001
            if self.pace.due():
                count += 1
                self.worked += work
        return count


@pytest.mark.parametrize(
    ("work", "every"),
    [
        (0.0, SHORTEST),
        (SHORTEST * SHARE * 0.9, SHORTEST),
        (SHORTEST * SHARE * 2, SHORTEST * 2),
        (LONGEST * SHARE * 10, LONGEST),
    ],
    ids=["free", "cheap", "dear", "very-dear"],
)
def test_they_take_no_more_than_their_share_of_the_time_and_never_stay_away(work, every):
    assert Hands().pictures(seconds=20, work=work) == pytest.approx(20 / every, abs=1.5)


def test_other_work_goes_first():
    hands = Hands()
    hands.now, hands.worked = SHORTEST * 1.5, 0.1
    assert not hands.pace.due()
    hands.now = LONGEST
    assert hands.pace.due()
