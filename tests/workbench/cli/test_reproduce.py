"""`workbench reproduce` trains recipes for real and says whether their claims hold."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.workbench.cli.conftest import query
from tests.workbench.reproduction.written import FAILS, HOLDS, UNKNOWN, write_recipe

ENDLESS = '[base]\ndata.name = "xor"\nmodel.width = 8\nsteps = 100000000\nthreads = 1\ndevice = "cpu"\n'
"""Of an experiment that takes longer than any test."""
SHORT_THEN_ENDLESS = "[vary.how]\nshort = { steps = 40 }\nlong = {}\n"


@pytest.fixture
def sessions(db, tmp_path):
    folder = tmp_path / "sessions"
    folder.mkdir()
    return folder


def test_claims_that_hold_end_with_code_0_and_are_told_with_their_numbers(command, sessions):
    published = "published = { value = 41, source = 'a book' }"
    write_recipe(sessions, checks=[HOLDS], rest=published)
    ended = command("reproduce", "xor-depth")
    assert ended.code == 0
    assert "✓ PASS   1. Claim 1" in ended.out
    assert "steps(depth=1) 40" in ended.out
    assert "published: 41 (a book); here 40" in ended.out
    assert "1 of 1 claim holds. quick: all 4 runs there, 4 trained now" in ended.out
    assert "xor-depth: Depth on xor (quick: 4 runs in 2 groups)" in ended.err
    assert "xor-depth, depth=1: 2 runs there, 2 of 2 groups" in ended.err
    again = command("reproduce", "xor-depth", "--quiet")
    assert (again.code, again.err) == (0, "")
    assert "all 4 runs there;" in again.out


@pytest.mark.parametrize(("check", "said"), [(FAILS, "✗ FAIL "), (UNKNOWN, "! ERROR")])
def test_a_claim_that_does_not_hold_or_cannot_be_judged_ends_with_code_1(command, sessions, check, said):
    write_recipe(sessions, checks=[HOLDS, check])
    ended = command("reproduce", "xor-depth", "--quiet")
    assert ended.code == 1
    assert f"{said}  2. Claim 2" in ended.out
    assert "1 of 2 claims hold" in ended.out


def test_as_json_every_line_is_an_object(command, sessions, db):
    write_recipe(sessions, checks=[HOLDS, FAILS])
    made = command("reproduce", "xor-depth", "--json").objects
    assert [each["event"] for each in made] == ["begun", "group", "verdict", "group", "verdict", "finished"]
    assert {each["recipe"] for each in made} == {"xor-depth"}
    assert (made[0]["runs"], made[0]["groups"], made[0]["claims"]) == (4, ["depth=0", "depth=1"], 2)
    assert (made[1]["group"], made[1]["runs"]) == ("depth=0", [1, 2])
    assert [(each["claim"], each["outcome"]) for each in made if each["event"] == "verdict"] == [(2, "fail"), (1, "pass")]
    (number,) = made[4]["numbers"]
    assert (number["text"], number["values"], number["mean"]) == ("steps(depth=1)", [40.0, 40.0], 40.0)
    last = made[-1]
    assert (last["passed"], last["claims"], last["trained"], last["reproduction"], last["db"]) == (1, 2, 4, 1, str(db))


def test_looking_alone_trains_nothing_and_ends_with_code_1_where_runs_are_missing(command, sessions, db):
    write_recipe(sessions)
    ended = command("reproduce", "xor-depth", "--check")
    assert ended.code == 1
    assert "· OPEN   1. Claim 1" in ended.out
    assert "0 of 4 runs there" in ended.out
    assert not db.exists()
    assert command("reproduce", "xor-depth").code == 0
    assert command("reproduce", "xor-depth", "--check").code == 0
    assert query(db, "SELECT count(*) FROM reproductions") == [(1,)]


@pytest.mark.parametrize("jobs", [(), ("--jobs", "2")], ids=["one by one", "side by side"])
def test_runs_of_another_version_are_taken_only_where_that_is_asked_for(command, sessions, db, jobs):
    for width, name in enumerate(("one", "two"), 4):
        write_recipe(
            sessions, name, base=f'[base]\ndata.name = "xor"\nmodel.width = {width}\nsteps = 40\nthreads = 1\ndevice = "cpu"\n'
        )
    assert command("reproduce", "one").code == 0
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE runs SET versions_json = json_set(versions_json, '$.workbench', '0.0.9')")
    words = ("reproduce", "one", "two", "--check", *jobs)
    ended = command(*words)
    assert ended.err.count("one: 4 runs of these experiments were trained by version 0.0.9 of the workbench") == 1
    assert "two: " in ended.err
    assert "two: 4 runs of these" not in ended.err
    taken = command(*words, "--any-version", "--json")
    assert [each["there"] for each in taken.objects if each["event"] == "begun"] == [4, 0]
    assert not [each for each in taken.objects if each["event"] == "note"]


def test_seeds_and_settings_can_be_given(command, sessions, db):
    write_recipe(sessions, checks=["steps(depth=1) within 0.1 of 7"])
    assert command("reproduce", "xor-depth", "--seeds", "1", "--set", "steps=7").code == 0
    assert query(db, "SELECT name, step FROM runs") == [("xor-depth: depth=0", 7), ("xor-depth: depth=1", 7)]
    assert query(db, "SELECT seeds, settings FROM reproductions") == [(1, '{"steps": 7}')]


def test_a_recipe_of_ones_own_is_named_by_its_file(command, tmp_path, db):
    path = write_recipe(tmp_path, "mine here")
    assert command("reproduce", str(path)).code == 0
    assert query(db, "SELECT DISTINCT tag FROM tags") == [("mine-here",)]


def test_several_recipes_end_with_a_table_and_what_does_not_hold(command, sessions):
    write_recipe(sessions, "good")
    write_recipe(sessions, "bad", [HOLDS, FAILS])
    ended = command("reproduce", "good", "bad", "--quiet")
    assert ended.code == 1
    table = ended.out[ended.out.index("claims that hold") :]
    assert [line.split()[:4] for line in table.splitlines()[2:4]] == [["good", "1", "of", "1"], ["bad", "1", "of", "2"]]
    assert "\nbad\n✗ FAIL   2. Claim 2\n" in table
    assert "PASS" not in table


def test_a_training_that_cannot_begin_is_told_and_ends_with_code_1(command, sessions):
    base = '[base]\ndata.name = "absent.csv"\ndata.target = "y"\n'
    write_recipe(sessions, checks=["steps(depth=0) > 1"], base=base)
    ended = command("reproduce", "xor-depth")
    assert ended.code == 1
    assert "the training of depth=0 broke off" in ended.err
    assert "absent.csv" in ended.err
    assert "! ERROR  1. Claim 1" in ended.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nope",), "unknown recipe 'nope'"),
        (("absent.toml",), "there is no recipe absent.toml"),
        ((), "name recipes, or give --all"),
        (("xor-depth", "--all"), "name recipes, or give --all"),
        (("xor-depth", "--scale", "huge"), "unknown scale 'huge'"),
        (("--all", "--scale", "huge"), "no recipe has a scale huge"),
        (("xor-depth", "--set", "lr=-1"), "lr: must be greater than 0"),
        (("xor-depth", "--set", "speed=1"), "there is no such setting"),
        (("xor-depth", "--jobs", "0"), "--jobs"),
        (("wrong",), "unknown quantity"),
        (("--all",), "unknown quantity"),
    ],
)
def test_wrong_words_and_recipes_end_with_code_2(command, sessions, db, words, said):
    write_recipe(sessions)
    if "wrong" in words or words == ("--all",):
        write_recipe(sessions, "wrong", ["speed(depth=1) > 1"])
    ended = command("reproduce", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert not db.exists()


# --- in processes of their own --------------------------------------------------------


def started(*words):
    """A command whose JSON lines are read."""
    return subprocess.Popen(
        [sys.executable, "-m", "workbench", "reproduce", *words, "--json"],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background would ignore Ctrl-C
    )


def objects_until(process, event):
    """What it says, up to the first object of a kind."""
    made = []
    for line in process.stdout:
        made.append(json.loads(line))
        if made[-1]["event"] == event:
            break
    return made


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_what_a_signal_interrupts_goes_on_with_what_is_missing(command, sessions, db, sent):
    write_recipe(sessions, checks=["steps(short) >= 40"], base=ENDLESS, vary=SHORT_THEN_ENDLESS)
    with started("xor-depth") as process:
        objects_until(process, "verdict")
        process.send_signal(sent)
        last = objects_until(process, "finished")[-1]
    assert process.returncode == 130
    assert (last["status"], last["passed"], last["claims"], last["reproduction"]) == ("interrupted", 1, 1, None)
    assert query(db, "SELECT status FROM runs WHERE name = 'xor-depth: short'") == [("done",), ("done",)]
    kept = query(db, "SELECT count(*) FROM runs")
    assert command("reproduce", "xor-depth", "--check").code == 0
    write_recipe(sessions, checks=["steps(short) >= 40"], base=ENDLESS, vary="[vary.how]\nshort = { steps = 40 }\n")
    again = command("reproduce", "xor-depth", "--json")
    assert (again.code, again.objects[0]["there"]) == (0, 2)
    assert query(db, "SELECT count(*) FROM runs") == kept


def test_several_at_once_are_told_of_in_their_order(command, sessions, db):
    names = ("one", "two", "three")
    for width, name in enumerate(names, 4):
        base = f'[base]\ndata.name = "xor"\nmodel.width = {width}\nsteps = 20\nthreads = 1\ndevice = "cpu"\n'
        write_recipe(sessions, name, ["steps(depth=1) >= 20", *(["steps(depth=0) > 20"] if name == "two" else [])], base=base)
    ended = command("reproduce", *names, "--jobs", "2", "--json")
    assert ended.code == 1
    assert [each["recipe"] for each in ended.objects if each["event"] == "finished"] == list(names)
    order = [each["recipe"] for each in ended.objects]
    assert order == sorted(order, key=names.index)
    assert query(db, "SELECT count(*), count(DISTINCT name) FROM runs") == [(12, 6)]
    again = command("reproduce", *names, "--jobs", "3", "--check", "--quiet")
    assert (again.code, again.err) == (1, "")
    table = again.out[again.out.index("claims that hold") :].splitlines()
    assert [line.split()[:4] for line in table[2:5]] == [[name, "1", "of", "2" if name == "two" else "1"] for name in names]


def test_ctrl_c_ends_all_that_run_at_once(sessions, db):
    for name in ("one", "two", "three"):
        seed = f"{ENDLESS}seed = {len(name)}\ndata.seed = {ord(name[1])}\n"
        write_recipe(sessions, name, ["steps(short) >= 40"], base=seed, vary=SHORT_THEN_ENDLESS)
    with started("one", "two", "three", "--jobs", "2") as process:
        objects_until(process, "verdict")
        process.send_signal(signal.SIGINT)
        rest = [json.loads(line) for line in process.stdout]
    assert process.returncode == 130
    assert next(each["status"] for each in rest if each["event"] == "finished") == "interrupted"
    assert "three" not in {each["recipe"] for each in rest}
    assert query(db, "SELECT count(*) FROM runs WHERE status = 'running'") == [(0,)]


def test_a_reader_that_leaves_ends_it_quietly(sessions, db):
    write_recipe(sessions, checks=["steps(short) >= 40"], base=ENDLESS, vary=SHORT_THEN_ENDLESS)
    words = [sys.executable, "-m", "workbench", "reproduce", "xor-depth", "--json", "--quiet"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert b'"begun"' in process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 130
