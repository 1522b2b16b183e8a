"""What claims load: reading them hardly anything, judging them neither torch nor a screen."""

from __future__ import annotations

import subprocess
import sys

import pytest

SHOW = "import sys; print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"


def loaded_by(code: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", f"{code}\n{SHOW}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("code", "without"),
    [
        (
            "from workbench.claims import ClaimError, Outcome, parse, parse_quantity",
            {"numpy", "scipy", "sqlite3", "torch", "textual"},
        ),
        ("from workbench.claims import judge, value_of", {"scipy", "sqlite3", "torch", "textual"}),
        ("from workbench.claims import StoredRuns", {"torch", "textual", "sqlite_utils"}),
    ],
)
def test_what_is_loaded(code, without):
    assert loaded_by(code) & without == set()


def test_a_name_that_is_not_there_is_an_error():
    import workbench.claims

    for name in workbench.claims.__all__:
        assert getattr(workbench.claims, name) is not None
    with pytest.raises(AttributeError):
        workbench.claims.nothing  # noqa: B018
