"""What a selectable thing is: its key, its parameters, its formula and where it comes from."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that belongs to a choice, with the range in which it makes sense."""

    name: str
    default: float
    help: str
    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    whole: bool = False

    def check(self, value: float) -> str | None:
        """Return what is wrong with `value`, or None."""
        if not math.isfinite(value):
            return f"{self.name} must be a finite number"
        if self.whole and value != int(value):
            return f"{self.name} must be a whole number, not {value:g}"
        below = value <= self.low if self.low_open else value < self.low
        above = value >= self.high if self.high_open else value > self.high
        return f"{self.name} must be {self.range}, not {value:g}" if below or above else None

    @property
    def range(self) -> str:
        """The allowed range in words, such as `above 0 and at most 1`."""
        parts = []
        if self.low > -math.inf:
            parts.append(f"{'above' if self.low_open else 'at least'} {self.low:g}")
        if self.high < math.inf:
            parts.append(f"{'below' if self.high_open else 'at most'} {self.high:g}")
        return " and ".join(parts) or "any number"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a user can select."""

    key: str
    label: str
    formula: str
    help: str
    citation: str
    parameters: tuple[Parameter, ...] = ()
    learning_rate: float | None = None
    """Optimizers only: the learning rate used when none is given."""

    def parameter(self, name: str) -> Parameter | None:
        """The parameter called `name`, or None."""
        return next((p for p in self.parameters if p.name == name), None)


class Registry(Mapping[str, Choice]):
    """The choices of one kind, by key, in the order in which they are shown."""

    def __init__(self, noun: str, choices: Iterable[Choice]) -> None:
        self.noun = noun
        self._choices = {choice.key: choice for choice in choices}

    def __getitem__(self, key: str) -> Choice:
        return self._choices[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._choices)

    def __len__(self) -> int:
        return len(self._choices)

    def unknown(self, key: str) -> str:
        """The message for a key that is not there, with the nearest one and all that are."""
        return unknown_name(self.noun, key, self)


def unknown_name(noun: str, name: str, allowed: Iterable[str]) -> str:
    """Say that `name` is not one of `allowed`, and which of them is nearest."""
    names = list(allowed)
    near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"unknown {noun} {name!r}.{hint} Choose from: {', '.join(names)}"


@dataclass(frozen=True, slots=True)
class Pick:
    """A choice made: its key and a value for each of its parameters.

    Written as text in flags, files and the history: `relu`, `leaky_relu(slope=0.01)`.
    """

    kind: str
    parameters: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def __getitem__(self, name: str) -> float:
        return self.parameters[name]

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        if not self.parameters:
            return self.kind
        values = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"{self.kind}({values})"


def parse_pick(text: str, registry: Registry) -> Pick:
    """Read `key` or `key(name=value, …)`; parameters left out take their defaults.

    Raises:
        ValueError: the key or a parameter is unknown, or a value is out of range.
    """
    key, bracket, rest = text.strip().partition("(")
    key = key.strip().replace("-", "_")
    if key not in registry:
        raise ValueError(registry.unknown(key))
    if bracket and not rest.endswith(")"):
        raise ValueError(f"a closing bracket is missing in {text!r}")
    choice = registry[key]
    values = {p.name: float(p.default) for p in choice.parameters}
    for position, item in enumerate(filter(None, (part.strip() for part in rest[:-1].split(",")))):
        name, value = _named_value(item, position, choice)
        values[name] = value
    for parameter in choice.parameters:
        problem = parameter.check(values[parameter.name])
        if problem:
            raise ValueError(f"{key}: {problem}")
    # Adding 0.0 turns -0.0 into 0.0, so that equal settings have equal text and hash.
    return Pick(key, MappingProxyType({name: value + 0.0 for name, value in values.items()}))


def _named_value(item: str, position: int, choice: Choice) -> tuple[str, float]:
    """Read `name=value`, or a bare `value` that takes the name of the parameter at `position`."""
    name, equals, value = (part.strip() for part in item.partition("="))
    if not equals:
        name, value = (choice.parameters[position].name if position < len(choice.parameters) else "", item)
    if choice.parameter(name) is None:
        known = ", ".join(p.name for p in choice.parameters) or "none"
        raise ValueError(f"{choice.key} has no parameter {name or value!r}; its parameters: {known}")
    try:
        return name, float(value)
    except ValueError:
        raise ValueError(f"{choice.key}: {name} must be a number, not {value!r}") from None
