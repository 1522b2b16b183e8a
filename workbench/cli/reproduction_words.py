"""What is printed of a reproduction, made from the objects of `reproduction_objects`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from workbench.cli.output import console, make_table, print_table
from workbench.cli.reproduction_objects import Fields
from workbench.plots import format_duration, format_number

if TYPE_CHECKING:
    from rich.text import Text

SIGNS = {
    "pass": ("✓ PASS ", "green"),
    "fail": ("✗ FAIL ", "bold red"),
    "error": ("! ERROR", "bold red"),
    "open": ("· OPEN ", "yellow"),
}
"""Of each outcome its sign and word, and their style."""
_INDENT = " " * 9
_MOST_LABELS = 2


def head(name: str, labels: Sequence[str], done: int, runs: int, passed: str) -> str:
    """What stands before the progress of a training: recipe, groups, runs that are over, time that has passed."""
    named = [label for label in labels if label]
    more = f" and {len(named) - _MOST_LABELS} more" if len(named) > _MOST_LABELS else ""
    groups = f"  {'; '.join(named[:_MOST_LABELS])}{more}" if named else ""
    return f"{name}{groups}  {done} of {runs} runs  {passed}  "


def tidings(made: Fields) -> str:
    """One line of how it goes; empty where there is nothing to say."""
    match made["event"]:
        case "begun":
            groups = f" in {_counted(len(made['groups']), 'group')}" if len(made["groups"]) > 1 else ""
            there = f", {made['there']} of them there already" if made["there"] else ""
            return f"{made['recipe']}: {made['title']} ({made['scale']}: {_counted(made['runs'], 'run')}{groups}{there})"
        case "group" if made["group"]:
            return f"{made['recipe']}, {made['group']}: {_counted(len(made['runs']), 'run')} there, {made['done']} of {made['groups']} groups"
        case "failed":
            return f"{made['recipe']}: the training of {_groups(made['groups'])} broke off: {made['message']}"
        case "note":
            return f"{made['recipe']}: {made['message']}"
        case "verdict":
            return f"{SIGNS[made['outcome']][0]}  {made['recipe']} {made['claim']}. {made['says']}"
    return ""


def said(objects: Sequence[Fields]) -> None:
    """Print the claims of one recipe, in their order, and what it came to."""
    from rich.text import Text

    lines = [Text(f"{objects[0]['recipe']}: {objects[0]['title']}", style="bold")]
    verdicts = sorted((each for each in objects if each["event"] == "verdict"), key=lambda each: each["claim"])
    if verdicts:
        lines.append(Text())
    for made in verdicts:
        lines += verdict_lines(made)
    lines += [Text(), Text(_summed(objects[0], objects[-1])), Text()]
    _print(lines)


def verdict_lines(made: Fields) -> Iterator[Text]:
    """A claim: what came of it, its numbers, and the published one beside them."""
    from rich.text import Text

    sign, style = SIGNS[made["outcome"]]
    yield Text.assemble((sign, style), f"  {made['claim']}. {made['says']}")
    yield Text(f"{_INDENT}{made['words']}")
    if published := made["published"]:
        ours = f"; here {format_number(made['ours'])}" if made["ours"] is not None else ""
        yield Text(f"{_INDENT}published: {format_number(published['value'])} ({published['source']}){ours}")


def summary(told: Sequence[tuple[str, Sequence[Fields]]]) -> None:
    """Print a table of all recipes, and below it each claim that does not hold, with its numbers."""
    table = make_table(["recipe", "claims that hold", "runs", "time"], numbers=["runs", "time"])
    for name, objects in told:
        last = objects[-1] if objects else {}
        if last.get("event") != "finished":
            table.add_row(name, "not judged", "", "")
            continue
        holds = f"{last['passed']} of {last['claims']}" + (", interrupted" if last["status"] == "interrupted" else "")
        table.add_row(name, holds, str(last["runs"]), format_duration(last["seconds"]))
    print_table(table)
    from rich.text import Text

    lines: list[Text] = []
    for name, objects in told:
        wrong = [each for each in objects if each["event"] == "verdict" and each["outcome"] != "pass"]
        if wrong:
            lines += [Text(), Text(name, style="bold")]
            lines += [line for each in wrong for line in verdict_lines(each)]
    _print(lines)


def _summed(first: Fields, last: Fields) -> str:
    """What one recipe came to."""
    claims = f"{last['passed']} of {_counted(last['claims'], 'claim')} {'holds' if last['claims'] == 1 else 'hold'}"
    missing = first["runs"] - last["runs"]
    there = (
        f"{last['runs']:,} of {_counted(first['runs'], 'run')} there"
        if missing
        else f"all {_counted(first['runs'], 'run')} there"
    )
    if last["status"] == "interrupted":
        so_far = f"{claims} so far, " if last["claims"] else ""
        return f"Interrupted: {so_far}{there}; the same command goes on from here."
    now = f", {last['trained']:,} trained now" if last["trained"] else ""
    return f"{claims}. {last['scale']}: {there}{now}; {format_duration(last['seconds'])} of training. History: {last['db']}"


def _groups(labels: Sequence[str]) -> str:
    return "; ".join(filter(None, labels)) or "its runs"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _print(lines: Sequence[Text]) -> None:
    """Write lines to stdout, in colour where it is a terminal; it wraps them where they are too long."""
    if not lines:
        return
    screen = console()
    with screen.capture() as drawn:  # rich would answer a broken pipe by ending the program
        for line in lines:
            screen.print(line, soft_wrap=True)
    sys.stdout.write(drawn.get())
    sys.stdout.flush()
