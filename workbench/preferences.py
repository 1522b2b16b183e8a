"""What the interface remembers from one sitting to the next: looks, columns, what is shown. Knows no screen."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.files import write_whole
from workbench.preferences_file import VARIABLE as VARIABLE
from workbench.preferences_file import preferences_path as preferences_path


class _Remembered(BaseModel):
    """Frozen; what it does not know, as from a later version, is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class LivePreferences(_Remembered):
    """How a run is shown, live or stored."""

    logarithmic: bool = False
    smoothing: float = 0.0
    """Weight of the moving average."""
    axis: str = "steps"
    """What the x axis counts; a `workbench.curve_axes.Unit`."""
    metric: str = "cost"
    """A `workbench.curves.Shown`."""
    members: str = "band"
    """How a population is drawn; a `workbench.curves.Members`."""
    panel: str = "curves"
    """The picture that is chosen."""
    layer_columns: tuple[str, ...] = ()
    """Statistics in the table of the layers; empty: the usual ones."""
    layer_statistic: str = "gradient_std"
    """What is drawn of the layers over time."""
    layer_quantity: str = "activation"
    """What histograms are drawn of."""


class HistoryPreferences(_Remembered):
    """How the list of runs is shown. Fields are named as in its filter."""

    columns: tuple[str, ...] = ()
    """In their order; empty: the usual ones."""
    sort: str = "id"
    reverse: bool = False
    """Whether the list is sorted the other way around than usual for that field."""
    group: str = ""
    """The field by which runs are put together; empty: they are not."""
    hide_same: bool = False
    """Whether columns are hidden that are the same in all runs."""
    preview: bool | None = None
    """Whether the current run's curves are shown; None: where there is room."""
    logarithmic: bool = False
    """Whether their cost axis is."""


class ComparePreferences(_Remembered):
    """How runs are compared."""

    view: str = "curves"
    metric: str = "loss"
    alignment: str = "step"
    logarithmic: bool = False
    smoothing: float = 0.0
    by_seed: bool = False
    statistic: str = "gradient_std"
    figure: str = ""
    """The last axis of the parallel coordinates; empty: the most telling one that there is."""


class Preferences(_Remembered):
    """All that is remembered, part by part."""

    theme: str = "workbench-dark"
    data_dir: str = ""
    """Where the files of recipes' datasets are; empty: in their usual places."""
    toured: bool = False
    """Whether the tour was offered."""
    live: LivePreferences = LivePreferences()
    history: HistoryPreferences = HistoryPreferences()
    compare: ComparePreferences = ComparePreferences()


class PreferencesError(Exception):
    """They could not be read or kept; the text says why and what to do."""


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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, f"{preferences.model_dump_json(indent=2)}\n".encode())
    except OSError as error:
        raise PreferencesError(f"The preferences cannot be kept in {path} ({error.strerror}).") from error
