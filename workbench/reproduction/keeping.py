"""What came of a recipe, as it is kept in the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.claims.records import Verdict
from workbench.history import History
from workbench.history.clock import now
from workbench.history.records import RunRecord
from workbench.history.reproductions import ReproductionRow, VerdictRow, record_reproduction
from workbench.recipes.records import Plan


def keep(
    history: History,
    plan: Plan,
    verdicts: Sequence[tuple[int, Verdict]],
    runs: Sequence[tuple[str, int]],
    *,
    settings: Mapping[str, Any],
    started: str,
    trained: int,
    write: bool,
) -> ReproductionRow:
    """Sum up what came of a recipe, and keep it if it is to be written.

    Args:
        history: Where the runs are, and where it is kept.
        plan: What was judged.
        verdicts: The claims that were judged, each by its number.
        runs: Group's label and id of each run that they were judged by.
        settings: What was changed of the recipe, by path.
        started: When it began.
        trained: How many of the runs were trained for it.
        write: Whether it is kept.

    Raises:
        HistoryError: it cannot be written.
    """
    records = history.records([*dict.fromkeys(run for _, run in runs)])
    made = ReproductionRow(
        id=0,
        recipe=plan.recipe.name,
        digest=plan.recipe.digest,
        scale=plan.scale.name,
        seeds=plan.seeds,
        settings=settings,
        started=started,
        ended=now(),
        seconds=_seconds(records),
        trained=trained,
        device=", ".join(sorted({run.device for run in records})),
        host="",
        versions_json="{}",
        verdicts=tuple(_row(number, verdict) for number, verdict in verdicts),
        runs=tuple(runs),
    )
    return record_reproduction(history.path, made) if write else made


def _seconds(runs: Sequence[RunRecord]) -> float:
    """Of training: a population counts once, as long as its slowest member took."""
    of_populations: dict[int, float] = {}
    for run in runs:
        of_populations[run.trained_with] = max(run.seconds, of_populations.get(run.trained_with, 0.0))
    return sum(of_populations.values())


def _row(number: int, verdict: Verdict) -> VerdictRow:
    claim, published = verdict.claim, verdict.claim.published
    return VerdictRow(
        number=number,
        says=claim.says,
        check=claim.check,
        outcome=verdict.outcome.value,
        words=verdict.words,
        ours=verdict.ours,
        published=published.value if published is not None else None,
        published_source=published.source if published is not None else "",
    )
