"""The part of the page of results that tells of one recipe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workbench.claims.wording import plain as number_words
from workbench.history.reproductions import VerdictRow
from workbench.report.drawing import rows_of
from workbench.report.markdown import cell, code, joined, paragraphs, plain, table
from workbench.report.records import NothingShown, Shown, TableShown
from workbench.report.setup import setup_rows
from workbench.report.stored import Result

WIDTH, HEIGHT = 100, 16
"""Characters and lines of a drawing made of text."""
_BETWEEN = re.compile(r"; (?![^()]*\))")
"""What parts clauses, outside of brackets."""
SIGNS: Mapping[str, str] = {"pass": "✓ PASS", "fail": "✗ FAIL", "error": "! ERROR", "open": "· OPEN"}


@dataclass(frozen=True, slots=True, eq=False)
class Reported:
    """A recipe with all that is told of it."""

    result: Result
    shown: tuple[Shown, ...]
    pictures: tuple[str, ...]
    """For each of them the path of its picture as the page names it; empty where there is none."""


def section(reported: Reported) -> str:
    """Question, set-up, claims, tables, pictures and notes."""
    result = reported.result
    recipe = result.recipe
    changed = "*The recipe was changed after this: its file is no longer what was judged.*" if result.changed else ""
    return joined(
        [
            f'<a id="{anchor(recipe.name)}"></a>\n\n## {plain(recipe.title)}',
            f"**{plain(recipe.question)}**",
            f"Source: {plain(recipe.source)}.".replace("..", ".") + _explained(recipe.shows),
            f"What to look at: {plain(recipe.look)}",
            changed,
            claims(result.made.verdicts),
            *(_block(shown, picture) for shown, picture in zip(reported.shown, reported.pictures, strict=True)),
            paragraphs(recipe.notes),
            table(("set-up", ""), list(setup_rows(result))),
        ]
    )


def anchor(name: str) -> str:
    """Where the part of a recipe begins."""
    return "".join(character if character.isalnum() or character in "-_" else "-" for character in name)


def _explained(rules: Sequence[str]) -> str:
    return f" It shows {', '.join(code(f'workbench explain {rule}') for rule in rules)}." if rules else ""


def claims(verdicts: Sequence[VerdictRow]) -> str:
    """What came of each claim, with what was measured and what others found."""
    if not verdicts:
        return "No claim was judged."
    published = any(verdict.published is not None for verdict in verdicts)
    head = ("", "claim", "measured", "published")[: 3 + published]
    return table(head, [_claim(verdict)[: 3 + published] for verdict in verdicts])


def _claim(verdict: VerdictRow) -> tuple[str, str, str, str]:
    words = _BETWEEN.sub(";<br>", cell(verdict.words))
    return SIGNS[verdict.outcome], cell(verdict.says), words, _published(verdict)


def _published(verdict: VerdictRow) -> str:
    if verdict.published is None:
        return ""
    ours = f"; here {number_words(verdict.ours)}" if verdict.ours is not None else ""
    return f"{verdict.published:g} ({cell(verdict.published_source)}){ours}"


# --- tables and pictures ----------------------------------------------------------------


def _block(shown: Shown, picture: str) -> str:
    match shown:
        case TableShown():
            return joined([f"**{plain(shown.title)}**", _table(shown), f"*{_table_note(shown)}*"])
        case NothingShown():
            return f"**{plain(shown.title)}**: {plain(shown.why)}."
    note = f"*{plain(shown.note)}.*" if shown.note else ""
    if picture:
        return joined([f"![{plain(shown.title)}]({picture})", note])
    lines = ["".join(text for text, _ in row).rstrip() for row in rows_of(shown, WIDTH, HEIGHT)]
    return joined([f"**{plain(shown.title)}**", "\n".join(["```", *lines, "```"])])


def _table(shown: TableShown) -> str:
    rows = [[*_names(row.names, chosen=row.chosen), *(cell(each.text) for each in row.cells)] for row in shown.rows]
    return table([*map(cell, (*shown.axes, *shown.columns))], rows, numbers=len(shown.columns))


def _names(names: Sequence[str], *, chosen: bool) -> Iterator[str]:
    return (f"**{cell(name)}**" if chosen else cell(name) for name in names)


def _table_note(shown: TableShown) -> str:
    return plain(f"{shown.note}. In bold: {shown.chosen}." if shown.chosen else f"{shown.note}.")
