"""The bounds of all rules, in one place.

They were set on one half of the kinds of labelled runs (`make calibrate`); the other half only reports how often the rules are
wrong (docs/findings.md). Costs are in shares of the chance level: the cost of always giving the same best answer.
"""

from __future__ import annotations

LEARNED = 0.05
"""A network whose training cost is below this share of the chance level has learned: nothing about its gradients is judged."""
LEARNING = 0.3
"""Below this share training works, and what else is found is of less weight."""

VANISHING, NO_LONGER_VANISHING = 1e-2, 3e-2
"""Size of the back-propagated gradient of a hidden layer, as a share of the largest in a hidden layer above."""
EXPLODING, NO_LONGER_EXPLODING = 100.0, 30.0
"""Size of the back-propagated gradient of a hidden layer over that of the last hidden layer."""
SPEEDS, NO_LONGER_SPEEDS = 100.0, 30.0
"""Update ratio of the fastest hidden layer over that of the slowest."""

FLAT = 0.05
"""Slope below which an activation counts as flat, as a share of its steepest: that of `engine.network.activations`."""
SATURATED, NO_LONGER_SATURATED = 0.6, 0.45
"""Share of a layer's values in the flat parts of the activation."""
AT_END, NO_LONGER_AT_END = 0.1, 0.15
"""Distance of a layer's mean value from one end of the activation, as a share of its range, where all its values are there."""
ALL_AT_END = 0.05
"""Spread of a layer's values, as a share of the range of the activation, below which all of them count as where their mean is."""
DEAD, NO_LONGER_DEAD = 0.5, 0.4
"""Share of a layer's units that are off for all examples of the batch."""
NEARLY_ALL_DEAD = 0.95
LEAST_BATCH_FOR_DEAD = 16
"""In a smaller batch a healthy unit may well be off for all examples."""
SYMMETRIC = 1e-6
"""Standard deviation of a layer's first weights over their root mean square."""

SIGNAL_DIES, NO_LONGER_DYING = 1e-2, 3e-2
"""Spread of a hidden layer's values, as a share of the largest before it, the inputs among them."""
SIGNAL_EXPLODES, NO_LONGER_EXPLODED = 30.0, 10.0
"""Spread of a hidden layer's values over that of the inputs."""

LARGE_UPDATE, NO_LONGER_LARGE = 0.1, 0.05
SMALL_UPDATE, NO_LONGER_SMALL = 1e-5, 3e-5
"""Update ratio: the change that one step makes to a layer's weights over their size."""
NOT_CONVERGED = 0.5
"""Small updates are only judged where the cost is above this share of the chance level."""
SETTLING_STEPS = 16
"""Updates are not judged in the first steps: small first weights grow by large ones."""

BLOWN_UP, NO_LONGER_BLOWN_UP = 2.0, 0.8
"""Training cost over the larger of its first value and the chance level."""
RESTLESS_UPDATE = 0.05
"""Update ratio (median of the layers) from which on a cost that has not been learned down points to the learning rate."""
RESTLESS_COST, RESTLESS_NOISE = 0.1, 0.08
"""Shares of the chance level: the cost, and the spread of the batches' costs around their trend."""
SLOW_UPDATE = 1.5e-4
"""Update ratio of the fastest layer below which the learning rate is too low, if the cost is still high."""
CREEPING_UPDATE, CREEPING_COST = 2e-3, 1.5
"""The same where the cost is far above the chance level and falls, but would still be above it at the end."""
FALLING_SLOWLY = 4e-4
"""The same where the cost is below the chance level and falls, but at its pace would still be high at the end."""
SLOW_SLOPE = 3e-3
"""Weight gradient over weights, of the layer where it is largest: below it there is no gradient that a rate could make use of."""
BAD_START = 10.0
"""A first cost above so many times the chance level is the first weights' fault, not that of the learning rate."""
RISEN = 1.2
"""Nor is a rate too low where the cost is above so many times its first value and the chance level."""
USUAL_FIRST = 10.0
"""Where the learning rate is above so many times the optimizer's usual one, that is the first remedy of one too high."""
SLOW_COST, NO_LONGER_SLOW_COST = 0.5, 0.35
SLOW_FROM = 0.2
"""Share of the training after which a low learning rate is judged."""

