"""How much memory there is; and keeping what was used once, instead of giving it back to the system after every operation."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache

import torch

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # malloc.h of the GNU C library
_NEVER = 2**31 - 1


def memory_of(device: torch.device) -> int:
    """Bytes of memory that a device has in all."""
    if device.type == "cpu":
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return torch.cuda.get_device_properties(device).total_memory


@cache
def keep_memory() -> bool:
    """Let the C library keep freed memory for the next tensor; return whether that was possible (GNU C library).

    It hands tensors of more than 32 MiB back at once otherwise, and gets them anew from the system page by page. In a
    population of 16 convolutional networks this took as long as the arithmetic. One arena, because only the main one can
    grow without end, and training runs in a thread of its own. What the process needed at most stays its own until it ends.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # another C library
        return False
    settings = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, _NEVER), (_ARENA_MAX, 1))
    accepted = [mallopt(option, value) == 1 for option, value in settings]  # each is called, whatever the others say
    return all(accepted)
