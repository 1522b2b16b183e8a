"""How members end before the others: where numbers ceased to be finite, or because one has learned enough."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.network.network import Network
from engine.probes.divergence import find_divergence
from engine.training.records import Diverged, Ended


class Endings:
    """What became of the members of a population."""

    def __init__(self, members: int) -> None:
        self._members = members
        self.diverged: dict[int, Diverged] = {}
        self.ended: dict[int, Ended] = {}
        self.all_over = False
        """Whether no member is left to train."""

    @property
    def going(self) -> list[int]:
        """The members that are still being trained."""
        return [member for member in range(self._members) if member not in self.diverged and member not in self.ended]

    @property
    def sound(self) -> list[int]:
        """The members whose weights are of use: all but the diverged."""
        return [member for member in range(self._members) if member not in self.diverged]

    def look(self, losses: NDArray[np.floating], network: Network, step: int) -> bool:
        """Look at the losses `[P]` of the step just made; return whether a member has just diverged."""
        finite = np.isfinite(losses)
        if finite.all():
            return False
        new = [member for member in self.going if not finite[member]]
        for member in new:
            self.note_divergence(Diverged(member, step, find_divergence(network, member, step)))
        return bool(new)

    def note_divergence(self, diverged: Diverged) -> None:
        """A member has diverged, unless it had ended before that in one way or the other."""
        if diverged.member in self.going:
            self.diverged[diverged.member] = diverged
            self._count()

    def note_end(self, ended: Ended) -> None:
        """A member has ended."""
        self.ended[ended.member] = ended
        self._count()

    def restore(self, diverged: Sequence[Diverged], ended: Sequence[Ended]) -> None:
        """Take over what became of members before."""
        self.diverged = {fate.member: fate for fate in diverged}
        self.ended = {fate.member: fate for fate in ended}
        self._count()

    def _count(self) -> None:
        self.all_over = not self.going
