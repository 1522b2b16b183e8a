"""Rules on what is known before the first step, or when a number is no longer finite: they need no second look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from engine.events import Divergence
from engine.insight import thresholds as bounds
from engine.insight.finding import Evidence, Severity
from engine.insight.rules import changes
from engine.insight.rules.rule import Case, Change, Rule, number
from engine.insight.subject import Subject

SIZE = "root mean square of the inputs"
SCALES = "largest over smallest standard deviation of an input"
SHARES = "most frequent class over the rarest"
FIT = "quantities that do not fit"
LARGEST = float(np.finfo(np.float32).max)
"""Finite number there is."""

BOUNDED = {
    "sigmoid": "answers from 0 to 1",
    "tanh": "answers from -1 to 1",
    "hardtanh": "answers from -1 to 1",
    "softsign": "answers from -1 to 1",
    "softmax": "shares that add up to 1",
    "relu": "no answers below 0",
    "softplus": "no answers below 0",
    "elu": "no answers far below 0",
    "selu": "no answers far below 0",
    "gelu": "no answers below -0.17",
    "silu": "no answers below -0.28",
}
"""What output activations cannot give, as layers name them."""
FLAT = ("sigmoid", "softmax")
"""Outputs whose slope is nearly 0 where they are most wrong."""


def inputs_not_standardized(subject: Subject) -> Sequence[Evidence]:
    """What of the inputs is out of bounds."""
    data = subject.data
    if data.input_mean is None or data.input_std is None:
        return ()
    found = []
    size = float(np.hypot(data.input_mean, data.input_std))
    if not bounds.INPUTS_SMALL <= size <= bounds.INPUTS_LARGE:
        found.append(Evidence(SIZE, size, bounds.INPUTS_LARGE if size > 1 else bounds.INPUTS_SMALL, 0))
    if len(data.input_scales) == 2 and not data.image_shape:
        low, high = data.input_scales
        if high > bounds.INPUTS_UNEQUAL * low:
            found.append(Evidence(SCALES, high / low, bounds.INPUTS_UNEQUAL, 0))
    return found


def unbalanced_classes(subject: Subject) -> Sequence[Evidence]:
    """How uneven the classes are, if they are."""
    shares = [each for each in subject.data.class_shares if each > 0]
    if len(shares) < 2 or max(shares) <= bounds.UNBALANCED * min(shares):
        return ()
    return (Evidence(SHARES, max(shares) / min(shares), bounds.UNBALANCED, 0),)


def output_does_not_fit_cost(subject: Subject) -> Sequence[Evidence]:
    """Whether the output activation cannot give the targets, or makes the cost flat where the answer is wrong."""
    misfit = misfit_of(subject)
    return (Evidence(FIT, 1.0, 0.0, 0, subject.layers[-1].name),) if misfit else ()


def misfit_of(subject: Subject) -> str:
    """Why output and cost do not fit, as the end of a sentence; empty where they do."""
    if not subject.layers:
        return ""
    output = subject.layers[-1].activation
    if subject.data.task == "regression":
        return f"the targets are standardized numbers, but {output} gives {BOUNDED[output]}" if output in BOUNDED else ""
    if subject.cost in ("cross_entropy", "binary_cross_entropy"):
        return ""
    if output in FLAT:
        return f"{subject.cost} with {output} is flat where the answer is most wrong"
    if subject.cost == "mean_absolute":
        return "mean_absolute of one-hot targets is lowest where every output is 0"
    return ""


def case_of_divergence(subject: Subject, member: int, divergence: Divergence) -> tuple[Case, tuple[Evidence, ...]]:
    """What a member that has diverged is found by."""
    names = tuple(layer.name for layer in subject.layers)
    layers = (divergence.layer,) if divergence.layer in names else ()
    case = Case(subject, member, divergence.step, layers=layers, figures={divergence.quantity: (np.inf,)})
    return case, (Evidence(divergence.quantity, np.inf, LARGEST, divergence.step, "".join(layers)),)


def _inputs_words(case: Case) -> str:
    parts = []
    if SIZE in case.figures:
        parts.append(f"have a root mean square of {number(case.largest(SIZE))} where 1 is usual")
    if SCALES in case.figures:
        parts.append(f"differ in their standard deviations by a factor of {number(case.largest(SCALES))}")
    return f"The inputs {' and '.join(parts)}."


def _not_finite_words(case: Case) -> str:
    what = next((quantity for quantity in case.figures if quantity != "cost"), "cost")
    where = f" of {case.layers[0]}" if case.layers else ""
    return f"The {what}{where} ceased to be finite at step {case.step:,}."


def _output_changes(case: Case) -> Iterator[Change]:
    yield "Output and cost as the data want them", {"model.output": "auto", "cost": "auto"}
    yield "The output that the cost wants", {"model.output": "auto"}


def _unbalanced_changes(_case: Case) -> Iterator[Change]:
    """None: no setting weighs classes."""
    yield from ()


def _not_finite_changes(case: Case) -> Iterator[Change]:
    yield from changes.lower_rates(case)
    if case.experiment.data.scaling == "none":
        yield changes.standardize(case)
    yield from changes.initializer(case)
    yield changes.batch_norm(case)


RULES = (
    Rule(
        "inputs-not-standardized",
        "Inputs are not standardized",
        f"The root mean square of the inputs is outside {bounds.INPUTS_SMALL:g} to {bounds.INPUTS_LARGE:g}, or the standard "
        f"deviation of one of them is more than {bounds.INPUTS_UNEQUAL:g} times that of another (not of pictures).",
        "First weights are drawn for inputs with mean 0 and variance 1, and one learning rate serves all inputs. Large ones "
        "saturate the first layer or make it diverge, small ones are hardly seen.",
        Severity.WARNING,
        ("LeCun, Bottou, Orr & Mueller 1998, section 4.3",),
        _inputs_words,
        lambda case: (changes.standardize(case), ("Scaling as it suits the data", {"data.scaling": "auto"})),
    ),
    Rule(
        "unbalanced-classes",
        "Unbalanced classes",
        f"The most frequent class of the training part has more than {bounds.UNBALANCED:g} times the examples of the rarest.",
        "Answers for the frequent classes make the cost small, so that rare ones are learned late or not at all. Accuracy "
        "hides it: look at the confusion of classes.",
        Severity.NOTE,
        ("Japkowicz & Stephen 2002 (The class imbalance problem)", "Buda, Maki & Mazurowski 2018"),
        lambda case: f"The most frequent class has {number(case.largest(SHARES))} times the examples of the rarest.",
        _unbalanced_changes,
    ),
    Rule(
        "output-does-not-fit-cost",
        "Output does not fit the cost",
        "The output activation cannot give the targets (standardized numbers under a bounded output), or a squared, "
        "absolute or Huber cost of classes stands on a sigmoid or softmax, or an absolute cost on one-hot targets.",
        "An output that cannot reach its targets leaves an error that no training removes. A squared cost on a sigmoid or "
        "softmax is flat where the answer is most wrong, so that errors are slow to go.",
        Severity.WARNING,
        ("Glorot & Bengio 2010, section 4.1 and figure 5", "Golik, Doetsch & Ney 2013", "Bishop 2006, section 5.2"),
        lambda case: f"Output and cost do not fit: {misfit_of(case.subject)}.",
        _output_changes,
        mild=Severity.WARNING,
    ),
    Rule(
        "not-finite",
        "Numbers are not finite",
        "The training cost was infinite or no number; the layer and quantity named are those where it began.",
        "From there on every weight is lost, and the run ends. Steps that are too long are the usual cause, weights or "
        "inputs that are too large the next.",
        Severity.SERIOUS,
        ("Goodfellow, Bengio & Courville 2016, section 4.1",),
        _not_finite_words,
        _not_finite_changes,
        mild=Severity.SERIOUS,
    ),
)

LOOKS = {
    "inputs-not-standardized": inputs_not_standardized,
    "unbalanced-classes": unbalanced_classes,
    "output-does-not-fit-cost": output_does_not_fit_cost,
}
