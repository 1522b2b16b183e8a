"""What was found to be wrong before a training went on: looked for anew, and recorded in place of what was stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.events import Event
from engine.insight.finding import Finding
from workbench.diagnosing import Diagnosing
from workbench.history import History

if TYPE_CHECKING:
    from workbench.history import Recorder

MOST_APART = 64
"""Members of a population that goes on are looked at one by one, if they are no more than this."""


def recall(recorder: Recorder, diagnosing: Diagnosing, announce: Callable[[int, int], bool]) -> tuple[Finding, ...]:
    """Go on looking from where that was left; return what was found by then.

    What is found anew takes the place of what is stored. Of very many members, and where the runs cannot be looked at, what is stored
    stays: it is open until it is found to be gone.

    Args:
        recorder: Records the training that goes on.
        diagnosing: Looks at it.
        announce: Told how many of how many runs have been looked at; returns whether to go on.
    """
    run_ids = recorder.run_ids
    with History.open(recorder.path) as history:

        def runs() -> Iterator[Iterator[Event]]:
            for number, run_id in enumerate(run_ids):
                if not announce(number, len(run_ids)):
                    return
                yield history.events(run_id)

        found = diagnosing.catch_up(runs(), len(run_ids)) if len(run_ids) <= MOST_APART else None
        if found is None:
            stored = tuple(
                replace(finding, member=member) for member, run_id in enumerate(run_ids) for finding in history.findings(run_id)
            )
            diagnosing.adopt(stored)
            return stored
    recorder.replace_findings(found)
    return tuple(finding for of_member in found for finding in of_member)
