"""What came of a recipe that nobody has trained."""

from __future__ import annotations

import math
from typing import Any

from workbench.history.reproductions import ReproductionRow, VerdictRow

VERDICTS = (
    VerdictRow(1, "It learns", "test_error(a) < 5", "pass", "test_error(a) 3 % < 5", 3.0, 2.5, "somebody 1999"),
    VerdictRow(2, "The other does not", "test_error(b) > 50", "fail", "test_error(b) 4 %, not > 50", 4.0, None, ""),
    VerdictRow(4, "It diverges", "diverges(b)", "error", "no runs of b", None, None, ""),
)


def reproduction(**changes: Any) -> ReproductionRow:
    """Two groups of one run each, and three claims of which one is borne out."""
    made: dict[str, Any] = {
        "id": 0,
        "recipe": "golden",
        "digest": "0123456789abcdef",
        "scale": "quick",
        "seeds": 1,
        "settings": {},
        "started": "2026-01-02T03:04:05.000+00:00",
        "ended": "2026-01-02T03:05:05.000+00:00",
        "seconds": 12.5,
        "trained": 1,
        "device": "cpu",
        "host": "",
        "versions_json": "{}",
        "verdicts": VERDICTS,
        "runs": (("a", 1), ("b", 2)),
    }
    return ReproductionRow(**{**made, **changes})


NAN = VerdictRow(1, "It is a number", "test_cost(a) < 1", "error", "not finite", math.nan, math.inf, "nobody")
