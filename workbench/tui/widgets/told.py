"""A text that changes often: the screen is arranged anew only when it takes more or less room."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Told(Static):
    """Shows what it was last told. Its width must not depend on the text, or be as wide as the text is long."""

    def __init__(self, *, id: str) -> None:  # noqa: A002  the name that every widget has for it
        super().__init__(id=id, markup=False)

    def tell(self, text: Content | str) -> None:
        """Show a text, unless it is there already."""
        told, before = (each if isinstance(each, Content) else Content(str(each)) for each in (text, self.content))
        if told.is_same(before):
            return
        self.update(told, layout=self._measures(told) != self._measures(before))

    def _measures(self, text: Content) -> tuple[int, int]:
        width = self.content_size.width
        if self.styles.is_auto_width:
            return max(line.cell_length for line in text.split("\n", allow_blank=True)), text.plain.count("\n")
        return 0, text.get_height(self.styles.get_rules(), width) if width else 0
