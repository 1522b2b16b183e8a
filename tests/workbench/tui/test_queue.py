"""The queue: its order, and that one training begins after another, however the one before ended."""

from engine.experiment import Experiment
from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE, go_to, status, words
from workbench.history import History, Origin
from workbench.tui.queue import Queue, Wanted
from workbench.tui.screens.dialogs import Question
from workbench.tui.screens.waiting import Waiting


def wanted(depth):
    return Wanted((Experiment.parse({"model": {"depth": depth}}),))


def depths(queue):
    return [each.experiments[0].model.depth for each in queue.items]


def test_the_order_can_be_changed():
    queue = Queue()
    for depth in (1, 2, 3):
        queue.add(wanted(depth))
    assert queue.move(2, -1) == 1
    assert depths(queue) == [1, 3, 2]
    assert queue.move(0, 9) == 2
    assert depths(queue) == [3, 2, 1]
    assert queue.move(0, -1) == 0
    assert queue.take(1) == wanted(2)
    assert queue.take(5) is None
    assert queue.take() == wanted(3)
    assert depths(queue) == [1]
    queue.clear()
    assert len(queue) == 0
    assert queue.take() is None


def test_a_wanted_training_in_words():
    experiment = Experiment()
    assert Wanted((experiment,)).text == "digits  3×64 relu  he_normal  adam 0.001"
    assert Wanted((experiment, experiment)).text.endswith("2 members")
    assert Wanted((experiment,), 4, Origin.BRANCH).text.endswith("branch of run 4")


async def paused(pilot):
    await until(pilot, lambda: "paused" in status(pilot.app))


async def another_depth(pilot, key):
    await go_to(pilot, "model.depth")
    await pilot.press(key)


async def test_what_is_queued_begins_when_the_training_before_it_has_ended(make_app, db):
    app = make_app(per_frame=50, pause_after=1)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("a")  # nothing goes on: begins at once
        await paused(pilot)
        for key in ("right", "right", "right"):
            await another_depth(pilot, key)
            await pilot.press("a")
        assert words(app, "#state") == "+3 queued"
        await pilot.press("h")
        await until(pilot, lambda: words(app, "#state") == "‖ run 1 paused 12%  +3 queued")
        await pilot.press("A")
        assert isinstance(app.screen, Waiting)
        assert "run 1" in words(app, "#present")
        await pilot.press("down", "down", "shift+up", "shift+up")
        assert depths(app.session.queue) == [6, 4, 5]
        await pilot.press("down", "d")
        assert depths(app.session.queue) == [6, 5]
        await pilot.press("escape", "b")
        for number in (1, 2, 3):
            await until(pilot, lambda: app.session.runner.run_ids and app.session.runner.paused)
            assert len(app.session.queue) == max(0, 3 - number)
            app.session.runner.resume()
            await until(pilot, lambda number=number: number == 3 or (number + 1,) == app.session.runner.run_ids)
        await until(pilot, lambda: "done" in status(app))
    with History.open(db) as history:
        assert [(run.experiment.model.depth, run.status) for run in reversed(history.runs())] == [
            (3, "done"),
            (6, "done"),
            (5, "done"),
        ]


async def test_a_diverging_and_a_failing_training_do_not_stop_the_queue(make_app, db):
    app = make_app(per_frame=50, pause_after=0, diverges_at=30)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("s")
        await paused(pilot)
        app.session.queue.add(Wanted((Experiment(),), parent=99, origin=Origin.BRANCH))  # there is no such run
        await pilot.press("a")
        app.session.runner.resume()
        await until(pilot, lambda: app.session.runner.run_ids == (2,))
        told = [note.message for note in app._notifications]
        assert any("diverged at step 30" in text for text in told)
        assert any("99" in text for text in told)
        app.session.runner.resume()
        await until(pilot, lambda: app.session.runner.finished)


async def test_one_of_the_queue_can_begin_now(make_app):
    app = make_app(per_frame=50, pause_after=1)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("A")
        assert "Nothing is trained now" in words(app, "#present")
        assert "Nothing waits" in words(app, "#keys")
        await pilot.press("escape", "s")
        await paused(pilot)
        for depth in (7, 8):
            app.session.queue.add(wanted(depth))
        await pilot.press("A", "down", "enter")
        await until(pilot, lambda: app.session.runner.run_ids == (2,))
        assert app.session.runner.experiments[0].model.depth == 8
        assert depths(app.session.queue) == [7]
        await pilot.press("A", "c", "escape")
        assert depths(app.session.queue) == []


async def test_what_is_to_begin_instead_is_not_lost_to_what_comes_after_it(make_app):
    app = make_app(per_frame=50, pause_after=1)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("s")
        await paused(pilot)
        app.start_instead(wanted(7))
        app.start_instead(wanted(8))
        await until(pilot, lambda: app.session.runner.run_ids == (2,))
        assert app.session.runner.experiments[0].model.depth == 8
        app.session.runner.stop()
        await until(pilot, lambda: app.session.runner.run_ids == (3,))
        assert app.session.runner.experiments[0].model.depth == 7


async def test_leaving_says_that_the_queue_is_lost(make_app):
    app = make_app(per_frame=50, pause_after=1)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("s")
        await paused(pilot)
        await pilot.press("a", "a", "q")
        assert isinstance(app.screen, Question)
        assert "The 2 trainings that wait in the queue will not begin" in str(app.screen.query_one("Static").render())
        await pilot.press("y")
        await until(pilot, lambda: app._exit)
    assert len(app.session.queue) == 2


async def test_the_bench_goes_on_behind_the_queue(make_app):
    app = make_app(per_frame=50, pause_after=1)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("s")
        await paused(pilot)
        bench = app.screen
        await pilot.press("A")
        app.session.runner.resume()
        await until(pilot, lambda: bench.live.snapshot.view.step == 200)
        assert isinstance(app.screen, Waiting)
