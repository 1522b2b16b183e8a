"""Running pieces of the history in processes of their own, and comparing what runs told."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).parents[3]


def python(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A fresh interpreter that runs a script, with its standard input and output as pipes."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=REPOSITORY)


def output(process: subprocess.Popen[str]) -> str:
    """What the process printed until its end, which must be a good one."""
    printed, errors = process.communicate()
    assert process.returncode == 0, errors
    return printed


def start_together(processes: list[subprocess.Popen[str]]) -> list[str]:
    """Let processes that print `ready` and then read a line go on all at once; return what they print."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [output(process) for process in processes]


def same(first: Any, second: Any) -> bool:
    """Equality by value, in which arrays are compared by their elements and not-a-number equals itself."""
    if isinstance(first, np.ndarray):
        return first.dtype == second.dtype and np.array_equal(first, second, equal_nan=first.dtype.kind == "f")
    if isinstance(first, tuple):
        return isinstance(second, tuple) and len(first) == len(second) and all(map(same, first, second))
    if dataclasses.is_dataclass(first):
        names = [field.name for field in dataclasses.fields(first)]
        return type(first) is type(second) and all(same(getattr(first, name), getattr(second, name)) for name in names)
    return bool(first == second) or (first != first and second != second)
