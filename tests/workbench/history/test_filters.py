"""The language of filters: what it finds, and what it says of what it cannot understand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.workbench.history.recorded import record
from tests.workbench.scripted import scripted_events, scripted_experiments
from workbench.history import FilterError, History
from workbench.history.clock import now
from workbench.history.edit import archive, note
from workbench.history.fields import COLUMNS, field
from workbench.history.filter_tree import All, Any, Comparison, Flag, Not, Words, parse
from workbench.history.moments import span

TODAY, OLD = now(), now(ago=timedelta(days=40))


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Four runs; the fifth is archived."""
    path = tmp_path_factory.mktemp("filters") / "h.db"
    (plain,) = scripted_experiments(steps=10)
    kinds = [
        ({"model.dropout": 0.5}, {"name": "base line", "tags": ["paper"]}),
        ({"model.activation": "tanh", "model.depth": 5, "lr": 0.5}, {"name": "free text", "tags": ["Paper", "draft"]}),
        ({"model.depth": 8, "model.widths": None, "model.width": 32, "optimizer": "sgd"}, {}),
        ({"model.activation": "leaky_relu(slope=0.2)", "l2": 0.01}, {"name": "(odd) name"}),
        ({"model.activation": "tanh"}, {"name": "put away"}),
    ]
    for settings, options in kinds:
        record(path, scripted_events(steps=10, experiments=[plain.with_settings(settings)]), **options)
    archive(path, [5])
    note(path, 4, "looked at twice")
    accuracies = {1: 0.99, 2: 0.9, 3: None, 4: 0.5}
    with closing(sqlite3.connect(path)) as connection, connection:
        for run, accuracy in accuracies.items():
            connection.execute(
                "UPDATE runs SET test_accuracy = ?, validation_accuracy = ? WHERE id = ?", (accuracy, accuracy, run)
            )
        connection.execute("UPDATE runs SET started = ? WHERE id < 3", (OLD,))
    with History.open(path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("activation=tanh", [2]),
        ("activation:tanh depth>=5", [2]),
        ("activation!=tanh", [4, 3, 1]),
        ("activation~relu", [4, 3, 1]),
        ("activation=relu", [3, 1]),
        ("depth>=5", [3, 2]),
        ("depth >= 5", [3, 2]),
        ("depth>5 depth<=8", [3]),
        ("depth<5", [4, 1]),
        ("width>16", [3]),
        ("dropout>0", [1]),
        ("model.dropout > 0.4 tag:paper", [1]),
        ("l2>0", [4]),
        ("lr=0.5", [2]),
        *((f"batch_norm={word}", [4, 3, 2, 1]) for word in ("no", "off", "Off", "false", "0")),
        *((f"batch_norm!={word}", [4, 3, 2, 1]) for word in ("yes", "on", "true", "1")),
        ("stop.restore_best=on", [4, 3, 2, 1]),
        ("test_error<2", [1]),
        ("test_error<=10%", [2, 1]),
        ("error=10", [2]),
        ("validation_error>20", [4]),
        ("test_accuracy>=90%", [2, 1]),
        ("test_accuracy=0.9", [2]),
        ("NOT test_error<2", [4, 3, 2]),
        ("#3", [3]),
        ("NOT #3", [4, 2, 1]),
        ("#03", []),
        ("#" + "9" * 30, []),
        ("tag:paper", [2, 1]),
        ("tag=#draft", [2]),
        ("tag~aper", [2, 1]),
        ("tag!=draft", [4, 3, 1]),
        ('tag=""', [4, 3]),
        ("name:line", [1]),
        ("name=line", []),
        ('name=""', [3]),
        ('name="free text"', [2]),
        ("note:twice", [4]),
        ('"free text"', [2]),
        ("free text", [2]),
        ('"(odd)"', [4]),
        ("tanh OR dropout>0", [2, 1]),
        ("tanh OR sgd AND depth=8", [3, 2]),
        ("(tanh OR sgd) AND depth=8", [3]),
        ("(tanh OR sgd) NOT depth=8", [2]),
        ("NOT (tanh OR sgd)", [4, 1]),
        ("NOT NOT tanh", [2]),
        ("and", []),
        ("archived", [5]),
        ("NOT archived", [4, 3, 2, 1]),
        ("archived tanh OR depth=5", [5, 2]),
        ('"archived"', []),
        ("archived>=today", [5]),
        ("started>=yesterday", [4, 3]),
        ("started<7d", [2, 1]),
        (f"started={OLD[:7]} OR started={OLD[:10]}", [2, 1]),
        ("started>2999-01-01", []),
        ("seed=0", [4, 3, 2, 1]),
        ("  ", [4, 3, 2, 1]),
    ],
)
def test_what_a_filter_finds(history, text, ids):
    assert list(history.listing(text).ids) == ids
    assert [run.id for run in history.runs(text)] == ids


