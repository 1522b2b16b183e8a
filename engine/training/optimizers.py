"""The update rules, all of them torch.optim's, on stacked members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from engine.catalog import Pick
from engine.experiment import Experiment
from engine.network.parameters import Parameter

_HAS_FUSED_KERNEL = frozenset({"sgd", "momentum", "nesterov", "adagrad", "adam", "adamw"})


class Optimizer:
    """One torch.optim optimizer for all members.

    Members that share rate and settings are updated as whole stacked tensors. Members that differ are slices of them, each
    member in a parameter group of its own.

    Args:
        experiments: one for each member.
        parameters: the stacked tensors, with their gradients.
    """

    def __init__(self, experiments: Sequence[Experiment], parameters: Sequence[Parameter]) -> None:
        lead = experiments[0]
        self._shared = _share_updates(experiments)
        self._parameters = len(parameters)
        self._fused = lead.optimizer.kind in _HAS_FUSED_KERNEL
        values = [parameter.value for parameter in parameters]
        groups: list[dict[str, Any]]
        if self._shared:
            groups = [{"params": values, "lr": lead.lr, **_settings(lead.optimizer)}]
        else:
            groups = [
                {"params": [_slice(value, k) for value in values], "lr": e.lr, **_settings(e.optimizer)}
                for k, e in enumerate(experiments)
            ]
        self._optimizer = _make(lead.optimizer.kind, groups)
        self._rates = [e.lr for e in experiments]

    @property
    def rates(self) -> list[float]:
        """The learning rate of each member."""
        return self._rates

    def set_rates(self, rates: Sequence[float]) -> None:
        """Give each member its learning rate for the steps to come."""
        if list(rates) == self._rates:
            return
        self._rates = list(rates)
        for group, rate in zip(self._optimizer.param_groups, rates, strict=False):
            group["lr"] = rate

    def step(self) -> None:
        """Update all parameters from their gradients."""
        self._optimizer.step()

    # --- to go on later ------------------------------------------------------

    def state(self) -> dict[str, Tensor]:
        """What the rule remembers, as tensors named `parameter.what`: `0.exp_avg`.

        Parameters count in the order of the network; where members are updated apart, member by member.
        """
        remembered = self._optimizer.state_dict()["state"]
        return {
            f"{index}.{name}": value
            for index, of_parameter in remembered.items()
            for name, value in of_parameter.items()
            if value is not None
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Remember what `state` said.

        Counts and products over the steps, which have no axes, keep their own type: torch's `load_state_dict` would round them
        to that of the parameters. Fused kernels want them on the device.
        """
        parameters: list[Tensor] = [value for group in self._optimizer.param_groups for value in group["params"]]
        for key, value in state.items():
            index, _, name = key.partition(".")
            parameter = parameters[int(index)]
            if value.ndim:
                kept = value.to(parameter, copy=True)
            else:
                kept = value.to(parameter.device if self._fused else "cpu", copy=True)
            self._optimizer.state[parameter][name] = kept

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
                spread[f"{member * self._parameters + int(index)}.{name}"] = value
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


def _slice(value: Tensor, member: int) -> Tensor:
    """A member's part of a stacked tensor, with its part of the gradient: views, so both stay one memory."""
    assert value.grad is not None
    part = value[member]
    part.grad = value.grad[member]
    return part


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
