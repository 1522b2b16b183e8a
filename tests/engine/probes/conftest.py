"""Where the real data lies."""

from tests.engine.data.conftest import real_data as real_data
