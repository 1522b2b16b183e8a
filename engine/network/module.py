"""One member of a network as a plain `torch.nn.Module`, made of PyTorch's own modules with copies of the weights."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from engine.network.activated import PostActivation, PreActivation
from engine.network.activations import Activation, PReLU
from engine.network.block import Block, Chain, Layer
from engine.network.convolution import AveragePool, ChannelNorm, Convolution, MaxPool
from engine.network.joints import Residual, Split
from engine.network.layers import Affine, AffineMap, AlphaDropout, BatchNorm, Dropout, FlatAffine, SequenceNorm
from engine.network.network import Network
from engine.network.recurrent import GRU, LSTM, Elman, Recurrent
from engine.network.shaping import Arrange, Rows
from engine.network.single import ActivationBlock, BatchNormBlock, DropoutBlock


def module_of(network: Network, member: int = 0, *, output_activation: bool = True) -> nn.Module:
    """A member as a module from `[B, D]` to `[B, C]`, in evaluation mode and with weights of its own.

    Args:
        network: on any device; the module is made on the same.
        member: which of the population.
        output_activation: whether the outputs are those of the network, probabilities for example, or its last
            pre-activations, as PyTorch's cost functions want them.
    """
    return nn.Sequential(modules_of(network, member, output_activation=output_activation)).eval()


def modules_of(network: Network, member: int = 0, *, output_activation: bool = True) -> OrderedDict[str, nn.Module]:
    """The modules of which `module_of` makes one, by name: `body`, `output`, and `activation` for the output activation.

    Within, a layer has the name it has in the network, such as `hidden 1` or `2-1 conv` (a name of PyTorch's has no points), and
    the parts of a layer are called affine, norm, activation and dropout.
    """
    output = network.output
    modules = OrderedDict[str, nn.Module](body=_module(network.body, member), output=_affine(output.affine, member))
    if output_activation:
        assert output.activation is not None
        modules["activation"] = activation_module(output.activation, member)
    for module in modules.values():
        module.to(output.weight.value.device, output.weight.value.dtype)
    return modules


def activation_module(activation: Activation, member: int = 0) -> nn.Module:
    """The module of PyTorch that an activation stands for."""
    values = activation.pick.parameters
    if isinstance(activation, PReLU):
        slope = activation.parameters[0].value[member]
        module = nn.PReLU(1).to(slope)
        _copy(module.weight, slope.flatten())
        return module
    make: dict[str, Callable[[], nn.Module]] = {
        "identity": nn.Identity,
        "sigmoid": nn.Sigmoid,
        "tanh": nn.Tanh,
        "hard_tanh": nn.Hardtanh,
        "softsign": nn.Softsign,
        "softplus": nn.Softplus,
        "relu": nn.ReLU,
        "leaky_relu": lambda: nn.LeakyReLU(values["slope"]),
        "elu": lambda: nn.ELU(values["alpha"]),
        "selu": nn.SELU,
        "gelu": nn.GELU,
        "silu": nn.SiLU,
        "maxout": lambda: MaxoutModule(int(values["pieces"])),
        "softmax": lambda: nn.Softmax(-1),
    }
    return make[activation.pick.kind]()


class MaxoutModule(nn.Module):
    """The largest of each unit's pieces."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, z: Tensor) -> Tensor:
        """`[B, W k]` to `[B, W]`."""
        return z.reshape(*z.shape[:-1], -1, self.pieces).amax(-1)


class ResidualModule(nn.Module):
    """f(P x + F(x))."""

    def __init__(self, inside: nn.Module, skip: nn.Module, activation: nn.Module) -> None:
        super().__init__()
        self.inside, self.skip, self.activation = inside, skip, activation

    def forward(self, x: Tensor) -> Tensor:
        """Return y."""
        y: Tensor = self.activation(self.skip(x) + self.inside(x))
        return y


class SplitModule(nn.Module):
    """Branches on the same input, added or joined along an axis."""

    def __init__(self, branches: Sequence[nn.Module], axis: int | None) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        """Return y."""
        outputs = [branch(x) for branch in self.branches]
        return torch.stack(outputs).sum(0) if self.axis is None else torch.cat(outputs, self.axis)


class RecurrentModule(nn.Module):
    """A recurrent module of PyTorch that hands on its last state, or all of them."""

    def __init__(self, recurrent: nn.RNNBase, *, last: bool) -> None:
        super().__init__()
        self.recurrent, self.last = recurrent, last

    def forward(self, x: Tensor) -> Tensor:
        """`[B, T, D]` to `[B, W]` or `[B, T, W]`."""
        states: Tensor = self.recurrent(x)[0]
        return states[:, -1] if self.last else states


class RowsModule(nn.Module):
    """A picture as the sequence of its rows."""

    def forward(self, x: Tensor) -> Tensor:
        """`[B, C, H, W]` to `[B, H, C W]`."""
        return x.transpose(1, 2).flatten(2)


class EachStep(nn.Module):
    """A module on all steps of a sequence as if they were examples."""

    def __init__(self, inside: nn.Module) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, x: Tensor) -> Tensor:
        """`[B, T, D]` to the same shape."""
        y: Tensor = self.inside(x.flatten(0, 1))
        return y.view(x.shape)


