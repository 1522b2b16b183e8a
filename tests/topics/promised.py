"""What the last column of docs/topics.md promises, row by row, as checks of what a small run of the row's command recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.topics import course, learning, networks
from tests.topics.seen import Seen

FEW = 6
PROMISED: Mapping[str, tuple[Callable[[Seen], None], int]] = {
    "input, hidden layers, output": (learning.layer_table, FEW),
    "no hidden layer: softmax regression": (learning.softmax_regression, 60),
    "deeper is not always better": (learning.deeper_is_worse, 200),
    "gradient descent on all examples": (learning.all_examples, 20),
    "mini-batches": (learning.mini_batches, 60),
    "one by one": (learning.one_by_one, 60),
    "learning rate too small": (learning.rate_too_small, FEW),
    "learning rate too large": (learning.rate_too_large, FEW),
    "far too large": (learning.diverges, FEW),
    "house prices: a table with gaps and words": (learning.houses, 60),
    "house prices without hidden layers": (learning.houses_without_hidden_layers, 60),
    "one-hot targets under a quadratic cost": (learning.quadratic, 60),
    "a larger validation part": (learning.validation_part, FEW),
    "vanishing gradient": (learning.gradient_vanishes, 1),
    "sigmoid to ReLU": (learning.gradient_stays, 1),
    "other activations": (learning.other_activations, 1),
    "output activation of its own": (learning.output_of_its_own, 60),
    "zeros do not learn": (learning.zeros, 60),
    "too small, too large, right": (learning.scales, 1),
    "Xavier under ReLU decays, He holds": (learning.xavier_under_relu, 1),
    "initialization that looks at data": (learning.of_data, 1),
    "RBMs, deep belief net": (learning.deep_belief_net, FEW),
    "the same network without pre-training": (learning.supervised_alone, 200),
    "RBM with Gaussian inputs": (learning.pretrained, FEW),
    "denoising auto-encoders": (learning.pretrained, FEW),
    "overfitting": (networks.overfits, 400),
    "more data against overfitting": (networks.more_data, 400),
    "fewer features": (networks.fewer_features, 60),
    "L1": (networks.l1, 200),
    "L2": (networks.l2, 200),
    "dropout": (networks.dropout, 200),
    "batch normalization": (networks.batch_norm, 150),
    "an ensemble": (networks.ensemble, 60),
    "bagging": (networks.ensemble, 60),
    "disjoint training subsets": (networks.disjoint, 60),
    "fast forward (residual)": (networks.fast_forward, 150),
    "split and merge": (networks.split, 1),
    "convolution": (networks.convolution, 100),
    "recurrent": (networks.recurrent, 1),
    "stacked freely": (networks.stacked, FEW),
    "optimizers": (course.optimizers, 1),
    "learning rate schedule": (course.schedule, 240),
    "checkpoints": (course.checkpoints, 120),
    "early stopping": (course.early_stopping, 2000),
    "stop on finding a target": (course.target, 1000),
    "a callback of one's own": (course.own_callback, FEW),
    "saturation": (course.saturation, 30),
    "singular values of the Jacobians": (course.jacobians, 1),
    "what is mistaken for what": (course.mistakes, 60),
    "an endless stream of pictures": (course.stream, 60),
}
"""For each topic the check, and the steps that it needs; `workbench step` has a test of its own."""
