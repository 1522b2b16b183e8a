"""Where preferences are kept, and what is needed of them before the first screen is painted. Loads nothing heavy."""

from __future__ import annotations

import json
import os
from pathlib import Path

VARIABLE = "WORKBENCH_PREFERENCES"
"""Environment variable with the path of the file, where it is to be another one."""


def preferences_path() -> Path:
    """Where they are kept: `WORKBENCH_PREFERENCES`, or the user's folder for settings."""
    import platformdirs

    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_config_path("workbench") / "interface.json"


def remembered_theme(path: Path) -> str | None:
    """The theme that was chosen last; None where that cannot be read."""
    try:
        theme = json.loads(path.read_bytes())["theme"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return theme if isinstance(theme, str) else None
