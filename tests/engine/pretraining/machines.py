"""Boltzmann machines that are small enough to be worked out in full, in plain NumPy."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine.catalog import Pick
from engine.generators import generator
from engine.network.activations import Sigmoid
from engine.training.pretraining.coder import Tied
from engine.training.pretraining.rbm import RBM

Floats = NDArray[np.float64]


def states(units: int) -> Floats:
    """All states of some binary units, one a row."""
    return np.array(list(itertools.product([0.0, 1.0], repeat=units)))


def sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


@dataclass(frozen=True)
class Machine:
    """W `[D, H]`, a `[D]`, b `[H]`; every expectation by a sum over all states of the hidden units, and of binary visible ones."""

    w: Floats
    a: Floats
    b: Floats
    bernoulli: bool

    @classmethod
    def drawn(cls, seed: int, visible: int = 4, hidden: int = 3, *, bernoulli: bool, scale: float = 0.7) -> Machine:
        rng = np.random.default_rng(seed)
        return cls(
            rng.normal(0, scale, (visible, hidden)), rng.normal(0, scale, visible), rng.normal(0, scale, hidden), bernoulli
        )

    def energy(self, v: Floats, h: Floats) -> Floats:
        alone = -v @ self.a if self.bernoulli else ((v - self.a) ** 2).sum() / 2
        return alone - h @ self.b - v @ self.w @ h

    def free_energy(self, v: Floats) -> float:
        return -np.log(sum(np.exp(-self.energy(v, h)) for h in states(len(self.b))))

    def hidden_weights(self) -> Floats:
        """p(h) of all hidden states times Z: the visible units are summed over, or integrated over."""
        weights = []
        for h in states(len(self.b)):
            if self.bernoulli:
                weights.append(sum(np.exp(-self.energy(v, h)) for v in states(len(self.a))))
            else:
                into = self.w @ h
                weights.append((2 * np.pi) ** (len(self.a) / 2) * np.exp(h @ self.b + into @ self.a + into @ into / 2))
        return np.array(weights)

    def log_likelihood(self, data: Floats) -> float:
        """Mean ln p(v)."""
        return float(np.mean([-self.free_energy(v) for v in data]) - np.log(self.hidden_weights().sum()))

    def model_expectations(self) -> tuple[Floats, Floats, Floats]:
        """<v h'>, <v> and <h> under the model."""
        p = self.hidden_weights()
        p = p / p.sum()
        hs = states(len(self.b))
        means = hs @ self.w.T + self.a
        if self.bernoulli:
            means = sigmoid(means)
        return np.einsum("s,sd,sh->dh", p, means, hs), p @ means, p @ hs

    def gradient(self, data: Floats) -> tuple[Floats, Floats, Floats]:
        """The exact gradient of the mean log-likelihood with respect to W, a and b: positive phase less model expectation."""
        q = sigmoid(data @ self.w + self.b)
        vh, v, h = self.model_expectations()
        return data.T @ q / len(data) - vh, data.mean(0) - v, q.mean(0) - h

    def largest_second_moment(self) -> float:
        """The largest <v_i^2> under the model; no statistic of a chain has a larger variance."""
        if self.bernoulli:
            return 1.0
        p = self.hidden_weights()
        means = states(len(self.b)) @ self.w.T + self.a
        return float(((p / p.sum()) @ (means**2 + 1)).max())


def rbm_of(machines: list[Machine], seeds: list[int], **settings: float) -> RBM:
    """The same machines as members of one population."""
    tied = Tied(
        torch.from_numpy(np.stack([m.w for m in machines])),
        torch.from_numpy(np.stack([m.b for m in machines]))[:, None],
        torch.from_numpy(np.stack([m.a for m in machines]))[:, None],
    )
    like = tied.weight
    activation = Sigmoid(Pick("sigmoid"), len(machines), like)
    generators = [generator(seed, "pretraining") for seed in seeds]
    return RBM(tied, activation, generators, bernoulli=machines[0].bernoulli, **settings)


def machine_of(rbm: RBM, member: int = 0) -> Machine:
    """A member as it is now."""
    tied = rbm.tied
    return Machine(tied.weight[member].numpy(), tied.visible[member, 0].numpy(), tied.hidden[member, 0].numpy(), rbm.bernoulli)
