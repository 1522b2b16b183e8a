"""What is loaded for good, out of the garbage collector's sight."""

from __future__ import annotations

import gc
from functools import cache


@cache
def settle(what: str) -> None:
    """Have all that is loaded by now never looked through again; once for each thing that was loaded.

    Modules are some hundred thousand objects. A full collection of them holds up the screen for an eighth of a second, and one comes
    with most screens that are opened.
    """
    gc.freeze()
