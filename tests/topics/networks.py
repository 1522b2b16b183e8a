"""Rows on what networks are made of, and what keeps them from overfitting."""

from __future__ import annotations

from statistics import fmean

from tests.topics.seen import GUESSING, S, Seen

# --- against overfitting -----------------------------------------------------------


def overfits(seen: Seen) -> None:
    train, validation = seen.costs("train"), seen.costs("validation")
    assert train[-1] < 0.1 * min(validation)
    assert validation[-1] > 1.1 * min(validation)


def more_data(seen: Seen) -> None:
    fewer = seen.beside("--train-size 100", 400)
    gaps = [each.run.validation_cost - each.run.train_cost for each in (seen, fewer)]
    assert gaps[0] < 0.5 * gaps[1]


def fewer_features(seen: Seen) -> None:
    every = seen.beside("", 60, without="--features median_income,housing_median_age")
    assert seen.data["features"] == 2 < every.data["features"]
    assert seen.run.validation_cost > every.run.validation_cost


def l1(seen: Seen) -> None:
    without = seen.beside("--l1 0", 200)
    assert all(zeros > 5 * plain for zeros, plain in zip(seen.last(S.NEAR_ZERO), without.last(S.NEAR_ZERO), strict=True))


def l2(seen: Seen) -> None:
    without, too_much = seen.beside("--l2 0", 200), seen.beside("--l2 1", 200)
    norms = zip(seen.last(S.WEIGHT_NORM), without.last(S.WEIGHT_NORM), strict=True)
    assert all(small < plain for small, plain in norms)
    assert too_much.run.train_accuracy < 0.5 < seen.run.train_accuracy


def dropout(seen: Seen) -> None:
    assert fmean(seen.losses[-50:]) > 1.2 * seen.run.validation_cost


def batch_norm(seen: Seen) -> None:
    without = seen.beside("", 150, without="--batch-norm")
    assert seen.run.validation_cost < 10
    assert without.run.validation_cost > 1000


# --- ensembles ---------------------------------------------------------------------


def ensemble(seen: Seen) -> None:
    scores = [run.test_accuracy for run in seen.members]
    assert len(scores) == seen.run.ensemble
    assert len(set(scores)) > 1
    rows = [row for row in seen.history.ensemble(seen.run.id) if row.final and row.part == "test"]
    assert [row.method for row in rows] == ["mean", "vote"]
    assert all(row.accuracy > fmean(scores) for row in rows)
    assert "together" in seen.out


def disjoint(seen: Seen) -> None:
    ensemble(seen)
    of_all = seen.beside("--ensemble-by seed", 60)
    assert [run.steps_per_epoch for run in (seen.run, of_all.run)] == [5, 23]
    weaker, stronger = (fmean(run.validation_cost for run in each.members) for each in (seen, of_all))
    assert weaker > stronger


# --- blocks ------------------------------------------------------------------------


def fast_forward(seen: Seen) -> None:
    assert [layer.kind for layer in seen.layers].count("dense") == 21
    alone = seen.beside("--blocks '20*dense(64)'", 150)
    assert len(alone.layers) == 21
    assert seen.run.test_accuracy > 0.5
    assert alone.run.test_accuracy < GUESSING


def split(seen: Seen) -> None:
    names = [layer.name for layer in seen.layers]
    assert [layer.kind for layer in seen.layers] == ["dense", "dense", "dense", "split", "dense", "dense"]
    assert all(name in seen.out for name in names)
    assert {layer.activation for layer in seen.layers[:3]} == {"tanh", "relu"}


def convolution(seen: Seen) -> None:
    (first, *_), dense = seen.layers, seen.beside("", 100, without=seen.command[seen.command.index("--blocks") :])
    assert (first.kind, first.parameters) == ("conv", 16 * (3 * 3 + 1))
    assert seen.run.test_accuracy > dense.run.test_accuracy


def recurrent(seen: Seen) -> None:
    assert [layer.kind for layer in seen.layers] == ["lstm", "dense"]
    assert seen.layers[0].weights == 4 * 64 * (8 + 64)  # eight inputs: a row of the picture
    for block in ("rnn(64)", "gru(64)"):
        assert seen.beside(f"--blocks '{block}'", 1).layers[0].kind == block[:3]


def stacked(seen: Seen) -> None:
    kinds = [layer.kind for layer in seen.layers]
    assert kinds.count("conv") == 3
    assert kinds.count("lstm") == 2
    assert len(seen.last(S.ACTIVATION_STD)) == len(kinds)
