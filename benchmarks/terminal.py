"""Programs on a pseudo-terminal of 160x50 whose drawing is kept with its times.

What is drawn is shown to the emulator only afterwards, so that the emulator, which is slow, has no share in what is measured.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.journeys.terminal import HANGING, Terminal
from workbench.preferences import VARIABLE, Preferences, write_preferences

COLUMNS, LINES = 160, 50
ROOT = Path(__file__).parents[1]
_MARGIN = 2
"""Column in which a row of the form that has the cursor has its background."""

Seen = Callable[["Recorded"], object]
"""Whether something stands on the emulated screen."""


class Recorded(Terminal):
    """A terminal that takes down when each part of a drawing came; its screen follows as far as one looks at it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start a Python program, such as `["-m", "workbench"]`, in the folder of the sources."""
        self._pieces: list[tuple[float, bytes]] = []
        self._replayed = 0
        self._searched = b""
        self.begun = time.perf_counter()
        arguments = [sys.executable, *command]
        super().__init__(arguments, columns=COLUMNS, lines=LINES, cwd=ROOT, environment=environment or {})

    def __enter__(self) -> Self:
        return self

    def read(self, seconds: float) -> bool:
        if not self._open:
            return False
        if not select.select([self._ours], [], [], max(seconds, 0.0))[0]:
            return True
        try:
            drawn = os.read(self._ours, 1 << 16)
        except OSError:  # the other side is closed
            return False
        self._pieces.append((time.perf_counter(), drawn))
        self._searched += drawn
        return bool(drawn)

    def read_for(self, seconds: float) -> None:
        """Take in what the program draws for some time."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0 and self.read(left):
            pass

    def type(self, *keys: str) -> float:
        """Type keys; the time at which that began. What was drawn before is no longer waited for."""
        self._searched = b""
        pressed = time.perf_counter()
        self.press(*keys)
        return pressed

    def wait(self, sign: bytes) -> None:
        """Read on until these bytes have come since the last key.

        Raises:
            RuntimeError: the program ended, or seems to hang, and they did not come.
        """
        end = time.monotonic() + HANGING
        while sign not in self._searched:
            if time.monotonic() > end or not self.read(0.2):
                self.follow()
                raise RuntimeError(f"never drawn: {sign!r}\n{self.text}")

    def moment(self, seen: Seen, sign: bytes) -> float:
        """When something came to stand on the screen.

        Args:
            seen: Whether it stands there.
            sign: Bytes that come with it or shortly before; the emulator rests until then.

        Raises:
            RuntimeError: the program ended, or seems to hang, and it did not come.
        """
        self.wait(sign)
        end = time.monotonic() + HANGING
        while (found := self._replay(seen)) is None:
            if time.monotonic() > end or not self.read(0.2):
                raise RuntimeError(f"never on the screen, though {sign!r} was drawn\n{self.text}")
        return found

    def follow(self) -> None:
        """Let the emulated screen be as it is now."""
        self._replay(lambda _: False)

    def _replay(self, seen: Seen) -> float | None:
        """Show the emulator what it has not seen yet, up to the part with which something has come."""
        while self._replayed < len(self._pieces):
            moment, drawn = self._pieces[self._replayed]
            self._replayed += 1
            self._stream.feed(drawn)
            if seen(self):
                return moment
        return None

    # --- the row of the form that has the cursor ----------------------------------

    @property
    def highlighted(self) -> int | None:
        """The line of the screen in which it is."""
        grounds = self._grounds()
        usual = Counter(grounds).most_common(1)[0][0]
        return next((line for line, ground in enumerate(grounds, 1) if ground != usual), None)

    @property
    def highlight(self) -> bytes:
        """How the program writes the colour behind it."""
        line = self.highlighted
        assert line is not None, "no row has the cursor"
        return "48;2;{};{};{}".format(*bytes.fromhex(self._grounds()[line - 1])).encode()

    def _grounds(self) -> list[str]:
        """The colours behind all lines but the first and the last."""
        return [self._screen.buffer[line][_MARGIN].bg for line in range(1, LINES - 1)]


def places(folder: Path) -> dict[str, str]:
    """Environment of a workbench with a history and preferences of its own, for somebody who has been here before."""
    remembered = folder / "preferences.json"
    write_preferences(remembered, Preferences(toured=True))
    return {"WORKBENCH_DB": str(folder / "history.db"), VARIABLE: str(remembered)}
