"""One line that says how far the training is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from engine.vocabulary import Status
from workbench.tui.widgets.strips import blank, fitted, strip_of, styles_of
from workbench.tui.words import is_pretraining, progress_parts

if TYPE_CHECKING:
    from workbench.live import RunView
    from workbench.plots.lines import Piece
    from workbench.runner import Preparation

_MOST = 40
_SHOWN_LEAST = 8


def progress_pieces(view: RunView, width: int, preparation: Preparation | None = None, *, still: bool = False) -> list[Piece]:
    """The line as a bar and what is to be said beside it, in `width` characters; `still`: nothing new was told for a while."""
    if preparation is not None:
        share = preparation.done / preparation.total if preparation.total else 0.0
        return _bar(share, width, (preparation.what,), "progress--done")
    if view.experiment is None:
        return []
    share = _share(view)
    style = "progress--bad" if view.status in (Status.DIVERGED, Status.FAILED) else "progress--done"
    return _bar(share, width, progress_parts(view, still=still), style)


def _share(view: RunView) -> float:
    """How much is done: of all steps, or before the first of the layer's pre-training."""
    if is_pretraining(view):
        layer = view.pretraining[-1] if view.pretraining else None
        return int(layer.epochs[-1]) / layer.total if layer is not None else 0.0
    return view.step / view.total_steps if view.total_steps else 0.0


def _bar(share: float, width: int, parts: tuple[str, ...], style: str) -> list[Piece]:
    share = min(max(share, 0.0), 1.0)
    length = min(_MOST, max(_SHOWN_LEAST, width // 4))
    done = int(share * length)
    text = fitted(parts, width - length - 7)
    return [
        ("━" * done, style),
        ("─" * (length - done), "progress--left"),
        (f" {share:>4.0%}  ", style),
        (text, "progress--text"),
    ]


class ProgressLine(Widget):
    """Bar, step, epoch, speed, time left, device."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"progress--done", "progress--left", "progress--bad", "progress--text"}

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[Piece] = []
        self._state: tuple[RunView | None, Preparation | None, bool] = (None, None, False)
        self._styles: dict[str, Style] = {}

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}

    def show(self, view: RunView | None, preparation: Preparation | None = None, *, still: bool = False) -> None:
        """Draw this state from now on."""
        if view is not self._state[0] or (preparation, still) != self._state[1:]:
            self._state = (view, preparation, still)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        view, preparation, still = self._state
        width = self.content_size.width
        styles = self._styles = self._styles or styles_of(self)
        if view is None or y > 0:
            return blank(styles, width)
        return strip_of(progress_pieces(view, width, preparation, still=still), styles, width)
