"""The frame of the Bench, painted while everything else is loaded."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen

from workbench.tui.widgets.key_line import FootKey, KeyLine
from workbench.tui.widgets.top_bar import TopBar

_FOOT = "⏎ Edit|space Run|. Step|> Epoch|x Stop|d Dials|f Form|p Preview|l Presets|? Keys|q Quit"
_STAY = {"?": "keys", "q": "quit"}


def _foot_key(text: str) -> FootKey:
    key, _, words = text.partition(" ")
    return FootKey("", key, words, _STAY.get(key, ""))


KEYS = tuple(map(_foot_key, _FOOT.split("|")))
"""What stands at the foot of the Bench when it opens."""


class Opening(Screen[None]):
    """Bar and keys as the Bench has them, and nothing between. Nothing can be done here."""

    def compose(self) -> ComposeResult:
        yield TopBar("bench")
        yield KeyLine(KEYS)
