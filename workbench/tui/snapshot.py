"""What the live view shows at one moment, and what is said of it in words. No widget, so that it is tested alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from engine.vocabulary import Status
from workbench.tui.words import PAUSED, SIGNS, changed_settings, experiment_text, status_text

if TYPE_CHECKING:
    from engine.events import Intervened
    from workbench.live import RunView
    from workbench.runner import Preparation


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
    training: object = None
    """The same as long as it is the same training."""
    singled: bool = False
    """Whether this member of its population was asked for, rather than all of them."""
    before: tuple[Intervened, ...] = ()
    """Changes of settings that were made before the training that is viewed went on."""
    verdict: str = ""
    """What the remedy has done that this run tried, if it tried one and it is known."""
    stopping: bool = False
    """Whether the end of the training was asked for, and has not come."""
    still: bool = False
    """Whether nothing new was told for a while."""

    def same_as(self, other: Snapshot | None) -> bool:
        """Whether there is nothing to draw anew. Versions are compared, not arrays."""
        return other is not None and self.drawn_from == other.drawn_from

    @property
    def drawn_from(self) -> tuple[object, ...]:
        """What makes one picture another."""
        view = self.view
        known = view.version, view.status, self.member, self.paused, self.preparation, self.error, self.run, self.form_of
        return (*known, self.verdict, self.stopping, self.still)


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
    broken = snapshot.error is not None
    text = status_text(view, paused=snapshot.paused, broken=broken, stopping=snapshot.stopping, still=snapshot.still)
    sign = "‖" if text == PAUSED else SIGNS.get(view.status, "▶")
    style = STATUS_STYLES.get(view.status, "$primary")
    parts = [Content.styled(f"run {snapshot.run}  ", "bold")] if snapshot.run is not None else []
    parts.append(Content.styled(f"{sign} {text}", f"bold {style}"))
    if snapshot.form_of is not None:
        parts.append(Content.styled(f"   (form: from run {snapshot.form_of})", "$accent"))
    if view.experiment is not None:
        if view.members > 1:
            parts.append(Content(f"   member {snapshot.member + 1}/{view.members}, seed {view.experiment.seed}{_others(view)}"))
        now = changed_settings((*snapshot.before, *view.interventions))
        parts.append(Content.styled(f"   {experiment_text(view.experiment, now)}", "$muted"))
    return Content("").join(parts)


def _others(view: RunView) -> str:
    """How many members of a population go on, have ended, have diverged; nothing where all do the same."""
    counts = view.crowd.standing if view.crowd is not None else {}
    there = [f"{count} {how}" for how, count in counts.items() if count]
    return f" ({', '.join(there)})" if len(there) > 1 or (there and view.status == Status.RUNNING) else ""
