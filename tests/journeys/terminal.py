"""A terminal with a program in it: keys are typed, and what stands on its screen is read."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

KEYS: Mapping[str, str] = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "home": "\x1b[H",
    "end": "\x1b[F",
    **{f"ctrl+{letter}": chr(ord(letter) - ord("a") + 1) for letter in "abcdefghijklmnopqrstuvwxyz"},
}
_MARGIN = 2
"""Column in which a row that has the cursor has its background."""
_ASKED, _ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""A program asks whether the terminal knows frames, and is told that it does."""
_BEGINS, _ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
"""What it writes around a frame from then on."""
HANGING = 90.0
"""Seconds after which a program that shows nothing of what is waited for is taken to hang."""


class Terminal:
    """A pseudo-terminal, the program in it, and the screen that the program draws."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 80, lines: int = 24, cwd: Path, environment: Mapping[str, str]
    ) -> None:
        """Start the program; it is the leader of a session whose terminal this is."""
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._ours, theirs = pty.openpty()
        _set_size(theirs, columns, lines)
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=cwd,
            env={**_without_size(os.environ), "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(theirs)
        self._open = True
        self._framing = False
        self._before = b""  # what was drawn last, of which a sign may be the beginning

    # --- what is seen -------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The screen as it stands, line by line. After `until` it is a whole frame."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The screen as it stands."""
        return "\n".join(self.lines)

    @property
    def cursor_line(self) -> str:
        """The line between bar and keys that stands out by its background; empty if none does."""
        grounds = [self._screen.buffer[row][_MARGIN].bg for row in range(1, self._screen.lines - 1)]
        usual = Counter(grounds).most_common(1)[0][0]
        return next((line for line, ground in zip(self.lines[1:-1], grounds, strict=True) if ground != usual and line), "")

    def until(self, wanted: str | Callable[[str], object], *, hanging: float = HANGING) -> str:
        """Read on until the screen has a text, or fulfils a condition; return the screen.

        Raises:
            AssertionError: the program ended, or seems to hang, and it did not come.
        """
        fulfilled: Callable[[str], object] = (lambda text: wanted in text) if isinstance(wanted, str) else wanted
        end = time.monotonic() + hanging
        while self._framing or not fulfilled(self.text):
            if time.monotonic() > end or not self.read(0.2):
                raise AssertionError(f"not on the screen: {wanted!r}\n{self.text}")
        return self.text

    def read(self, seconds: float) -> bool:
        """Take in what the program draws, waiting at most so long for it; False once it draws no more for ever."""
        if not self._open:
            return False
        if not select.select([self._ours], [], [], seconds)[0]:
            return True
        try:
            drawn = os.read(self._ours, 1 << 16)
        except OSError:  # the other side is closed
            return False
        self._stream.feed(drawn)
        self._watch_frames(drawn)
        return bool(drawn)

    def _watch_frames(self, drawn: bytes) -> None:
        """Know whether a frame has begun of which the end is still to come. Its signs may arrive in parts."""
        seen = self._before + drawn
        if _ASKED in seen:
            os.write(self._ours, _ANSWER)
        begins, ends = seen.rfind(_BEGINS), seen.rfind(_ENDS)
        if begins != ends:  # there is one of them
            self._framing = begins > ends
        self._before = seen[1 - len(_ASKED) :]

    # --- what is done -------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Type keys: letters and signs as they are, others by the names in `KEYS`."""
        for key in keys:
            os.write(self._ours, KEYS.get(key, key).encode())

    def resize(self, columns: int, lines: int) -> None:
        """Make the terminal another size, as dragging its corner does."""
        self._screen.resize(lines, columns)
        _set_size(self._ours, columns, lines)
        os.killpg(self.process.pid, signal.SIGWINCH)

    def hang_up(self) -> None:
        """Close the terminal, as closing its window does: the program gets SIGHUP and nobody reads what it draws."""
        os.close(self._ours)
        self._open = False

    def end(self) -> int:
        """Read on until the program has ended; return its exit code."""
        while self.process.poll() is None and self.read(0.2):
            pass
        return self.process.wait(timeout=HANGING)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self._open:
            os.close(self._ours)


def _without_size(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without the variables that stand above the terminal's own size."""
    return {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES")}


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _set_size(descriptor: int, columns: int, lines: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
