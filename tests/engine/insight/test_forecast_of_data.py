"""Data whose examples belong together: what they have in common is in their targets as well, and so in their gradients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.data_outline import DataOutline
from engine.experiment import Experiment
from engine.insight.forecast import by_theory
from engine.insight.measured import measure_flows
from engine.insight.theory.inputs import inputs_of
from engine.network.build import build_network
from engine.network.head import output_width, resolve_cost

FEATURES, CLASSES, BATCHES, BATCH, SEEDS = 100, 6, 10, 240, 16


def drawn(task: str) -> tuple[np.ndarray, np.ndarray]:
    """Standardized inputs that follow their targets, and the targets: classes in equal numbers, or standardized numbers."""
    random, count = np.random.default_rng(0), BATCHES * BATCH
    if task == "regression":
        y = random.standard_normal(count)
        y = (y - y.mean()) / y.std()
        x = 0.3 * y[:, None] * random.standard_normal(FEATURES) + 0.95 * random.standard_normal((count, FEATURES))
    else:
        y = random.permutation(np.arange(count) % CLASSES)
        x = 0.8 * random.standard_normal((CLASSES, FEATURES))[y] + 0.6 * random.standard_normal((count, FEATURES))
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32), y


@pytest.mark.parametrize(
    ("task", "settings", "tolerance"),
    [
        ("classification", {}, 0.05),
        ("classification", {"cost": "quadratic", "output": "softmax"}, 0.1),
        ("classification", {"cost": "quadratic", "output": "sigmoid"}, 0.05),
        ("classification", {"cost": "binary_cross_entropy"}, 0.05),
        ("regression", {}, 0.15),
    ],
)
def test_examples_that_are_alike_agree_in_their_targets(task, settings, tolerance):
    """Without what their targets have in common, the gradients of the weights come out at less than half."""
    model = {"depth": 2, "width": 300, "activation": "tanh", "init": "xavier_normal", "output": settings.get("output", "auto")}
    own = {"batch_size": BATCH, "model": model, "cost": settings.get("cost", "auto")}
    experiments = [Experiment.parse({**own, "seed": seed}) for seed in range(SEEDS)]
    x, y = drawn(task)
    classes = 0 if task == "regression" else CLASSES
    cost = resolve_cost(experiments[0], task)
    outputs = output_width(cost, task, classes)
    network = build_network(experiments, (FEATURES,), outputs, cost)
    which = torch.arange(SEEDS) % BATCHES
    targets = torch.tensor(y).view(BATCHES, BATCH, 1)[which]
    if task == "regression":
        targets = targets.float()
    elif cost.kind != "cross_entropy":
        targets = torch.zeros(SEEDS, BATCH, outputs).scatter_(2, targets, 1.0)
    members = measure_flows(network, experiments, torch.tensor(x).view(BATCHES, BATCH, -1)[which], targets)
    seen = np.sqrt(np.mean([[flows.weight_gradient_std**2 for flows in member] for member in members], axis=0))

    def told(inputs):
        made = by_theory(experiments[0], DataOutline((FEATURES,), task, classes, len(x)), inputs)
        return np.array([layer.theory.weight_gradient_std for layer in made.layers])

    inputs = inputs_of(x, y)
    assert told(inputs) == pytest.approx(seen, rel=tolerance)
    assert (told(replace(inputs, agreement=None)) < 0.5 * seen).all()
