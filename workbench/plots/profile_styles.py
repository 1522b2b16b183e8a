"""Names of the styles of a profile, for those who draw none before they have to: they load nothing."""

from __future__ import annotations

BAR, EXPECTED, AXIS, NAME, CHOSEN, NUMBER = (
    "profile--bar",
    "profile--expected",
    "profile--axis",
    "profile--name",
    "profile--chosen",
    "",
)
STYLES = frozenset({BAR, EXPECTED, AXIS, NAME, CHOSEN, *(f"{BAR}-{number}" for number in range(2))})
"""Names of all styles that a profile has."""
