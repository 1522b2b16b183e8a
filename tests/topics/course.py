"""Rows on the course of a training and on what can be looked at afterwards."""

from __future__ import annotations

import math

from tests.topics.seen import S, Seen

# --- the course of a training ------------------------------------------------------


def optimizers(seen: Seen) -> None:
    assert seen.run.optimizer.startswith("nesterov")
    (listed,) = seen.shown.values()
    assert all(name in listed for name in ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"))


def schedule(seen: Seen) -> None:
    rates = seen.rates
    assert rates[0] == rates[10 * 23 - 1] == 10 * rates[-1]
    assert rates == sorted(rates, reverse=True)


def checkpoints(seen: Seen) -> None:
    kept = [(row.kind, row.epoch) for row in seen.history.checkpoints(seen.run.id) if not row.removed]
    assert ("epoch", 5) in kept
    assert "best" in {kind for kind, _ in kept}
    (shown,) = seen.shown.values()
    assert "(epoch 5)" in shown
    assert "the best" in shown


def early_stopping(seen: Seen) -> None:
    costs = seen.costs("validation")
    assert seen.run.reason == "early stopping"
    assert len(costs) == costs.index(min(costs)) + 1 + 10 < 500


def target(seen: Seen) -> None:
    rows = [row.accuracy for row in seen.history.epochs(seen.run.id) if row.part == "validation" and not row.final]
    assert seen.run.reason == "target"
    assert rows[-1] >= 0.95 > max(rows[:-1])


def own_callback(seen: Seen) -> None:
    assert max(seen.last(S.WEIGHT_GRADIENT_NORM)) < 1.001
    assert max(seen.beside("", 1, without=seen.command[seen.command.index("--callback") :]).first(S.WEIGHT_GRADIENT_NORM)) > 1.001


# --- distributions, mistakes, streams ----------------------------------------------


def saturation(seen: Seen) -> None:
    steps = seen.history.distribution_steps(seen.run.id)
    assert steps == (0, 23, 30)
    for step in steps:
        rows = [row for row in seen.history.histograms(seen.run.id, step) if row.quantity == "activation"]
        assert len(rows) == 5
        assert all(list(row.percentiles) == sorted(row.percentiles) for row in rows)
    (shown,) = seen.shown.values()
    assert "98" in shown
    assert "saturated" in shown


def jacobians(seen: Seen) -> None:
    rows = seen.history.layer_probes(seen.run.id, 0)
    assert len(rows) == 6
    assert all(0.3 < row.jacobian < 0.7 for row in rows[1:5])  # Glorot & Bengio 2010: about 0.5
    (shown,) = seen.shown.values()
    assert "Jacobian" in shown or "singular" in shown


def mistakes(seen: Seen) -> None:
    rows = seen.history.confusion(seen.run.id)
    assert sum(row.count for row in rows) == seen.data[rows[0].part]
    right = sum(row.count for row in rows if row.truth == row.answer) / sum(row.count for row in rows)
    assert math.isclose(right, getattr(seen.run, f"{rows[0].part}_accuracy"))
    worst = [row.probability for row in seen.history.worst(seen.run.id)]
    assert worst
    assert all(math.isfinite(share) for share in worst)
    assert len(seen.shown) == 3


def stream(seen: Seen) -> None:
    assert (seen.data["image_shape"], len(seen.data["classes"]), seen.data["online"]) == ([32, 32], 9, True)
    assert seen.losses[-1] < seen.losses[0]
