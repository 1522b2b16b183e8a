"""Commands in processes of their own, whose JSON lines come in the order of the commands."""

from __future__ import annotations

import sys

import pytest

from workbench.cli.processes import Processes

WAITS = "import pathlib, sys, time\nwhile not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)\n"


def python(code: str, *words: object) -> list[str]:
    return [sys.executable, "-c", code, *map(str, words)]


def told(commands, at_once):
    with Processes(commands, at_once) as processes:
        found = list(processes.objects())
    return found, processes.code


def says(number: int) -> str:
    return f"print('{{\"says\": {number}}}', flush=True)\n"


def test_the_first_is_told_of_first_though_it_ends_last(tmp_path):
    last = tmp_path / "last"
    commands = [python(says(1) + WAITS + says(2), last), python(f"{says(3)}open({str(last)!r}, 'w').close()")]
    found, code = told(commands, 2)
    assert [(place, each["says"]) for place, each in found] == [(0, 1), (0, 2), (1, 3)]
    assert code == 0


def test_no_more_than_so_many_run_at_once(tmp_path):
    """The second would otherwise see the file of the first, which is there only while that runs."""
    here = tmp_path / "here"
    code = f"import os\nos.mkdir({str(here)!r})\n{says(1)}os.rmdir({str(here)!r})"
    assert told([python(code)] * 3, 1)[1] == 0


@pytest.mark.parametrize(("code", "expected"), [("sys.exit(2)", 2), ("os.kill(os.getpid(), 9)", 1), ("pass", 0)])
def test_the_exit_code_is_the_greatest_and_1_for_one_that_was_killed(code, expected):
    assert told([python(f"import os, sys\n{code}"), python("pass")], 2)[1] == expected


def test_when_they_are_stopped_all_end_and_no_other_begins(tmp_path):
    never = tmp_path / "never"
    with Processes([python(says(1) + WAITS, never)] * 2 + [python(says(2))], 2) as processes:
        found = []
        for _, each in processes.objects():
            found.append(each["says"])
            processes.stop()
    assert set(found) == {1}
    assert processes.code == 130
    assert len(processes._started) == 2
