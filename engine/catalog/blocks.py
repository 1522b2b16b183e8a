"""The blocks that networks are stacked from. `engine.catalog.block_text` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.catalog.activations import ACTIVATIONS
from engine.catalog.choice import Parameter, Pick, Registry
from engine.catalog.initializers import INITIALIZERS

BlockValue = float | int | str | bool | Pick | None
"""What a parameter of a block may be; None: as the model has it."""


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
            if required(parameter):
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


def required(parameter: BlockParameter) -> bool:
    """Whether a block cannot do without this parameter."""
    return isinstance(parameter, Number) and parameter.default is None and not parameter.inherited


def _text(value: BlockValue) -> str:
    return repr(value) if isinstance(value, int | float) else str(value)
