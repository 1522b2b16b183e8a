"""Every command of docs/topics.md runs, at a small size."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from workbench.cli import execute
from workbench.cli.errors import ExitCode

ROOT = Path(__file__).parents[1]
SMALL = ("--steps", "6", "--device", "cpu", "--threads", "1", "--quiet")
ROW = re.compile(r"^\| (?P<topic>[^|]+) \| `(?P<command>[^`]+)` \| (?P<look>.+) \|$", re.MULTILINE)
HOUSES = """median_income,housing_median_age,total_bedrooms,ocean_proximity,median_house_value
"""


def rows() -> list[tuple[str, str, list[str]]]:
    """Topic, command, and the commands that show more of what it recorded."""
    found = []
    for match in ROW.finditer((ROOT / "docs" / "topics.md").read_text(encoding="utf-8")):
        command = match["command"].replace("\\|", "|")
        shown = [
            look for look in re.findall(r"`([^`]+)`", match["look"]) if look.startswith(("workbench show", "workbench choices"))
        ]
        found.append((match["topic"], command, shown))
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a table of houses, the documented callback, and a history of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBENCH_DB", str(tmp_path / "history.db"))
    lines = [
        f"{1 + k % 7},{k % 50},{'' if k % 9 == 0 else 100 + k},{('INLAND', 'NEAR BAY')[k % 2]},{1000 * (50 + k)}"
        for k in range(600)
    ]
    (tmp_path / "california.csv").write_text(HOUSES + "\n".join(lines), encoding="utf-8")
    example = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "callbacks.md").read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    (tmp_path / "my_callbacks.py").write_text(example[1], encoding="utf-8")
    return tmp_path


def test_the_table_has_a_row_for_every_topic() -> None:
    commands = " ".join(command for _, command, _ in rows())
    for part in (
        "--depth 0", "step ", "--batch-size full", "--batch-size 1 ", "california", "--cost quadratic", "sigmoid", "maxout", "zeros",
        "normal(", "lsuv", "dbn", "denoising", "--train-size", "--features", "--label-noise", "--l1", "--l2", "--dropout", "--batch-norm",
        "--ensemble 7", "bagging", "disjoint", "residual", "split", "conv", "lstm", "--optimizer", "--schedule", "--patience",
        "--stop-at", "--callback", "distributions", "jacobian", "shapeset",
    ):  # fmt: skip
        assert part in commands, part
    assert len(rows()) == len({topic for topic, _, _ in rows()})


@pytest.mark.parametrize(("command", "shown"), [pytest.param(command, shown, id=topic) for topic, command, shown in rows()])
def test_a_topic_runs(command: str, shown: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program, *words = shlex.split(command)
    assert program == "workbench"
    if words[0] == "step":
        assert execute(words) == ExitCode.DONE
        assert "central differences" in capsys.readouterr().out
        return
    assert execute([*words, *SMALL]) in (ExitCode.DONE, ExitCode.DIVERGED)
    capsys.readouterr()
    for look in shown:
        assert execute(shlex.split(look)[1:]) == ExitCode.DONE
        assert capsys.readouterr().out.strip()
    assert execute(["runs", "--json"]) == ExitCode.DONE
    recorded = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert recorded
    assert all(run["step"] > 0 for run in recorded)
