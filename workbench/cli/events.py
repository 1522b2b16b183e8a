"""The engine's events as flat JSON objects, one for each run and, in a frame, for each recorded step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.events import EpochEnded, Event, Failed, Finished, Frame, Outcome, Score, Started
from engine.vocabulary import STATISTICS

Fields = dict[str, object]


def event_objects(event: Event, run_ids: Sequence[int | None], db: Path | None) -> Iterator[Fields]:
    """What `run --json` prints for an event.

    Args:
        event: An event of one population.
        run_ids: Ids of the population's runs, in the order of its members; None for runs that are not recorded.
        db: The history that the runs are recorded in.
    """
    match event:
        case Started():
            yield from _started(event, run_ids)
        case Frame():
            yield from _frame(event, run_ids)
        case EpochEnded():
            yield from _epoch(event, run_ids)
        case Finished():
            for run, outcome in zip(run_ids, event.outcomes, strict=True):
                yield _finished(run, outcome, event, db)
        case Failed():
            for run in run_ids:
                yield {"event": "failed", "run": run, "status": "failed", "message": event.message}


def _started(event: Started, run_ids: Sequence[int | None]) -> Iterator[Fields]:
    for run, experiment in zip(run_ids, event.experiments, strict=True):
        yield {
            "event": "started",
            "run": run,
            "seed": experiment.seed,
            "experiment_hash": experiment.hash,
            "experiment": experiment.to_dict(),
            "task": event.data.task,
            "train_examples": event.data.train,
            "validation_examples": event.data.validation,
            "test_examples": event.data.test,
            "data_notes": list(event.data.notes),
            "layers": [layer.name for layer in event.layers],
            "parameters": event.parameters,
            "device": event.device,
            "threads": event.threads,
            "steps_per_epoch": event.steps_per_epoch,
            "total_steps": event.total_steps,
            "measured_every": event.measured_every,
        }


def _frame(event: Frame, run_ids: Sequence[int | None]) -> Iterator[Fields]:
    """One object per recorded step and run; where layers were measured, each statistic as a list with a number per layer."""
    measured = {step: position for position, step in enumerate(event.layer_steps.tolist())}
    for position, step in enumerate(event.steps.tolist()):
        for member, run in enumerate(run_ids):
            fields: Fields = {
                "event": "frame",
                "run": run,
                "step": step,
                "seconds": float(event.seconds[position]),
                "loss": float(event.loss[position, member]),
                "l1": float(event.l1[position, member]),
                "l2": float(event.l2[position, member]),
                "lr": float(event.lr[position, member]),
            }
            if step in measured:
                layers = event.layers[measured[step], member].T.tolist()  # [K][L]
                fields |= {str(statistic): values for statistic, values in zip(STATISTICS, layers, strict=True)}
            yield fields


def _epoch(event: EpochEnded, run_ids: Sequence[int | None]) -> Iterator[Fields]:
    for run, train, validation in zip(run_ids, event.train, event.validation, strict=True):
        yield {
            "event": "epoch",
            "run": run,
            "epoch": event.epoch,
            "step": event.step,
            "seconds": event.seconds,
            **_score("train", train),
            **_score("validation", validation),
        }


def _finished(run: int | None, outcome: Outcome, event: Finished, db: Path | None) -> Fields:
    divergence = outcome.divergence
    return {
        "event": "finished",
        "run": run,
        "status": str(outcome.status),
        **_score("test", outcome.test),
        **_score("train", outcome.train),
        **_score("validation", outcome.validation),
        "steps": outcome.step,
        "seconds": event.seconds,
        "measuring": event.measuring,
        "diverged_step": divergence.step if divergence else None,
        "diverged_layer": divergence.layer if divergence else None,
        "diverged_quantity": divergence.quantity if divergence else None,
        "db": str(db) if db else None,
    }


def _score(part: str, score: Score | None) -> Fields:
    """Cost and metrics of one part of the data; what does not fit the task is null."""
    names = ("cost", "accuracy", "r2", "mae")
    return {f"{part}_{name}": getattr(score, name) if score else None for name in names}
