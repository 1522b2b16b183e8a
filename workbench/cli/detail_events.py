"""What is told beside steps and epochs as flat JSON objects. Pictures are left to the history: `workbench show` has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from engine.events import USER, Checkpointed, Distributions, Intervened, PretrainingEpoch, Reconstructed
from engine.pictures import Examined, Mistaken, Plane, Region
from engine.vocabulary import PERCENTILES, QUANTITIES

Fields = dict[str, object]
Going = Sequence[tuple[int, int | None]]
"""The members that have not ended and their runs."""
Detail = Intervened | Checkpointed | PretrainingEpoch | Reconstructed | Distributions | Plane | Region | Mistaken | Examined


def detail_objects(event: Detail, run_ids: Sequence[int | None], going: Going) -> Iterator[Fields]:
    """What `run --json` prints for an event; arrays become lists, and of distributions there is one object for each layer.

    Args:
        event: An event of one population.
        run_ids: Ids of the population's runs, in the order of its members; None for runs that are not recorded.
        going: Those of them that have not ended.
    """
    match event:
        case Intervened():
            return _intervened(event, going)
        case Checkpointed():
            return _checkpointed(event, run_ids)
        case PretrainingEpoch():
            return _pretraining(event, run_ids)
        case Reconstructed():
            return _reconstructed(event, run_ids)
        case Distributions():
            return (fields for member, run in going for fields in _distributions(event, member, run))
        case Plane():
            return iter(())
        case Region():
            return ({"event": "region", "run": run, "step": event.step, "epoch": event.epoch} for _, run in going)
        case Mistaken():
            head = {"step": event.step, "epoch": event.epoch}
            return ({**_examined(event, member, run), "event": "mistaken", **head} for member, run in going)
        case Examined():
            return (_examined(event, member, run) for member, run in enumerate(run_ids))


def _intervened(event: Intervened, going: Going) -> Iterator[Fields]:
    """One object for each setting that was changed."""
    for _, run in going:
        for change in event.changes:
            fields = {"path": change.path, "before": change.before, "after": change.after, "origin": event.origin or USER}
            yield {"event": "intervened", "run": run, "step": event.step, **fields}


def _checkpointed(event: Checkpointed, run_ids: Sequence[int | None]) -> Iterator[Fields]:
    for member in event.members:
        fields = {"epoch": event.epoch, "kind": event.kind, "path": event.path}
        yield {"event": "checkpointed", "run": run_ids[member], "step": event.step, **fields}


def _reconstructed(event: Reconstructed, run_ids: Sequence[int | None]) -> Iterator[Fields]:
    """The mean squared error of each of the inputs."""
    for member, run in enumerate(run_ids):
        errors = np.square(event.outputs[member].astype(np.float64) - event.inputs).mean(axis=1)
        yield {"event": "reconstructed", "run": run, "layer": event.name, "mean_squared_errors": errors.tolist()}


def _pretraining(event: PretrainingEpoch, run_ids: Sequence[int | None]) -> Iterator[Fields]:
    for run, error in zip(run_ids, event.error.tolist(), strict=True):
        yield {
            "event": "pretraining",
            "run": run,
            "layer": event.name,
            "epoch": event.epoch,
            "epochs": event.epochs,
            "seconds": event.seconds,
            "error": error,
        }


def _distributions(event: Distributions, member: int, run: int | None) -> Iterator[Fields]:
    """One object for each layer, which it names by its position; its fields begin with the quantity that they are of."""
    for layer, units in enumerate(event.saturated):
        fields: Fields = {
            "event": "distributions",
            "run": run,
            "step": event.step,
            "epoch": event.epoch,
            "layer": layer,
            "examples": event.examples,
            "percents": list(PERCENTILES),
            "jacobian": float(event.jacobian[member, layer]),
            "activation_ratio": float(event.activation_ratio[member, layer]),
            "gradient_ratio": float(event.gradient_ratio[member, layer]),
            "saturated_examples": units[member].tolist(),
        }
        for place, quantity in enumerate(QUANTITIES):
            at = member, layer, place
            mean, std = event.moments[at].tolist()
            low, high = event.edges[at].tolist()
            fields |= {f"{quantity}_mean": mean, f"{quantity}_std": std, f"{quantity}_low": low, f"{quantity}_high": high}
            fields |= {f"{quantity}_percentiles": event.percentiles[at].tolist(), f"{quantity}_counts": event.counts[at].tolist()}
        yield fields


def _examined(event: Examined | Mistaken, member: int, run: int | None) -> Fields:
    worst = event.worst[member]
    return {
        "event": "examined",
        "run": run,
        "part": event.part,
        "confusion": event.confusion[member].tolist(),
        "worst_examples": [each.example for each in worst],
        "worst_truths": [each.truth for each in worst],
        "worst_answers": [each.answer for each in worst],
        "worst_probabilities": [each.probability for each in worst],
    }