NOT_LEARNING, NO_LONGER_NOT_LEARNING = 0.97, 0.9
"""Training cost as a share of the chance level."""
NOT_LEARNING_FROM = 0.2
NOT_LEARNING_STEPS = 50
"""Share of the training, and steps, after which it should have begun to learn."""
LONG_STEPS, LONG_EPOCHS = 1000, 5
"""The same however long a training was planned: so many steps and epochs."""
STOPPED_STEPS, STOPPED_EPOCHS = 200, 2
"""So many steps and epochs a training must have gone on for what it has learned to be judged where it ends."""
FALLING = 0.9
"""A cost below this share of what it was at half of the steps is still on its way down."""
WRONG, NO_LONGER_WRONG = 0.85, 0.75
"""Share of wrong answers among the training examples over that of always naming the most frequent class."""
NOISY, NO_LONGER_NOISY = 0.15, 0.08
"""Standard deviation of the batches' costs around their trend, as a share of the chance level."""
NOISY_BATCH = 16
"""Larger batches are not called noisy."""

OVERFITTING, NO_LONGER_OVERFITTING = 0.25, 0.06
"""Rise of the validation cost from its minimum, as a share of the minimum."""
BY_HEART, OVERFITTING_BY_HEART = 0.5, 0.12
"""A training cost below that share of the validation cost; the rise that is enough then."""
WHOLLY_BY_HEART, MARGIN_BY_HEART = 0.1, 0.25
"""The same for what a rise must exceed below, and the share of that margin that is enough then."""
OVERFITTING_MARGIN = 0.05
"""The same, as a share of the chance level: rises below it do not matter."""
MARGIN_OF_ONE = 0.3
"""The same with one validation example; with N of them it is smaller by the root of N."""
NEAR_BEST = 1.2
"""Of its own minimum the training cost may be above it so far: else it is the training itself that has got worse."""
STOP_EARLIER = 0.4
"""Share of the epochs so far that came after the best one."""
STOP_EARLIER_EPOCHS = 10
STOP_EARLIER_RISE, STOP_EARLIER_MARGIN = 0.1, 0.02

UNDERFITTING, UNDERFITTING_DROPOUT, NO_LONGER_UNDERFITTING = 0.5, 0.65, 0.85
"""Training cost, without dropout, as a share of the chance level: under penalties, under dropout; what share closes it."""
HEAVY_PENALTY = 0.2
"""What L1 and L2 added to the cost at first, as a share of the chance level."""
HEAVY_DROPOUT = 0.5
UNDERFITTING_FROM = 1 / 3
COLLAPSED, NO_LONGER_COLLAPSED = 0.1, 0.2
"""Root of the summed squares of the weights that enter a unit, on average: about 1 in a healthy layer."""
COLLAPSED_OF_FIRST = 0.2
"""The same as a share of its first value."""
LEAST_OF_A_CLASS = 5
"""Validation examples that a class must have for it to be missed."""
ONE_CLASS, ONE_CLASS_MARGIN = 0.9, 0.1
"""Share of the answers that name one class, and by how much it must exceed the share of the most frequent class."""
COLLAPSE_FROM, COLLAPSE_STEPS = 0.1, 500
"""Share of the training after which answers are judged, or steps, where that is sooner."""

INPUTS_SMALL, INPUTS_LARGE = 0.1, 3.0
"""Root mean square of the inputs."""
INPUTS_UNEQUAL = 30.0
"""Largest over smallest standard deviation of a feature; not of pictures."""
UNBALANCED = 5.0
"""Examples of the most frequent class over those of the rarest."""
