"""Pictures of an app that is brought into one state after another, each compared with the one that is kept of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy import SnapshotAssertion
from textual.app import App
from textual.pilot import Pilot
from textual.theme import Theme
from textual.widgets import Input

from tests.workbench.tui.conftest import until
from workbench.tui.themes import DARK, LIGHT

RECT = re.compile(
    r'<rect fill="([^"]*)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" shape-rendering="crispEdges"/>'
)

LINES = re.compile(
    r'<clipPath id="terminal-[\w-]*line-\d+">.*?</clipPath>\n?| clip-path="url\(#terminal-[\w-]*line-\d+\)"', re.DOTALL
)
"""Clipping of each line, which nothing that is drawn needs."""

LONG = 600.0
"""Seconds for which notifications stay."""


class Album:
    """Takes pictures of one app. `pytest --snapshot-update` keeps them, in files named after test and picture."""

    def __init__(self, snapshot: SnapshotAssertion, folder: Path) -> None:
        """`folder`: for pictures that are other than those that are kept."""
        self._kept, self._folder = snapshot, folder
        self._other: list[str] = []
        self.pilot: Pilot[None]

    @asynccontextmanager
    async def of(self, app: App[None], size: tuple[int, int]) -> AsyncIterator[Album]:
        """Run an app; in the end it is told which pictures were other than those that are kept."""
        app.NOTIFICATION_TIMEOUT = LONG
        async with app.run_test(size=size, notifications=True) as self.pilot:
            yield self
        assert not self._other, f"not as they are kept: {', '.join(self._other)}; as they are now: {self._folder}"

    async def press(self, *keys: str, ready: Callable[[], object] = lambda: True) -> None:
        """Press keys, and wait until it is as it should be and nothing is being read any more."""
        app = self.pilot.app
        await self.pilot.press(*keys)
        await until(self.pilot, lambda: all(worker.is_finished for worker in app.workers) and ready())

    async def take(
        self, name: str, *keys: str, ready: Callable[[], object] = lambda: True, themes: Sequence[Theme] = (DARK, LIGHT)
    ) -> None:
        """Take a picture in each theme after some keys, when it is ready; the first theme is left on."""
        await self.press(*keys, ready=ready)
        for theme in themes:
            await self._in(theme)
            picture = f"{name}-{theme.name.removeprefix('workbench-')}"
            svg = compact(self.pilot.app.export_screenshot())
            if svg != self._kept(name=picture):
                self._other.append(picture)
                (self._folder / f"{picture}.svg").write_text(svg)
        await self._in(themes[0])

    async def _in(self, theme: Theme) -> None:
        app = self.pilot.app
        app.theme = theme.name
        for field in app.screen.query(Input):
            field.cursor_blink = False
        await self.pilot.wait_for_scheduled_animations()
        await self.pilot.pause()


def compact(svg: str) -> str:
    """The same picture, in fewer words: one rectangle for all neighbours of one colour, no clipping."""
    merged: list[tuple[str, float, str, float, str]] = []

    def grow(found: re.Match[str]) -> str:
        fill, x, y, width, height = found.groups()
        if merged and merged[-1][0] == fill and merged[-1][2] == y:
            _, left, _, _, _ = merged.pop()
        else:
            left = float(x)
        merged.append((fill, left, y, float(x) + float(width), height))
        return ""

    rest = LINES.sub("", RECT.sub(grow, svg)).replace("&#160;", "\N{NO-BREAK SPACE}")
    rects = "\n".join(
        f'<rect fill="{fill}" x="{left:g}" y="{y}" width="{right - left:.5g}" height="{height}" shape-rendering="crispEdges"/>'
        for fill, left, y, right, height in merged
        if right > left
    )
    return rest.replace('<g class="terminal-', f'{rects}\n<g class="terminal-', 1) if merged else rest


@pytest.fixture
def album(snapshot: SnapshotAssertion, tmp_path: Path) -> Album:
    """Pictures of this test."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    return Album(snapshot.use_extension(SVGImageExtension), folder)
