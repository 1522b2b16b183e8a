"""The table of a recipe's groups."""

from __future__ import annotations

from workbench.claims.errors import Missing, Undecided
from workbench.claims.records import Runs
from workbench.claims.showing import number_of
from workbench.claims.term_tree import Term
from workbench.claims.terms import parse_term
from workbench.claims.wording import number_words
from workbench.plots.numbers import ABSENT
from workbench.recipes.records import Group, Plan, Show
from workbench.report.asked import words_of
from workbench.report.groups import that_count
from workbench.report.records import Cell, Shown, TableRow, TableShown


def table(show: Show, plan: Plan, runs: Runs) -> Shown:
    """A row for each group, also where there are no runs of it yet."""
    axes = [axis for axis in plan.axes if len(axis.names) > 1]
    terms = [parse_term(column.of) for column in show.columns]
    choose = plan.recipe.choose
    best = {group.names for group in that_count(plan, runs)} if choose and _several(plan, choose.axis) else set()
    rows = tuple(
        TableRow(
            tuple(group.on(axis.name) for axis in axes),
            tuple(_cell(term, group, runs) for term in terms),
            group.names in best,
        )
        for group in plan.groups
    )
    columns = tuple(column.title if column.title != column.of else words_of(column.of) for column in show.columns)
    seeds = f"Means of {plan.seeds} seeds ± sample standard deviation" if plan.seeds > 1 else "One seed each"
    chosen = f"the {choose.axis} of the best {words_of(choose.by)}" if choose and best else ""
    return TableShown(show.title or "Figures", tuple(axis.name for axis in axes), columns, rows, seeds, chosen)


def _several(plan: Plan, axis: str) -> bool:
    return any(each.name == axis and len(each.names) > 1 for each in plan.axes)


def _cell(term: Term, group: Group, runs: Runs) -> Cell:
    try:
        number = number_of(term, group, runs)
    except Missing:
        return Cell(ABSENT)
    except Undecided:
        there = [run for run in runs.of(group) if run is not None]
        lost = sum(run.diverged for run in there)
        return Cell(f"{lost} of {len(there)} diverged" if lost else ABSENT)
    return Cell(number_words(number), number)
