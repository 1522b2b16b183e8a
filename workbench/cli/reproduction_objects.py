"""What a reproduction says, as flat JSON objects: `workbench reproduce --json` prints one on each line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.claims.records import Number, Verdict
from workbench.reproduction.events import Begun, Broke, Ended, Event, Going, GroupTrained, Judged, Noted

Fields = dict[str, Any]


def reproduction_object(event: Event, recipe: str, db: Path) -> Fields | None:
    """What is printed for an event; None for one that is said again and again.

    `begun`     what is trained: scale, seeds, groups, how many runs there are in all and how many of them are there already
    `group`     all runs of a group are there: their ids
    `failed`    the training of some groups broke off: why
    `note`      something to know
    `verdict`   a claim is decided: pass, fail or error, or open where it was only looked; its numbers, one value for each seed
    `finished`  it is over: done or interrupted, claims passed, its id in the history or null where it is not kept

    Args:
        event: what was said.
        recipe: the name of the recipe that it is about.
        db: the history.
    """
    fields = _fields(event, db)
    return None if fields is None else {"event": fields.pop("event"), "recipe": recipe, **fields}


def _fields(event: Event, db: Path) -> Fields | None:
    match event:
        case Begun():
            return _begun(event)
        case GroupTrained():
            runs = {"runs": list(event.runs), "done": event.done, "groups": event.groups}
            return {"event": "group", "group": event.group.label, **runs}
        case Broke():
            return {"event": "failed", "groups": list(event.labels), "message": event.message}
        case Noted():
            return {"event": "note", "message": event.message}
        case Judged():
            return {"event": "verdict", "claim": event.number, **verdict_fields(event.verdict)}
        case Ended():
            return _ended(event, db)
        case Going():
            return None


def verdict_fields(verdict: Verdict) -> Fields:
    """A claim with what came of it."""
    claim = verdict.claim
    published = None if claim.published is None else {"value": claim.published.value, "source": claim.published.source}
    return {
        "says": claim.says,
        "check": claim.check,
        "outcome": verdict.outcome.value,
        "words": verdict.words,
        "numbers": [_number(number) for number in verdict.numbers],
        "ours": verdict.ours,
        "published": published,
    }


def _number(number: Number) -> Fields:
    values = {"values": list(number.values), "mean": number.mean, "std": number.std}
    return {"text": number.text, "unit": number.unit.value, **values}


def _begun(event: Begun) -> Fields:
    plan = event.plan
    return {
        "event": "begun",
        "title": plan.recipe.title,
        "scale": plan.scale.name,
        "seeds": plan.seeds,
        "groups": [group.label for group in plan.groups],
        "runs": event.runs,
        "there": event.there,
        "claims": sum(claim.judged_at(plan.scale.name) for claim in plan.recipe.claims),
    }


def _ended(event: Ended, db: Path) -> Fields:
    made = event.made
    return {
        "event": "finished",
        "scale": made.scale,
        "status": "interrupted" if event.interrupted else "done",
        "passed": made.passed,
        "claims": len(made.verdicts),
        "trained": made.trained,
        "runs": len({run for _, run in made.runs}),
        "seconds": made.seconds,
        "reproduction": made.id or None,
        "db": str(db),
    }
