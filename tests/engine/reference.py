"""The same networks and trainings in plain PyTorch: nn.Sequential, autograd, torch.optim, one member at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from engine.catalog import OUTPUT_ACTIVATIONS, Pick, parse_pick
from engine.experiment import Experiment
from engine.generators import generator
from engine.network.activated import PostActivation
from engine.training.prepare import Prepared


class Maxout(nn.Module):
    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, z: Tensor) -> Tensor:
        return z.reshape(*z.shape[:-1], -1, self.pieces).amax(-1)


def activation_module(pick: Pick) -> nn.Module:
    """The module of torch.nn that a pick stands for."""
    p = pick.parameters
    make: dict[str, Callable[[], nn.Module]] = {
        "identity": nn.Identity,
        "sigmoid": nn.Sigmoid,
        "tanh": nn.Tanh,
        "hard_tanh": nn.Hardtanh,
        "softsign": nn.Softsign,
        "softplus": nn.Softplus,
        "relu": nn.ReLU,
        "leaky_relu": lambda: nn.LeakyReLU(p["slope"]),
        "prelu": lambda: nn.PReLU(1, p["slope"], dtype=torch.float64),
        "elu": lambda: nn.ELU(p["alpha"]),
        "selu": nn.SELU,
        "gelu": nn.GELU,
        "silu": nn.SiLU,
        "maxout": lambda: Maxout(int(p["pieces"])),
        "softmax": lambda: nn.Softmax(-1),
    }
    return make[pick.kind]()


def sequential(prepared: Prepared, member: int = 0) -> nn.Sequential:
    """One member as an nn.Sequential with the same first weights; the output activation is left to the cost."""
    experiment = prepared.experiments[member]
    modules: list[nn.Module] = []
    for layer in prepared.network.hidden:
        modules.append(_linear(layer, member))
        if layer.norm is not None:
            modules.append(nn.BatchNorm1d(layer.norm.beta.value.shape[-1], eps=experiment.model.batch_norm_eps))
            modules[-1].bias.data = layer.norm.beta.value[member, 0].clone()
        modules.append(activation_module(experiment.model.activation))
    modules.append(_linear(prepared.network.output, member))
    return nn.Sequential(*modules).to(getattr(torch, experiment.dtype))


def _linear(layer: PostActivation, member: int) -> nn.Linear:
    weight, bias = layer.affine.weight.value[member], layer.affine.bias
    linear = nn.Linear(*weight.shape, bias=bias is not None).to(weight.dtype)
    with torch.no_grad():
        linear.weight.copy_(weight.T)
        if bias is not None:
            linear.bias.copy_(bias.value[member, 0])
    return linear


def batches(prepared: Prepared, member: int = 0) -> Iterator[tuple[Tensor, Tensor, int]]:
    """Inputs, targets and epoch (from 0) of one member, for ever, by a DataLoader's plain rule: permute, cut."""
    x, y, size = prepared.train.inputs, prepared.train.targets, prepared.batch_size
    order = generator(prepared.experiments[member].seed, "order")
    epoch = 0
    while True:
        rows = torch.arange(len(x)) if size >= len(x) else torch.randperm(len(x), generator=order)
        for first in range(0, len(x), size):
            picked = rows[first : first + size]
            yield x[picked], y[picked], epoch
        epoch += 1


def cost_function(kind: str, output: str = "identity", delta: float = 1.0) -> Callable[[Tensor, Tensor], Tensor]:
    """The mean cost of a batch from the last layer's pre-activations, in torch.nn's words."""
    if kind == "cross_entropy":
        return lambda z, y: nn.functional.cross_entropy(z, y.squeeze(-1))
    if kind == "binary_cross_entropy":
        return nn.BCEWithLogitsLoss()
    f = activation_module(parse_pick(output, OUTPUT_ACTIVATIONS))
    distance: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        "mean_squared": nn.MSELoss(),
        "mean_absolute": nn.L1Loss(),
        "huber": nn.HuberLoss(delta=delta),
        "quadratic": lambda h, y: 0.5 * ((h - y) ** 2).sum(-1).mean(),
    }
    return lambda z, y: distance[kind](f(z), y)


def optimizer(experiment: Experiment, parameters: Iterator[nn.Parameter]) -> torch.optim.Optimizer:
    """The plain torch.optim optimizer, neither fused nor foreach."""
    pick, lr = experiment.optimizer, experiment.lr
    p = pick.parameters
    plain = {"foreach": False}
    make: dict[str, Callable[[], torch.optim.Optimizer]] = {
        "sgd": lambda: torch.optim.SGD(parameters, lr, **plain),
        "momentum": lambda: torch.optim.SGD(parameters, lr, momentum=p["momentum"], **plain),
        "nesterov": lambda: torch.optim.SGD(parameters, lr, momentum=p["momentum"], nesterov=True, **plain),
        "adagrad": lambda: torch.optim.Adagrad(parameters, lr, eps=p["eps"], **plain),
        "adadelta": lambda: torch.optim.Adadelta(parameters, lr, rho=p["rho"], eps=p["eps"], **plain),
        "rmsprop": lambda: torch.optim.RMSprop(parameters, lr, alpha=p["alpha"], eps=p["eps"], **plain),
        "adam": lambda: torch.optim.Adam(parameters, lr, (p["beta1"], p["beta2"]), p["eps"], **plain),
        "adamw": lambda: torch.optim.AdamW(parameters, lr, (p["beta1"], p["beta2"]), p["eps"], p["weight_decay"], **plain),
        "nadam": lambda: torch.optim.NAdam(
            parameters, lr, (p["beta1"], p["beta2"]), p["eps"], momentum_decay=p["momentum_decay"], **plain
        ),
        "rprop": lambda: torch.optim.Rprop(parameters, lr, (p["eta_minus"], p["eta_plus"]), **plain),
    }
    return make[pick.kind]()


def train_plainly(
    prepared: Prepared,
    member: int = 0,
    *,
    rate: Callable[[int, int], float] | None = None,
) -> nn.Sequential:
    """Train one member for the experiment's steps with autograd and a plain loop; `rate(step, epoch)` sets the rate."""
    experiment = prepared.experiments[member]
    assert experiment.steps is not None
    net = sequential(prepared, member)
    steps = optimizer(experiment, net.parameters())
    kind = "cross_entropy" if experiment.cost.kind == "auto" else experiment.cost.kind
    cost = cost_function(kind, experiment.model.output.kind if kind not in ("cross_entropy", "binary_cross_entropy") else "")
    weights = [m.weight for m in net if isinstance(m, nn.Linear)]
    source = batches(prepared, member)
    for step in range(experiment.steps):
        x, y, epoch = next(source)
        if rate is not None:
            for group in steps.param_groups:
                group["lr"] = rate(step, epoch)
        penalty = sum(experiment.l1 * w.abs().sum() + experiment.l2 * w.square().sum() for w in weights)
        steps.zero_grad()
        (cost(net(x), y) + penalty).backward()
        steps.step()
    return net


def learned(net: nn.Sequential) -> list[Tensor]:
    """All learned tensors in the engine's order and orientation: weight `[in, out]`, bias, scale, shift, slope."""
    tensors: list[Tensor] = []
    for module in net:
        for parameter in module.parameters():
            value = parameter.detach()
            tensors.append(value.T if isinstance(module, nn.Linear) and value.ndim == 2 else value)
    return tensors
