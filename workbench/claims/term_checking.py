"""Whether what a term speaks of exists: quantities, groups, layers, moments. No runs are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.catalog import BlockPick, unknown_name
from engine.experiment import Experiment
from engine.parts import Model
from workbench.claims.errors import ClaimError
from workbench.claims.quantities import MEASURES, Known, Measure
from workbench.claims.scope import Names, Space, Unnamed
from workbench.claims.term_tree import Arithmetic, Constant, Moment, Negative, Quantity, Reduced, Selector, Term, Until
from workbench.recipes.planning import Grid
from workbench.recipes.records import Recipe, Scale

LAYER_KINDS = frozenset(("dense", "conv", "rnn", "gru", "lstm"))
"""The blocks that count as layers: those with units and weights of their own."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a check something stands."""

    bound: Names = field(default_factory=dict)
    """The axes that are gone over."""
    layered: bool = False
    """Whether quantities of all layers may stand there."""


class TermChecker:
    """Checks against a recipe at one scale. Raises ClaimError at the first thing that is wrong."""

    def __init__(self, check: str, recipe: Recipe, scale: Scale, *, grouped: bool = True) -> None:
        self._check = check
        self._recipe = recipe
        self._scale = scale
        self._space = Space.of_recipe(recipe, scale)
        self._grid = Grid(recipe)
        self._grouped = grouped
        """Whether groups are named; else terms are of whatever group they are asked of."""

    def wrong(self, message: str, at: int) -> ClaimError:
        """What to raise."""
        return ClaimError(message, self._check, at)

    # --- terms ------------------------------------------------------------------------

    def term(self, term: Term, place: Place) -> bool:
        """A term; whether it is one of several layers."""
        match term:
            case Constant():
                return False
            case Negative(of):
                return self.term(of, place)
            case Arithmetic(_, left, right):
                return any([self.term(left, place), self.term(right, place)])
            case Reduced(how, of):
                if not self.term(of, Place(place.bound, layered=True)):
                    raise self.wrong(
                        f"{how}() takes a quantity of several layers, such as gradient_std or layer=2..last", term.at
                    )
                return False
            case Until(_, of, _, bound):
                if of.moment is not None:
                    raise self.wrong(f"the whole course of {of.name} is looked at; leave `at {of.moment}` out", of.moment.at)
                self._coursing(of)
                self.term(of, Place(place.bound))
                self.term(bound, Place(place.bound))
                return False
            case Quantity():
                return self._quantity(term, place)

    def _quantity(self, quantity: Quantity, place: Place) -> bool:
        measure = self._measure(quantity)
        if quantity.layers is not None and not measure.of_layers:
            raise self.wrong(f"{quantity.name} is of the whole run; leave layer out", quantity.layers.at)
        several = measure.of_layers and (quantity.layers is None or quantity.layers.several)
        if several and not place.layered:
            near = "layer=1, layer=last or layer=output, or take mean(...), min(...), max(...) or ratio(...) of all"
            raise self.wrong(f"{quantity.name} is one of each layer; name one with {near}", quantity.at)
        names = self._names(quantity.selectors, place.bound, quantity.at)
        self._layers(quantity, names)
        if quantity.moment is not None:
            self._known_then(measure, quantity.moment)
            self._moment(quantity.moment, names)
        return several

    def _coursing(self, of: Quantity) -> None:
        measure = self._measure(of)
        if not measure.has_course:
            raise self.wrong(f"{of.name} is known only at the end of a run and has no course", of.at)

    def _measure(self, quantity: Quantity) -> Measure:
        if quantity.name not in MEASURES:
            raise self.wrong(unknown_name("quantity", quantity.name, MEASURES), quantity.at)
        return MEASURES[quantity.name]

    def _known_then(self, measure: Measure, moment: Moment) -> None:
        if measure.known is Known.END and moment.kind != "end":
            raise self.wrong(f"{measure.name} is known only at the end of a run; leave `at {moment}` out", moment.at)
        if measure.known is Known.EPOCHS and moment.kind == "start":
            raise self.wrong(f"{measure.name} is first taken after an epoch; write `at epoch 1`", moment.at)

    def _names(self, selectors: Sequence[Selector], bound: Names, at: int) -> Names | None:
        """The variations that are named; None where whatever group is asked for."""
        if not self._grouped:
            if selectors:
                raise self.wrong("this is shown of every group; leave the group out", selectors[0].at)
            return None
        try:
            return self._space.names(selectors, bound)
        except Unnamed as error:
            raise self.wrong(str(error), error.selector.at if error.selector else at) from None

    def _layers(self, quantity: Quantity, names: Names | None) -> None:
        layers = quantity.layers
        if layers is None or names is None:
            return
        numbers = [each for each in (layers.first, layers.last) if isinstance(each, int)]
        if len(numbers) == 2 and numbers[1] <= numbers[0]:
            raise self.wrong("the second of the layers lies above the first", layers.at)
        if not numbers:
            return
        depth = hidden_layers(self._experiment(names).model)
        if max(numbers) > depth:
            group = self._label(names)
            raise self.wrong(f"layer {max(numbers)} is beyond the {depth} hidden layers{f' of {group}' * bool(group)}", layers.at)

    def _moment(self, moment: Moment, names: Names | None) -> None:
        if moment.kind == "%" and moment.number > 100:
            raise self.wrong("a training ends at 100 %", moment.at)
        if moment.kind not in ("epoch", "step") or names is None:
            return
        experiment = self._experiment(names)
        most = experiment.epochs if moment.kind == "epoch" else experiment.steps
        if most is not None and moment.number > most:
            raise self.wrong(f"at the scale {self._scale.name} training ends with {moment.kind} {most}", moment.at)

    def _experiment(self, names: Names) -> Experiment:
        whole = tuple((axis.name, names.get(axis.name, axis.names[0])) for axis in self._space.axes)
        return self._grid.experiment(whole, self._scale)

    def _label(self, names: Names) -> str:
        return ", ".join(axis.label(names[axis.name]) for axis in self._space.axes if axis.name in names)


def hidden_layers(model: Model) -> int:
    """How many hidden layers a network has."""
    return _counted(model.blocks) if model.blocks else len(model.hidden)


def _counted(blocks: Sequence[BlockPick]) -> int:
    return sum((block.kind in LAYER_KINDS) + sum(map(_counted, block.chains)) for block in blocks)
