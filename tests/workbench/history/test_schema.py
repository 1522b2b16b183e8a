"""Making and upgrading the tables."""

import math
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.events import Finished, Frame
from engine.vocabulary import STATISTICS
from tests.workbench.history.processes import python, same, start_together
from tests.workbench.scripted import scripted_events
from workbench.history import History, HistoryError, Recorder, connection, schema
from workbench.history.connection import SCHEMA_VERSION, open_writer
from workbench.live import LiveRun

GOLDEN = Path(__file__).parents[2] / "golden"


def restored(dump, path):
    """A history from the SQL text of an old one."""
    with closing(sqlite3.connect(path)) as made:
        made.executescript(dump.read_text(encoding="utf-8"))
    return path


def query(path, text):
    with closing(sqlite3.connect(path)) as opened:
        return opened.execute(text).fetchall()


def tables(path):
    return {row[0] for row in query(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_the_schema_version_counts_the_migrations(tmp_path):
    open_writer(tmp_path / "h.db").close()
    applied = query(tmp_path / "h.db", "SELECT name FROM _sqlite_migrations WHERE migration_set = 'history' ORDER BY id")
    names = [row[0] for row in applied]
    assert len(names) == SCHEMA_VERSION
    assert names == sorted(names)
    assert query(tmp_path / "h.db", "PRAGMA user_version") == [(SCHEMA_VERSION,)]


def test_a_history_has_the_tables_that_are_documented(tmp_path):
    open_writer(tmp_path / "h.db").close()
    made = tables(tmp_path / "h.db") - {"_sqlite_migrations"}
    assert made >= {"runs", "layers", "steps", "layer_stats", "epochs", "tags", "histograms", "interventions", "checkpoints"}
    assert set(re.findall(r"^(\w+) +one row per", schema.__doc__, re.MULTILINE)) == made
    kinds = dict(row[1:3] for row in query(tmp_path / "h.db", "PRAGMA table_info(layer_stats)"))
    assert all(kinds[statistic] in ("REAL", "FLOAT") for statistic in STATISTICS)


MAKE = """
import sys
from pathlib import Path
from workbench.history.connection import open_writer
import workbench.history.schema
print("ready", flush=True)
sys.stdin.readline()
connection = open_writer(Path(sys.argv[1]))
connection.execute("BEGIN IMMEDIATE")
connection.execute("INSERT INTO tags (run, tag) VALUES (?, 'made')", (int(sys.argv[2]),))
connection.execute("COMMIT")
connection.close()
"""


def test_processes_that_make_the_same_new_file_at_once_all_succeed(tmp_path):
    for attempt in range(3):
        path = tmp_path / f"{attempt}.db"
        start_together([python(MAKE, path, number) for number in range(4)])
        assert query(path, "SELECT run FROM tags ORDER BY run") == [(0,), (1,), (2,), (3,)]
        assert query(path, "SELECT count(*) FROM _sqlite_migrations") == [(SCHEMA_VERSION,)]
        assert query(path, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("before", [1, 2, 3])
def test_a_file_that_is_made_while_it_is_looked_at_is_not_taken_for_another_programs(tmp_path, before):
    path = tmp_path / "h.db"
    path.touch()
    looked = 0

    def look(statement):
        nonlocal looked
        looked += 1
        if looked == before:
            open_writer(path).close()

    with closing(sqlite3.connect(path, isolation_level=None)) as looking:
        looking.set_trace_callback(look)
        assert connection._version(looking, path) in (None, SCHEMA_VERSION)
    assert looked >= before


@pytest.mark.parametrize("dump", sorted(GOLDEN.glob("history_schema_*.sql")), ids=lambda dump: dump.stem)
def test_a_history_of_every_released_schema_can_be_read_and_recorded_in(tmp_path, dump):
    path = restored(dump, tmp_path / "h.db")
    with History.open(path) as history:
        assert query(path, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
        runs = history.runs()
        assert [(run.id, run.name, run.status) for run in runs] == [(2, "golden", "done"), (1, "golden", "diverged")]
        assert runs[0].tags == ("first", "golden")
        assert runs[0].experiment.model.depth == 2
        expected = list(scripted_events(steps=12, members=2, layers=3, steps_per_epoch=5, diverges_at=7))
        for member, run in enumerate(reversed(runs)):
            told = list(history.events(run.id))
            loss = [value for event in told if isinstance(event, Frame) for value in event.loss[:, 0].tolist()]
            true = [value for event in expected if isinstance(event, Frame) for value in event.loss[:, member].tolist()]
            assert same(tuple(loss), tuple(true[: len(loss)]))
            assert len(loss) == len(true) or loss[-1] == math.inf  # later versions keep nothing beyond a divergence
            assert isinstance(told[-1], Finished)
            live = LiveRun()
            for event in told:
                live.apply(event)
            assert live.view().outcome == expected[-1].outcomes[member]
    with Recorder(path) as recorder:
        for event in scripted_events(steps=10, steps_per_epoch=5, everything=True):
            recorder.record(event)
        assert recorder.run_ids == (3,)
    with History.open(path) as history:
        assert history.distribution_steps(3) == (0, 5, 10)


def test_layers_of_the_first_schema_are_dense_and_have_their_weights(tmp_path):
    path = restored(GOLDEN / "history_schema_1.sql", tmp_path / "h.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        new = "INSERT INTO layers (run, layer, name, inputs, outputs, activation, parameters) VALUES (2, ?, ?, ?, ?, ?, ?)"
        maxout = (3, "maxout of 3", 10, 5, "maxout", 10 * 15 + 15)
        normed = (4, "batch norm", 10, 5, "relu", 10 * 5 + 2 * 5)
        connection.executemany(new, [maxout, normed])
    with History.open(path) as history:
        assert [(row.kind, row.weights, row.shape) for row in history.layers(2)] == [
            ("dense", 64 * 16, (16,)),
            ("dense", 16 * 16, (16,)),
            ("dense", 16 * 10, (10,)),
            ("dense", 10 * 15, (5,)),
            ("dense", 10 * 5, (5,)),
        ]


def test_the_released_schemas_are_all_kept():
    kept = {int(path.stem.rpartition("_")[2]) for path in GOLDEN.glob("history_schema_*.sql")}
    assert kept == set(range(1, SCHEMA_VERSION + 1))
    assert all(path.stat().st_size < 100_000 for path in GOLDEN.iterdir())


@pytest.fixture
def with_another_migration(monkeypatch):
    """The next version of this program: one migration more, which is given by the test."""

    def add(migration):
        known = schema.migrations
        grown = type(known)(known.name)
        grown._migrations = list(known._migrations)
        grown(name="9999_added_by_a_test")(migration)
        monkeypatch.setattr(schema, "migrations", grown)
        for module in (schema, connection):
            monkeypatch.setattr(module, "SCHEMA_VERSION", SCHEMA_VERSION + 1)

    return add


def test_reading_an_older_history_upgrades_it_and_keeps_its_runs(tmp_path, with_another_migration):
    path = restored(GOLDEN / f"history_schema_{SCHEMA_VERSION}.sql", tmp_path / "h.db")
    with_another_migration(lambda database: database["runs"].add_column("mood", str))
    with History.open(path) as history:
        assert len(history.runs()) == 2
    assert query(path, "SELECT mood FROM runs") == [(None,), (None,)]
    assert query(path, "PRAGMA user_version") == [(SCHEMA_VERSION + 1,)]
    assert ("9999_added_by_a_test",) in query(path, "SELECT name FROM _sqlite_migrations")


def test_a_migration_that_fails_leaves_the_history_as_it_was(tmp_path, with_another_migration):
    path = restored(GOLDEN / f"history_schema_{SCHEMA_VERSION}.sql", tmp_path / "h.db")

    def break_off(database):
        database["runs"].add_column("mood", str)
        database["no_such_table"].add_column("mood", str)

    with_another_migration(break_off)
    with pytest.raises(HistoryError, match="upgraded first"):
        History.open(path)
    assert query(path, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert query(path, "SELECT count(*) FROM _sqlite_migrations") == [(SCHEMA_VERSION,)]
    assert "mood" not in {row[1] for row in query(path, "PRAGMA table_info(runs)")}
