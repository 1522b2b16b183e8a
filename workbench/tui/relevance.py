"""Which rows of the form matter for what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.parts import IMAGE_FOLDER, MADE_AT_ONCE, NOISE, ONLINE, PLANE, is_csv, is_file

Text = Callable[[str], str]
"""The text of a row by its path."""


def _data(fits: Callable[[str], bool]) -> Callable[[Text], bool]:
    return lambda text: fits(text("data.name"))


def _is_folder(text: Text) -> bool:
    return text("data.name") == IMAGE_FOLDER


def _of_fixed_size(text: Text) -> bool:
    return text("data.name") not in ONLINE


def _by_depth(text: Text) -> bool:
    return not text("model.blocks").strip()


def _by_one_width(text: Text) -> bool:
    return _by_depth(text) and not text("model.widths").strip()


def _is_ensemble(text: Text) -> bool:
    count = text("ensemble.members").strip()
    return count.isdecimal() and int(count) > 1


HEEDED: Mapping[str, Callable[[Text], bool]] = {
    "data.target": _data(is_csv),
    "data.task": _data(is_file),
    "data.samples": _data(lambda name: name in (*MADE_AT_ONCE, *ONLINE)),
    "data.noise": _data(lambda name: name in PLANE),
    "data.inputs": _data(lambda name: name == NOISE),
    "data.image_size": _is_folder,
    "data.colour": _is_folder,
    "data.train_size": _of_fixed_size,
    "data.features": _of_fixed_size,
    "data.label_noise": _of_fixed_size,
    "model.depth": _by_one_width,
    "model.width": _by_one_width,
    "model.widths": _by_depth,
    "ensemble.by": _is_ensemble,
}
"""Settings that must have their defaults elsewhere: there they have no row, and what was typed is left out."""


def _stops_early(text: Text) -> bool:
    return bool(text("stop.patience").strip())


def _is_watched(text: Text) -> bool:
    return _stops_early(text) or bool(text("stop.target").strip()) or text("checkpoint.best") == "on"


def _normalizes(text: Text) -> bool:
    return text("model.batch_norm") == "on" or "batch_norm" in text("model.blocks")


IDLE_WITHOUT: Mapping[str, Callable[[Text], bool]] = {
    "model.batch_norm_eps": _normalizes,
    "data.dir": _data(lambda name: name not in (*MADE_AT_ONCE, *ONLINE)),
    "stop.monitor": _is_watched,
    "stop.min_delta": lambda text: _stops_early(text) or text("checkpoint.best") == "on",
    "stop.restore_best": _stops_early,
    "monitor.jacobian": lambda text: text("monitor.distributions").strip() != "never",
}
"""Settings that do nothing elsewhere but may be there: they have a row, too, where they are not at their defaults."""


WHY_IDLE: Mapping[str, str] = {
    "model.batch_norm_eps": "does nothing without batch norm",
    "data.dir": "does nothing: these data have no files",
    "stop.monitor": "nothing goes by it; set Patience, Target or Keep best",
    "stop.min_delta": "does nothing by itself; set Patience or Keep best",
    "stop.restore_best": "does nothing without early stopping; set Patience",
    "monitor.jacobian": "does nothing while distributions are never taken",
}


def idle(path: str, text: Text) -> str:
    """Why a setting does nothing as things are; empty if it does something."""
    return "" if path not in IDLE_WITHOUT or IDLE_WITHOUT[path](text) else WHY_IDLE[path]


def matters(path: str, text: Text, default: str) -> bool:
    """Whether a setting has a row."""
    if path in HEEDED:
        return HEEDED[path](text)
    return path not in IDLE_WITHOUT or IDLE_WITHOUT[path](text) or text(path).strip() != default
