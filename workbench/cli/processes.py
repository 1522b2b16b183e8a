"""Commands in processes of their own, several at once, whose JSON lines are handed on in the order of the commands."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self, TextIO

from workbench.cli.errors import ExitCode

LOOK_EVERY = 0.2
"""Seconds between two looks at the processes."""


class Processes:
    """Some commands, at most so many at a time.

    Used as a context, which ends those that are left. They belong to no terminal: Ctrl-C reaches this process alone, which then asks
    each of them to end in good order, and a second time to end at once.
    """

    def __init__(self, commands: Sequence[Sequence[str]], at_once: int) -> None:
        self._commands, self._at_once = commands, at_once
        self._started: list[subprocess.Popen[bytes]] = []
        self._stopped = False

    @property
    def stopping(self) -> bool:
        """Never: asking again makes them end at once, which has to be waited for."""
        return False

    @property
    def code(self) -> int:
        """The greatest exit code of all; that of an interruption if they were asked to end."""
        if self._stopped:
            return ExitCode.INTERRUPTED
        codes = [process.returncode or 0 for process in self._started]
        return max((code if code >= 0 else ExitCode.FAILED for code in codes), default=ExitCode.DONE)  # below 0: killed

    def stop(self, interrupted: bool = True) -> None:
        """Ask those that run to end, and begin no others."""
        self._stopped = True
        for process in self._started:
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    process.terminate()  # as Ctrl-C does, but without words from one that has only just been started

    def objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Run them; yield the place of a command and an object that it printed, the first command's objects first."""
        for place, file in enumerate(self._files):
            yield from ((place, each) for each in self._lines(place, file))

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory()
        self._files = [Path(self._folder.name) / f"{place}.jsonl" for place in range(len(self._commands))]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if not self._stopped and self._running:
            self.stop()
        for process in self._started:
            process.wait()
        self._folder.cleanup()

    def _lines(self, place: int, path: Path) -> Iterator[dict[str, Any]]:
        """The objects that one command prints, until it has ended."""
        while not self._begin_more(place):
            if self._stopped:
                return
            time.sleep(LOOK_EVERY)
        with path.open(encoding="utf-8") as file:
            over = False
            while not over:
                over = self._started[place].poll() is not None
                yield from _objects(file)
                self._begin_more(place)
                if not over:
                    time.sleep(LOOK_EVERY)

    def _begin_more(self, place: int) -> bool:
        """Begin as many as may be; return whether that of a place has been begun."""
        while not self._stopped and len(self._started) < len(self._commands) and self._running < self._at_once:
            number = len(self._started)
            with self._files[number].open("wb") as out:
                words = self._commands[number]
                self._started.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, start_new_session=True))  # noqa: S603
        return place < len(self._started)

    @property
    def _running(self) -> int:
        return sum(process.poll() is None for process in self._started)


def _objects(file: TextIO) -> Iterator[dict[str, Any]]:
    """The whole lines that there are by now."""
    while True:
        begin = file.tell()
        line = file.readline()
        if not line.endswith("\n"):
            file.seek(begin)
            return
        yield json.loads(line)
