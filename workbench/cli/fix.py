"""The command that tries a remedy for something that was found to be wrong with a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.history import Db, Run

if TYPE_CHECKING:
    from workbench.remedy import Plan, Verdict


def fix(
    ref: Run,
    *,
    finding: Annotated[
        str, typer.Option(metavar="KEY", help="which finding; without it the most serious one", show_default=False)
    ] = "",
    remedy: Annotated[int, typer.Option(min=1, metavar="N", help="which of its remedies, see `workbench diagnose`")] = 1,
    name: Annotated[str, typer.Option(metavar="TEXT", help="name of the new run", show_default=False)] = "",
    tags: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="tag of the new run; repeatable")] = None,
    note: Annotated[
        str, typer.Option(metavar="TEXT", help="note on the new run; without it, the remedy", show_default=False)
    ] = "",
    db: Db = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="every event as one JSON object per line on stdout, and last the verdict")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="no progress")] = False,
) -> None:
    """Train a run again with a remedy, and compare.

    It begins anew from the same seed, and is recorded with the old run as its parent. Then it is said whether what was found is gone,
    and what became of the errors; of a training that broke off or diverged it may not be known. The exit code is that of the training.
    """
    from workbench.cli.experiments import Requested
    from workbench.cli.history import history_path, opened
    from workbench.cli.session import Session, trained
    from workbench.history import HistoryError
    from workbench.history.records import Origin
    from workbench.remedy import judged, planned

    path = history_path(db)
    with opened(db) as history:
        plan = planned(history, ref, finding, remedy)
    if not as_json:
        _print_plan(plan, remedy)
    made = Requested(plan.experiments, plan.run.id, plan.expected_data, Origin.FIX)
    session = Session(path, name, tuple(tags or ()), note or plan.note, made, as_json=as_json, quiet=quiet)
    code, runner = trained(plan.experiments, session)
    if len(runner.run_ids) > plan.member:
        try:
            with opened(db) as history:
                verdict = judged(history, plan, runner.run_ids, was_looked_at=not runner.diagnosis_problem)
        except HistoryError:
            if runner.error is None:  # else it has been said why
                raise
        else:
            _tell(verdict, as_json=as_json)
    raise typer.Exit(code)


def _print_plan(plan: Plan, number: int) -> None:
    from workbench.findings import sign, title

    finding = plan.finding
    print(f"Run {plan.run.id}  {sign(finding)} {title(finding.rule)}: {finding.words}")
    changes = ", ".join(f"{path}={value}" for path, value in plan.remedy.changes)
    print(f"Remedy {number} of {len(finding.remedies)}: {plan.remedy.title} ({changes})")
    for caution in plan.cautions:
        print(caution)
    print()


def _tell(verdict: Verdict, *, as_json: bool) -> None:
    from workbench.cli.output import print_json

    if as_json:
        print_json({"event": "verdict", **_fields(verdict)})
    else:
        _print(verdict)


def _fields(verdict: Verdict) -> dict[str, object]:
    from workbench.cli.findings import finding_fields

    figures = {each.name.replace(" ", "_"): {"before": each.before, "after": each.after} for each in verdict.figures}
    return {
        "run": verdict.after.id,
        "parent": verdict.before.id,
        "rule": verdict.finding.rule,
        "gone": verdict.is_gone,
        "before": finding_fields(verdict.finding),
        "after": finding_fields(verdict.remains) if verdict.remains is not None else None,
        "new": [finding_fields(each) for each in verdict.new],
        "status": verdict.after.status,
        **figures,
    }


def _print(verdict: Verdict) -> None:
    from workbench.cli.output import make_table, print_table
    from workbench.compare import differences
    from workbench.findings import GONE, sign, span, title
    from workbench.plots.numbers import ABSENT
    from workbench.remedy import sentence, text_of

    before, after, remains = verdict.before, verdict.after, verdict.remains
    table = make_table(["", f"run {before.id}", f"run {after.id}"])
    for difference in differences([before.experiment, after.experiment]):
        table.add_row(difference.path, *(value if value is not None else ABSENT for value in difference.values))
    table.add_section()
    there = f"{sign(remains)} {span(remains)}" if remains is not None else f"{GONE} not found"
    there = "? not known" if verdict.is_gone is None else there
    table.add_row(title(verdict.finding.rule), f"{sign(verdict.finding)} {span(verdict.finding)}", there)
    for each in verdict.new:
        table.add_row(title(each.rule), "", f"{sign(each)} {span(each)}")
    table.add_section()
    table.add_row("status", before.status, after.status)
    for figure in verdict.figures:
        texts = text_of(figure, figure.before), text_of(figure, figure.after)
        better = {1: " ✓", -1: " ✗", 0: ""}[figure.better] if texts[0] != texts[1] else ""
        table.add_row(figure.name, texts[0], f"{texts[1]}{better}")
    print()
    print_table(table)
    print(f"\n{sentence(verdict)}")
