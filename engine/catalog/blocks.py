"""The blocks that networks are stacked from, and how they are written.

```
dense(64, activation=tanh), dropout(0.5)
conv(16, kernel=5), max_pool, flatten, dense(64)
3*residual(dense(64), dense(64), form=pre_activation)
split(dense(32) | dense(32), dense(16), join=concat)
lstm(128, states=all), lstm(128)
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.catalog.activations import ACTIVATIONS
from engine.catalog.choice import Parameter, Pick, Registry, parse_pick, unknown_name
from engine.catalog.initializers import INITIALIZERS

BlockValue = float | int | str | bool | Pick | None
"""What a parameter of a block may be; None: as the model has it."""

MOST_BLOCKS = 10_000


@dataclass(frozen=True, slots=True)
class Word:
    """A parameter that is one of a few words."""

    name: str
    words: tuple[str, ...]
    help: str

    @property
    def default(self) -> str:
        """The first word."""
        return self.words[0]


@dataclass(frozen=True, slots=True)
class Picked:
    """A parameter that is a choice from a registry; not given: the model's own."""

    name: str
    registry: Registry
    help: str
    default: None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A parameter that is a number; `default` None: it must be given, or where `inherited` it is the model's own."""

    name: str
    check: Parameter
    default: float | None = None
    inherited: bool = False

    @property
    def help(self) -> str:
        """What it means."""
        return self.check.help


BlockParameter = Word | Picked | Number


@dataclass(frozen=True, slots=True)
class BlockChoice:
    """One kind of block."""

    key: str
    label: str
    formula: str
    help: str
    citation: str
    parameters: tuple[BlockParameter, ...] = ()
    chains: tuple[int, int] = (0, 0)
    """How many chains of other blocks it holds: at least, at most."""

    def parameter(self, name: str) -> BlockParameter | None:
        """The parameter called `name`, or None."""
        return next((p for p in self.parameters if p.name == name), None)


@dataclass(frozen=True, slots=True)
class BlockPick:
    """A block chosen: its kind, a value for each of its parameters, and the chains of blocks that it holds."""

    kind: str
    values: Mapping[str, BlockValue] = field(default_factory=lambda: MappingProxyType({}))
    chains: tuple[tuple[BlockPick, ...], ...] = ()

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        choice = BLOCKS[self.kind]
        chains = " | ".join(", ".join(map(str, chain)) for chain in self.chains)
        given = []
        for parameter in choice.parameters:
            value = self.values[parameter.name]
            if _required(parameter):
                given.append(_text(value))
            elif value != parameter.default:
                given.append(f"{parameter.name}={_text(value)}")
        inside = ", ".join(filter(None, [chains, *given]))
        return f"{self.kind}({inside})" if inside else self.kind

    def number(self, name: str) -> float:
        """A parameter that is a number and is given or has a default."""
        value = self.values[name]
        assert isinstance(value, int | float)
        return value

    def whole(self, name: str) -> int:
        """A parameter that is a whole number."""
        return int(self.number(name))

    def word(self, name: str) -> str:
        """A parameter that is a word."""
        value = self.values[name]
        assert isinstance(value, str)
        return value

    def pick(self, name: str, otherwise: Pick) -> Pick:
        """A parameter that is a choice; `otherwise` where it is the model's own."""
        value = self.values[name]
        return value if isinstance(value, Pick) else otherwise


def _count(name: str, text: str, *, default: int | None = None, low: int = 1) -> Number:
    return Number(name, Parameter(name, default or 1, text, low, 1_000_000, whole=True), default)


_ACTIVATION = Picked("activation", ACTIVATIONS, "non-linearity; not given: the model's")
_INIT = Picked("init", INITIALIZERS, "first values of the weights; not given: the model's")
_SHARE = Parameter("dropout", 0.0, "share of units switched off in training; not given: the model's", 0.0, 1.0, high_open=True)
_DROPOUT = Number("dropout", _SHARE, inherited=True)
_NORM = Word("batch_norm", ("model", "on", "off"), "normalize before the activation; model: as the model has it")
_STATES = Word("states", ("last", "all"), "what is handed on: the last state, or the states of all steps")
_WIDTH = _count("width", "units")
_RECURRENT = (_WIDTH, _STATES, Picked("init", INITIALIZERS, _INIT.help))
_POOL = (
    _count("size", "side of the square that becomes one value", default=2),
    Number(
        "stride", Parameter("stride", 0, "pixels from one square to the next; 0: as many as its side", 0, 1000, whole=True), 0
    ),
)
_HE_2015 = "He, Zhang, Ren & Sun 2015"

