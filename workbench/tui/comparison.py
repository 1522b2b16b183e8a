"""The table of a comparison: what differs between runs, and how they ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.catalog import REGISTRIES, parse_pick
from engine.errors import ConfigurationError
from workbench.compare import differences
from workbench.history import RunRecord
from workbench.plots import format_duration, format_number, format_share
from workbench.plots.chart import MARKERS
from workbench.plots.numbers import ABSENT
from workbench.tui.messages import StoredCurves

Row = tuple[str, tuple[str, ...], str]
"""Title, one text for each run, and the kind: "section", "setting" or "figure"."""

FIGURES: tuple[tuple[str, Callable[[RunRecord], str]], ...] = (
    ("status", lambda record: record.status),
    ("epochs", lambda record: f"{record.epoch:,}"),
    ("steps", lambda record: f"{record.step:,}"),
    ("time", lambda record: format_duration(record.seconds)),
    ("parameters", lambda record: f"{record.parameters:,}"),
    ("train cost", lambda record: format_number(record.train_cost)),
    ("validation cost", lambda record: format_number(record.validation_cost)),
    ("best validation cost", lambda record: format_number(record.best_validation_cost)),
    ("test cost", lambda record: format_number(record.test_cost)),
    ("train accuracy", lambda record: format_share(record.train_accuracy)),
    ("validation accuracy", lambda record: format_share(record.validation_accuracy)),
    ("test accuracy", lambda record: format_share(record.test_accuracy)),
    ("train R²", lambda record: format_number(record.train_r2)),
    ("validation R²", lambda record: format_number(record.validation_r2)),
    ("test R²", lambda record: format_number(record.test_r2)),
    ("test mean abs. error", lambda record: format_number(record.test_mae)),
    ("together: valid. accuracy", lambda record: format_share(record.combined_validation_accuracy)),
    ("together: test accuracy", lambda record: format_share(record.combined_test_accuracy)),
    ("together: test R²", lambda record: format_number(record.combined_test_r2)),
    ("ended early", lambda record: record.reason or ABSENT),
    ("weights of step", lambda record: format_number(record.restored_step)),
    ("diverged at step", lambda record: format_number(record.diverged_step)),
)


def comparison_rows(records: Sequence[RunRecord]) -> list[Row]:
    """Settings that differ, then the final figures that any of the runs has."""
    blank = ("",) * len(records)
    rows: list[Row] = [("what differs", blank, "section"), *_settings(records), ("how they ended", blank, "section")]
    for title, text in FIGURES:
        texts = tuple(text(record) for record in records)
        if any(each != ABSENT for each in texts):
            rows.append((title, texts, "figure"))
    return rows


def _settings(records: Sequence[RunRecord]) -> list[Row]:
    try:
        found = differences([record.experiment for record in records])
    except ConfigurationError:
        return [("settings that this version cannot read", ("",) * len(records), "figure")]
    if not found:
        return [("nothing" if len(records) > 1 else "(a single run)", ("",) * len(records), "figure")]
    return [(each.path, tuple(_shortened(each.path, value) for value in each.values), "setting") for each in found]


def _shortened(path: str, value: str | None) -> str:
    """A setting's text; a choice without those of its parameters that nobody changed."""
    if value is None:
        return ABSENT
    if path not in REGISTRIES or path == "data.name":
        return value
    pick = parse_pick(value, REGISTRIES[path])
    defaults = {parameter.name: parameter.default for parameter in REGISTRIES[path][pick.kind].parameters}
    changed = [f"{name}={number:g}" for name, number in pick.parameters.items() if number != defaults[name]]
    return f"{pick.kind}({', '.join(changed)})" if changed else pick.kind


def curve_label(curves: StoredCurves) -> str:
    """The run's number and name, as the legend has it."""
    return f"{curves.record.id} {curves.record.name}".strip()


def run_heading(number: int, record: RunRecord) -> str:
    """The run's sign in the chart, its number and its name."""
    marker = MARKERS[number % len(MARKERS)].strip() or "─"
    return f"{marker} {record.id} {record.name}".strip()
