"""What is wrong with a run, as lines of text."""

import pytest

from engine.events import Frame, Started
from engine.insight.finding import Finding, Remedy, Severity
from tests.workbench.scripted import scripted_events
from workbench.live import LiveRun
from workbench.tui.finding_rows import CURSOR, NOT_JUDGED, NOT_YET, NOTHING, STYLES, finding_lines, nothing_words

RELU = Remedy("ReLU with He initialization", (("model.activation", "relu"), ("model.init", "he_normal")))


def finding(rule="vanishing-gradient", severity=Severity.SERIOUS, **more):
    given = {"opened": 20, "updated": 400, "words": f"numbers of {rule}", "remedies": (RELU,), "layers": ("hidden 1", "hidden 2")}
    return Finding(rule=rule, severity=severity, **(given | more))


SOME = (
    finding(),
    finding("overfitting", Severity.WARNING, layers=()),
    finding("noisy-batches", Severity.NOTE, closed=300),
)


def text(drawn):
    return ["".join(piece for piece, _ in row).rstrip() for row in drawn.rows]


def test_each_has_a_line_and_the_chosen_one_all_of_it():
    lines = text(finding_lines(SOME, 0, 120, 20))
    assert lines[0].startswith("What is wrong  2 now, 1 that went away")
    assert lines[1].startswith(f"{CURSOR}▲ Vanishing gradient  hidden 1, hidden 2  since step 20")
    assert "numbers of vanishing-gradient" in lines[2]
    assert any("1. ReLU with He initialization  model.activation=relu, model.init=he_normal" in line for line in lines)
    assert [line for line in lines if line.startswith(" △ Overfitting  since step 20")]
    assert "✓" in lines[-1] or any(line.startswith(" ✓ ") and "from step 20 to 300" in line for line in lines)
    assert not any("numbers of overfitting" in line for line in lines)


@pytest.mark.parametrize("height", [3, 4, 6, 9])
@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_the_chosen_one_is_in_sight_however_little_room_there_is(chosen, height):
    drawn = finding_lines(SOME, chosen, 70, height)
    assert len(drawn.rows) == height
    assert [place for place, line in enumerate(text(drawn)) if line.startswith(CURSOR)] == [drawn.about.index(chosen)]


def test_a_click_finds_the_finding_of_its_line():
    drawn = finding_lines(SOME, 1, 100, 20)
    assert drawn.at(0) is None
    assert [drawn.at(y) for y, line in enumerate(text(drawn)) if "Overfitting" in line] == [1]
    assert drawn.at(len(text(drawn)) + 5) is None


def test_without_findings_it_says_whether_anything_was_measured():
    assert any(NOTHING in line for line in text(finding_lines((), 0, 60, 9)))
    assert any(NOT_YET in line for line in text(finding_lines((), 0, 60, 9, nothing=NOT_YET)))


def test_that_nothing_is_wrong_is_said_only_as_far_as_it_was_looked_for():
    live = LiveRun()
    started, first, second = [
        event for event in scripted_events(steps=40, per_frame=20, steps_per_epoch=40) if isinstance(event, Started | Frame)
    ]
    live.apply(started)
    assert nothing_words(live.view()) == NOT_YET
    live.apply(first)
    assert nothing_words(live.view()) == NOT_JUDGED
    live.judge()
    assert nothing_words(live.view()) == NOTHING
    judged = int(live.view().layer_steps[-1])
    live.apply(second)
    assert nothing_words(live.view()) == f"✓ Nothing is known to be wrong up to step {judged}."
    live.judge()
    assert nothing_words(live.view()) == NOTHING


@pytest.mark.parametrize("width", [10, 40, 200])
def test_lines_fill_the_width_and_have_known_styles(width):
    drawn = finding_lines(SOME, 0, width, 12)
    assert {sum(len(piece) for piece, _ in row) for row in drawn.rows} == {width}
    assert {style for row in drawn.rows for _, style in row} <= STYLES | {""}
