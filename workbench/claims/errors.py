"""What can go wrong with a check, as the author of a recipe is told of it."""

from __future__ import annotations


class ClaimError(ValueError):
    """A check cannot be understood, or speaks of what its recipe does not have.

    Attributes:
        message: What is wrong, in one sentence.
        check: The whole text.
        column: Where in it the fault is, from 0.
    """

    def __init__(self, message: str, check: str, column: int) -> None:
        self.message = message
        self.check = check
        self.column = min(max(column, 0), len(check))
        super().__init__(f"{message} (at character {self.column + 1} of {check!r})")

    @property
    def pointed(self) -> str:
        """The line of the check with a caret below the fault, and the message: three lines."""
        start = self.check.rfind("\n", 0, self.column) + 1
        line = self.check[start:].partition("\n")[0]
        return f"{line}\n{' ' * (self.column - start)}^\n{self.message}"


class Undecided(Exception):  # noqa: N818 - it says how a judgement ended
    """A claim cannot be judged: what it speaks of was not measured, is not finite, or has too few values. Says which."""


class Missing(Undecided):
    """Runs that it speaks of are not there yet."""
