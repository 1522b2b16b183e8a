"""The two looks of the workbench. Lines of charts are told apart by signs as well, so no colour carries a meaning alone."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="workbench-dark",
    primary="#7fb2e5",
    secondary="#b99ad9",
    accent="#e6b567",
    success="#93c47d",
    warning="#e0a05a",
    error="#ea7680",
    foreground="#d8dde6",
    background="#111419",
    surface="#161a20",
    panel="#222833",
    dark=True,
    variables={
        "muted": "#858e9d",
        "rule": "#2d3440",
        "footer-key-foreground": "#7fb2e5",
        "block-cursor-text-style": "none",
        "input-selection-background": "#7fb2e5 35%",
    },
)
LIGHT = Theme(
    name="workbench-light",
    primary="#24649c",
    secondary="#74509c",
    accent="#99590a",
    success="#39762a",
    warning="#96580b",
    error="#b3303c",
    foreground="#22262d",
    background="#faf9f6",
    surface="#f2f0eb",
    panel="#e3e0d8",
    dark=False,
    variables={
        "muted": "#6b6f78",
        "rule": "#cdc8bb",
        "footer-key-foreground": "#24649c",
        "block-cursor-text-style": "none",
        "input-selection-background": "#24649c 25%",
    },
)
