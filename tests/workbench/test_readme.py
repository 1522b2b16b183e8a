"""The Python of the README runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import execute

README = Path(__file__).parents[2] / "README.md"
HOUSES = [f"{40 + 2 * n},{1 + n % 5},{('north', 'south', 'old town')[n % 3]},{100 + 3.5 * n}" for n in range(60)]
HOUSE = "120,4,old town"


def test_the_example_answers_a_row_as_predict_does(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBENCH_DB", "history.db")
    Path("houses.csv").write_text("\n".join(["size,rooms,district,price", *HOUSES]) + "\n")
    Path("new.csv").write_text(f"size,rooms,district\n{HOUSE}\n")
    small = ("--depth", "1", "--width", "8", "--epochs", "3", "--batch-size", "8", "--device", "cpu", "--threads", "1", "--quiet")
    assert execute(["run", "--data", "houses.csv", "--target", "price", *small]) == 0
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    capsys.readouterr()
    assert execute(["predict", "latest", "--data", "new.csv"]) == 0
    answer = float(capsys.readouterr().out.splitlines()[1].split(",")[1])
    assert names["price"].item() == pytest.approx(answer, rel=1e-5)
