"""How good the members are on a part of the data, alone and together, in evaluation mode."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.events import Combined, Score
from engine.network.network import Network
from engine.training.ensembles import cost_of_outputs, mean_answer, vote

CHUNK_VALUES = 2**20
"""Activations of one layer, over all members, that are worked on at a time: some megabytes, whatever the population."""


@dataclass(frozen=True, slots=True)
class Part:
    """Examples of one part of the data, on the device."""

    inputs: Tensor  # [N, D]
    targets: Tensor  # [N, C], or [N, 1] class indices

    def __len__(self) -> int:
        return len(self.inputs)


def portion(network: Network) -> int:
    """How many examples all members are asked about at a time."""
    return max(1, CHUNK_VALUES // (network.members * network.widest))


def portions(network: Network, part: Part) -> Iterator[tuple[int, Tensor, Tensor, Tensor]]:
    """What the members say to a part in evaluation mode: the first example, outputs `[P, B, C]`, costs `[P, B]` and targets."""
    members, count = network.members, portion(network)
    for first in range(0, len(part), count):
        x = part.inputs[first : first + count].expand(members, -1, -1)
        y = part.targets[first : first + count].expand(members, -1, -1)
        h, cost = network.forward(x, y, training=False)
        yield first, h, cost, y


Look = Callable[[int, Tensor, Tensor, Tensor], None]
"""Is shown what is scored, portion by portion, as `portions` gives it."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores a network on a part of the data.

    Attributes:
        network: whose members are scored.
        task: "classification" or "regression".
        target_std: what a regression's targets were divided by.
    """

    network: Network
    task: str
    target_std: float = 1.0

    def score(self, part: Part, look: Look | None = None) -> tuple[Score, ...]:
        """Score every member, `[P]`; the part must not be empty."""
        return self._scores(part, (), look)

    def score_together(self, part: Part, members: Sequence[int], look: Look | None = None) -> tuple[tuple[Score, ...], Combined]:
        """Score every member, and those of `members` (at least one) as an ensemble; the part must not be empty."""
        scores = self._scores(part, members, look)
        voted = scores[-1] if self.task == "classification" else None
        return scores[: self.network.members], Combined(scores[self.network.members], voted)

    def _scores(self, part: Part, together: Sequence[int], look: Look | None) -> tuple[Score, ...]:
        """The scores of every member, then of the mean and of the vote of some, if there are any."""
        sums: list[Tensor] = []
        for first, h, cost, y in portions(self.network, part):
            if look is not None:
                look(first, h, cost, y)
            answers = [self._sums(h, cost, y)]
            if together:
                answers += self._sums_together(h[list(together)], y[:1])
            sums.append(torch.cat(answers, 1))
        totals = torch.stack(sums).sum(0).T.tolist()  # one transfer from the device: [answers, sums]
        spread = self._spread(part.targets) if self.task == "regression" else 0.0
        return tuple(self._as_score(total, len(part), spread) for total in totals)

    def _sums_together(self, h: Tensor, y: Tensor) -> list[Tensor]:
        """What `_sums` gives for the mean of outputs `[K, B, C]` and, where there are classes, for their vote."""
        answers = [mean_answer(h), vote(h)] if self.task == "classification" else [mean_answer(h)]
        return [self._sums(answer, cost_of_outputs(self.network.cost, answer, y), y) for answer in answers]

    def _sums(self, h: Tensor, cost: Tensor, y: Tensor) -> Tensor:
        """Sums over the examples, from which a score is worked out: of the cost, and of what is right or how far off."""
        goodness = self._correct(h, y) if self.task == "classification" else self._residuals(h, y)
        return torch.stack([cost.sum(1, dtype=torch.float64), *goodness])

    def _correct(self, h: Tensor, y: Tensor) -> list[Tensor]:
        if h.shape[-1] == 1:
            right = (h > 0.5) == (y > 0.5)
            return [right.sum((1, 2)).double()]
        truth = y.squeeze(-1) if self.network.cost.classes_as_numbers else y.argmax(-1)
        return [(h.argmax(-1) == truth).sum(1).double()]

    @staticmethod
    def _residuals(h: Tensor, y: Tensor) -> list[Tensor]:
        error = (h - y).double()
        return [error.square().sum((1, 2)), error.abs().sum((1, 2))]

    @staticmethod
    def _spread(targets: Tensor) -> float:
        """The total sum of squares, which is the same for all members."""
        return (targets.double() - targets.double().mean()).square().sum().item()

    def _as_score(self, total: list[float], count: int, spread: float) -> Score:
        cost = total[0] / count
        if self.task == "classification":
            return Score(cost, accuracy=total[1] / count)
        r2 = 1 - total[1] / spread if spread > 0 else math.nan
        return Score(cost, r2=r2, mae=total[2] / count * self.target_std)
