"""The values of terms: one for each seed, or for each seed and layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.claims.errors import Missing, Undecided
from workbench.claims.moments import infinite_where_lost, loss_at, measured_at, step_of
from workbench.claims.quantities import DEFINED_WHEN_DIVERGED, MEASURES, Known, more_is_better
from workbench.claims.records import Course, Number, Runs, Trained, Unit
from workbench.claims.scope import Names, Space, Unnamed
from workbench.claims.term_tree import (
    Arithmetic,
    Constant,
    Layers,
    Moment,
    Negative,
    Quantity,
    Reduced,
    Selector,
    Term,
    Until,
    is_constant,
    quantities_of,
)
from workbench.claims.terms import parse_term
from workbench.recipes.records import Group, Plan, Selection

if TYPE_CHECKING:
    from workbench.claims.records import Floats

END = Moment("end")


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A term as it was measured."""

    values: Floats
    """[S, L]: of each seed, one or one of each layer. [1, L] of a number that is written down."""
    unit: Unit
    chosen: tuple[str, ...] = ()
    """Variations that were chosen for being the best, such as `lr=0.1`."""


class Values:
    """Works out terms of the runs of a plan. All methods raise Undecided where something was not measured or is no number."""

    def __init__(self, space: Space, groups: Sequence[Group], runs: Runs, choose: Selection | None) -> None:
        self.space = space
        self._runs = runs
        self._choose = choose
        self._groups = {group.names: group for group in groups}
        self._best: dict[tuple[tuple[str, str], ...], Group] = {}

    @classmethod
    def of_plan(cls, plan: Plan, runs: Runs) -> Values:
        """Those of a plan's groups."""
        return cls(Space.of_plan(plan), plan.groups, runs, plan.recipe.choose)

    # --- groups -----------------------------------------------------------------------

    def group(self, selectors: Sequence[Selector], bound: Names) -> tuple[Group, tuple[str, ...]]:
        """The group that is named, and the variations that were chosen for being the best."""
        try:
            names = self.space.names(selectors, bound)
        except Unnamed as error:
            raise Undecided(str(error)) from None
        if len(names) == len(self.space.axes):
            return self._groups[tuple(names.items())], ()
        best = self._chosen(names)
        chosen = self.space.chosen
        return best, (f"{chosen}={best.on(chosen)}",)

    def trained(self, group: Group) -> tuple[Trained, ...]:
        """The runs of a group, one for each seed. Raises Missing where not all of them are there."""
        there = self._runs.of(group)
        found = tuple(run for run in there if run is not None)
        if len(found) < len(there) or not there:
            of = f" of {group.label}" if group.label else ""
            raise Missing(f"{len(found)} of {len(there)} runs{of} are there" if found else f"no runs{of}")
        return found

    def _chosen(self, names: Names) -> Group:
        """The group of the best variation of the chosen axis, by the mean over seeds; the first of equals."""
        key = tuple(names.items())
        if key not in self._best:
            candidates = [group for group in self._groups.values() if all(group.on(axis) == name for axis, name in names.items())]
            self._best[key] = min(candidates, key=self._badness)
        return self._best[key]

    def _badness(self, group: Group) -> float:
        assert self._choose is not None
        by = parse_term(self._choose.by)
        if any(run.diverged for run in self.trained(group)):
            return np.inf
        mean = float(self.of_group(by, group).values.mean())
        return -mean if isinstance(by, Quantity) and more_is_better(by.name) else mean

    # --- terms ------------------------------------------------------------------------

    def number(self, term: Term, bound: Names, *, unit: Unit | None = None, shown: str = "") -> Number:
        """A term with one value for each seed. `shown` is what it is called in words, if not as the check writes it."""
        value = self.value(term, bound, unit)
        filled = self.filled(term, bound, value.chosen)
        text = shown or str(term) + (f" [{filled}]" if filled else "")
        return Number(text, tuple(value.values[:, 0].tolist()), value.unit)

    def filled(self, term: Term, bound: Names, chosen: Sequence[str]) -> str:
        """What a term leaves out and is filled in: of the axes that are gone over, and what was chosen for being the best."""
        named = [self.space.named(quantity.selectors) for quantity in quantities_of(term)]
        labels = [self.label(axis, name) for axis, name in bound.items() if any(axis not in each for each in named)]
        return ", ".join(dict.fromkeys([*labels, *chosen]))

    def label(self, axis: str, name: str) -> str:
        """A variation in words."""
        return self.space.axis(axis).label(name)

    def of_group(self, term: Term, group: Group) -> Value:
        """A term that names no group, of one group."""
        return self.value(term, dict(group.names))

    def value(self, term: Term, bound: Names, unit: Unit | None = None) -> Value:
        """A term. `unit` is that in which numbers with a percent sign are meant."""
        match term:
            case Constant(number, percent):
                scaled = number / 100 if percent and unit is not Unit.PERCENT else number
                return Value(np.array([[scaled]]), Unit.NUMBER)
            case Negative(of):
                value = self.value(of, bound, unit)
                return replace(value, values=-value.values)
            case Arithmetic():
                return self._arithmetic(term, bound, unit)
            case Reduced(how, of):
                value = self.value(of, bound, unit)
                return replace(value, values=_reduced(how, value.values), unit=Unit.NUMBER if how == "ratio" else value.unit)
            case Until():
                return self._until(term, bound)
            case Quantity():
                return self._quantity(term, bound)

    def _arithmetic(self, term: Arithmetic, bound: Names, unit: Unit | None) -> Value:
        of_sum = term.operator in "+-"
        inner = (unit or self.unit(term)) if of_sum else None
        left, right = self.value(term.left, bound, inner), self.value(term.right, bound, inner)
        a, b = left.values, right.values
        if a.shape[0] != b.shape[0] and not (is_constant(term.left) or is_constant(term.right)):
            raise Undecided(f"{term} joins {a.shape[0]} seeds with {b.shape[0]}")
        if a.shape[1] != b.shape[1] and 1 not in (a.shape[1], b.shape[1]):
            raise Undecided(f"{term} joins {a.shape[1]} layers with {b.shape[1]}")
        if term.operator == "/" and (b == 0).any():
            raise Undecided(f"{term} divides by 0")
        with np.errstate(all="ignore"):
            values = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}[term.operator](a, b)
        if np.isnan(values).any():
            raise Undecided(f"{term} is not a number")
        return Value(values, self.unit(term), (*left.chosen, *right.chosen))

    def unit(self, term: Term) -> Unit:
        """In which unit a term is."""
        match term:
            case Quantity(name):
                return MEASURES[name].unit
            case Negative(of):
                return self.unit(of)
            case Until():
                return Unit.NUMBER if term.counted == "epochs" else Unit.COUNT
            case Reduced(how, of):
                return Unit.NUMBER if how == "ratio" else self.unit(of)
            case Arithmetic(operator, left, right):
                return _joined(operator, left, right, self.unit(left), self.unit(right))
            case Constant():
                return Unit.NUMBER

    def _quantity(self, quantity: Quantity, bound: Names) -> Value:
        group, chosen = self.group(quantity.selectors, bound)
        measure = MEASURES[quantity.name]
        rows = [self._measured(quantity, run, group) for run in self.trained(group)]
        if len({row.size for row in rows}) > 1:
            raise Undecided(f"the runs of {group.label} have different numbers of layers")
        return Value(np.stack(rows), measure.unit, chosen)

    def _measured(self, quantity: Quantity, run: Trained, group: Group) -> Floats:
        """Of one run: [1], or [L] of some layers."""
        measure, moment = MEASURES[quantity.name], quantity.moment or END
        if run.diverged and quantity.name not in DEFINED_WHEN_DIVERGED and step_of(moment, run) >= run.last_step:
            raise _no_number(quantity, run, group)
        if measure.of_layers:
            course = self.course(quantity, run, group)
            found = np.atleast_1d(measured_at(course, moment, run, quantity.name))
        elif measure.known is Known.STEPS:
            found = np.array([loss_at(self.course(quantity, run, group), moment, run)])
        elif moment.kind == "end":
            figure = run.figure(quantity.name)
            if figure is None:
                raise Undecided(f"{quantity.name} was not recorded of {_who(run, group)}")
            found = np.array([figure])
        else:
            found = np.atleast_1d(measured_at(self.course(quantity, run, group), moment, run, quantity.name))
        if np.isnan(found).any():
            raise _no_number(quantity, run, group)
        return found

    def course(self, quantity: Quantity, run: Trained, group: Group) -> Course:
        """A quantity of one run in its course; of layers only those that are asked for, the hidden ones if none is."""
        of_layers = MEASURES[quantity.name].of_layers
        course = run.layers(quantity.name) if of_layers else run.course(quantity.name)
        if course is None or course.steps.size == 0:
            raise Undecided(f"{quantity.name} was not recorded of {_who(run, group)}")
        if quantity.name in DEFINED_WHEN_DIVERGED:
            course = infinite_where_lost(course, run)
        if not of_layers:
            return course
        return Course(course.steps, _taken(course.values, quantity.layers, group))

    def _until(self, term: Until, bound: Names) -> Value:
        group, chosen = self.group(term.of.selectors, bound)
        limit = self.value(term.bound, bound, self.unit(term.of)).values
        found = []
        runs = self.trained(group)
        for row, run in enumerate(runs):
            course = self.course(term.of, run, group)
            values = course.values.reshape(len(course.steps), -1)[:, 0]
            reached = np.flatnonzero(COMPARE[term.operator](values, limit[row % len(limit), 0]))
            if not reached.size and np.isnan(values).any() and not run.diverged:
                raise _no_number(term.of, run, group)
            step = float(course.steps[reached[0]]) if reached.size else np.inf
            found.append(step / run.steps_per_epoch if term.counted == "epochs" else step)
        return Value(np.array(found)[:, None], self.unit(term), chosen)


