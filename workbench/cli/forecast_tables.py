"""A forecast as tables, and as plain values."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import exp
from typing import TYPE_CHECKING

from engine.insight.forecast_records import CLOSE, Flows, Forecast, LayerForecast
from workbench.cli.output import console, few, make_table, print_table
from workbench.plots import format_duration, format_number
from workbench.plots.network import number_rows

if TYPE_CHECKING:
    from rich.table import Table

OUTSIDE = "!"
"""Behind measurements that chance does not explain."""
SHARE, FACTOR, UNTOLD = "±", "×÷", "?"
"""How sure theory is, behind its figures."""
MUCH = 0.5
"""From here on a share, which above 100 % would reach below zero, is told as a factor."""
_SHOWN = (("signal σ", "activation_std"), ("gradient σ", "gradient_std"), ("W gradient σ", "weight_gradient_std"))
_BY_ITSELF = (
    ("z σ", "z_std"),
    ("signal mean", "activation_mean"),
    ("signal σ", "activation_std"),
    ("gradient σ", "gradient_std"),
    ("W gradient σ", "weight_gradient_std"),
)


def facts(made: Forecast) -> Mapping[str, object]:
    """All of it as plain values."""
    outline = asdict(made.outline)
    counted = {
        name: outline[name] for name in ("parameters", "memory", "forward", "backward", "batch_size", "steps_per_epoch", "steps")
    }
    return {
        "verdict": made.verdict,
        "notes": made.notes,
        "layers": [{**asdict(layer), "outside": layer.outside} for layer in made.layers],
        "trends": [asdict(trend) for trend in made.trends],
        "inputs": asdict(made.inputs),
        **counted,
        "memory": {**outline["memory"], "total": made.outline.memory.total},
        "step": asdict(made.time),
        "epoch_seconds": made.epoch_seconds,
    }


def print_forecast(made: Forecast) -> None:
    """The verdict, the layers, what it takes."""
    model = made.experiment.model
    print(
        f"{made.experiment.data.name}: {model.activation}, weights {model.init}; first step, batch of {made.outline.batch_size:,}"
    )
    print()
    for sentence in made.verdict:
        print(_wrapped(sentence))
    print()
    print_table(_side_by_side(made.layers) if any(layer.measured for layer in made.layers) else _theory_alone(made.layers))
    print()
    for note in _notes(made):
        print(_wrapped(note))
    _print_numbers(made)


def _side_by_side(layers: Sequence[LayerForecast]) -> Table:
    """Theory and measurement of what matters most."""
    heads = [head for title, _ in _SHOWN for head in (f"{title}\ntheory", "\nmeasured")]
    table = make_table(["\nlayer", *heads], numbers=heads)
    table.padding = (0, 1, 0, 0)  # six numbers fit into 80 columns
    shown = _few(layers)
    theory, measured = ([told(shown, name) for _, name in _SHOWN] for told in (_theory, _measured))
    for row, layer in enumerate(shown):
        cells = [column[row] for pair in zip(theory, measured, strict=True) for column in pair]
        table.add_row("…" if layer is None else layer.name, *cells)
    return table


def _theory_alone(layers: Sequence[LayerForecast]) -> Table:
    heads = [title for title, _ in _BY_ITSELF]
    table = make_table(["layer", *heads], numbers=heads)
    shown = _few(layers)
    columns = [_theory(shown, name) for _, name in _BY_ITSELF]
    for row, layer in enumerate(shown):
        table.add_row("…" if layer is None else layer.name, *(column[row] for column in columns))
    return table


def _theory(layers: Sequence[LayerForecast | None], name: str) -> list[str]:
    """One figure of all layers, with how sure it is from a tenth on."""
    numbers = ["" if layer is None else format_number(getattr(layer.theory, name)) for layer in layers]
    return _with_signs(numbers, ["" if layer is None else _doubt(layer, name) for layer in layers])


def _doubt(layer: LayerForecast, name: str) -> str:
    """How far one network typically lies from theory: in percent, where that is much as a factor; nothing below a tenth."""
    if layer.left_to_chance(name):
        return UNTOLD
    tolerance = _figure(layer.tolerance, name) or 0.0
    if getattr(layer.theory, name) is None or tolerance < CLOSE:
        return ""
    return f"{SHARE}{tolerance:.0%}" if tolerance < MUCH else f"{FACTOR}{exp(tolerance):.1f}"


def _measured(layers: Sequence[LayerForecast | None], name: str) -> list[str]:
    """The same as measured, marked where chance does not explain the difference."""
    numbers = ["" if layer is None else format_number(_figure(layer.measured, name)) for layer in layers]
    return _with_signs(numbers, [OUTSIDE if layer is not None and name in layer.outside else "" for layer in layers])


def _with_signs(numbers: Sequence[str], signs: Sequence[str]) -> list[str]:
    """Numbers that stay below each other, with something behind some of them."""
    width = max(map(len, signs))
    return [f"{number}{sign:<{width}}" for number, sign in zip(numbers, signs, strict=True)]


def _few(layers: Sequence[LayerForecast]) -> list[LayerForecast | None]:
    """All of them, or of many the first and the last."""
    named = {layer.name: layer for layer in layers}
    return [None if name is None else named[name] for name in few(list(named), 40)]


def _figure(flows: Flows | None, name: str) -> float | None:
    return None if flows is None else getattr(flows, name)


def _notes(made: Forecast) -> list[str]:
    """What is to be known of the figures."""
    partly = dict.fromkeys(layer.reason for layer in made.layers if layer.reached and layer.reason)
    notes = [*made.notes, *partly]
    signs = "".join(_doubt(layer, name) for layer in made.layers for _, name in _BY_ITSELF)
    if SHARE in signs:
        notes.append(
            f"{SHARE} is how far one network on one batch typically lies from theory; it is shown from {100 * CLOSE:.0f} % on"
        )
    if FACTOR in signs:
        notes.append(f"{FACTOR} is the same as a factor, for where it is much: more networks lie below theory than above")
    if UNTOLD in signs:
        notes.append(f"{UNTOLD} is left to chance: one network may show any other figure")
    if any(name in layer.outside for layer in made.layers for _, name in _SHOWN):
        notes.append(f"{OUTSIDE} is farther from theory than {100 * CLOSE:.0f} % and twice that, which chance alone seldom does")
    return [*(f"Note: {note}." for note in notes), *([""] if notes else [])]


def _wrapped(sentence: str) -> str:
    """In a terminal as wide as that; for a file or pipe on one line."""
    screen = console()
    return textwrap.fill(sentence, min(screen.width, 120)) if screen.is_terminal else sentence


def _print_numbers(made: Forecast) -> None:
    for row in number_rows(made.outline, min(console().width, 120)):
        print("".join(text for text, _ in row).rstrip())
    how = "measured here" if made.time.measured else "estimated for one core"
    step = f"{format_number(made.time.seconds * 1000)} ms a step"
    print(f"{'time':<13}{_brief(made.epoch_seconds)} an epoch   {step}, {how}; scoring left out")


def _brief(seconds: float) -> str:
    """Also where it is less than a second."""
    return f"{format_number(round(seconds * 1000, 1))} ms" if seconds < 1 else format_duration(seconds)
