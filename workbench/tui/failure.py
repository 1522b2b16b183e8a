"""An error of the interface that nobody expected: where it is written, and what the user is told."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from pathlib import Path

import platformdirs
from rich.text import Text


def log_path() -> Path:
    """The file with what went wrong, in the user's folder for the state of programs."""
    return platformdirs.user_state_path("workbench") / "errors.log"


def keep_traceback(error: BaseException) -> Text:
    """Write where an error came from into the log; what to tell the user, in one message."""
    name = f"{type(error).__name__}: {error}".strip(": ").replace("\n", " ")
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"--- {datetime.now(UTC).isoformat(timespec='seconds')}\n")
            file.writelines(traceback.format_exception(error))
        where = f"Where it came from is written in {path}."
    except OSError as problem:
        where = f"Where it came from cannot be written to {path} ({problem.strerror})."
    return Text(
        f"workbench: the interface has ended because of an error that was not expected ({name}).\n"
        f"What was recorded is kept, and a training that was going on has been ended and recorded. {where}"
    )
