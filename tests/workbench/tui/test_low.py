"""What the live view keeps in sight on a low terminal, and what its lines say of settings that were changed."""

from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import go_to, live, status, words
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.panel import Panel
from workbench.tui.widgets.progress_line import ProgressLine


async def test_on_a_low_terminal_progress_stays_in_sight_below_changes_and_many_layers(make_app):
    app = make_app(pause_after=20)
    async with app.run_test(size=(60, 20)) as pilot:
        await go_to(pilot, "model.depth")
        await pilot.press("1", "2", "enter", "space")
        await until(pilot, lambda: "paused" in status(app))
        await pilot.press("plus", "plus", "plus")
        await until(pilot, lambda: "→ 0.01" in words(app, "#notes"))
        view = live(app)
        await until(pilot, lambda: view.snapshot.view.interventions and view.has_class("-noted"))
        assert len(view.snapshot.view.layers) == 13
        for kind in (Panel, LayerTable, ProgressLine):
            widget = view.query(kind).first()
            assert view.region.contains_region(widget.region)
            assert widget.region.height >= (1 if kind is ProgressLine else 4)
        assert words(app, "#notes").startswith("step 100: learning rate 0.001 → 0.01")
        assert "adam 0.001→0.01" in status(app)
