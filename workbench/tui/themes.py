"""The looks of the workbench. Lines of charts are told apart by signs as well, so no colour carries a meaning alone.

The colours of lines (`SERIES`) stay apart for those who cannot tell red from green.
"""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

SERIES = ("primary", "accent", "secondary", "success", "error", "foreground")
"""The colours that lines have, in their order."""

DARK = Theme(
    name="workbench-dark",
    primary="#6fa8e8",
    secondary="#c98bb0",
    accent="#efc865",
    success="#86d3a4",
    warning="#e0a05a",
    error="#e05f57",
    foreground="#d8dde6",
    background="#111419",
    surface="#161a20",
    panel="#222833",
    dark=True,
    variables={
        "muted": "#858e9d",
        "rule": "#2d3440",
        "footer-key-foreground": "#6fa8e8",
        "block-cursor-text-style": "none",
        "input-selection-background": "#6fa8e8 35%",
    },
)
LIGHT = Theme(
    name="workbench-light",
    primary="#1f5fae",
    secondary="#9c4a86",
    accent="#935c0a",
    success="#15755c",
    warning="#96580b",
    error="#8f2323",
    foreground="#22262d",
    background="#faf9f6",
    surface="#f2f0eb",
    panel="#e3e0d8",
    dark=False,
    variables={
        "muted": "#6b6f78",
        "rule": "#cdc8bb",
        "footer-key-foreground": "#1f5fae",
        "block-cursor-text-style": "none",
        "input-selection-background": "#1f5fae 25%",
    },
)
ANSI = Theme(
    name="workbench-ansi",
    ansi=True,
    primary="ansi_bright_blue",
    secondary="ansi_magenta",
    accent="ansi_yellow",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "muted": "ansi_bright_black",
        "rule": "ansi_bright_black",
        "footer-key-foreground": "ansi_bright_blue",
        "block-cursor-text-style": "none",
    },
)
"""The 16 colours of the terminal, on its own ground: for terminals that have no others."""

THEMES = (DARK, LIGHT, ANSI)
"""In the order in which one goes through them."""
