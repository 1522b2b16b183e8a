"""The commands that change what is said of a run, never what was measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.history import AsJson, Db, Run, Runs

if TYPE_CHECKING:
    from workbench.history.records import RunRecord


Change = Callable[[Path, Sequence[int]], None]


def tag(
    ref: Run,
    add: Annotated[list[str] | None, typer.Argument(metavar="[TAG…]", help="tags to add", show_default=False)] = None,
    *,
    remove: Annotated[list[str] | None, typer.Option(metavar="TAG", help="a tag to take away; repeatable")] = None,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Add tags to a run, and take tags away.

    For example: workbench tag latest paper deep --remove draft. Without tags it shows those that the run has.
    """
    from workbench.cli.history import history_path
    from workbench.history import edit

    run = _runs_of([ref], db)[0]
    if add or remove:
        edit.tag(history_path(db), run.id, tuple(add or ()), tuple(remove or ()))
        run = _runs_of([str(run.id)], db)[0]
    _say(run, f"run {run.id}: {' '.join(f'#{name}' for name in run.tags) or 'no tags'}", as_json)


def note(
    ref: Run,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="the note; an empty one takes the old note away")],
    *,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Write a note on a run. It replaces the one before."""
    from workbench.cli.history import history_path
    from workbench.history import edit

    run = _runs_of([ref], db)[0]
    edit.note(history_path(db), run.id, text)
    run = _runs_of([str(run.id)], db)[0]
    _say(run, f"run {run.id}: {run.note or 'no note'}", as_json)


def rename(
    ref: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", help="the name; an empty one takes the old name away")],
    *,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Give a run a name, by which it can be called from then on."""
    from workbench.cli.history import history_path
    from workbench.history import edit

    run = _runs_of([ref], db)[0]
    edit.rename(history_path(db), run.id, name)
    run = _runs_of([str(run.id)], db)[0]
    _say(run, f"run {run.id}: {run.name or 'no name'}", as_json)


def delete(refs: Runs, *, db: Db = None, as_json: AsJson = False) -> None:
    """Take runs out of the lists. Nothing is lost: `workbench restore` brings them back.

    Their checkpoints stay on disk, too, in the folder beside the history that `workbench show` names; once that folder is removed by
    hand, the runs can no longer be resumed or branched from, and all else that is known of them stays.
    """
    from workbench.history import edit

    _change_all(refs, db, as_json, edit.delete, "deleted; `workbench restore {id}` brings it back")


def restore(refs: Runs, *, db: Db = None, as_json: AsJson = False) -> None:
    """Bring deleted runs back into the lists."""
    from workbench.history import edit

    _change_all(refs, db, as_json, edit.restore, "restored")


def archive(refs: Runs, *, db: Db = None, as_json: AsJson = False) -> None:
    """Put runs away, out of the lists.

    `workbench runs` shows them with --archived, or where its filter asks for them; `workbench unarchive` brings them back.
    """
    from workbench.history import edit

    _change_all(refs, db, as_json, edit.archive, "archived; `workbench unarchive {id}` brings it back")


def unarchive(refs: Runs, *, db: Db = None, as_json: AsJson = False) -> None:
    """Bring archived runs back into the lists."""
    from workbench.history import edit

    _change_all(refs, db, as_json, edit.unarchive, "in the lists again")


def _change_all(refs: Sequence[str], db: Path | None, as_json: bool, change: Change, done: str) -> None:
    from workbench.cli.history import history_path

    runs = _runs_of(refs, db)
    change(history_path(db), [run.id for run in runs])
    for run in _runs_of([str(run.id) for run in runs], db):
        _say(run, f"run {run.id}: {done.format(id=run.id)}", as_json)


def _runs_of(refs: Sequence[str], db: Path | None) -> list[RunRecord]:
    from workbench.cli.history import found, opened

    with opened(db) as history:
        return found(history, refs)


def _say(run: RunRecord, words: str, as_json: bool) -> None:
    from workbench.cli.history import run_fields
    from workbench.cli.output import print_json

    if as_json:
        print_json(run_fields(run))
    else:
        print(words)
