"""A recipe as rows of text: every line fits, and signs say what colours say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.workbench.reproduction.written import FAILS, HOLDS, UNKNOWN, planned
from tests.workbench.tui.conftest import ScriptedSource
from workbench.reproduction.background import Reproducing
from workbench.tui.recipe_reading import Planned, Unreadable
from workbench.tui.recipe_rows import BAD, GOOD, Subject, command, head_rows, page_rows, unreadable_rows
from workbench.tui.recipe_words import clock, end_words, plan_text, result_text, short_result


def text(rows):
    return ["".join(piece for piece, _ in row).rstrip() for row in rows]


@pytest.fixture
def over(tmp_path):
    """A recipe that was reproduced."""
    plan = planned(tmp_path, [HOLDS, FAILS, UNKNOWN])
    doing = Reproducing(plan, tmp_path / "h.db", source=ScriptedSource())
    doing.start()
    assert doing.join()
    return doing


def subject_of(over, **more):
    plan = over.plan
    return Subject(plan.recipe, "quick", Planned(plan, 4, 4, 1000), over.standing.made, **more)


@pytest.mark.parametrize("width", [30, 57, 78, 120])
def test_every_line_is_as_wide_as_the_screen(over, width):
    subject = subject_of(over)
    rows = [*head_rows(subject, width), *page_rows(subject, width), *page_rows(replace(subject, made=None), width)]
    assert {sum(len(piece) for piece, _ in row) for row in rows} == {width}


def test_claims_have_signs_and_numbers(over):
    rows = page_rows(subject_of(over), 78)
    lines = text(rows)
    for sign, says in (("✓", "1 Claim 1"), ("✗", "2 Claim 2"), ("!", "3 Claim 3")):
        assert f" {sign}  {says}" in lines
    assert any("200" in line for line in lines)
    assert {style for row in rows for piece, style in row if piece.startswith((" ✗", " !"))} == {BAD}
    assert {style for row in rows for piece, style in row if piece.startswith(" ✓")} == {GOOD}


def test_claims_that_are_decided_now_count_and_not_those_of_the_last_time(over):
    going = Reproducing(over.plan, over._reproduction._db)
    assert not any(line.startswith((" ✓", " ✗", " !")) for line in text(page_rows(subject_of(over, doing=going), 78)))
    going.standing = replace(over.standing, verdicts={1: over.standing.verdicts[1]})
    lines = [line for line in text(page_rows(subject_of(over, doing=going), 78)) if "Claim" in line]
    assert [line[1] for line in lines] == ["✓", "·", "·"]


def test_a_claim_that_has_changed_since_is_not_judged(over):
    recipe = over.plan.recipe
    changed = replace(
        recipe, claims=(replace(recipe.claims[0], check="steps(depth=1) >= 50"), *recipe.claims[1:]), digest="other"
    )
    subject = replace(subject_of(over), recipe=changed)
    assert [line[1] for line in text(page_rows(subject, 78)) if "Claim" in line] == ["·", "✗", "!"]
    assert "before the recipe was changed" in text(head_rows(subject, 120))[2]


def test_the_head_tells_scales_runs_and_what_came_of_it(over):
    first, second, third = text(head_rows(subject_of(over), 100))
    assert first.startswith("Depth on xor ")
    assert first.endswith("scale ‹quick› full")
    assert second == "4 runs: 2 groups × 2 seeds, all there   1000 operations"
    assert third.startswith("✗ 1 of 3 claims hold   20")


def test_the_head_tells_how_far_it_is(over):
    going = Reproducing(over.plan, over._reproduction._db)
    going.standing = replace(over.standing, runs=4, done=2, labels=("depth=0", "depth=1"))
    assert text(head_rows(subject_of(over, doing=going), 100))[2] == (
        "▶ ━━━━━━━━━━──────────  2 of 4 runs   now depth=0 and 1 more   0:00"
    )
    assert "there, 2 to train" in text(head_rows(subject_of(over, doing=going), 100))[1]


def test_words(over):
    made = over.standing.made
    assert short_result(made) == "✗ 1/3 quick"
    assert "with other settings" in result_text(over.plan.recipe, replace(made, settings={"lr": 1.0}), made.ended)
    assert end_words(over).startswith("✗ 1 of 3 claims hold   quick, 0:0")
    assert plan_text(over.plan, 4, 1) == "4 runs: 2 groups × 2 seeds, 1 there, 3 to train"
    assert [clock(seconds) for seconds in (5.9, 750, 3723)] == ["0:05", "12:30", "1:02:03"]


def test_the_command_line_names_scale_and_history(over, tmp_path):
    subject = subject_of(over)
    assert command(subject) == "workbench reproduce xor-depth"
    assert command(replace(subject, scale="full"), tmp_path / "a b.db").endswith(f"--scale full --db '{tmp_path}/a b.db'")


def test_what_is_wrong_with_a_file_is_told_whole(tmp_path):
    lines = text(
        unreadable_rows(Unreadable(tmp_path / "x.toml", ("[recipe]: no title", "claim 2\n    a < \n       ^ a number")), 60)
    )
    assert lines[0] == "! x.toml cannot be read"
    assert lines[3:] == ["  · [recipe]: no title", "  · claim 2", "        a <", "           ^ a number"]
