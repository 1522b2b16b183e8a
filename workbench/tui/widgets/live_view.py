"""A run as it stands, live or stored: status, curves, layers, progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from engine.vocabulary import Status
from workbench.live import RunView
from workbench.runner import Preparation
from workbench.tui.curves import Shown, choices, is_regression, run_curves
from workbench.tui.notable import notes
from workbench.tui.widgets.curve_chart import CurveChart
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.progress_line import ProgressLine
from workbench.tui.widgets.strips import fitted
from workbench.tui.words import PAUSED, SIGNS, experiment_text, status_text


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What the live view shows, all of it."""

    view: RunView
    member: int = 0
    paused: bool = False
    preparation: Preparation | None = None
    error: str | None = None
    """Why the training broke off, if it did."""
    run: int | None = None
    """The run's id in the history, if it is there."""
    form_of: int | None = None
    """The run whose settings were put into the form, if it is another one than this."""

    def same_as(self, other: Snapshot | None) -> bool:
        """Whether there is nothing to draw anew. Versions are compared, not arrays."""
        return other is not None and self.drawn_from == other.drawn_from

    @property
    def drawn_from(self) -> tuple[object, ...]:
        """What makes one picture another."""
        view = self.view
        return (view.version, view.status, self.member, self.paused, self.preparation, self.error, self.run, self.form_of)


class LiveView(Vertical):
    """Draws one snapshot; the timer of its screen hands in the next."""

    snapshot: reactive[Snapshot | None] = reactive[Snapshot | None](None, init=False, repaint=False)
    logarithmic: reactive[bool] = reactive(False, init=False, repaint=False)
    shown: reactive[Shown] = reactive(Shown.COST, init=False, repaint=False)

    def compose(self) -> ComposeResult:
        yield Static(id="status")
        yield Static(id="notes", markup=False)
        yield Static(WELCOME, id="instead")
        yield CurveChart()
        yield LayerTable()
        yield ProgressLine()

    def on_mount(self) -> None:
        self.add_class("-empty")

    def watch_snapshot(self, snapshot: Snapshot | None) -> None:
        if snapshot is None:
            return
        self.query_one("#status", Static).update(status_line(snapshot), layout=False)
        self.set_class(snapshot.view.experiment is None, "-empty")
        if snapshot.view.experiment is None:
            self.query_one("#instead", Static).update(waiting_text(snapshot), layout=False)
            self.query_one(ProgressLine).show(snapshot.view, snapshot.preparation)
            return
        self._tell_notes(snapshot.view)
        self.query_one(LayerTable).show(snapshot.view)
        self.query_one(ProgressLine).show(snapshot.view, snapshot.preparation)
        self._draw_curves()

    def _tell_notes(self, view: RunView) -> None:
        """As many notes as there is room for, the latest first; without any, there is no line for them."""
        told = notes(view)
        self.set_class(bool(told), "-noted")
        self.query_one("#notes", Static).update(fitted(told, self.content_size.width, "   "), layout=False)

    def on_resize(self) -> None:
        if self.snapshot is not None and self.snapshot.view.experiment is not None:
            self._tell_notes(self.snapshot.view)

    def next_metric(self) -> None:
        """Show the next of cost, accuracy (R² for numbers) and, after a pre-training, the error of reconstructions."""
        if self.snapshot is not None:
            there = choices(self.snapshot.view)
            self.shown = there[(there.index(self.shown) + 1) % len(there)] if self.shown in there else there[0]

    def watch_logarithmic(self) -> None:
        self._draw_curves()

    def watch_shown(self) -> None:
        self._draw_curves()

    def _draw_curves(self) -> None:
        if self.snapshot is None:
            return
        log = self.logarithmic and self.shown is not Shown.SCORE
        share = self.shown is Shown.SCORE and not is_regression(self.snapshot.view)
        self.query_one(CurveChart).show(run_curves(self.snapshot.view, self.shown), log=log, share=share)


WELCOME = Content.assemble(
    ("Nothing has been trained here yet.\n\n", "bold"),
    ("space", "$primary"),
    "  train what the form describes\n",
    ("    .", "$primary"),
    "  make a single step         \n",
    ("    h", "$primary"),
    "  look at earlier runs       \n",
    ("    ?", "$primary"),
    "  what all the keys do       ",
)


def waiting_text(snapshot: Snapshot) -> Content:
    """What stands in place of the curves before the first step: what goes on, or why it does not."""
    reason = snapshot.error or snapshot.view.message
    if reason is not None:
        return Content.styled(reason, "$error")
    return Content.styled(snapshot.preparation.what if snapshot.preparation is not None else "loading the engine …", "$muted")


STATUS_STYLES: Mapping[str, str] = {
    Status.DIVERGED: "$error",
    Status.FAILED: "$error",
    Status.INTERRUPTED: "$warning",
    Status.DONE: "$success",
}


def status_line(snapshot: Snapshot) -> Content:
    """Status in words, and what is trained."""
    view = snapshot.view
    text = status_text(view, paused=snapshot.paused, broken=snapshot.error is not None)
    sign = "‖" if text == PAUSED else SIGNS.get(view.status, "▶")
    style = STATUS_STYLES.get(view.status, "$primary")
    parts = [Content.styled(f"run {snapshot.run}  ", "bold")] if snapshot.run is not None else []
    parts.append(Content.styled(f"{sign} {text}", f"bold {style}"))
    if snapshot.form_of is not None:
        parts.append(Content.styled(f"   (form: from run {snapshot.form_of})", "$accent"))
    if view.experiment is not None:
        if view.members > 1:
            parts.append(Content(f"   member {snapshot.member + 1}/{view.members}, seed {view.experiment.seed}"))
        parts.append(Content.styled(f"   {experiment_text(view.experiment)}", "$muted"))
    return Content("").join(parts)
