"""What is known of one run while it is recorded: the figures of its row in `runs`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.events import Combined, Score
from workbench.history.columns import COMBINED_NUMBERS, RUN_NUMBERS, SCORE_NUMBERS
from workbench.history.marker import finite, marker


@dataclass(slots=True)
class Member:
    """One run of the population that is recorded."""

    run_id: int
    numbers: dict[str, float | None] = field(default_factory=lambda: dict.fromkeys(RUN_NUMBERS))
    best_validation_cost: float | None = None
    lost: bool = False  # its loss has ceased to be finite; nothing after that is recorded
    ended: bool = False  # it has learned enough, while others go on; nothing after that is recorded
    progress: dict[str, float] = field(default_factory=lambda: {"epoch": 0, "step": 0, "seconds": 0.0})
    interventions: int = 0  # made so far
    checkpoint_step: int | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more is recorded of it until the end of the training."""
        return self.lost or self.ended

    def take(self, part: str, score: Score | None) -> None:
        """Keep a score as the latest one of its part."""
        if score is None:
            return
        self.numbers |= {f"{part}_{name}": getattr(score, name) for name in SCORE_NUMBERS}
        cost = finite(score.cost)
        if part == "validation" and cost is not None:
            self.best_validation_cost = cost if self.best_validation_cost is None else min(self.best_validation_cost, cost)

    def take_combined(self, part: str, combined: Combined | None) -> None:
        """Keep the scores of the whole ensemble as the latest ones of their part."""
        if combined is None:
            return
        self.numbers |= {f"combined_{part}_{name}": getattr(combined.mean, name) for name in SCORE_NUMBERS}
        self.numbers[f"combined_{part}_vote_accuracy"] = combined.vote.accuracy if combined.vote is not None else None

    def lose(self) -> None:
        """Forget the scores: those from before the divergence do not tell how it ended."""
        self.lost = True
        self.numbers |= dict.fromkeys(name for name in RUN_NUMBERS if name != "loss" and name not in COMBINED_NUMBERS)

    def columns(self) -> dict[str, Any]:
        """The figures of the run's row."""
        stored = {name: finite(value) for name, value in self.numbers.items()}
        return {
            **self.progress,
            **stored,
            "best_validation_cost": self.best_validation_cost,
            "checkpoint_step": self.checkpoint_step,
            "nonfinite": marker(RUN_NUMBERS, [self.numbers[name] for name in RUN_NUMBERS]),
        }
