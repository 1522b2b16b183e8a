"""How a recipe is spoken of: what came of it, how far it is. Plain text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbench.plots import format_duration

if TYPE_CHECKING:
    from workbench.history.reproductions import ReproductionRow
    from workbench.recipes.records import Plan, Recipe
    from workbench.reproduction.background import Reproducing, Standing

SIGNS: Mapping[str, str] = {"pass": "✓", "fail": "✗", "error": "!", "open": "·"}
"""By the outcome of a claim."""
NOT_YET = "·"
RUNNING, PAUSED, STOPPING, WAITS = "▶", "‖", "■", "…"
_DAY = 10
"""Characters of the day in a time."""


def sign_of(made: ReproductionRow) -> str:
    """The sign of the worst that came of its claims."""
    outcomes = {verdict.outcome for verdict in made.verdicts}
    return next((SIGNS[each] for each in ("fail", "error", "open") if each in outcomes), SIGNS["pass"])


def short_result(made: ReproductionRow) -> str:
    """`✓ 6/6 quick`."""
    return f"{sign_of(made)} {made.passed}/{len(made.verdicts)} {made.scale}"


def result_text(recipe: Recipe, made: ReproductionRow, day: str) -> str:
    """`5 of 6 claims hold   2026-11-21   1m 4s of training, 12 runs trained`; `day`: a time of which only the day is told."""
    changed = "with other settings" if made.settings else "before the recipe was changed" if made.digest != recipe.digest else ""
    trained = f"{format_duration(made.seconds)} of training" if made.seconds else ""
    return "   ".join(filter(None, (holding(made), day[:_DAY], trained, changed)))


def holding(made: ReproductionRow) -> str:
    """`5 of 6 claims hold`."""
    count = len(made.verdicts)
    return f"{made.passed} of {count} claim{'s' * (count != 1)} hold{'s' * (count == 1)}"


def going_sign(doing: Reproducing) -> str:
    """Whether it goes on, waits or is about to end."""
    if doing.stopping:
        return STOPPING
    return PAUSED if doing.runner is not None and doing.runner.paused and not doing.runner.finished else RUNNING


def state_text(doing: Reproducing) -> str:
    """`▶ 4/24 sigmoid-to-relu`, and at the end what came of it, for the bar above all screens."""
    made = doing.standing.made
    if doing.finished and made is not None and not doing.standing.interrupted:
        return f"{sign_of(made)} {made.passed}/{len(made.verdicts)} {doing.plan.recipe.name}"
    if doing.finished:
        return f"{'!' if doing.standing.error else STOPPING} {doing.plan.recipe.name}"
    return f"{going_sign(doing)} {counted(doing.standing)} {doing.plan.recipe.name}"


def counted(standing: Standing) -> str:
    """Runs that are over, of all."""
    return f"{standing.done}/{standing.runs}" if standing.runs else "…"


def share_of_training(doing: Reproducing) -> float:
    """How much of the present training is done."""
    view = doing.runner.live.view() if doing.runner is not None else None
    return view.step / view.total_steps if view is not None and view.total_steps else 0.0


def progress_text(doing: Reproducing) -> str:
    """`4 of 24 runs   now relu, depth=10 and 2 more   1:04`."""
    standing = doing.standing
    runs = f"{standing.done:,} of {standing.runs:,} runs" if standing.runs else "looking for runs that are there"
    words = {STOPPING: "stopping", PAUSED: "paused"}.get(going_sign(doing), "")
    return "   ".join(filter(None, (words, runs, labels_text(standing.labels), clock(doing.seconds))))


def clock(seconds: float) -> str:
    """`0:05`, `12:30`, `1:02:03`."""
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def labels_text(labels: tuple[str, ...]) -> str:
    """The groups that are trained now, the first of them by name."""
    named = [label for label in labels if label]
    if not named:
        return ""
    return f"now {named[0]}" + (f" and {len(named) - 1} more" if len(named) > 1 else "")


def plan_text(plan: Plan, runs: int, there: int | None) -> str:
    """What a scale takes: `24 runs: 12 groups × 2 seeds, 4 of them there`; `there` is None while that is looked for."""
    groups = len(plan.groups)
    parts = f"{groups:,} groups × {_counted(plan.seeds, 'seed')}" if groups > 1 else _counted(plan.seeds, "seed")
    words = f"{_counted(runs, 'run')}: {parts}"
    if there is None:
        return words
    if there >= runs:
        return f"{words}, all there"
    return f"{words}, {there:,} there, {runs - there:,} to train" if there else f"{words}, none there yet"


def end_words(over: Reproducing) -> str:
    """How it ended."""
    standing = over.standing
    if standing.error:
        return standing.error
    made = standing.made
    if made is None or standing.interrupted:
        so_far = f"{holding(made)} so far, " if made is not None and made.verdicts else ""
        return f"Stopped: {so_far}{standing.done:,} of {standing.runs:,} runs are there; it goes on from here the next time."
    more = f" · {standing.remarks[0]}" if standing.remarks else ""
    return f"{sign_of(made)} {holding(made)}   {made.scale}, {clock(over.seconds)}{more}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"
