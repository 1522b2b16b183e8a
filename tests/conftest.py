"""What the whole suite shares: a process in which collecting garbage costs little."""

from __future__ import annotations

import gc

import pytest


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave all that has been imported out of the garbage collection, which would go through it again in every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
