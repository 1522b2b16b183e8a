"""`workbench recipes` lists questions, and tells all of one recipe with what came of it."""

from __future__ import annotations

import pytest

from tests.workbench.reproduction.written import FAILS, HOLDS, write_recipe
from workbench.recipes import shelf


@pytest.fixture
def sessions(db, tmp_path, monkeypatch):
    """The folder in which recipes are looked for, and no other."""
    folder = tmp_path / "sessions"
    folder.mkdir()
    monkeypatch.setattr(shelf, "WITH_THE_WORKBENCH", ())
    return folder


def test_recipes_are_listed_with_their_question_and_what_came_of_them(command, sessions, db):
    assert command("recipes").out == "No recipes in ./sessions.\n"
    write_recipe(sessions, "first")
    write_recipe(sessions, "second", [HOLDS, FAILS])
    ended = command("recipes")
    assert ended.code == 0
    assert [line.split(maxsplit=1) for line in ended.out.splitlines()[2:] if line] == [
        ["first", "Which depth?"],
        ["second", "Which depth?"],
    ]
    assert not db.exists()
    command("reproduce", "second", "--quiet")
    listed = command("recipes")
    (line,) = [line for line in listed.out.splitlines() if line.startswith("second")]
    assert "1 of 2 hold, quick, 20" in line
    write_recipe(sessions, "second", [HOLDS, FAILS, HOLDS])
    assert "before the recipe was changed" in command("recipes").out


def test_all_of_one_is_told(command, sessions):
    elsewhere = (
        f'[[claim]]\nsays = "Claim 3"\ncheck = "{HOLDS}"\nscales = ["full"]\npublished = {{ value = 4, source = "a book" }}\n'
    )
    path = write_recipe(sessions, checks=[HOLDS, FAILS], rest=elsewhere)
    text = command("recipes", "xor-depth").out
    for line in (
        "Depth on xor",
        "Question  Which depth?",
        "Source    Nobody",
        "Look at   The error.",
        f"File      sessions/{path.name}",
    ):
        assert f"{line}\n" in text
    assert "quick     4 runs: 2 groups x 2 seeds, " in text
    assert "full      6 runs: 2 groups x 3 seeds, " in text
    assert "Groups    depth=0; depth=1" in text
    assert f"3. Claim 3\n            {HOLDS}\n            published: 4 (a book)\n            at scale full alone" in text
    assert "PASS" not in text
    command("reproduce", "xor-depth", "--quiet")
    text = command("recipes", str(path)).out
    assert "Claims (1 of 2 hold, quick, 20" in text
    assert f"✗ FAIL   2. Claim 2\n            {FAILS}\n            steps(depth=0) 40" in text


def test_as_json_one_object_is_one_recipe(command, sessions):
    write_recipe(sessions, "first")
    write_recipe(sessions, "second", [HOLDS, FAILS])
    command("reproduce", "second", "--quiet")
    first, second = command("recipes", "--json").objects
    assert (first["name"], first["question"], first["latest"]) == ("first", "Which depth?", None)
    assert (second["latest"]["passed"], len(second["latest"]["runs"])) == (1, 4)
    assert [claim["scales"] for claim in second["claims"]] == [["quick", "full"]] * 2
    (whole,) = command("recipes", "second", "--json").objects
    quick = whole["scales"]["quick"]
    assert (quick["runs"], quick["groups"], quick["seeds"]) == (4, ["depth=0", "depth=1"], 2)
    assert quick["operations"] > 0


def test_a_recipe_that_cannot_be_read_is_told_after_the_others(command, sessions):
    write_recipe(sessions, "first")
    write_recipe(sessions, "wrong", ["speed(depth=1) > 1"])
    ended = command("recipes")
    assert ended.code == 2
    assert "first" in ended.out
    assert "wrong.toml: claim 1 check: unknown quantity 'speed'" in ended.err
    assert command("recipes", "wrong").code == 2
    assert "unknown recipe 'nope'" in command("recipes", "nope").err
