"""What the whole suite shares: the same examples every time, and a process in which collecting garbage costs little."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, settings

# The same examples at every run, however slow the machine; `pytest --hypothesis-profile=default` looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave all that has been imported out of the garbage collection, which would go through it again in every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
