"""What a forecast comes to, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil, isfinite, log

from engine.insight.forecast_records import FAINT, FEWEST, Flows, Forecast, LayerForecast, Trend
from engine.insight.theory.first_weights import EQUAL
from engine.insight.thresholds import SATURATED

STEADY, NEARLY = 1.25, 3.0
"""Factors, from layer to layer and in all, up to which a size counts as kept."""
UNLIKE = 3.0
"""Factor up to which a measured trend of another kind is no contradiction."""
_DEEPEST = 10_000
_ALIKE = 0.99
_Way = tuple[str, Sequence[LayerForecast], Callable[[LayerForecast, Flows], float | None]]
"""A quantity, the layers in the order in which it passes them, and its size at one of them."""


def trends(layers: Sequence[LayerForecast], batch: int) -> tuple[Trend, ...]:
    """How the signal changes on its way up, and the gradient on its way down; as measured where theory does not reach."""
    found = (_trend(way) or _trend(way, measured=True) for way in _ways(layers, batch))
    return tuple(each for each in found if each is not None)


def _ways(layers: Sequence[LayerForecast], batch: int) -> tuple[_Way, _Way]:
    """Past layers of one number in a batch of one."""
    spread = [layer for layer in layers if layer.outputs * batch > 1]
    chain = [layer for layer in spread if "." not in layer.name and layer.kind in ("dense", "conv", "residual")]
    down = [*(layer for layer in spread if layer is layers[-1]), *reversed(chain)]
    return ("signal", chain, _spread), ("gradient", down, _length)


def _spread(layer: LayerForecast, flows: Flows) -> float | None:
    """Of the values: their standard deviation, for each unit hands its own on."""
    return flows.activation_std


def _length(layer: LayerForecast, flows: Flows) -> float | None:
    """Of the gradient: root of the summed squares, as layers of many units share what layers of few have each."""
    return None if flows.gradient_std is None else flows.gradient_std * layer.outputs**0.5


def _trend(passed: _Way, *, measured: bool = False) -> Trend | None:
    """None where it is not known of all layers or of too few."""
    quantity, way, size = passed
    flows = [(layer, layer.measured if measured else layer.theory) for layer in way]
    sizes = [size(layer, each) for layer, each in flows if each is not None]
    values = [value for value in sizes if value is not None and isfinite(value)]
    if len(way) < 2 or len(values) < len(way):
        return None
    if values[0] <= 0:
        return Trend(quantity, None, None, 0.0, 1, None, way[0].name, way[0].name, way[0].name, measured)
    first = 0 if way[0].kind == "output" else 1
    hidden = values[1 - first :]
    across = hidden[-1] / hidden[0] if len(hidden) > 1 and min(hidden[0], hidden[-1]) > 0 else None
    last = hidden[-1] / hidden[-2] if len(hidden) > 1 and hidden[-2] > 0 else None
    shares = [value / values[0] for value in values]
    return Trend(
        quantity=quantity,
        ratio=None if across is None else float(across ** (1 / (len(hidden) - 1))),
        across=across,
        left=shares[-1],
        faint_from=_depth_at(shares, last, FAINT, first),
        huge_from=_depth_at(shares, last, 1 / FAINT, first),
        origin=way[0].name,
        first=way[1 - first].name,
        end=way[-1].name,
        measured=measured,
    )


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
    seen = {way[0]: _trend(way, measured=True) for way in _ways(made.layers, made.outline.batch_size)}
    said = _of_equal_weights(made)
    for trend in found:
        said += [_sentence(trend), *_contradiction(trend, seen[trend.quantity])]
    reasons = dict.fromkeys(layer.reason for layer in made.layers if not layer.reached)
    said += [f"Theory does not reach: {reason}." for reason in reasons]
    return (*said, *_of_flatness(made), *_of_likeness(made), *_of_chance(made)) or (
        "There are no two layers whose spread could be compared.",
    )


def _of_equal_weights(made: Forecast) -> list[str]:
    init = made.experiment.model.init
    if init.kind == "zeros" or (init.kind == EQUAL and init["value"] == 0):
        learns = (
            "the biases of the output learn" if made.layers[-1].theory.weight_gradient_std == 0 else "the output layer learns"
        )
        return [f"All weights are 0: no signal passes, no gradient comes back, and only {learns}."]
    if init.kind == EQUAL:
        return [
            "All units of a layer are equal and get equal gradients: they stay one unit, however wide the layer is. "
            "Where theory says 0, a measurement shows what rounding leaves."
        ]
    return []


def _sentence(trend: Trend) -> str:
    """What comes of it between the hidden layers, and how that adds up from where it comes from."""
    said = ", as measured" if trend.measured else ""
    name = trend.quantity.capitalize()
    if trend.left == 0:
        return f"No {trend.quantity} comes to {trend.end}{said}."
    if trend.ratio is None or trend.across is None:
        return f"{name} at {trend.end} is {_number(trend.left)} of that at {trend.origin}{said}."
    to = "down to" if trend.quantity == "gradient" else "to"
    way, change = f"from {trend.first} {to} {trend.end}", f"×{_number(trend.across)} in all{said}"
    if _gist(trend) == "keeps":
        return f"{name} keeps its size {way}: {change}."
    bound = ""
    if trend.faint_from is not None:
        bound = f"; from {_layers(trend.faint_from)} on it is below {FAINT:g} of that at {trend.origin}"
    elif trend.huge_from is not None:
        bound = f"; from {_layers(trend.huge_from)} on it is above {1 / FAINT:g} times that at {trend.origin}"
    each = "" if trend.ratio == trend.across else f"×{_number(trend.ratio)} a layer, "
    return f"{name} {_gist(trend)} {way}: {each}{change}{bound}."


def _gist(trend: Trend) -> str:
    """What it does: "falls", "keeps" its size, "grows"."""
    across = trend.across or trend.left
    if 1 / NEARLY <= across <= NEARLY and 1 / STEADY <= (trend.ratio or 1) <= STEADY:
        return "keeps"
    return "falls" if (trend.left if trend.ratio is None else trend.ratio) < 1 else "grows"


def _contradiction(told: Trend, seen: Trend | None) -> list[str]:
    """Where a measurement shows something else than theory; not of what theory takes to be 0, which shows rounding."""
    if told.measured or seen is None or told.left == 0 or _gist(told) == _gist(seen):
        return []
    if seen.left > 0:
        apart = seen.across / told.across if seen.across and told.across else seen.left / told.left
        if abs(log(apart)) <= log(UNLIKE):
            return []
    sentence = _sentence(replace(seen, measured=False))
    return [f"But as measured, {sentence[0].lower()}{sentence[1:]}"]


def _of_flatness(made: Forecast) -> list[str]:
    """That most values lie where the activation is flat."""
    flat = [layer for layer in made.layers[:-1] if layer.flat is not None and layer.flat > SATURATED]
    if not flat:
        return []
    most = max(layer.flat or 0.0 for layer in flat)
    where = flat[0].name if len(flat) == 1 else f"{flat[0].name} to {flat[-1].name}"
    return [
        f"Saturated from the first step on: up to {most:.0%} of the values of {where} lie in the flat parts of {flat[0].activation}."
    ]


def _of_likeness(made: Forecast) -> list[str]:
    """That the top does not tell examples apart."""
    hidden = [layer for layer in made.layers[:-1] if layer.likeness is not None]
    if not hidden or (hidden[-1].likeness or 0.0) < _ALIKE or hidden[-1].theory.activation_std == 0:
        return []
    first = next(layer for layer in hidden if (layer.likeness or 0.0) >= _ALIKE)
    return [f"From {first.name} on two examples look alike: the cosine between their activations is above {_ALIKE:g}."]


def _of_chance(made: Forecast) -> list[str]:
    """That theory and one network have little to do with each other."""
    hidden = made.layers[:-1]
    if any(layer.tolerance is None for layer in hidden):
        return [
            f"One network tells nothing of another: with fewer than {FEWEST} units in a layer chance decides. "
            "Theory is made for wide layers and gives the order of magnitude at best."
        ]
    if any(layer.left_to_chance(name) for layer in hidden for name in ("activation_std", "gradient_std")):
        return ["Chance decides: networks differ by more than a factor of 4, and most lie below theory, the mean of many."]
    return []


def _layers(count: int) -> str:
    return f"{count:,} hidden layer{'s' * (count != 1)}"


def _number(value: float) -> str:
    return f"{value:.2g}"
