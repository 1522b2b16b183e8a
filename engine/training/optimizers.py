"""The update rules on stacked members: those of torch.optim, and plain gradient descent by the layers themselves."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from engine.catalog import Pick
from engine.experiment import Experiment
from engine.network.network import Network
from engine.network.parameters import Descending, Parameter, places

_HAS_FUSED_KERNEL = frozenset({"momentum", "nesterov", "adagrad", "adam", "adamw"})
"""Where it is faster than one operation after the other on all tensors, which for plain SGD it is not."""


class Optimizer:
    """One torch.optim optimizer for all members.

    Members that share rate and settings are updated together, all their parameters as one tensor. Members that differ are slices
    of the stacked tensors, each member in a parameter group of its own.

    Plain gradient descent on a CPU is made by the layers themselves where they can (`Descending`), in the backward pass if nobody
    looks at the gradients of a step. Where the gradients are changed before the update, it is torch.optim's.

    Args:
        experiments: one for each member.
        network: theirs.
    """

    def __init__(self, experiments: Sequence[Experiment], network: Network) -> None:
        lead = experiments[0]
        self._shared = _share_updates(experiments)
        self._parameters = network.parameters
        self._fused = lead.optimizer.kind in _HAS_FUSED_KERNEL
        self._rates = [e.lr for e in experiments]
        self._optimizer = self._optimizer_of(experiments, [network.together] if self._shared else _values(network.parameters))
        self._bare_step = inspect.unwrap(type(self._optimizer).step)
        self._descending = _descending(network) if lead.optimizer.kind == "sgd" else []
        rest = [parameter for parameter in network.parameters if parameter.owner is None] if self._descending else []
        self._rest = self._optimizer_of(experiments, _values(rest)) if rest else None
        self._descent = network.together.new_tensor(self._rates).neg_().view(-1, 1, 1)
        self._by_layers = self._in_backward = False

    def _optimizer_of(self, experiments: Sequence[Experiment], tensors: Sequence[Tensor]) -> torch.optim.Optimizer:
        """An optimizer of some tensors, `[P, …]` each where members differ."""
        lead = experiments[0]
        groups: list[dict[str, Any]]
        if self._shared:
            groups = [{"params": list(tensors), "lr": lead.lr, **_settings(lead.optimizer)}]
        else:
            groups = [
                {"params": [_slice(value, k) for value in tensors], "lr": e.lr, **_settings(e.optimizer)}
                for k, e in enumerate(experiments)
            ]
        return _make(lead.optimizer.kind, groups)

    @property
    def rates(self) -> list[float]:
        """The learning rate of each member."""
        return self._rates

    def set_rates(self, rates: Sequence[float]) -> None:
        """Give each member its learning rate for the steps to come."""
        if list(rates) == self._rates:
            return
        self._rates = list(rates)
        if self._descending:
            self._descent.copy_(self._descent.new_tensor(self._rates).neg_().view(-1, 1, 1))
        for optimizer in (self._optimizer, self._rest):
            for group, rate in zip(optimizer.param_groups if optimizer else (), rates, strict=False):
                group["lr"] = rate

    def before_backward(self, *, looked_at: bool, changed: bool) -> None:
        """Say what will happen to the gradients of the step before it is made.

        Args:
            looked_at: somebody wants to know them, or how the update changes the weights.
            changed: they may be others when `step` is called than the backward pass made them.
        """
        self._by_layers = bool(self._descending) and not changed
        self._in_backward = self._by_layers and not looked_at
        if self._in_backward:
            self._let_layers_descend(self._descent)

    def step(self) -> None:
        """Update all parameters from their gradients, but those that the backward pass has updated."""
        if self._in_backward:
            self._let_layers_descend(None)
        elif self._by_layers:
            for layer in self._descending:
                layer.descend(self._descent)
        else:
            self._update(self._optimizer)
            return
        if self._rest is not None:
            self._update(self._rest)

    @torch.no_grad()
    def _update(self, optimizer: torch.optim.Optimizer) -> None:
        """Make a step, without the profiler, the hooks and the compiler that torch.optim has around it."""
        self._bare_step(optimizer)

    def _let_layers_descend(self, descent: Tensor | None) -> None:
        """Whether backward passes update the layers: only that of a step of training, between `before_backward` and `step`."""
        for layer in self._descending:
            layer.descent = descent

    # --- to go on later ------------------------------------------------------

    def state(self) -> dict[str, Tensor]:
        """What the rule remembers, as tensors named `parameter.what`: `0.exp_avg`.

        Parameters count in the order of the network; where members are updated apart, member by member.
        """
        remembered = self._optimizer.state_dict()["state"]
        found = {
            f"{index}.{name}": value
            for index, of_tensor in remembered.items()
            for name, value in of_tensor.items()
            if value is not None
        }
        if not self._shared:
            return found
        return {
            f"{index}.{name.partition('.')[2]}": part
            for name, value in found.items()
            for index, part in enumerate(self._parts(value))
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Remember what `state` said.

        Counts and products over the steps, which have no axes, keep their own type: torch's `load_state_dict` would round them
        to that of the parameters. Fused kernels want them on the device.
        """
        tensors: list[Tensor] = [value for group in self._optimizer.param_groups for value in group["params"]]
        for key, value in state.items():
            index, _, name = key.partition(".")
            tensor = tensors[0 if self._shared else int(index)]
            remembered = self._optimizer.state[tensor]
            if not value.ndim:
                remembered[name] = value.to(tensor.device if self._fused else "cpu", copy=True)
            elif not self._shared:
                remembered[name] = value.to(tensor, copy=True)
            else:
                whole = remembered.setdefault(name, torch.zeros_like(tensor))
                self._parts(whole)[int(index)].copy_(value)

    def _parts(self, value: Tensor) -> list[Tensor]:
        """What is remembered of each parameter, where all of them are one tensor; what has no axes is that of all."""
        if not value.ndim:
            return [value] * len(self._parameters)
        return [value[part].view_as(p.value) for p, part in zip(self._parameters, places(self._parameters), strict=True)]

    def begin_with(self, state: Mapping[str, Tensor]) -> None:
        """Let every member remember what one did: `state` is what `state_of_member` gives."""
        members = len(self._rates)
        spread: dict[str, Tensor] = {}
        for key, value in state.items():
            if self._shared:
                spread[key] = value.expand(members, *value.shape).clone() if value.ndim else value
                continue
            index, _, name = key.partition(".")
            for member in range(members):
                spread[f"{member * len(self._parameters) + int(index)}.{name}"] = value
        self.restore(spread)


