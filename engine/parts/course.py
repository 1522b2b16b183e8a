"""The course of a training: what is watched, when it ends, what is kept of it, and how many networks learn together."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from engine.parts.base import Count, Part
from engine.vocabulary import Watched


class Monitor(Part):
    """When the layers are measured."""

    every: Literal["auto"] | Count = Field(
        "auto", title="Measure every", description="steps between measurements; auto: as often as the budget allows"
    )
    budget: float = Field(0.05, gt=0, le=1, title="Budget", description="share of a step's time that measuring may take")
    train_examples: Literal["auto"] | Count = Field(
        "auto",
        title="Training examples scored",
        description="training examples scored after an epoch; auto: a tenth of them, at least 200 and at most 2,000",
    )
    distributions: Literal["auto", "never"] | Count = Field(
        "auto",
        title="Distributions every",
        description="epochs between histograms on 300 held-out examples; auto: both ends and epochs 1, 2, 4, ... as the budget allows",
    )
    jacobian: Literal["auto", "never", "always"] = Field(
        "auto",
        title="Jacobians",
        description="singular values of each layer's Jacobian with the histograms; auto: as the budget allows",
    )


class Stop(Part):
    """When a training ends before its last epoch."""

    monitor: Watched = Field(
        "validation_cost", title="Watched figure", description="what early stopping, the target and the best checkpoint go by"
    )
    patience: Count | None = Field(
        None, title="Patience", description="stop after so many epochs without improvement; not given: no early stopping"
    )
    min_delta: float = Field(0.0, ge=0, title="Least change", description="an improvement is more than this")
    restore_best: bool = Field(
        True, title="Restore best", description="end with the weights of the best epoch when stopped early"
    )
    target: float | None = Field(None, title="Target", description="stop when the watched figure gets there; not given: none")


class Checkpoint(Part):
    """What is kept of the network on disk."""

    every: Literal["auto", "never"] | Count = Field(
        "auto",
        title="Checkpoint every",
        description="epochs between checkpoints that are kept; auto: the latest, each minute and at the end",
    )
    best: bool = Field(False, title="Keep best", description="keep the epoch that was best by the watched figure as well")


class Ensemble(Part):
    """Networks that learn the same and answer together."""

    members: int = Field(1, ge=1, le=1024, title="Ensemble", description="networks whose answers are combined; 1: no ensemble")
    by: Literal["seed", "bagging", "disjoint"] = Field(
        "seed",
        title="Ensemble by",
        description="seed: other first weights and order; bagging: bootstrap samples; disjoint: parts of the training examples",
    )
    member: int = Field(0, ge=0, title="Member", description="place in the ensemble, from 0; counted out when it is trained")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.member >= self.members:
            raise ValueError(f"member {self.member} of an ensemble of {self.members}; they count from 0")
        if self.members == 1 and self.by != "seed":
            raise ValueError(f"by {self.by} needs an ensemble of at least 2 members")
        return self
