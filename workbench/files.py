"""Files that are whole or not there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that appears under its name when it is complete, in place of the one that is there.

    Raises:
        OSError: it cannot be written; nothing is left of it.
        ValueError: no file can have such a name.
    """
    aside = path.with_name(f".unfinished-{os.urandom(4).hex()}")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            aside.unlink(missing_ok=True)
        raise
