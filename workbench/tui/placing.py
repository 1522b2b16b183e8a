"""Which row of the form a problem of an experiment is shown at."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from engine.errors import Problem


def assign(found: Sequence[Problem], rows: Collection[str], problems: dict[str, str], general: list[str]) -> None:
    """Give each problem to the row that it is about.

    Args:
        found: What is wrong with an experiment.
        rows: The paths of the rows that are shown.
        problems: The problems of the rows so far; those of rows that have none yet are added.
        general: Takes what is about no row.
    """
    for problem in found:
        if problem.path and any(row.startswith(f"{problem.path}.") for row in problems):
            continue  # it is about several rows, of which one has a problem of its own
        row = row_of(problem, rows)
        if row:
            problems.setdefault(row, problem.message)
        else:
            general.append(problem.message)


def row_of(problem: Problem, rows: Collection[str]) -> str:
    """The row of its path, or else the first that its message names; empty if there is none."""
    path = problem.path
    while path and path not in rows:
        path = path.rpartition(".")[0]
    if path:
        return path
    words = [word.strip(".") for word in re.findall(r"[\w.]+", problem.message)]
    prefix = f"{problem.path}." if problem.path else ""
    for first, second in pairwise([*words, ""]):
        for named in (f"{first}.{second}", f"{prefix}{first}", first):
            if named in rows:
                return named
    return ""
