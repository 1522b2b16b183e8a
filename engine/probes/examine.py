"""What the members of a classification mistake for what, and the examples that they get most wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.events import Examined, Worst
from engine.network.network import Network
from engine.training.scores import CHUNK_VALUES, Part

WORST = 16
"""Examples that are shown of each member."""


def examine(network: Network, validation: Part, test: Part, classes: Sequence[str]) -> Examined | None:
    """Examine every member on the test part, or else on the validation part; None if there is neither.

    The worst examples are those of the highest cost, whether their answer is right or wrong; of equal ones the first. Examples
    for which a member has no finite answer, as it has diverged, are left out.

    Args:
        network: of a classification; it is examined in evaluation mode.
        validation: may be empty.
        test: may be empty.
        classes: their names.
    """
    name, part = ("test", test) if len(test) else ("validation", validation)
    if not len(part):
        return None
    confusion = torch.zeros((network.members, len(classes), len(classes)), dtype=torch.int64, device=part.inputs.device)
    worst: _Answers | None = None
    chunk = max(1, CHUNK_VALUES // (network.members * network.widest))
    for first in range(0, len(part), chunk):
        answers = _answers(network, part, first, chunk)
        _count(answers, confusion)
        worst = (answers if worst is None else worst.with_more(answers)).worst()
    assert worst is not None
    worsts = tuple(_named(worst, member, part, classes) for member in range(network.members))
    return Examined(name, confusion.cpu().numpy(), worsts)


class _Answers(NamedTuple):
    """What the members say to some examples; each `[P, B]`."""

    cost: Tensor  # minus infinity where the answer is not finite
    example: Tensor
    truth: Tensor
    answer: Tensor
    probability: Tensor  # of the truth

    def with_more(self, other: _Answers) -> _Answers:
        """These and then the others."""
        return _Answers(*(torch.cat(pair, -1) for pair in zip(self, other, strict=True)))

    def worst(self) -> _Answers:
        """The few of the highest cost; of equal ones the first."""
        order = torch.sort(self.cost, stable=True, dim=-1, descending=True).indices[:, :WORST]
        return _Answers(*(field.gather(-1, order) for field in self))


def _answers(network: Network, part: Part, first: int, count: int) -> _Answers:
    """What the members say to `count` examples from `first` on."""
    x = part.inputs[first : first + count].expand(network.members, -1, -1)
    y = part.targets[first : first + count].expand(network.members, -1, -1)
    h, cost = network.forward(x, y, training=False)
    if h.shape[-1] == 1:
        truth, answer = (y > 0.5).long(), (h > 0.5).long()
        probability = torch.where(truth == 1, h, 1 - h)
    else:
        truth = y if network.cost.classes_as_numbers else y.argmax(-1, keepdim=True)
        answer, probability = h.argmax(-1, keepdim=True), h.gather(-1, truth)
    finite = h.isfinite().all(-1) & ~cost.isnan()
    example = torch.arange(first, first + h.shape[1], device=h.device).expand(cost.shape)
    cost = torch.where(finite, cost, -torch.inf)
    return _Answers(cost, example, truth.squeeze(-1), answer.squeeze(-1), probability.squeeze(-1))


def _count(answers: _Answers, confusion: Tensor) -> None:
    """Add to `[P, C, C]` the examples of each class that were taken for each class."""
    members, classes = confusion.shape[:2]
    member = torch.arange(members, device=confusion.device).unsqueeze(-1)
    cells = (member * classes + answers.truth) * classes + answers.answer
    seen = cells[answers.cost > -torch.inf]
    confusion.view(-1).index_add_(0, seen, torch.ones_like(seen))


def _named(answers: _Answers, member: int, part: Part, classes: Sequence[str]) -> tuple[Worst, ...]:
    """The examples of one member as events tell them."""
    inputs = part.inputs[answers.example[member]].cpu().numpy().astype(np.float32)
    rows = zip(*(field[member].tolist() for field in answers), inputs, strict=True)
    return tuple(
        Worst(example, classes[truth], classes[answer], probability, values)
        for cost, example, truth, answer, probability, values in rows
        if cost > -np.inf
    )