BLOCKS: Mapping[str, BlockChoice] = {
    choice.key: choice
    for choice in (
        BlockChoice(
            "dense",
            "Dense",
            "h = f(x W + b)",
            "All inputs to all units; takes pictures and sequences as flat numbers.",
            "Rosenblatt 1958",
            (_WIDTH, _ACTIVATION, _INIT, _DROPOUT, _NORM),
        ),
        BlockChoice(
            "residual",
            "Fast forward (residual)",
            "y = f(x + F(x)), or x + F(x) with the activation first",
            "The input skips over the blocks inside and is added to what they make of it; projected where shapes differ.",
            f"{_HE_2015}; He, Zhang, Ren & Sun 2016 (pre_activation)",
            (Word("form", ("plain", "pre_activation"), "where the activation stands: after the sum, or before each affine map"),),
            (1, 1),
        ),
        BlockChoice(
            "split",
            "Split and merge",
            "y = F1(x) + F2(x) + ..., or all of them side by side",
            "Branches in parallel on the same input, with | between them.",
            "Szegedy et al. 2015",
            (Word("join", ("sum", "concat"), "how the branches become one: added up, or side by side"),),
            (2, 100),
        ),
        BlockChoice(
            "rnn",
            "Recurrent (Elman)",
            "h_t = tanh(x_t W + h_{t-1} U + b)",
            "Reads a sequence step by step; the rows of a picture are one.",
            "Elman 1990",
            _RECURRENT,
        ),
        BlockChoice(
            "gru",
            "Gated recurrent unit",
            "h_t = (1 - u) n + u h_{t-1}",
            "A recurrent block whose gates r and u decide what is forgotten.",
            "Cho et al. 2014",
            _RECURRENT,
        ),
        BlockChoice(
            "lstm",
            "LSTM",
            "c_t = f c_{t-1} + i g, h_t = o tanh(c_t)",
            "A recurrent block with a memory cell through which gradients pass unchanged.",
            "Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000",
            _RECURRENT,
        ),
        BlockChoice(
            "conv",
            "Convolution",
            "h_c = f(sum_d x_d * W_cd + b_c)",
            "The same small weights at every place of a picture.",
            "LeCun, Bottou, Bengio & Haffner 1998",
            (
                _count("channels", "feature maps"),
                _count("kernel", "side of the square of weights", default=3),
                _count("stride", "pixels from one place to the next", default=1),
                Word("padding", ("same", "valid"), "same: zeros around the picture, kernel // 2 on each side; valid: none"),
                _ACTIVATION,
                _INIT,
                _DROPOUT,
                _NORM,
            ),
        ),
        BlockChoice("max_pool", "Max pooling", "y = max of a square", "Keeps the largest of neighbouring values.", "Riesenhuber & Poggio 1999", _POOL),
        BlockChoice("average_pool", "Average pooling", "y = mean of a square", "The mean of neighbouring values.", "LeCun et al. 1990", _POOL),
        BlockChoice("flatten", "Flatten", "y = all values in a row", "Makes flat numbers of a picture or a sequence.", "-"),
        BlockChoice(
            "batch_norm",
            "Batch norm",
            "y = gamma (x - mean) / sqrt(var + eps) + beta",
            "Normalizes each unit or channel over the batch.",
            "Ioffe & Szegedy 2015",
        ),
        BlockChoice(
            "dropout",
            "Dropout",
            "y = x mask / (1 - rate)",
            "Switches units off at random in training.",
            "Srivastava et al. 2014",
            (Number("rate", Parameter("rate", 0.5, "share switched off", 0.0, 1.0, high_open=True)),),
        ),
        BlockChoice(
            "activation",
            "Activation",
            "y = f(x)",
            "A non-linearity by itself; without a name the model's.",
            "-",
            (Picked("kind", ACTIVATIONS, "non-linearity; not given: the model's"),),
        ),
    )
}  # fmt: skip


def parse_blocks(text: str) -> tuple[BlockPick, ...]:
    """Read blocks with commas between them; `3*` before a block repeats it.

    Raises:
        ValueError: a block or parameter is unknown, missing or out of range. The message names the block.
    """
    blocks: list[BlockPick] = []
    for item in split_outside(text, ","):
        times, star, rest = item.partition("*")
        if star and times.strip().isdecimal():
            item, count = rest.strip(), int(times)
        else:
            count = 1
        if len(blocks) + count > MOST_BLOCKS:
            raise ValueError(f"more than {MOST_BLOCKS:,} blocks")
        blocks += [_parse_block(item)] * count
    return tuple(blocks)


