"""Judging the claims of a recipe by the runs of a plan."""

from __future__ import annotations

from workbench.claims.clauses import rule
from workbench.claims.errors import ClaimError, Missing, Undecided
from workbench.claims.reading import parse
from workbench.claims.records import Outcome, Runs, Verdict
from workbench.claims.values import Values
from workbench.recipes.records import Claim, Plan


def judge_all(plan: Plan, runs: Runs, *, partial: bool = False) -> tuple[Verdict, ...]:
    """The verdict on each claim of the plan's scale, in the order of the recipe. See `judge`."""
    values = Values.of_plan(plan, runs)
    claims = (claim for claim in plan.recipe.claims if claim.judged_at(plan.scale.name))
    return tuple(_judged(claim, plan, values, partial=partial) for claim in claims)


def judge(claim: Claim, plan: Plan, runs: Runs, *, partial: bool = False) -> Verdict:
    """Whether the runs of a plan bear a claim out.

    Args:
        claim: One of the plan's recipe.
        plan: The groups, at the scale at which it is judged.
        runs: Theirs.
        partial: Whether runs are still being trained: a claim that needs one that is not there is then open, and else an error.
    """
    return _judged(claim, plan, Values.of_plan(plan, runs), partial=partial)


def _judged(claim: Claim, plan: Plan, values: Values, *, partial: bool) -> Verdict:
    try:
        clause = parse(claim.check, plan.recipe, scales=(plan.scale.name,))
        ruling = rule(clause, {}, values)
    except Missing as error:
        return Verdict(claim, Outcome.OPEN if partial else Outcome.ERROR, str(error))
    except Undecided as error:
        return Verdict(claim, Outcome.ERROR, str(error))
    except ClaimError as error:
        return Verdict(claim, Outcome.ERROR, str(error))
    return Verdict(claim, Outcome.PASS if ruling.holds else Outcome.FAIL, ruling.words, ruling.numbers)
