"""What hidden layers learn before labels are looked at: Boltzmann machines or denoising auto-encoders, layer by layer."""

from engine.training.pretraining.check import check_pretraining
from engine.training.pretraining.greedy import pretrain

__all__ = ["check_pretraining", "pretrain"]
