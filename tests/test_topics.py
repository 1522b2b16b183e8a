"""Every command of docs/topics.md shows what its row promises, at a small size."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.topics.promised import PROMISED
from tests.topics.seen import run_and_look
from workbench.cli import execute
from workbench.cli.errors import ExitCode
from workbench.history import History

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| (?P<topic>[^|]+) \| `(?P<command>[^`]+)` \| (?P<look>.+) \|$", re.MULTILINE)
HOUSES = """median_income,housing_median_age,total_bedrooms,ocean_proximity,median_house_value
"""


def rows() -> list[tuple[str, str, tuple[str, ...]]]:
    """Topic, command, and the commands that show more of what it recorded."""
    found = []
    for match in ROW.finditer((ROOT / "docs" / "topics.md").read_text(encoding="utf-8")):
        command = match["command"].replace("\\|", "|")
        looks = (
            look for look in re.findall(r"`([^`]+)`", match["look"]) if look.startswith(("workbench show", "workbench choices"))
        )
        found.append((match["topic"], command, tuple(looks)))
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


def test_every_row_promises_something_that_is_checked() -> None:
    assert {topic for topic, command, _ in rows() if not command.startswith("workbench step")} == set(PROMISED)


RUNS = [row for row in rows() if row[1].startswith("workbench run")]


@pytest.mark.parametrize(("topic", "command", "looks"), [pytest.param(*row, id=row[0]) for row in RUNS])
def test_a_topic_shows_what_it_promises(
    topic: str, command: str, looks: tuple[str, ...], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check, steps = PROMISED[topic]
    with History.open(folder / "history.db") as history:
        seen = run_and_look(shlex.split(command)[1:], steps, history, lambda: capsys.readouterr().out, looks)
        assert all(text.strip() for text in seen.shown.values())
        check(seen)


def test_one_step_by_hand_shows_derivatives_the_chain_rule_and_the_update(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (command,) = (command for _, command, _ in rows() if command.startswith("workbench step"))
    assert execute(shlex.split(command)[1:]) == ExitCode.DONE
    out = capsys.readouterr().out
    for part in ("f'(z)    slope", "dC/dh f'(z)", "xᵀ dC/dz", "W        before the update", "W new    after the update"):
        assert part in out
    assert "central differences" in out
    before, after = re.search(r"^C = (\S+); after the update C = (\S+) on", out, re.MULTILINE).groups()
    assert float(after) < float(before)
