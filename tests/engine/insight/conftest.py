"""The real data of other tests."""

from tests.engine.data.conftest import real_data as real_data
