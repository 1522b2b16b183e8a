"""The rows of the form as a list to find one in."""

from __future__ import annotations

from engine.catalog import Choice
from workbench.tui.draft import Draft


def found_rows(draft: Draft) -> dict[str, Choice]:
    """The rows by their titles; each is a choice whose key is the path, with what it is about."""
    rows = draft.rows()
    titles = {row.path: row.title for row in rows}
    found: dict[str, Choice] = {}
    for row in rows:
        title = f"{titles[row.parent]}: {row.title}" if row.parent else row.title
        title = title if title not in found else f"{title} ({row.group})"
        value = draft[row.path] or "–"
        found[title] = Choice(row.path, row.path, value, row.help, "")
    return found