@pytest.mark.parametrize(
    ("text", "problem", "marked"),
    [
        ("tanh dept>5", "unknown field 'dept'. Did you mean 'depth'?", "dept"),
        ("every=1", "several settings are called 'every': checkpoint.every, monitor.every", "every"),
        ("depth>x relu", "depth> takes a number, not 'x'", "x"),
        ("tag>3", "tags have no order: write tag:3", "3"),
        ("started>soon", "'soon' is no time: write 2026-11-20", "soon"),
        ("(tanh OR relu", "this bracket is not closed", "("),
        ("tanh)", "this bracket was never opened", ")"),
        ("(tanh OR )", "a condition is missing before this bracket", ")"),
        ("OR tanh", "a condition is missing before OR", "OR"),
        ("tanh OR OR relu", "a condition is missing before OR", "OR"),
        ("a " * 101, "a filter has at most 100 conditions", "a"),
        ("(" * 5000, "brackets stand at most 8 deep within each other; take some out", "("),
    ],
)
def test_what_is_wrong_and_where(history, text, problem, marked):
    with pytest.raises(FilterError) as caught:
        history.listing(text)
    error = caught.value
    assert error.problem.startswith(problem)
    assert text[error.start : error.end] == marked
    assert error.exit_code == 2
    line, carets = str(error).splitlines()[-2:]
    assert line[carets.index("^") : carets.rindex("^") + 1] == marked


@pytest.mark.parametrize("inner", ["tanh", "tag!=paper smoothed_validation_cost!=2", "NOT dropout>3 OR tanh"])
def test_conditions_within_each_other_are_read_by_sqlite_too(history, inner):
    text = inner
    for _ in range(8):
        text = f"(tanh OR NOT {text})" if text.startswith("(") else f"({text})"
    assert len(history.listing(text).ids) <= 4


def test_not_of_not_is_what_it_was(history):
    assert history.listing("NOT " * 98 + "tanh").ids == history.listing("tanh").ids
    assert history.listing("NOT " * 99 + "tanh").ids == history.listing("NOT tanh").ids


@pytest.mark.parametrize(
    ("text", "problem"), [("depth=", "a value is missing after depth="), ("tanh OR ", "a condition is missing at the end")]
)
def test_what_may_still_be_typed_is_unfinished(history, text, problem):
    with pytest.raises(FilterError, match=problem) as caught:
        history.listing(text)
    assert caught.value.unfinished
    assert caught.value.start >= len(text.rstrip())


@pytest.mark.parametrize("text", ["actvation=", "actvation=tanh", "depth>x", "depth="])
@pytest.mark.parametrize("before", ["", "tanh ", "tanh OR "])
def test_an_error_knows_what_stands_before_the_condition(history, text, before):
    with pytest.raises(FilterError) as caught:
        history.listing(before + text)
    assert caught.value.before == before


def test_the_tree_of_a_filter():
    assert parse("") is None
    assert parse("a AND (b OR NOT depth>5) archived") == All(
        (
            Words("a", 0),
            Any((Words("b", 7), Not(Comparison("depth", ">", "5", 16, 22, 23)))),
            Flag("archived"),
        )
    )
    assert parse("optimizer=adam(beta1=0.9, beta2=0.99)") == Comparison(
        "optimizer", "=", "adam(beta1=0.9, beta2=0.99)", 0, 10, 37
    )


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_every_field_can_be_filtered_sorted_and_grouped_by(history, name):
    value = "today" if field(name).kind.value == "time" else "1"
    history.listing(f"{name}={value} OR {name}!={value} OR {name}~{value}", group=name)
    from workbench.history import Ordering

    assert sorted(history.listing(ordering=Ordering(name)).ids) == [1, 2, 3, 4]


NOON = datetime(2026, 11, 21, 12, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("today", "2026-11-20T22:00", "2026-11-21T22:00"),
        ("Yesterday", "2026-11-19T22:00", "2026-11-20T22:00"),
        ("2026-11-05", "2026-11-04T22:00", "2026-11-05T22:00"),
        ("2026-12", "2026-11-30T22:00", "2026-12-31T22:00"),
        ("2026-11-05T10:30", "2026-11-05T08:30", "2026-11-05T08:31"),
        ("2026-11-05T10:30Z", "2026-11-05T10:30", "2026-11-05T10:31"),
        ("2h", "2026-11-21T08:30", "2026-11-21T08:30"),
        ("1w", "2026-11-14T10:30", "2026-11-14T10:30"),
    ],
)
def test_times_as_people_write_them(text, begin, end):
    assert span(text, NOON) == tuple(f"{each}:00.000+00:00" for each in (begin, end))


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "9999-12", "7", "7y"])
def test_what_is_no_time(text):
    assert span(text, datetime.now(UTC)) is None
