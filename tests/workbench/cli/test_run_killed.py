"""kill -9 in the middle of a real training: what was told is in the history, and the run is found to be interrupted."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest

from tests.workbench.cli.conftest import SMALL, query


@pytest.mark.parametrize("moment", [random.Random(seed).randint(1, 4000) for seed in range(3)])
def test_nothing_that_was_told_is_lost(moment, db, command):
    words = ["run", *SMALL, "--epochs", "1000000", "--json"]
    process = subprocess.Popen([sys.executable, "-m", "workbench", *words], stdout=subprocess.PIPE, text=True)
    told = 0
    with process:
        assert process.stdout is not None
        for number, line in enumerate(process.stdout):
            event = json.loads(line)
            told = event["step"] if event["event"] == "frame" else told
            if number >= moment and told:
                break
        process.kill()
    assert query(db, "pragma integrity_check") == [("ok",)]
    ((kept, rows),) = query(db, "select max(step), count(*) from steps")
    assert kept >= told > 0
    assert rows == kept  # every step up to there was recorded
    ended = command("runs", "--json")
    assert ended.objects[0]["status"] == "interrupted"
