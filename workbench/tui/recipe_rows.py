"""A recipe as rows of text: its head, and its page with question, claims and notes. No widget."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.plots import format_number
from workbench.plots.rows import fit, shortened
from workbench.tui.recipe_words import NOT_YET, RUNNING, SIGNS, going_sign, plan_text, progress_text, result_text, sign_of

if TYPE_CHECKING:
    from workbench.history.reproductions import ReproductionRow
    from workbench.plots.lines import Piece, Row
    from workbench.recipes.records import Claim, Recipe
    from workbench.reproduction.background import Reproducing, Standing
    from workbench.tui.recipe_reading import Planned, Unreadable

TITLE, MUTED, KEY, GOOD, BAD, GOING, LEFT = (
    f"recipe--{name}" for name in ("title", "muted", "key", "good", "bad", "going", "left")
)
STYLES = frozenset({TITLE, MUTED, KEY, GOOD, BAD, GOING, LEFT})
"""Names of all styles that the rows have."""
STYLE_OF = {SIGNS["pass"]: GOOD, SIGNS["fail"]: BAD, SIGNS["error"]: BAD, NOT_YET: MUTED, RUNNING: GOING}
"""The style of a sign; what has none is told as `GOING`."""
HEAD_LINES = 3
_NAME_WIDTH = 9
_CLAIM_INDENT = 6
_LEAST_BAR, _MOST_BAR = 8, 30


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A recipe at a scale, and all that is known of it."""

    recipe: Recipe
    scale: str
    planned: Planned | None = None
    """None as long as it is not known."""
    made: ReproductionRow | None = None
    """What came of it at this scale."""
    doing: Reproducing | None = None
    """Its reproduction, if it goes on."""
    waits: bool = False
    """Whether it is to be reproduced once nothing else is trained."""
    share: float = 0.0
    """Of the present training that is done."""
    problem: str = ""
    """Why it cannot be planned."""

    @property
    def standing(self) -> Standing | None:
        """How its reproduction at this scale stands, if one goes on."""
        return self.doing.standing if self.doing is not None and self.doing.plan.scale.name == self.scale else None


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim and what is known of it."""

    claim: Claim
    outcome: str = ""
    """Empty: nothing yet."""
    words: str = ""
    ours: float | None = None


# --- the head -----------------------------------------------------------------------------


def head_rows(subject: Subject, width: int) -> tuple[Row, ...]:
    """Title and scale, what that takes, and how it stands."""
    recipe = subject.recipe
    names = ((f"‹{name}›", KEY) if name == subject.scale else (f" {name} ", MUTED) for name in recipe.scales)
    scales: list[Piece] = [("scale ", MUTED), *names]
    taken = sum(len(text) for text, _ in scales)
    title = shortened(recipe.title, width - taken - 2)
    first = fit([(title, TITLE), (" " * (width - taken - len(title)), ""), *scales], width)
    return first, fit(_cost(subject), width), fit(_state(subject, width), width)


def _cost(subject: Subject) -> Iterator[Piece]:
    planned = subject.planned
    if subject.problem:
        yield (f"! {subject.problem}", BAD)
    elif planned is None:
        yield ("counting runs …", MUTED)
    else:
        there = planned.there
        if subject.standing is not None and subject.standing.runs:
            there = subject.standing.done
        yield (plan_text(planned.plan, planned.runs, there), "")
        if planned.operations is not None:
            yield (f"   {format_number(float(planned.operations))} operations", MUTED)
        if words := planned.plan.scale.cost:
            yield (f"   {words}", MUTED)


def _state(subject: Subject, width: int) -> Iterator[Piece]:
    """A bar while it goes on, else what came of it."""
    doing, made = subject.doing, subject.made
    if doing is not None:
        sign = going_sign(doing)
        length = min(_MOST_BAR, max(_LEAST_BAR, width // 5))
        filled = round(length * _share(doing, subject.share))
        yield from ((f"{sign} ", GOING), ("━" * filled, GOOD), ("─" * (length - filled), LEFT), ("  ", ""))
        other = f"{doing.plan.scale.name}: " if doing.plan.scale.name != subject.scale else ""
        yield (f"{other}{progress_text(doing)}", "")
    elif subject.waits:
        yield ("… waits until nothing else is trained   x takes it back", GOING)
    elif made is not None:
        sign = sign_of(made)
        yield (f"{sign} ", STYLE_OF[sign])
        yield (result_text(subject.recipe, made, made.ended), "")
    else:
        yield (f"{NOT_YET} not judged yet at this scale", MUTED)


def _share(doing: Reproducing, of_training: float) -> float:
    """Of all runs that is done; those of the present training count as far as they are."""
    standing = doing.standing
    if not standing.runs:
        return 0.0
    going = len(doing.runner.experiments) if doing.runner is not None and not doing.runner.finished else 0
    return min(1.0, (standing.done + going * of_training) / standing.runs)


# --- the page -----------------------------------------------------------------------------


def page_rows(subject: Subject, width: int) -> tuple[Row, ...]:
    """Question, source, what to look at, claims with what came of them, notes, and the command line that does the same."""
    recipe = subject.recipe
    rows = [*_wrapped(recipe.question, TITLE, width), fit([], width)]
    for name, text in (("Look at", recipe.look), ("Source", recipe.source), ("Shows", ", ".join(recipe.shows))):
        rows += _field(name, text, width)
    rows.append(fit([], width))
    for number, judged in enumerate(judged_claims(subject), 1):
        rows += _claim(number, judged, subject, width)
    for remark in subject.standing.remarks if subject.standing is not None else ():
        rows += [fit([], width), *_wrapped(f"! {remark}", BAD, width)]
    if recipe.notes:
        rows += [fit([], width), *_field("Notes", recipe.notes, width)]
    rows += [fit([], width), fit([("$ ", MUTED), (command(subject), "")], width)]
    return tuple(rows)


def command(subject: Subject, db: Path | None = None, data_dir: Path | None = None) -> str:
    """The command line that does the same; with the history where it is given and not the usual one, and the folder of the data."""
    from workbench.history.connection import default_path

    words = ["workbench", "reproduce", subject.recipe.name]
    words += ["--scale", subject.scale] if subject.scale != "quick" else []
    words += ["--data-dir", str(data_dir)] if data_dir is not None else []
    words += ["--db", str(db)] if db is not None and db.absolute() != default_path().absolute() else []
    return shlex.join(words)


def judged_claims(subject: Subject) -> Iterator[Judged]:
    """The claims with what is known of them: while a reproduction goes on, what it has decided; else what was decided last."""
    standing, made = subject.standing, subject.made
    rows = {(row.number, row.check): row for row in made.verdicts} if made is not None else {}
    for number, claim in enumerate(subject.recipe.claims, 1):
        row = rows.get((number, claim.check))
        if standing is not None:
            verdict = standing.verdicts.get(number)
            yield Judged(claim, verdict.outcome.value, verdict.words, verdict.ours) if verdict is not None else Judged(claim)
        elif row is not None:
            yield Judged(claim, row.outcome, row.words, row.ours)
        else:
            yield Judged(claim)


def _claim(number: int, judged: Judged, subject: Subject, width: int) -> Iterator[Row]:
    claim = judged.claim
    left_out = not claim.judged_at(subject.scale)
    sign = " " if left_out else SIGNS.get(judged.outcome, NOT_YET)
    style = STYLE_OF.get(sign, MUTED)
    room = max(width - _CLAIM_INDENT, 20)
    first, *more = textwrap.wrap(claim.says, room) or [""]
    yield fit([(f" {sign} {number:>2} ", style), (first, MUTED if left_out else "")], width)
    yield from (_indented(line, MUTED if left_out else "", width) for line in more)
    if left_out:
        yield _indented(f"at scale {' and '.join(claim.scales)} alone", MUTED, width)
        return
    words = judged.words or " ".join(claim.check.split())
    yield from (_indented(line, MUTED, width) for line in textwrap.wrap(words, room))
    if claim.published is not None:
        here = f", here {format_number(judged.ours)}" if judged.ours is not None else ""
        text = f"published {format_number(claim.published.value)}{here}   ({claim.published.source})"
        yield from (_indented(line, KEY, width) for line in textwrap.wrap(text, room))


def _indented(text: str, style: str, width: int) -> Row:
    return fit([(" " * _CLAIM_INDENT, ""), (text, style)], width)


def _field(name: str, text: str, width: int) -> Iterator[Row]:
    """A name, and beside it as many lines as the text takes."""
    for number, line in enumerate(_lines(text, max(width - _NAME_WIDTH, 20))):
        yield fit([(f"{name if not number else '':<{_NAME_WIDTH}}", MUTED), (line, "")], width)


def _wrapped(text: str, style: str, width: int) -> Iterator[Row]:
    return (fit([(line, style)], width) for line in _lines(text, width))


def _lines(text: str, width: int) -> Sequence[str]:
    """Paragraphs stay apart."""
    parts = [textwrap.wrap(part, width) for part in text.strip().split("\n\n") if part.strip()]
    return [line for number, part in enumerate(parts) for line in ([""] * bool(number) + part)]


def unreadable_rows(file: Unreadable, width: int) -> tuple[Row, ...]:
    """What is wrong with a file that is no recipe."""
    rows = [fit([(f"! {file.path.name} cannot be read", BAD)], width), fit([(str(file.path), MUTED)], width), fit([], width)]
    for problem in file.problems:
        lines = [line for part in problem.splitlines() for line in _kept_or_wrapped(part, max(width - 4, 20))]
        rows += [fit([("    " if number else "  · ", MUTED), (line, "")], width) for number, line in enumerate(lines)]
    return tuple(rows)


def _kept_or_wrapped(line: str, width: int) -> Sequence[str]:
    """The lines of one line; one that begins with a blank points at a place in another, and is left as it is."""
    return [line] if line.startswith(" ") else textwrap.wrap(line, width)
