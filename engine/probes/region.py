"""What the members answer everywhere on a plane, where the inputs are two numbers."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.generators import generator
from engine.pictures import FULL, NO_ANSWER, Plane, Region
from engine.training.prepare import Prepared
from engine.training.scores import Part, portion

ROWS, COLUMNS = 56, 56
"""Cells of the grid, which are as high as they are wide."""
MARGIN = 0.1
"""How far the plane goes beyond the training examples, as a share of their range."""
LEARNED, HELD_OUT = 400, 200
"""At most so many examples are told with the plane."""


def plane_of(prepared: Prepared) -> Plane | None:
    """The plane on which regions of a population are taken; None where its inputs are not two numbers, or classes too many."""
    data = prepared.data
    if data.features != 2 or data.image_shape or len(data.classes) >= NO_ANSWER:
        return None
    seed = prepared.experiments[0].data.seed
    held_out = next((part for part in (prepared.test, prepared.validation) if len(part)), prepared.test)
    some = [_some(prepared.train, LEARNED, seed), _some(held_out, HELD_OUT, seed)]
    targets = np.concatenate([_own_unit(part.targets, prepared) for part in some])
    known = _own_unit(prepared.train.targets, prepared)
    left, right, bottom, top = _edges(prepared.train.inputs)
    return Plane(
        left=left,
        right=right,
        bottom=bottom,
        top=top,
        rows=ROWS,
        columns=COLUMNS,
        low=float(known.min()) if data.task == "regression" else 0.0,
        high=float(known.max()) if data.task == "regression" else 1.0,
        points=np.concatenate([part.inputs.cpu().numpy().astype(np.float32) for part in some]),
        targets=targets,
        held_out=np.repeat([False, True], [len(part) for part in some]),
    )


class RegionProbe:
    """Takes regions of all members in evaluation mode.

    Training goes on as if this had not been: no generator is used, parameters and buffers stay as they are.

    Args:
        prepared: the population.
        plane: of its inputs.
    """

    def __init__(self, prepared: Prepared, plane: Plane) -> None:
        network = self._network = prepared.network
        self._classes = prepared.data.task == "classification"
        like = prepared.train
        middles = torch.from_numpy(grid(plane)).to(like.inputs)
        self._chunks = torch.split(middles, portion(network))
        self._target = like.targets[:1]  # the cost must have some
        self._shape = (network.members, plane.rows, plane.columns)
        unit = (prepared.target_mean, prepared.target_std)
        self._low, high = ((edge - unit[0]) / unit[1] for edge in (plane.low, plane.high))
        self._span = (high - self._low) or 1.0  # all targets may be the same

    def take(self, step: int, epoch: int) -> Region:
        """What the members answer after `step` steps and `epoch` epochs."""
        told = [self._answers(inputs) for inputs in self._chunks]
        answers, strengths = (torch.cat(parts, 1).cpu().numpy().reshape(self._shape) for parts in zip(*told, strict=True))
        return Region(step, epoch, answers, strengths)

    def _answers(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Answers and strengths for some inputs `[B, 2]`, each `[P, B]` as bytes."""
        members = self._network.members
        targets = self._target.expand(len(inputs), -1).expand(members, -1, -1)
        h, _ = self._network.forward(inputs.expand(members, -1, -1), targets, training=False)
        if h.shape[-1] > 1:
            strength, answer = h.max(-1)
        elif self._classes:
            answer = (h[..., 0] > 0.5).long()
            strength = torch.maximum(h[..., 0], 1 - h[..., 0])
        else:
            strength, answer = (h[..., 0] - self._low) / self._span, torch.zeros_like(h[..., 0], dtype=torch.long)
        answer = torch.where(h.isfinite().all(-1), answer, NO_ANSWER)
        strength = torch.where(answer == NO_ANSWER, 0, strength).clamp(0, 1).mul(FULL).round()
        return answer.to(torch.uint8), strength.to(torch.uint8)


def grid(plane: Plane) -> NDArray[np.float64]:
    """The middles of the cells, row by row from the top: [R * K, 2]."""
    across = plane.left + (np.arange(plane.columns) + 0.5) * (plane.right - plane.left) / plane.columns
    down = plane.top - (np.arange(plane.rows) + 0.5) * (plane.top - plane.bottom) / plane.rows
    return np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)


def _some(part: Part, most: int, seed: int) -> Part:
    """Some examples of a part, drawn by the seed of the data."""
    chosen = torch.randperm(len(part), generator=generator(seed, "points"))[:most].to(part.inputs.device)
    return Part(part.inputs[chosen], part.targets[chosen])


def _own_unit(targets: Tensor, prepared: Prepared) -> NDArray[np.float32]:
    """Classes as their numbers, numbers in their own unit, `[N]`, whatever the cost has made of them."""
    if prepared.data.task == "regression":
        values = targets[:, 0] * prepared.target_std + prepared.target_mean
    else:
        values = targets[:, 0] if targets.shape[1] == 1 else targets.argmax(1)
    return values.cpu().numpy().astype(np.float32)


def _edges(inputs: Tensor) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of a plane in whose middle all examples lie, with cells as high as they are wide."""
    low, high = inputs.amin(0).double().cpu().numpy(), inputs.amax(0).double().cpu().numpy()
    middle, half = (low + high) / 2, (high - low) * (0.5 + MARGIN)
    cell = max(half[0] / COLUMNS, half[1] / ROWS, 1e-6)
    across, up = cell * COLUMNS, cell * ROWS
    return float(middle[0] - across), float(middle[0] + across), float(middle[1] - up), float(middle[1] + up)
