"""The command that looks through stored runs for what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.history import AsJson, Db, Runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.insight.finding import Finding
    from workbench.history.records import RunRecord


def diagnose(
    refs: Runs,
    *,
    store: Annotated[
        bool, typer.Option("--store", help="keep what is found instead of what the history has of these runs")
    ] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with runs, and what would help.

    All rules are applied anew to what was recorded, also of runs that an older version recorded or whose process was killed. The exit
    code is 0 whatever is found.
    """
    from workbench.cli.findings import finding_fields
    from workbench.cli.history import found, history_path, opened
    from workbench.cli.output import print_json
    from workbench.diagnosing import diagnosed
    from workbench.history.findings import replace_findings

    with opened(db) as history:
        for run in found(history, refs):
            findings = diagnosed(history.events(run.id))
            if store:
                replace_findings(history_path(db), run.id, findings)
            if as_json:
                for finding in findings:
                    print_json({"run": run.id, **finding_fields(finding)})
            else:
                _print(findings, run)


def _print(found: Sequence[Finding], run: RunRecord) -> None:
    from workbench.cli.findings import print_finding

    lasting = sum(finding.closed is None for finding in found)
    gone = len(found) - lasting
    words = [
        f"{lasting} finding{'s' * (lasting != 1)}" if lasting else "nothing found to be wrong",
        f"{gone} gone" if gone else "",
    ]
    name = f" {run.name}" if run.name else ""
    print(f"Run {run.id}{name}, {run.status} after {run.step:,} steps: {', '.join(filter(None, words))}\n")
    for finding in found:
        print_finding(finding, run.id)
