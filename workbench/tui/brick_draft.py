"""The parameters of one block while they are edited: rows like those of the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from engine.catalog import BLOCKS, Choice, Pick, Registry, parse_pick
from engine.catalog.blocks import BlockParameter, BlockValue, Number, Picked, Word, required
from workbench.tui.fields import Field, Kind, Pace, number_text, parameter_field
from workbench.tui.stack import MOST_REPEATS, Brick

MODEL = "model"
"""The choice that leaves a parameter to the whole network."""

COUNT = Field("count", "Times", "how often the block follows itself; from 1 on", "", Kind.NUMBER, whole=True)


@dataclass(frozen=True, slots=True)
class BrickDraft:
    """The texts of a block's parameters by name; parameters of a choice are at `name.parameter`."""

    brick: Brick
    texts: Mapping[str, str]

    @classmethod
    def of(cls, brick: Brick) -> BrickDraft:
        """The draft that describes a block."""
        texts = {COUNT.path: str(brick.count)}
        for parameter in BLOCKS[brick.kind].parameters:
            value = brick.values[parameter.name]
            texts[parameter.name] = _text(parameter, value)
            if isinstance(value, Pick):
                texts.update({f"{parameter.name}.{name}": number_text(number) for name, number in value.parameters.items()})
        return cls(brick, MappingProxyType(texts))

    def __getitem__(self, path: str) -> str:
        return self.texts.get(path, "")

    def with_text(self, path: str, text: str) -> BrickDraft:
        """A copy with one text changed. A new choice brings its parameters' defaults."""
        texts = {**self.texts, path: text}
        row = next((row for row in self.rows() if row.path == path), None)
        if row is not None and row.registry is not None and text != self[path]:
            texts = {key: value for key, value in texts.items() if not key.startswith(f"{path}.")}
            chosen = row.registry.get(text)
            texts.update({f"{path}.{each.name}": f"{each.default:g}" for each in (chosen.parameters if chosen else ())})
        return replace(self, texts=MappingProxyType(texts))

    def rows(self) -> tuple[Field, ...]:
        """The parameters, those of each choice after it, then how often the block is repeated."""
        rows: list[Field] = []
        for parameter in BLOCKS[self.brick.kind].parameters:
            rows.append(_field(parameter))
            registry, chosen = rows[-1].registry, self[parameter.name]
            if registry is not None and chosen in registry:
                rows += [parameter_field(rows[-1], each) for each in registry[chosen].parameters]
        return (*rows, COUNT)

    def check(self) -> tuple[Brick | None, Mapping[str, str]]:
        """The block that is described, or None and what is wrong at which row."""
        problems: dict[str, str] = {}
        values = {each.name: self._read(each, problems) for each in BLOCKS[self.brick.kind].parameters}
        count = self[COUNT.path].strip()
        if not count.isdecimal() or not 1 <= int(count) <= MOST_REPEATS:
            problems[COUNT.path] = f"must be a whole number from 1 to {MOST_REPEATS}"
        if problems:
            return None, problems
        return replace(self.brick, values=MappingProxyType(values), count=int(count)), problems

    def _read(self, parameter: BlockParameter, problems: dict[str, str]) -> BlockValue:
        """The value of a parameter; says in `problems` why it has none."""
        text = self[parameter.name].strip()
        match parameter:
            case Word():
                return text
            case Picked():
                return None if text == MODEL else self._pick(parameter, text, problems)
            case Number():
                return _number(parameter, text, problems)

    def _pick(self, parameter: Picked, text: str, problems: dict[str, str]) -> BlockValue:
        given = []
        for each in parameter.registry[text].parameters:
            path = f"{parameter.name}.{each.name}"
            try:
                problem = each.check(float(self[path]))
            except ValueError:
                problem = f"must be a number, {each.range}"
            if problem:
                problems[path] = problem
            given.append(f"{each.name}={self[path].strip()}")
        return None if problems else parse_pick(f"{text}({', '.join(given)})" if given else text, parameter.registry)


def _number(parameter: Number, text: str, problems: dict[str, str]) -> BlockValue:
    if not text and not required(parameter):
        return parameter.default
    try:
        value = float(text)
    except ValueError:
        problems[parameter.name] = f"must be a number, {parameter.check.range}" if text else "needs a value"
        return None
    if problem := parameter.check.check(value):
        problems[parameter.name] = problem
        return None
    return int(value) if parameter.check.whole else value + 0.0


def _text(parameter: BlockParameter, value: BlockValue) -> str:
    if isinstance(parameter, Picked):
        return value.kind if isinstance(value, Pick) else MODEL
    if value is None:
        return ""
    return number_text(value) if isinstance(value, int | float) else str(value)


def _field(parameter: BlockParameter) -> Field:
    """The row of a parameter."""
    match parameter:
        case Word():
            return Field(parameter.name, parameter.name, parameter.help, "", Kind.CHOICE, parameter.words)
        case Picked():
            registry = _with_model(parameter.registry)
            return Field(parameter.name, parameter.name, parameter.help, "", Kind.CHOICE, tuple(registry), registry)
        case Number():
            return _number_field(parameter)


def _number_field(parameter: Number) -> Field:
    check = parameter.check
    doubles = check.whole and check.name in ("width", "channels")
    pace = Pace.DOUBLE if doubles else Pace.ONE if check.whole else Pace.TWENTIETH
    text = f"{parameter.help}; {check.range}"
    return Field(
        parameter.name, parameter.name, text, "", Kind.NUMBER, optional=not required(parameter), whole=check.whole, pace=pace
    )


def _with_model(registry: Registry) -> Registry:
    """The choices, and before them that of the whole network."""
    as_model = Choice(MODEL, "As the whole network", "", "What the form says of all layers.", "")
    return Registry(registry.noun, (as_model, *registry.values()))
