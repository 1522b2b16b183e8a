"""A recipe that is reproduced in a thread of its own can be looked at, paused and ended from another."""

from __future__ import annotations

import pytest

from engine.errors import EngineError
from tests.workbench.history.recorded import rows
from tests.workbench.reproduction.written import FAILS, HOLDS, planned
from tests.workbench.tui.conftest import ScriptedSource
from workbench.claims.records import Outcome
from workbench.reproduction.background import Reproducing, Standing
from workbench.reproduction.events import Broke, Noted
from workbench.runner import Runner


@pytest.fixture
def path(tmp_path):
    return tmp_path / "h.db"


def begun(plan, path, **script):
    doing = Reproducing(plan, path, source=ScriptedSource(**script))
    doing.start()
    return doing


def wait_for(doing, happened):
    """Look until it is so, or the reproduction is over."""
    while not happened():
        if doing.join(0.01):
            break
    assert happened()


def test_how_it_stands_at_the_end(tmp_path, path):
    doing = begun(planned(tmp_path, [HOLDS, FAILS]), path)
    assert doing.join()
    standing = doing.standing
    assert (standing.runs, standing.done, standing.whole, standing.labels) == (4, 4, 2, ())
    assert {number: verdict.outcome for number, verdict in standing.verdicts.items()} == {1: Outcome.PASS, 2: Outcome.FAIL}
    assert standing.made.passed == 1
    assert not standing.interrupted
    assert doing.seconds == doing.seconds > 0


def test_a_pause_that_outlasts_a_training_holds_for_the_next(tmp_path, path):
    plan = planned(tmp_path)
    doing = Reproducing(plan, path)
    first, second, third = (Runner(group.experiments, db=path) for group in (*plan.groups, plan.groups[0]))
    doing._take(first)
    assert not first.paused
    first.pause()
    doing._take(first)
    doing._take(second)
    assert doing.runner is second
    assert second.paused
    second.resume()
    doing._take(third)
    assert not third.paused


def test_an_end_that_was_asked_for_keeps_what_is_over(tmp_path, path):
    doing = begun(planned(tmp_path), path, pause_after=2)
    wait_for(doing, lambda: doing.runner is not None and doing.runner.paused)
    doing.stop()
    assert doing.stopping
    assert doing.join()
    assert doing.standing.interrupted
    assert rows(path, "SELECT DISTINCT status FROM runs") == [("stopped",)]
    assert begun(planned(tmp_path), path).join()


def test_what_breaks_it_off_is_told(tmp_path, path):
    path.write_text("this is no history")
    doing = begun(planned(tmp_path), path)
    assert doing.join()
    assert "h.db" in doing.standing.error
    assert doing.standing.made is None


def test_a_training_that_breaks_off_is_remarked_and_the_others_go_on(tmp_path, path):
    def source(experiments, **more):
        if experiments[0].model.depth == 0:
            raise EngineError("no such data")
        yield from ScriptedSource()(experiments, **more)

    doing = Reproducing(planned(tmp_path), path, source=source)
    doing.start()
    assert doing.join()
    assert doing.standing.remarks == ("the training of depth=0 broke off: no such data",)
    assert doing.standing.made.passed == 1


def test_remarks_come_in_their_order():
    standing = Standing().after(Noted("first")).after(Broke(("",), "second"))
    assert standing.remarks == ("first", "the training of its runs broke off: second")
