"""What the interface remembers from one sitting to the next: looks, columns, what is shown. Knows no screen."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, ValidationError

VARIABLE = "WORKBENCH_PREFERENCES"
"""Environment variable with the path of the file, where it is to be another one."""


class _Remembered(BaseModel):
    """Frozen; what it does not know, as from a later version, is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class LivePreferences(_Remembered):
    """How a run is shown, live or stored."""

    logarithmic: bool = False


class HistoryPreferences(_Remembered):
    """How the list of runs is shown."""


class ComparePreferences(_Remembered):
    """How runs are compared."""


class Preferences(_Remembered):
    """All that is remembered, part by part."""

    theme: str = "workbench-dark"
    live: LivePreferences = LivePreferences()
    history: HistoryPreferences = HistoryPreferences()
    compare: ComparePreferences = ComparePreferences()


class PreferencesError(Exception):
    """They could not be read or kept; the text says why and what to do."""


def preferences_path() -> Path:
    """Where they are kept: `WORKBENCH_PREFERENCES`, or the user's folder for settings."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_config_path("workbench") / "interface.json"


def read_preferences(path: Path) -> Preferences:
    """What was remembered; that of a first sitting if nothing was.

    Raises:
        PreferencesError: the file cannot be read, or holds something else.
    """
    try:
        return Preferences.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Preferences()
    except (OSError, ValidationError) as error:
        reason = "its content does not fit" if isinstance(error, ValidationError) else error.strerror
        raise PreferencesError(
            f"The preferences in {path} cannot be read ({reason}); the usual ones are taken, and replace them."
        ) from error


def write_preferences(path: Path, preferences: Preferences) -> None:
    """Remember them: written whole beside the file first, so that there is always one that can be read.

    Raises:
        PreferencesError: the file cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(preferences.model_dump_json(indent=2) + "\n", encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise PreferencesError(f"The preferences cannot be kept in {path} ({error.strerror}).") from error
