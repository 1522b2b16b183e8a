"""What the members of a classification mistake for what, and the examples that they get most wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.network.network import Network
from engine.pictures import Examined, Worst
from engine.training.scores import Part, portions

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
    examination = Examination(network, part, classes)
    for said in portions(network, part):
        examination.add(*said)
    return Examined(name, examination.confusion(), examination.worst())


class Examination:
    """Listens to what the members say to a part of the data, from one portion of it after the other.

    Args:
        network: of a classification.
        part: not empty.
        classes: their names.
        most: of the worst examples, so many are kept.
    """

    def __init__(self, network: Network, part: Part, classes: Sequence[str], most: int = WORST) -> None:
        self._network = network
        self._part = part
        self._classes = classes
        self._most = most
        counts = (network.members, len(classes), len(classes))
        self._confusion = torch.zeros(counts, dtype=torch.int64, device=part.inputs.device)
        self._worst: _Answers | None = None

    def add(self, first: int, h: Tensor, cost: Tensor, y: Tensor) -> None:
        """Take in the outputs `[P, B, C]`, costs `[P, B]` and targets of the examples from `first` on."""
        answers = _answers(self._network, first, h, cost, y)
        _count(answers, self._confusion)
        self._worst = (answers if self._worst is None else self._worst.with_more(answers)).worst(self._most)

    def confusion(self) -> NDArray[np.int64]:
        """`[P, C, C]`: examples of each class that were taken for each class."""
        return self._confusion.cpu().numpy()

    def worst(self) -> tuple[tuple[Worst, ...], ...]:
        """The worst examples of each member."""
        worst = self._worst
        assert worst is not None, "there was nothing to listen to"
        return tuple(_named(worst, member, self._part, self._classes) for member in range(self._network.members))


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

    def worst(self, most: int) -> _Answers:
        """The few of the highest cost; of equal ones the first."""
        order = torch.sort(self.cost, stable=True, dim=-1, descending=True).indices[:, :most]
        return _Answers(*(field.gather(-1, order) for field in self))


def _answers(network: Network, first: int, h: Tensor, cost: Tensor, y: Tensor) -> _Answers:
    """What the members say to the examples from `first` on; the arguments are those of `Examination.add`."""
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
