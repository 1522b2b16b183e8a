"""The command that lists what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.history import AsJson, Db

if TYPE_CHECKING:
    from workbench.history import History, Ordering
    from workbench.history.records import RunRecord


def runs(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILTER…]",
            help="words that occur in a run, and conditions: depth>=5, activation=tanh, tag:paper, started>=yesterday, archived; "
            "AND, OR, NOT and brackets join them. Quote what the shell would read: 'test_error<2'",
            show_default=False,
        ),
    ] = None,
    *,
    sort: Annotated[
        str, typer.Option(metavar="FIELD", help="sort by a field, the best or latest first: test_error, validation_cost, name …")
    ] = "id",
    reverse: Annotated[bool, typer.Option("--reverse", help="the other way around")] = False,
    group: Annotated[
        str, typer.Option(metavar="FIELD", help="sum up the runs that have this in common: how many, median and best")
    ] = "",
    finding: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="only runs with this finding, or one that begins so (see `workbench explain`); any; none: diagnosed to the end, without",
            show_default=False,
        ),
    ] = None,
    columns: Annotated[
        str | None, typer.Option(metavar="A,B,C", help="show these fields instead of the usual ones", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="show the first N")] = 30,
    everything: Annotated[bool, typer.Option("--all", help="show all, however many there are")] = False,
    archived: Annotated[bool, typer.Option("--archived", help="show the archived runs instead")] = False,
    deleted: Annotated[bool, typer.Option("--deleted", help="show the deleted runs instead")] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """List the recorded runs, newest first.

    For example: workbench runs mnist relu, workbench runs 'test_error<2' depth=8 --sort test_error, or
    workbench runs --group activation --sort error. Fields are the columns of `workbench runs --json` and all settings.
    """
    from workbench.cli.history import opened
    from workbench.history import Ordering

    _check(group=group, columns=columns, archived=archived, deleted=deleted)
    text, ordering = _filter(words, finding), Ordering(sort, reverse)
    with opened(db) as history:
        if group:
            _groups(history, text, ordering, group, archived=archived, limit=None if everything else limit, as_json=as_json)
            return
        most = None if everything else limit + 1
        records = history.runs(text, deleted=deleted, archived=archived, ordering=ordering, limit=most)
        shown = records if everything else records[:limit]
        _list(history, shown, _names(columns), as_json=as_json)
    if not as_json:
        _tell_rest(
            shown, more=len(records) > len(shown), newest=sort == "id" and not reverse, filtered=bool(text), db=history.path
        )


def _filter(words: list[str] | None, finding: str | None) -> str:
    """The whole filter. Raises CommandError: there is no such finding."""
    from workbench.cli.explain import rules_named
    from workbench.history.filters import ANY, NONE

    text = " ".join(words or ())
    if finding is None:
        return text
    if finding.lower() not in (ANY, NONE):
        rules_named(finding)
    return f"finding:{finding} ({text})" if text else f"finding:{finding}"


def _check(*, group: str, columns: str | None, archived: bool, deleted: bool) -> None:
    """See that what was asked for goes together. Raises CommandError."""
    from workbench.cli.errors import CommandError

    if archived and deleted:
        raise CommandError("give --archived or --deleted, not both")
    idle = [option for option, given in (("--columns", columns), ("--deleted", deleted)) if given]
    if group and idle:
        raise CommandError(f"{idle[0]} does not go with --group, which lists groups of runs that are not deleted")


def _names(columns: str | None) -> tuple[str, ...]:
    """The fields of `--columns`, as they are called in the history."""
    from workbench.history.fields import field

    return tuple(field(name.strip()).name for name in (columns or "").split(",") if name.strip())


def _list(history: History, shown: list[RunRecord], names: tuple[str, ...], *, as_json: bool) -> None:
    from workbench.cli.history import run_fields
    from workbench.cli.output import print_json
    from workbench.cli.run_tables import chosen_fields, print_fields, print_runs

    if names:
        rows = chosen_fields(history, shown, names)
        if as_json:
            for row in rows:
                print_json(row)
        elif shown:
            print_fields(rows, names)
    elif as_json:
        for record in shown:
            print_json(run_fields(record))
    elif shown:
        print_runs(shown)


def _groups(
    history: History, text: str, ordering: Ordering, group: str, *, archived: bool, limit: int | None, as_json: bool
) -> None:
    from workbench.cli.output import print_json
    from workbench.cli.run_tables import group_fields, print_groups
    from workbench.history.fields import field

    listing = history.listing(text, ordering, group=group, archived=archived)
    name, shown = field(group).name, listing.groups[:limit]
    if as_json:
        for each in shown:
            print_json(group_fields(each, name, listing.figure))
    elif shown:
        print_groups(shown, name, listing.figure)
        if len(shown) < len(listing.groups):
            print(f"The first {len(shown)} of {len(listing.groups):,} groups are shown; --all shows every group.")
    else:
        print(f"No runs{' that match' if text else ''} in {history.path}.")


def _tell_rest(shown: list[RunRecord], *, more: bool, newest: bool, filtered: bool, db: object) -> None:
    if not shown:
        print(f"No runs{' that match' if filtered else ''} in {db}.")
    elif more:
        print(f"The {'newest' if newest else 'first'} {len(shown)} are shown; --all shows every run, and words narrow the list.")
