"""From the text that names a callback to the object."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.errors import ConfigurationError
from engine.training.callbacks import RAISED, Callback, what_broke


def make_callbacks(texts: Sequence[str]) -> list[tuple[str, Callback]]:
    """Make the callbacks that an experiment names, each with its text.

    Args:
        texts: `module:Class` or `module:Class(name=value, …)`. Modules are looked for in the working directory as well.

    Raises:
        ConfigurationError: a module or class is not there, is no callback, or cannot be made with these arguments.
    """
    return [(text, _make(text)) for text in texts]


def _make(text: str) -> Callback:
    path, bracket, _ = text.partition("(")
    module_name, _, class_name = (part.strip() for part in path.partition(":"))
    arguments = _arguments(text, bracket)
    with _working_directory_on_the_path():
        try:
            module = importlib.import_module(module_name)
        except RAISED as error:  # a user's module may raise anything while it is imported
            raise _problem(text, f"cannot import {module_name!r}: {type(error).__name__}: {error}") from error
        kind = getattr(module, class_name, None)
        if kind is None:
            raise _problem(text, f"there is no {class_name!r} in {module.__file__ or module_name}")
        if not (isinstance(kind, type) and issubclass(kind, Callback)):
            raise _problem(text, f"{class_name!r} must be a class made from engine.training.Callback")
        try:
            return kind(**arguments)
        except RAISED as error:
            raise _problem(text, f"{class_name} could not be made: {what_broke(error, kind)}") from error


def _arguments(text: str, bracket: str) -> dict[str, object]:
    """The keyword arguments, all of them literals."""
    if not bracket:
        return {}
    try:
        call = ast.parse("f" + text[text.index("(") :].strip(), mode="eval").body
        keywords = call.keywords if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.args else None
        values = None if keywords is None else {keyword.arg: ast.literal_eval(keyword.value) for keyword in keywords}
    except (SyntaxError, ValueError):
        values = None
    if values is None or None in values:
        raise _problem(text, "arguments are written as (name=value, …), values as in Python: 3, 0.5, 'text', True")
    return {str(name): value for name, value in values.items()}


def _problem(text: str, message: str) -> ConfigurationError:
    return ConfigurationError.at("callbacks", f"{text}: {message}")


@contextmanager
def _working_directory_on_the_path() -> Iterator[None]:
    """As `python -m` has it; put there for the look-up alone."""
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        importlib.invalidate_caches()
        yield
    finally:
        sys.path.remove(here)
