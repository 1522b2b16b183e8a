"""A small box beside what it talks about."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from workbench.tui.tour import STEPS, box_place

WIDTH = 44


class TourBox(Static):
    """A step of the tour. It takes neither focus nor keys: what it teaches can be tried."""

    def __init__(self, number: int) -> None:
        self._step, self.number = STEPS[number], number
        self._told = self._step.text
        super().__init__(Content(self._told), classes="tour")
        self.border_title = f"{number + 1}/{len(STEPS)}  {self._step.title}"
        self.border_subtitle = "enter next · esc ends" if number + 1 < len(STEPS) else "enter or esc ends"

    def on_mount(self) -> None:
        self.visible = False  # until its place is known
        self.call_after_refresh(self.place)

    def on_resize(self) -> None:
        self.call_after_refresh(self.place)  # only now is it known how many lines the text takes

    def on_click(self) -> None:
        self.app.call_later(self.app.run_action, "tour_next")

    def place(self) -> None:
        """Go to what it talks about, wherever that is now; another text if it is not in sight."""
        if not self.is_attached:
            return  # taken away before it was drawn
        target = None
        for selector in self._step.near:
            found = [widget for widget in self.screen.query(selector) if widget.display and widget.region]
            if found:
                region = found[0].region
                target = (region.x, region.y, region.right, region.bottom)
                break
        text = self._step.text if target is not None else self._step.hidden or self._step.text
        if text != self._told:
            self._told = text
            self.update(Content(text))  # its new size brings it here again
        height = self.outer_size.height
        x, y = box_place(target, (self.screen.size.width, self.screen.size.height), (WIDTH, height))
        self.styles.offset = (x, y)
        self.visible = True
