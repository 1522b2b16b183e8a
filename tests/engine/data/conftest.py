"""Where the real data lies, and a way to write a table."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.data.picture_files import flat, save


@pytest.fixture
def real_data() -> Path:
    """The folder of real data; the test is skipped where there is none."""
    folder = Path(os.environ.get("WORKBENCH_TEST_DATA") or Path(__file__).parents[4] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"needs real data: {folder} is not there; set WORKBENCH_TEST_DATA to its folder")
    return folder


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[[str], str]:
    """Writes a CSV file and gives its path."""

    def write(text: str) -> str:
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return str(path)

    return write


@pytest.fixture
def two_classes(tmp_path):
    """Ten dark pictures in class `a`, ten light ones in class `b`."""
    for number in range(10):
        save(tmp_path / "a" / f"{number}.png", flat(10 + number))
        save(tmp_path / "b" / f"{number}.png", flat(210 + number))
    return tmp_path


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch) -> None:
    """Servers on this machine are asked directly."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