def _module(block: Block, member: int) -> nn.Module:
    match block:
        case Chain():
            named = [(_name(inner, place), _module(inner, member)) for place, inner in enumerate(block.blocks)]
            return nn.Sequential(OrderedDict(named))
        case PostActivation() | PreActivation():
            return _units(block, member)
        case Residual():
            assert block.activation is not None
            skip = nn.Identity() if block.projection is None else _affine(block.projection, member)
            return ResidualModule(_module(block.inside, member), skip, activation_module(block.activation, member))
        case Split():
            axis = None if block.axis is None else block.axis - 1  # there are no members here
            return SplitModule([_module(branch, member) for branch in block.branches], axis)
        case Recurrent():
            return RecurrentModule(_recurrent(block, member), last=block.last)
        case _:
            return _simple(block, member)


def _name(block: Block, place: int) -> str:
    """Of a block in a chain; what is no layer only arranges numbers."""
    return block.name.replace(".", "-") if isinstance(block, Layer) else f"arrange {place}"


def _simple(block: Block, member: int) -> nn.Module:
    """Blocks with one operation."""
    match block:
        case Arrange():
            return nn.Flatten() if len(block.shape) == 1 else nn.Unflatten(1, block.shape)
        case Rows():
            return RowsModule()
        case MaxPool():
            return nn.MaxPool2d(block.size, block.stride)
        case AveragePool():
            return nn.AvgPool2d(block.size, block.stride)
        case ActivationBlock():
            assert block.activation is not None
            return activation_module(block.activation, member)
        case BatchNormBlock():
            return _norm(block.norm, member)
        case _:
            assert isinstance(block, DropoutBlock)
            return _dropout(block.dropout, member)


def _units(block: PostActivation | PreActivation, member: int) -> nn.Module:
    assert block.activation is not None
    parts: dict[str, nn.Module] = {"affine": _affine(block.affine, member)}
    if block.norm is not None:
        parts["norm"] = _norm(block.norm, member)
    parts["activation"] = activation_module(block.activation, member)
    if block.dropout is not None and block.dropout.rates[member]:
        parts["dropout"] = _dropout(block.dropout, member)
    if isinstance(block, PreActivation):
        parts["affine"] = parts.pop("affine")  # the last
    return nn.Sequential(OrderedDict(parts))


def _affine(affine: AffineMap, member: int) -> nn.Module:
    """Weights stand the other way round in PyTorch: `[out, in]`."""
    weight, bias = affine.weight.value[member], affine.bias
    module: nn.Linear | nn.Conv2d
    if isinstance(affine, Convolution):
        maps, channels, kernel, _ = weight.shape
        module = nn.Conv2d(channels, maps, kernel, affine.stride, affine.padding, bias=bias is not None).to(weight)
        _copy(module.weight, weight)
    else:
        assert isinstance(affine, Affine)
        n_in, n_out = weight.shape
        module = nn.Linear(n_in, n_out, bias=bias is not None).to(weight)
        _copy(module.weight, weight.T)
    if bias is not None:
        assert module.bias is not None
        _copy(module.bias, bias.value[member, 0])
    return nn.Sequential(nn.Flatten(), module) if isinstance(affine, FlatAffine) else module


def _norm(norm: BatchNorm, member: int) -> nn.Module:
    kind = nn.BatchNorm2d if isinstance(norm, ChannelNorm) else nn.BatchNorm1d
    module = kind(norm.gamma.value.shape[-1], eps=norm.eps, momentum=norm.momentum).to(norm.gamma.value)
    _copy(module.weight, norm.gamma.value[member, 0])
    _copy(module.bias, norm.beta.value[member, 0])
    assert module.running_mean is not None
    assert module.running_var is not None
    _copy(module.running_mean, norm.running_mean[member, 0])
    _copy(module.running_var, norm.running_var[member, 0])
    return EachStep(module) if isinstance(norm, SequenceNorm) else module


def _dropout(dropout: Dropout, member: int) -> nn.Module:
    kind = nn.AlphaDropout if isinstance(dropout, AlphaDropout) else nn.Dropout
    return kind(dropout.rates[member])


def _recurrent(block: Recurrent, member: int) -> nn.RNNBase:
    width = block.width
    weight = block.weight.value[member]
    inputs = weight.shape[0] - width
    kinds: dict[type[Recurrent], Callable[..., nn.RNNBase]] = {Elman: nn.RNN, GRU: nn.GRU, LSTM: nn.LSTM}
    module = kinds[type(block)](inputs, width, batch_first=True).to(weight)
    learned = dict(module.named_parameters())
    bias = block.bias.value[member, 0]
    if isinstance(block, LSTM):  # PyTorch has the gates in the order i, f, g, o
        order = torch.cat([torch.arange(gate * width, (gate + 1) * width) for gate in (0, 1, 3, 2)])
        weight, bias = weight[:, order], bias[order]
    inner_bias = torch.zeros_like(bias)
    if isinstance(block, GRU):
        inner_bias[2 * width :] = block.inner_bias.value[member, 0]
    values = {"weight_ih_l0": weight[:inputs].T, "weight_hh_l0": weight[inputs:].T, "bias_ih_l0": bias, "bias_hh_l0": inner_bias}
    for name, value in values.items():
        _copy(learned[name], value)
    return module


def _copy(into: Tensor, values: Tensor) -> None:
    with torch.no_grad():
        into.copy_(values)
