"""The column of the list of runs that says what was found to be wrong with them."""

from __future__ import annotations

from engine.events import FindingRaised
from engine.experiment import Experiment
from tests.workbench.findings import DEAD, finding
from tests.workbench.history.recorded import record
from tests.workbench.scripted import scripted_events
from workbench.history import History
from workbench.history.fields import field
from workbench.tui.draft import Draft
from workbench.tui.history_rows import USUAL, RunRow, column, columns_for, run_pieces, value_text, wanted_values
from workbench.tui.session import Session


def test_findings_can_be_chosen_as_a_column(tmp_path):
    db = tmp_path / "h.db"
    record(db, [*scripted_events(steps=20), FindingRaised(finding()), FindingRaised(DEAD)])
    record(db, scripted_events(steps=20))
    session = Session(db, Draft.of(Experiment()))
    with History.open(db) as history:
        sick, sound = history.records([1, 2])
        texts = history.values([1], ["finding"])[1]
    found = column("findings")
    assert found is not None
    assert found.text(RunRow(sick), session) == "▲ vanishing-gradient +1"
    assert found.text(RunRow(sound), session) == ""
    assert wanted_values([found]) == ()  # the records have them
    keys = column("finding")
    assert keys is not None
    assert keys.text(RunRow(sick, {"finding": texts[0]}), session) == "▲ vanishing-gradient +1"
    assert "findings" not in USUAL
    line = "".join(text for text, _ in run_pieces(RunRow(sick), columns_for(80, [sick], ("findings", "status")), session))
    assert "▲ vanishing-gradient +1" in line


def test_groups_are_named_by_the_worst_finding(tmp_path):
    db = tmp_path / "h.db"
    record(db, [*scripted_events(steps=20), FindingRaised(DEAD)])
    with History.open(db) as history:
        (group,) = history.listing("", group="finding").groups
        assert value_text(field("finding"), group.value, Session(db, Draft.of(Experiment()))) == "△ dead-units"
