"""What a training tells beside its steps and epochs, made from closed forms: no two numbers are alike, so that mixed-up axes are seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from engine.events import (
    Change,
    Checkpointed,
    Combined,
    Distributions,
    Intervened,
    PretrainingEpoch,
    Reconstructed,
    Score,
    Started,
)
from engine.pictures import Examined, Mistaken, Plane, Region, Worst
from engine.vocabulary import PERCENTILES, QUANTITIES, Quantity

EXAMPLES, BINS = 300, 8
PICTURES = 3


def scripted_pretraining(started: Started, epochs: int = 2) -> Iterator[PretrainingEpoch | Reconstructed]:
    """Two epochs for each hidden layer, in which the error falls, and what they make of three pictures."""
    members = len(started.experiments)
    features = started.data.features
    for layer, info in enumerate(started.layers[:-1]):
        for epoch in range(1, epochs + 1):
            seconds = 0.5 * (layer * epochs + epoch)
            yield PretrainingEpoch(layer, info.name, epoch, epochs, seconds, 1.0 / (layer + epoch) + 0.01 * np.arange(members))
        inputs = np.arange(PICTURES * features, dtype=np.float32).reshape(PICTURES, features) / 256
        outputs = inputs[None] + np.arange(1, members + 1, dtype=np.float32)[:, None, None] + layer
        yield Reconstructed(layer, info.name, inputs, outputs, started.data.image_shape)


def scripted_distributions(started: Started, step: int, epoch: int) -> Distributions:
    """Of every quantity in every layer that has it; layers without weights have none of weights."""
    members, layers, quantities = len(started.experiments), len(started.layers), len(QUANTITIES)
    shape = (members, layers, quantities)
    place = np.arange(np.prod(shape), dtype=np.float64).reshape(shape) + step / 7
    percentiles = (place[..., None] + np.array(PERCENTILES) / 100).astype(np.float32)
    moments = np.stack([place, 1 + place / 3], axis=-1)
    edges = np.stack([place - 5, place + 5], axis=-1)
    counts = np.arange(members * layers * quantities * BINS).reshape(*shape, BINS) + 1
    for layer, info in enumerate(started.layers):
        if info.weights == 0:
            of_weights = [QUANTITIES.index(quantity) for quantity in (Quantity.WEIGHT, Quantity.WEIGHT_GRADIENT)]
            for array in (percentiles, moments, edges):
                array[:, layer, of_weights] = np.nan
            counts[:, layer, of_weights] = 0
    jacobian = np.full((members, layers), np.nan) if epoch else 0.5 + 0.1 * place[:, :, 0]
    units = [np.arange(members * info.outputs).reshape(members, info.outputs) * 7 % (EXAMPLES + 1) for info in started.layers]
    for each in units:
        each[:, 0], each[:, -1] = EXAMPLES, 0
    saturated = tuple(each.astype(np.uint16) for each in units)
    return Distributions(step, epoch, EXAMPLES, percentiles, moments, edges, counts, jacobian, saturated)


def scripted_combined(cost: float) -> Combined:
    """A little better than the members; the vote a little worse than the mean."""
    return Combined(Score(cost - 0.02, accuracy=0.9 - cost / 9), Score(cost - 0.01, accuracy=0.88 - cost / 9))


def scripted_intervention(step: int) -> Intervened:
    """Two settings that are changed at once."""
    return Intervened(step, (Change("lr", 1e-3, 1e-4 * step), Change("model.dropout", 0.0, 0.25)))


def scripted_checkpoint(step: int, epoch: int, folder: str, members: int, kind: str = "last") -> Checkpointed:
    """The state of all members in a folder."""
    return Checkpointed(step, epoch, kind, f"{folder}/{kind}-{step}.json", tuple(range(members)))


def scripted_plane(rows: int = 6, columns: int = 8) -> Plane:
    """A plane with two classes of points around its middle, of which every third is held out."""
    angle = np.arange(12) * np.pi / 6
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    return Plane(-2.0, 2.0, -1.5, 1.5, rows, columns, 0.0, 1.0, points, np.float32(angle >= 3.1), np.arange(12) % 3 == 2)


def scripted_region(plane: Plane, step: int, epoch: int, members: int) -> Region:
    """A line that turns: above it is the first class, below it the second; the farther from it, the surer."""
    across = np.linspace(plane.left, plane.right, plane.columns)[None, None, :]
    down = np.linspace(plane.top, plane.bottom, plane.rows)[None, :, None]
    angle = np.arange(members)[:, None, None] + step / 50
    height = down * np.cos(angle) - across * np.sin(angle)
    strengths = np.rint(255 * (0.5 + 0.5 * np.tanh(np.abs(height)))).astype(np.uint8)
    return Region(step, epoch, (height < 0).astype(np.uint8), strengths)


def scripted_mistaken(started: Started, step: int, epoch: int) -> Mistaken:
    """As at the end, but worse."""
    examined = scripted_examined(started)
    worst = tuple(tuple(replace(each, probability=each.probability / (epoch + 1)) for each in of) for of in examined.worst)
    confusion = examined.confusion.copy()
    confusion[:, 0, 3] = 20 - epoch % 20
    return Mistaken(step, epoch, confusion, worst)


def scripted_examined(started: Started) -> Examined:
    """Each class is mostly taken for itself; two examples were worst."""
    members, classes = len(started.experiments), len(started.data.classes)
    confusion = np.zeros((members, classes, classes), np.int64)
    for member in range(members):
        np.fill_diagonal(confusion[member], 10 + member)
        confusion[member, 1, 2 + member] = 3
    worst = tuple(
        tuple(
            Worst(number, "1", str(2 + member), 0.01 * (number + member), np.full(started.data.features, number / 8, np.float32))
            for number in (5, 4)
        )
        for member in range(members)
    )
    return Examined("test", confusion, worst)
