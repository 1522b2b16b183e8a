"""Writes the history that this version makes as SQL text into tests/golden, when its schema is new:

python -m tests.workbench.history.golden
"""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from engine.events import FindingRaised
from tests.workbench.findings import finding
from tests.workbench.history.judged import reproduction
from tests.workbench.scripted import scripted_events
from workbench.history import Recorder
from workbench.history.connection import SCHEMA_VERSION
from workbench.history.reproductions import record_reproduction

GOLDEN = Path(__file__).parents[2] / "golden"


def main() -> None:
    """Record a small population and write the dump, which says nothing of the machine that made it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "h.db"
        with Recorder(path, name="golden", tags=["golden", "first"], note="kept to be upgraded") as recorder:
            script = {"steps": 12, "members": 2, "layers": 3, "steps_per_epoch": 5, "diverges_at": 7}
            for event in scripted_events(**script, everything=True, plane=True, folder=f"{folder}/h.checkpoints/run-1"):
                recorder.record(event, diagnosed=True)
            for told in (finding(5, 12), finding(5, 12, member=1, closed=12)):
                recorder.record(FindingRaised(told))
        record_reproduction(path, reproduction())
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("UPDATE runs SET host = 'golden', pid = 1, process_started = NULL, git_commit = NULL")
            connection.execute("UPDATE reproductions SET host = 'golden'")
            pragmas = [
                f"PRAGMA {name} = {connection.execute(f'PRAGMA {name}').fetchone()[0]};"
                for name in ("application_id", "user_version")
            ]
            text = "\n".join([*connection.iterdump(), *pragmas, ""])
    (GOLDEN / f"history_schema_{SCHEMA_VERSION}.sql").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
