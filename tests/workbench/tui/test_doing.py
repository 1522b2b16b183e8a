"""What a training does while it makes no steps is said in words."""

import pytest

from engine.events import EpochEnded, Finished, Frame
from engine.experiment import Experiment
from tests.workbench.scripted import scripted_events
from workbench.live import LiveRun
from workbench.tui.doing import BEFORE, SCORING, doing
from workbench.tui.words import progress_parts, status_text


def views(**script):
    """The views after each event, with the event."""
    live = LiveRun()
    for event in scripted_events(**{"steps": 100, "per_frame": 5, "steps_per_epoch": 25, **script}):
        live.apply(event)
        yield event, live.view()


def test_before_the_first_step_it_measures():
    _, view = next(views())
    assert doing(view) == BEFORE
    assert status_text(view) == BEFORE
    assert BEFORE in progress_parts(view)


def test_when_all_steps_are_made_it_scores_until_it_has_ended():
    told = list(views())
    at_the_end = [(event, view) for event, view in told if view.step == view.total_steps]
    assert {doing(view) for event, view in at_the_end if not isinstance(event, Finished)} == {SCORING}
    before = next(view for event, view in at_the_end if isinstance(event, Frame))
    assert status_text(before) == "scoring"
    assert progress_parts(before)[:3] == ("step 100/100", "epoch 3", "scoring")
    assert not any("left" in part for part in progress_parts(before))
    event, over = told[-1]
    assert isinstance(event, Finished)
    assert doing(over) == ""


def test_between_epochs_it_scores_which_is_said_where_it_takes_a_while():
    words = [(doing(view, still=True), doing(view)) for event, view in views() if isinstance(event, Frame) and view.step == 25]
    assert words == [("scoring epoch 1", "")]
    after = [doing(view, still=True) for event, view in views() if isinstance(event, EpochEnded) and view.step == 25]
    assert after == [""]
    within = [doing(view, still=True) for event, view in views() if isinstance(event, Frame) and view.step == 30]
    assert within == [""]


@pytest.mark.parametrize(
    ("told", "words"), [({"stopping": True}, "stopping: what was trained is scored"), ({"paused": True}, "paused")]
)
def test_what_was_asked_for_is_told_rather(told, words):
    view = next(view for event, view in views() if view.step == 100)
    assert status_text(view, **told) == words


def test_nothing_of_this_is_said_of_a_pretraining():
    experiment = Experiment().with_settings({"pretraining": "dbn", "steps": 60})
    _, view = next(views(experiments=(experiment,), steps=60))
    assert doing(view) == ""
    assert status_text(view) == "pre-training"