def split_outside(text: str, mark: str) -> list[str]:
    """The pieces between marks that stand outside of all brackets, without blanks around them; empty ones are left out.

    Raises:
        ValueError: brackets do not match.
    """
    pieces, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            raise ValueError(f"a bracket is closed that was not opened in {text!r}")
        if character == mark and depth == 0:
            pieces.append(text[start:position])
            start = position + 1
    if depth:
        raise ValueError(f"a closing bracket is missing in {text!r}")
    return [piece for part in [*pieces, text[start:]] if (piece := part.strip())]


def _parse_block(text: str) -> BlockPick:
    key, bracket, rest = text.partition("(")
    key = key.strip().replace("-", "_")
    if key not in BLOCKS:
        raise ValueError(unknown_name("block", key, BLOCKS))
    if bracket and not rest.endswith(")"):
        raise ValueError(f"{key}: unexpected text after the closing bracket in {text!r}")
    choice = BLOCKS[key]
    chains, given = _arguments(choice, rest[:-1])
    low, high = choice.chains
    if not low <= len(chains) <= high or not all(chains):
        raise ValueError(_wrong_chains(choice))
    return BlockPick(key, MappingProxyType(_values(choice, given)), tuple(chains))


def _wrong_chains(choice: BlockChoice) -> str:
    if choice.chains[1] == 0:
        return f"{choice.key} holds no other blocks"
    if choice.chains == (1, 1):
        return f"{choice.key} needs blocks inside, such as {choice.key}(dense(64), dense(64))"
    return f"{choice.key} needs at least {choice.chains[0]} branches, such as {choice.key}(dense(32) | dense(32))"


def _arguments(choice: BlockChoice, inside: str) -> tuple[list[tuple[BlockPick, ...]], list[str]]:
    """The chains of blocks and the parameters, as texts, between the brackets of a block."""
    branches = split_outside(inside, "|")
    if not choice.chains[1]:
        if len(branches) > 1:
            raise ValueError(_wrong_chains(choice))
        return [], split_outside(inside, ",")
    chains, given = [], []
    for branch in branches:
        items = split_outside(branch, ",")
        parameters = [item for item in items if _is_parameter(item)]
        given += parameters
        chains.append(parse_blocks(", ".join(item for item in items if item not in parameters)))
    return chains, given


def _is_parameter(item: str) -> bool:
    """Whether an argument is `name=value`, with the sign before any bracket."""
    return "=" in item.partition("(")[0]


def _values(choice: BlockChoice, given: list[str]) -> dict[str, BlockValue]:
    values: dict[str, BlockValue] = {p.name: p.default for p in choice.parameters}
    seen: set[str] = set()
    for position, item in enumerate(given):
        parameter, text = _named(choice, item, position)
        if parameter.name in seen:
            raise ValueError(f"{choice.key}: {parameter.name} is given twice")
        seen.add(parameter.name)
        values[parameter.name] = _read(choice, parameter, text)
    for parameter in choice.parameters:
        if _required(parameter) and parameter.name not in seen:
            raise ValueError(f"{choice.key} needs its {parameter.name}: {parameter.help}")
    return values


def _named(choice: BlockChoice, item: str, position: int) -> tuple[BlockParameter, str]:
    name, value = "", item
    if _is_parameter(item):
        name, value = (part.strip() for part in item.split("=", 1))
        parameter = choice.parameter(name)
    else:
        parameter = choice.parameters[position] if position < len(choice.parameters) else None
    if parameter is None:
        known = ", ".join(p.name for p in choice.parameters) or "none"
        raise ValueError(f"{choice.key} has no parameter {name or value!r}; its parameters: {known}")
    return parameter, value


def _read(choice: BlockChoice, parameter: BlockParameter, text: str) -> BlockValue:
    match parameter:
        case Word():
            if text not in parameter.words:
                raise ValueError(f"{choice.key}: {unknown_name(parameter.name, text, parameter.words)}")
            return text
        case Picked():
            try:
                return parse_pick(text, parameter.registry)
            except ValueError as error:
                raise ValueError(f"{choice.key}: {error}") from None
        case Number():
            return _number(choice, parameter, text)


def _number(choice: BlockChoice, parameter: Number, text: str) -> float | int:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{choice.key}: {parameter.name} must be a number, not {text!r}") from None
    problem = parameter.check.check(value)
    if problem:
        raise ValueError(f"{choice.key}: {problem}")
    return int(value) if parameter.check.whole else value + 0.0


def _required(parameter: BlockParameter) -> bool:
    return isinstance(parameter, Number) and parameter.default is None and not parameter.inherited


def _text(value: BlockValue) -> str:
    return repr(value) if isinstance(value, int | float) else str(value)
