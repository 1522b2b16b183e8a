"""What can go wrong, as the user is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class EngineError(Exception):
    """Base of every error that the engine raises for a user's sake."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an experiment: where it is, what is wrong, what is allowed."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ConfigurationError(EngineError, ValueError):
    """The experiment cannot be run as described. Carries every problem found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def at(cls, path: str, message: str) -> ConfigurationError:
        """One problem at `path`."""
        return cls((Problem(path, message),))


class DataError(EngineError):
    """The data cannot be read or does not fit the experiment. The message names the file and what to do."""


class DeviceError(EngineError):
    """The device that was asked for is not to be had on this machine."""


class CheckpointError(EngineError):
    """A checkpoint cannot be read, or does not fit what it is to be used for. The message names the file and what to do."""


class CallbackError(EngineError):
    """A user's callback raised an error while training. The message names the callback, the hook and the error."""
