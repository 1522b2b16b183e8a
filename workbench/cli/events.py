"""The engine's events as flat JSON objects, one for each run and, in a frame, for each recorded step."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from engine.events import (
    Combined,
    EpochEnded,
    Event,
    Failed,
    FindingRaised,
    Finished,
    Frame,
    MemberEnded,
    Outcome,
    Resumed,
    Score,
    Started,
)
from engine.vocabulary import STATISTICS
from workbench.cli.detail_events import Fields, Going, detail_objects
from workbench.cli.findings import finding_fields


def event_objects(event: Event, run_ids: Sequence[int | None], db: Path | None, ended: Collection[int] = ()) -> Iterator[Fields]:
    """What `run --json` prints for an event.

    Args:
        event: An event of one population.
        run_ids: Ids of the population's runs, in the order of its members; None for runs that are not recorded.
        db: The history that the runs are recorded in.
        ended: Members that have learned enough; nothing is told of them but their end.
    """
    going = [(member, run) for member, run in enumerate(run_ids) if member not in ended]
    match event:
        case Started():
            return _started(event, run_ids)
        case Frame():
            return _frame(event, going)
        case EpochEnded():
            return _epoch(event, going)
        case MemberEnded():
            head = {"event": "ended", "run": run_ids[event.member]}
            return iter([{**head, "step": event.step, "epoch": event.epoch, "reason": event.reason}])
        case Resumed():
            fields = {"step": event.step, "epoch": event.epoch, "seconds": event.seconds}
            return ({"event": "resumed", "run": run, **fields} for run in run_ids)
        case Finished():
            outcomes = zip(run_ids, event.outcomes, strict=True)
            return (_finished(run, outcome, event, db) for run, outcome in outcomes)
        case FindingRaised():
            return iter([{"event": "finding", "run": run_ids[event.finding.member], **finding_fields(event.finding)}])
        case Failed():
            return ({"event": "failed", "run": run, "status": "failed", "message": event.message} for run in run_ids)
        case _:
            return detail_objects(event, run_ids, going)


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
            "layer_kinds": [layer.kind for layer in event.layers],
            "parameters": event.parameters,
            "device": event.device,
            "threads": event.threads,
            "steps_per_epoch": event.steps_per_epoch,
            "total_steps": event.total_steps,
            "measured_every": event.measured_every,
        }


def _frame(event: Frame, going: Going) -> Iterator[Fields]:
    """One object per recorded step and run; where layers were measured, each statistic as a list with a number per layer."""
    measured = {step: position for position, step in enumerate(event.layer_steps.tolist())}
    for position, step in enumerate(event.steps.tolist()):
        for member, run in going:
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


def _epoch(event: EpochEnded, going: Going) -> Iterator[Fields]:
    for member, run in going:
        yield {
            "event": "epoch",
            "run": run,
            "epoch": event.epoch,
            "step": event.step,
            "seconds": event.seconds,
            **_score("train", event.train[member]),
            **_score("validation", event.validation[member]),
            **_combined("validation", event.combined),
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
        "reason": outcome.reason or None,
        "restored_step": outcome.restored_step,
        **_combined("validation", event.combined_validation),
        **_combined("test", event.combined_test),
        "db": str(db) if db else None,
    }


def _score(part: str, score: Score | None) -> Fields:
    """Cost and metrics of one part of the data; what does not fit the task is null."""
    names = ("cost", "accuracy", "r2", "mae")
    return {f"{part}_{name}": getattr(score, name) if score else None for name in names}


def _combined(part: str, combined: Combined | None) -> Fields:
    """Cost and metrics of an ensemble; nothing where there is none."""
    if combined is None:
        return {}
    vote = combined.vote.accuracy if combined.vote is not None else None
    return {**_score(f"combined_{part}", combined.mean), f"combined_{part}_vote_accuracy": vote}
