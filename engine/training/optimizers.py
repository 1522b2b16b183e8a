"""The update rules, all of them torch.optim's, on stacked members."""

from __future__ import annotations

from collections.abc import Sequence
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
        self._shared = lead.schedule.kind != "on_plateau" and all(
            (e.optimizer, e.lr, e.schedule) == (lead.optimizer, lead.lr, lead.schedule) for e in experiments
        )
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
