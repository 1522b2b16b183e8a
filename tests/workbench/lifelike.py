"""Scripted events with what a person would look at: bells, pictures of rings and strokes, regions that grow finer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from engine.events import Distributions, EpochEnded, Event, Finished, Frame, Outcome, Score
from engine.experiment import Experiment
from engine.pictures import Examined, Mistaken, Plane, Region, Worst
from engine.vocabulary import STATISTICS
from tests.workbench.scripted_details import scripted_plane, scripted_region

BINS = 40
MISTAKES = (("8", "3"), ("9", "4"), ("1", "7"), ("5", "3"), ("3", "8"), ("7", "1"))


def lifelike(events: Iterable[Event], experiments: Sequence[Experiment]) -> Iterator[Event]:
    """The same events, of which some tell what looks like what a network does; what is learned depends on the settings."""
    better = np.array([_better(each) for each in experiments])
    for event in events:
        match event:
            case Frame():
                yield replace(event, loss=event.loss * better, layers=event.layers * _of_layers(event, better))
            case EpochEnded():
                train, validation = (_scores(scores, better) for scores in (event.train, event.validation))
                yield replace(event, train=train, validation=validation)
            case Finished():
                yield replace(event, outcomes=tuple(map(_outcome, event.outcomes, better)))
            case Distributions():
                yield _bells(event)
            case Mistaken() | Examined():
                yield replace(event, confusion=_confusion(event), worst=tuple(_worst() for _ in event.worst))
            case Plane():
                yield scripted_plane(24, 32)
            case Region():
                yield scripted_region(scripted_plane(24, 32), event.step, event.epoch, len(event.answers))
            case _:
                yield event


def _better(experiment: Experiment) -> float:
    """By how much costs are multiplied: less than 1 for deep networks, and a little else for every seed."""
    model = experiment.model
    kinds = {"sigmoid": 1.4, "tanh": 0.8}.get(model.activation.kind, 1.0)
    return kinds * (0.9 ** len(model.hidden)) * (1 - 0.1 * math.log10(experiment.lr or 1e-3)) * (1 + 0.04 * experiment.seed)


def _of_layers(event: Frame, better: np.ndarray) -> np.ndarray:
    """By how much gradients are multiplied, the more the longer it goes on and the deeper the layer: [M, P, L, K]."""
    of_gradients = np.array(["gradient" in each for each in STATISTICS])
    power = np.arange(event.layers.shape[2])[None, None, :] * np.cos(event.layer_steps / 40)[:, None, None]
    return np.where(of_gradients, (better[None, :, None] ** power)[..., None], 1).astype(np.float32)


def _scores(scores: Sequence[Score | None], better: Iterable[float]) -> tuple[Score | None, ...]:
    return tuple(
        score
        and replace(score, cost=score.cost * by, accuracy=None if score.accuracy is None else max(0.1, 1 - score.cost * by / 3))
        for score, by in zip(scores, better, strict=True)
    )


def _outcome(outcome: Outcome, better: float) -> Outcome:
    (train,), (validation,), (test,) = (
        _scores((score,), (better,)) for score in (outcome.train, outcome.validation, outcome.test)
    )
    return replace(outcome, train=train, validation=validation, test=test)


def _bells(event: Distributions) -> Distributions:
    """Bells that widen and move as the training goes on, the more the deeper the layer."""
    layer = np.arange(event.counts.shape[1])[None, :, None, None]
    quantity = np.arange(event.counts.shape[2])[None, None, :, None]
    place = np.linspace(-3, 3, BINS)[None, None, None, :]
    width = 0.4 + 0.1 * layer + event.step / 300 + 0.05 * quantity
    middle = -0.5 + 0.15 * layer + event.step / 400
    share = np.exp(-(((place - middle) / width) ** 2) / 2)
    counts = np.broadcast_to(np.rint(1000 * share), (*event.counts.shape[:3], BINS)).astype(np.int64)
    moments = np.broadcast_to(np.concatenate([middle + 0 * width, width], axis=-1), event.moments.shape)
    edges = np.broadcast_to(np.array([-3.0, 3.0]), event.edges.shape)
    there = event.counts.sum(axis=-1, keepdims=True) > 0
    return replace(event, counts=counts * there, moments=moments.copy(), edges=edges.copy())


def _confusion(event: Mistaken | Examined) -> np.ndarray:
    """Most are right; what is wrong is so between classes that look alike."""
    confusion = np.zeros_like(event.confusion)
    for number in range(confusion.shape[-1]):
        confusion[:, number, number] = 15 + number % 4
    for number, (truth, answer) in enumerate(MISTAKES):
        confusion[:, int(truth), int(answer)] = 1 + number
    return confusion


def _worst() -> tuple[Worst, ...]:
    """Rings and strokes of 8 times 8 pixels."""
    across, down = np.meshgrid(np.linspace(-1, 1, 8), np.linspace(-1, 1, 8))
    found = []
    for number, (truth, answer) in enumerate(MISTAKES):
        ring = np.exp(-8 * (np.hypot(across + 0.1 * number - 0.2, down * (1 - 0.1 * number)) - 0.6) ** 2)
        stroke = np.exp(-6 * (across - 0.2 * number + down / 2) ** 2)
        found.append(
            Worst(
                3 + 7 * number, truth, answer, 0.004 * (1 + number), (ring if number % 2 else stroke).ravel().astype(np.float32)
            )
        )
    return tuple(found)
