"""What a forecast comes to, in words."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isfinite, log

from engine.insight.forecast_records import FAINT, Forecast, LayerForecast, Trend
from engine.insight.theory.first_weights import EQUAL

STEADY = (0.8, 1.25)
"""Ratios from layer to layer that count as none."""
_DEEPEST = 10_000
_ALIKE = 0.99


def trends(layers: Sequence[LayerForecast], batch: int) -> tuple[Trend, ...]:
    """How the signal changes on its way up, and the gradient on its way down, past layers of one number in a batch of one."""
    spread = [layer for layer in layers if layer.outputs * batch > 1]
    chain = [layer for layer in spread if "." not in layer.name and layer.kind in ("dense", "conv", "residual")]
    signal = _trend("signal", chain, "activation_std")
    gradient = _trend("gradient", [*(layer for layer in spread if layer is layers[-1]), *reversed(chain)], "gradient_std")
    return tuple(each for each in (signal, gradient) if each is not None)


def _trend(quantity: str, way: Sequence[LayerForecast], figure: str) -> Trend | None:
    """Along layers in the order in which it passes them; None where it is not known of all of them or of too few."""
    told = [getattr(layer.theory, figure) for layer in way]
    measured = any(value is None for value in told)
    if measured:
        told = [None if layer.measured is None else getattr(layer.measured, figure) for layer in way]
    values = [value for value in told if value is not None and isfinite(value)]
    if len(way) < 2 or len(values) < len(way):
        return None
    if values[0] <= 0:
        return Trend(quantity, None, 0.0, 1, None, way[0].name, way[0].name, measured)
    first = 0 if way[0].kind == "output" else 1
    hidden = values[1 - first :]
    ratio = _mean_ratio(hidden)
    last = hidden[-1] / hidden[-2] if len(hidden) > 1 and hidden[-2] > 0 else None
    shares = [value / values[0] for value in values]
    return Trend(
        quantity=quantity,
        ratio=ratio,
        left=shares[-1],
        faint_from=_depth_at(shares, last, FAINT, first),
        huge_from=_depth_at(shares, last, 1 / FAINT, first),
        origin=way[0].name,
        end=way[-1].name,
        measured=measured,
    )


def _mean_ratio(values: Sequence[float]) -> float | None:
    if len(values) < 2 or min(values[0], values[-1]) <= 0:
        return None
    return float((values[-1] / values[0]) ** (1 / (len(values) - 1)))


def _depth_at(shares: Sequence[float], last: float | None, bound: float, first: int) -> int | None:
    """Hidden layers at which the share passes the bound; beyond the network the last ratio goes on. None: it never does."""
    for position, share in enumerate(shares):
        if (share < bound) if bound < 1 else (share > bound):
            return position + first
    if last is None or last <= 0 or (last - 1) * (bound - 1) <= 0 or abs(log(last)) < 1e-3:
        return None
    more = ceil(log(bound / shares[-1]) / log(last))
    depth = len(shares) - 1 + first + more
    return depth if depth <= _DEEPEST else None


def verdict(made: Forecast, found: Sequence[Trend]) -> tuple[str, ...]:
    """The sentences that a user reads first."""
    if len(made.layers) == 1:
        return ("There is no hidden layer: signal and gradient have no way to go.",)
    said = [*_of_equal_weights(made), *(_sentence(trend) for trend in found)]
    reasons = dict.fromkeys(layer.reason for layer in made.layers if not layer.reached)
    said += [f"Theory does not reach: {reason}." for reason in reasons]
    return (*said, *_of_likeness(made)) or ("There are no two layers whose spread could be compared.",)


def _of_equal_weights(made: Forecast) -> list[str]:
    init = made.experiment.model.init
    if init.kind == "zeros" or (init.kind == EQUAL and init["value"] == 0):
        return ["All weights are 0: no signal passes, no gradient comes back, and only the output layer learns."]
    if init.kind == EQUAL:
        return [
            "All units of a layer are equal and get equal gradients: they stay one unit, however wide the layer is. "
            "Where theory says 0, a measurement shows what rounding leaves."
        ]
    return []


def _sentence(trend: Trend) -> str:
    said = " (as measured)" if trend.measured else ""
    whose = f"{trend.end} has {_number(trend.left)} of what {trend.origin} has"
    if trend.left == 0:
        return f"No {trend.quantity} comes to {trend.end}{said}."
    name = trend.quantity.capitalize()
    if trend.ratio is None:
        return f"{name}: {whose}{said}."
    if STEADY[0] <= trend.ratio <= STEADY[1] and FAINT < trend.left < 1 / FAINT:
        return f"{name} keeps its size: {whose}{said}."
    verb = "falls" if trend.ratio < 1 else "grows"
    change = f"{verb} to {_number(trend.ratio)} of itself at each layer"
    bound = ""
    if trend.faint_from is not None:
        bound = f"; below {FAINT:g} of it from {_layers(trend.faint_from)} on"
    elif trend.huge_from is not None:
        bound = f"; above {1 / FAINT:g} times it from {_layers(trend.huge_from)} on"
    return f"{name} {change}: {whose}{bound}{said}."


def _of_likeness(made: Forecast) -> list[str]:
    """That the top does not tell examples apart."""
    hidden = [layer for layer in made.layers[:-1] if layer.likeness is not None]
    if not hidden or (hidden[-1].likeness or 0.0) < _ALIKE or hidden[-1].theory.activation_std == 0:
        return []
    first = next(layer for layer in hidden if (layer.likeness or 0.0) >= _ALIKE)
    return [f"From {first.name} on two examples look alike: the cosine between their activations is above {_ALIKE:g}."]


def _layers(count: int) -> str:
    return f"{count:,} hidden layer{'s' * (count != 1)}"


def _number(value: float) -> str:
    return f"{value:.2g}"
