"""Widgets that are drawn as rows: no oftener than something has changed."""

from textual.app import App

from workbench.tui.widgets.drawn import Drawn


class Counted(Drawn):
    """Counts how often it is drawn."""

    def __init__(self):
        super().__init__()
        self.drawn_for = []

    def draw_rows(self, width, height):
        self.drawn_for.append((width, height))
        return [[("x" * width, "")]] * height


async def test_it_is_drawn_once_for_each_size_and_each_change():
    class Shown(App):
        def compose(self):
            yield Counted()

    app = Shown()
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.pause()
        counted = app.query_one(Counted)
        assert counted.drawn_for == [(20, 5)]
        await pilot.resize_terminal(30, 6)
        assert counted.drawn_for == [(20, 5), (30, 6)]
        counted.outdate()
        await pilot.pause()
        assert counted.drawn_for[2:] == [(30, 6)]
