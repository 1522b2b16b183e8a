"""The scores of a training after its epochs and at its end."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from engine.events import Combined, EpochEnded, Finished, Outcome, Score
from engine.experiment import Experiment
from engine.generators import generator
from engine.training.endings import Endings
from engine.training.ensembles import is_ensemble
from engine.training.prepare import Prepared
from engine.training.scores import Look, Part, Scorer
from engine.vocabulary import Status


@dataclass(frozen=True, slots=True)
class _Scores:
    """What is known of one part of the data."""

    members: tuple[Score | None, ...]
    combined: Combined | None = None


class Evaluator:
    """Scores the members of a population, each alone and those of an ensemble together.

    Members that diverged have no part in what an ensemble answers; those that ended early answer with the weights they ended
    with, which must have been put back.

    The part `train` is that of all members: where each learns from examples of its own, by bagging or disjoint parts, its
    scores for `train` are of examples that it has not learned from, too.

    Args:
        prepared: the population and its data.
        endings: what became of its members.
    """

    def __init__(self, prepared: Prepared, endings: Endings) -> None:
        self._prepared = prepared
        self._endings = endings
        self._members = len(prepared.experiments)
        self._together = is_ensemble(prepared.experiments)
        self._scorer = Scorer(prepared.network, prepared.data.task, prepared.target_std)
        self._sample = _scored_examples(prepared.experiments[0], prepared.train)

    def after_epoch(self, epoch: int, step: int, seconds: float, look: Look | None = None) -> EpochEnded:
        """Scores on a sample of the training part and on the validation part; `look` is shown the latter."""
        train = self._scorer.score(self._sample)
        validation = self._scores(self._prepared.validation, look)
        return EpochEnded(epoch, step, seconds, train, validation.members, validation.combined)

    def at_the_end(self, status: Status, step: int, seconds: float, measuring: float) -> Finished:
        """Scores on all parts, for members that neither diverged nor ended early with this status at this step.

        There are none when interrupted: whoever closes a terminal does not want to wait for them.
        """
        none = _Scores((None,) * self._members)
        parts = (self._prepared.train, self._prepared.validation, self._prepared.test)
        train, validation, test = (none if status is Status.INTERRUPTED else self._scores(part) for part in parts)
        outcomes = []
        for member in range(self._members):
            diverged, ended = self._endings.diverged.get(member), self._endings.ended.get(member)
            scores = train.members[member], validation.members[member], test.members[member]
            if diverged:
                outcomes.append(Outcome(Status.DIVERGED, diverged.step, divergence=diverged.origin))
            elif ended:
                outcomes.append(Outcome(Status.DONE, ended.step, *scores, reason=ended.reason, restored_step=ended.restored_step))
            else:
                outcomes.append(Outcome(status, step, *scores))
        share = measuring / seconds if seconds > 0 else 0.0
        return Finished(tuple(outcomes), seconds, share, validation.combined, test.combined)

    def _scores(self, part: Part, look: Look | None = None) -> _Scores:
        if not len(part):
            return _Scores((None,) * self._members)
        sound = self._endings.sound
        if self._together and sound:
            return _Scores(*self._scorer.score_together(part, sound, look))
        return _Scores(self._scorer.score(part, look))


def _scored_examples(lead: Experiment, train: Part) -> Part:
    """A fixed random sample of the training part, scored after each epoch."""
    asked = lead.monitor.train_examples
    count = min(2000, max(200, len(train) // 10)) if asked == "auto" else asked
    if len(train) <= count:
        return train
    chosen = torch.randperm(len(train), generator=generator(lead.data.seed, "scored examples"))[:count]
    chosen = chosen.to(train.inputs.device)
    return Part(train.inputs[chosen], train.targets[chosen])