COMPARE = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
"""What the signs of comparisons mean; nothing holds of what is not a number."""


def _taken(values: Floats, layers: Layers | None, group: Group) -> Floats:
    """Of [M, H + 1] hidden layers and the output the columns that are asked for: [M, L]."""
    hidden = values.shape[1] - 1
    if layers is not None and layers.first == "output":
        return values[:, -1:]
    first, last = _span(layers, hidden)
    if not 1 <= first <= last <= hidden:
        of = f" of {group.label}" if group.label else ""
        raise Undecided(f"there are {hidden} hidden layers{of}, and no {layers or 'hidden layer'}")
    return values[:, first - 1 : last]


def _span(layers: Layers | None, hidden: int) -> tuple[int, int]:
    if layers is None or layers.first == "all":
        return 1, hidden
    first = layers.first if isinstance(layers.first, int) else hidden
    if layers.last is None:
        return first, first
    return first, layers.last if isinstance(layers.last, int) else hidden


_OVER_LAYERS: Mapping[str, Callable[[Floats], Floats]] = {
    "mean": lambda values: np.asarray(values.mean(axis=1)),
    "min": lambda values: np.asarray(values.min(axis=1)),
    "max": lambda values: np.asarray(values.max(axis=1)),
    "ratio": lambda values: values[:, -1] / values[:, 0],
}


def _reduced(how: str, values: Floats) -> Floats:
    """Of [S, L] one number for each seed: [S, 1]."""
    if how == "ratio" and (values[:, 0] == 0).any():
        raise Undecided("the ratio is to a layer in which it is 0")
    return _OVER_LAYERS[how](values)[:, None]


def _joined(operator: str, left: Term, right: Term, a: Unit, b: Unit) -> Unit:
    """The unit of what arithmetic makes."""
    if isinstance(right, Constant):
        return a
    if isinstance(left, Constant):
        return b if operator != "/" else Unit.NUMBER
    return a if operator in "+-" and a is b else Unit.NUMBER


def _who(run: Trained, group: Group) -> str:
    return f"{group.label or 'the run'}, seed {run.seed}"


def _no_number(quantity: Quantity, run: Trained, group: Group) -> Undecided:
    if run.diverged:
        words = f"diverged at step {run.last_step:,} and has no {quantity}"
        return Undecided(f"{_who(run, group)} {words}; `diverges(...)` and loss are defined for it")
    return Undecided(f"{quantity} is not a number of {_who(run, group)}")