def state_of_member(
    state: Mapping[str, Tensor], member: int, experiments: Sequence[Experiment], parameters: int
) -> dict[str, Tensor]:
    """One member's part of what `Optimizer.state` gave, as if it had been trained alone but without the member axis.

    Args:
        state: of the whole population.
        member: whose part is wanted.
        experiments: of the population.
        parameters: stacked tensors of the network.
    """
    part: dict[str, Tensor] = {}
    shared = _share_updates(experiments)
    for key, value in state.items():
        index, _, name = key.partition(".")
        owner, position = divmod(int(index), parameters)
        if shared:
            part[key] = value[member] if value.ndim else value  # counts of steps have no axes
        elif owner == member:
            part[f"{position}.{name}"] = value
    return part


def _share_updates(experiments: Sequence[Experiment]) -> bool:
    """Whether all members have the same rate and settings at all times, and can be updated as whole stacked tensors."""
    lead = experiments[0]
    return lead.schedule.kind != "on_plateau" and all(
        (e.optimizer, e.lr, e.schedule) == (lead.optimizer, lead.lr, lead.schedule) for e in experiments
    )


def _values(parameters: Sequence[Parameter]) -> list[Tensor]:
    return [parameter.value for parameter in parameters]


def _descending(network: Network) -> list[Descending]:
    """The layers of a network on a CPU that can make steps of plain gradient descent."""
    if network.together.device.type != "cpu":
        return []
    owners = {id(parameter.owner): parameter.owner for parameter in network.parameters if parameter.owner is not None}
    return list(owners.values())


def _slice(value: Tensor, member: int) -> Tensor:
    """A member's part of a stacked tensor, with its part of the gradient: views, so both stay one memory."""
    assert value.grad is not None
    part = value[member]
    part.grad = value.grad[member]
    return part


def _leave_the_compiler() -> None:
    """Have torch.optim not load PyTorch's compiler, which takes a second.

    At its first call each of these methods of all optimizers in the process would, to have itself left out of compilation. Nothing
    is compiled here, and without a compiler a function that is left out is the function (torch/_compile.py; without effect where
    that is otherwise). Where the compiler is loaded already, nothing is changed.
    """
    if "torch._dynamo" in sys.modules:
        return
    for name in ("add_param_group", "state_dict"):
        function = getattr(getattr(torch.optim.Optimizer, name), "__wrapped__", None)
        if function is not None and not hasattr(function, "__dynamo_disable"):
            setattr(function, "__dynamo_disable", function)


def _make(kind: str, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    classes: dict[str, Any] = {
        "sgd": torch.optim.SGD,
        "momentum": torch.optim.SGD,
        "nesterov": torch.optim.SGD,
        "adagrad": torch.optim.Adagrad,
        "adadelta": torch.optim.Adadelta,
        "rmsprop": torch.optim.RMSprop,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "nadam": torch.optim.NAdam,
        "rprop": torch.optim.Rprop,
    }
    # PyTorch picks neither of the fast forms on the CPU by itself.
    _leave_the_compiler()
    fast = {"fused": True} if kind in _HAS_FUSED_KERNEL else {"foreach": True}
    optimizer: torch.optim.Optimizer = classes[kind](groups, **fast)
    return optimizer


def _settings(pick: Pick) -> dict[str, Any]:
    """The parameters of a pick under torch.optim's names."""
    values: dict[str, Any] = dict(pick.parameters)
    if "beta1" in values:
        values["betas"] = (values.pop("beta1"), values.pop("beta2"))
    if "eta_minus" in values:
        values["etas"] = (values.pop("eta_minus"), values.pop("eta_plus"))
    if pick.kind == "nesterov":
        values["nesterov"] = True
    if pick.kind == "adam":
        values["weight_decay"] = 0.0
    return values
