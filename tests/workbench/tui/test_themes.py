"""The looks: colours stay apart for eyes of all kinds, and all looks can be gone through."""

from itertools import combinations

import numpy as np
import pytest

from tests.workbench.tui.conftest import ScriptedSource, until
from tests.workbench.tui.screen import NARROW, WIDE, status
from workbench.cli.app import Look
from workbench.preferences import read_preferences
from workbench.tui.app import WorkbenchApp
from workbench.tui.exporting import strips_of
from workbench.tui.themes import ANSI, DARK, LIGHT, SERIES, THEMES
from workbench.tui.widgets.layer_table import LayerTable

APART = 15.0
"""Distance in CIELAB (CIE 1976) that two colours of lines keep; 2.3 can just be seen."""
NORMAL = np.eye(3)
DEUTERANOPIA = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]])
PROTANOPIA = np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]])
"""Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB."""
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
WHITE = np.array([0.95047, 1.0, 1.08883])  # D65


def linear(colour):
    values = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    share = TO_XYZ @ np.clip(rgb, 0, 1) / WHITE
    f = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def luminance(colour):
    return float(TO_XYZ[1] @ linear(colour))


def test_the_reference_itself():
    assert lab(linear("#ffffff")) == pytest.approx([100, 0, 0], abs=0.02)
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("sight", [NORMAL, DEUTERANOPIA, PROTANOPIA], ids=["normal", "deuteranopia", "protanopia"])
def test_colours_of_lines_stay_apart(theme, sight):
    seen = {name: lab(sight @ linear(getattr(theme, name))) for name in SERIES}
    near = {(a, b): np.linalg.norm(seen[a] - seen[b]) for a, b in combinations(SERIES, 2)}
    assert min(near.values()) > APART, sorted(near.items(), key=lambda each: each[1])[:3]


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_words_can_be_read_on_all_grounds(theme):
    for name in (*SERIES, "warning"):
        for ground in ("background", "surface"):
            high, low = sorted((luminance(getattr(theme, name)), luminance(getattr(theme, ground))), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5 or name == "warning", (name, ground)


def test_the_command_line_names_all_looks():
    assert [f"workbench-{look}" for look in Look] == [theme.name for theme in THEMES]


@pytest.mark.parametrize("colourless", [False, True])
async def test_the_16_colours_with_and_without(db, monkeypatch, colourless):
    if colourless:
        monkeypatch.setenv("NO_COLOR", "1")
    app = WorkbenchApp(db, source=ScriptedSource(per_frame=50), theme=ANSI.name)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "done" in status(app))
        styles = [style for strip in strips_of(app.screen) for text, style, _ in strip if text.strip() and style]
        grounds = {(style.color, style.bgcolor) for style in styles}
        assert all(front is None or front.is_default or front != back for front, back in grounds)
        if colourless:
            assert {colour.name for pair in grounds for colour in pair if colour} == {"default"}
        cursor = [style for strip in strips_of(app.screen, app.screen.query_one(LayerTable)) for _, style, _ in strip if style]
        assert any(style.underline for style in cursor)


async def test_all_looks_are_gone_through_and_the_last_is_remembered(db, tmp_path):
    kept = tmp_path / "interface.json"
    app = WorkbenchApp(db, preferences=kept)
    async with app.run_test(size=NARROW) as pilot:
        seen = []
        for _ in THEMES:
            seen.append(app.theme)
            await pilot.press("ctrl+t")
        assert seen == [theme.name for theme in THEMES]
        await pilot.press("ctrl+t", "ctrl+t")
    assert app.theme == ANSI.name
    assert read_preferences(kept).theme == ANSI.name
    again = WorkbenchApp(db, preferences=kept)
    async with again.run_test(size=NARROW):
        assert again.theme == ANSI.name
    other = WorkbenchApp(db, preferences=kept, theme=LIGHT.name)
    async with other.run_test(size=NARROW):
        assert other.theme == LIGHT.name
    assert read_preferences(kept).theme == ANSI.name
