"""What stands below a filter while it is typed: what is wrong and where, or how it can go on."""

from __future__ import annotations

from textual.content import Content

from workbench.history import FilterError
from workbench.history.completion import Completions
from workbench.tui.widgets.strips import fitted

_GAP = "  "
_EXAMPLES = (
    "words", "activation=tanh", "depth>=5", "test_error<2", "tag:paper", "finding:vanishing", "started>=yesterday", "dropout>0", "name~sweep",
    "NOT archived", "AND OR ( )",
)  # fmt: skip


def examples_text(width: int) -> Content:
    """What a filter can be made of, as far as there is room."""
    return Content.styled(fitted(_EXAMPLES, width, " · "), "$muted")


def problem_text(error: FilterError, width: int, *, scrolled: int = 0) -> Content:
    """Carets below the place, then what is wrong there: behind them, or in a line of its own where there is no room.

    Args:
        error: What is wrong.
        width: Characters in a line.
        scrolled: Characters of the filter that have gone out of sight to the left.
    """
    start = max(0, min(error.start - scrolled, width - 1))
    carets = "^" * max(1, min(error.end - error.start, width - start))
    style = "$muted" if error.unfinished else "$error"
    word = error.problem.partition(" ")[0]
    problem = error.problem[:1].upper() + error.problem[1:] if word.isalpha() else error.problem  # `depth>` is a name
    place = " " * start
    if start + len(carets) + len(_GAP) + len(problem) <= width:
        return Content.assemble(place, (f"{carets}{_GAP}{problem}", style))
    return Content.assemble(place, (carets, style), "\n", (problem, style))


def completion_text(found: Completions, width: int) -> Content:
    """As many of the ways to go on as there is room for; the first is the one that tab takes."""
    parts: list[Content] = []
    room = width
    for number, (text, note) in enumerate(zip(found.texts, found.notes, strict=True)):
        shown = Content.assemble((text.strip(), "bold $primary" if number == 0 else ""), (f" {note}" if note else "", "$muted"))
        room -= len(shown) + len(_GAP)
        if room < len("tab takes the first"):
            break
        parts.append(shown)
    if not parts:
        return Content("")
    hint = Content.styled("tab takes it" if len(parts) == 1 else "tab takes the first", "$muted")
    return Content(_GAP).join([*parts, hint])
