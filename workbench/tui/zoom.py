"""Which part of a run's steps is in sight."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

_LEAST = 4.0
"""So many steps are always in sight, if there are as many."""


@dataclass(frozen=True, slots=True)
class Zoom:
    """A window of `span` steps that ends at `end`, or goes on with the run where that is None."""

    span: float = inf
    end: float | None = None

    @property
    def whole(self) -> bool:
        """Whether everything is in sight."""
        return self.span == inf

    def window(self, first: float, last: float) -> tuple[float, float]:
        """The part in sight of the steps from `first` to `last`."""
        if self.whole or self.span >= last - first:
            return first, last
        end = last if self.end is None else min(max(self.end, first + self.span), last)
        return end - self.span, end

    def scaled(self, factor: float, first: float, last: float, around: float | None = None) -> Zoom:
        """A window `factor` times as long, in which `around` stays where it is; where that is None, the end does."""
        low, high = self.window(first, last)
        span = max((high - low) * factor, min(_LEAST, last - first))
        if span >= last - first:
            return Zoom()
        if around is None or not low <= around <= high:
            return Zoom(span, self.end)
        end = around + (high - around) * span / (high - low) if high > low else last
        end = max(end, first + span)
        return Zoom(span, None if end >= last else end)

    def showing(self, step: float, first: float, last: float) -> Zoom:
        """The window moved as little as brings a step into sight."""
        low, high = self.window(first, last)
        if low <= step <= high:
            return self
        end = step + self.span if step < low else step
        return Zoom(self.span, None if end >= last else end)
