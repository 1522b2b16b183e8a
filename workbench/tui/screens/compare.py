"""The marked runs held against each other: a picture of all of them, and a table that is its legend."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, TypeVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from engine.vocabulary import STATISTICS, Statistic
from workbench.compare_curves import Alignment, Metric, RunCurves, metrics_of
from workbench.compare_layers import LayerMap, difference_map, layer_map, statistic_title
from workbench.compare_pictures import Look, compare_figure, curve_rows, parallel_picture
from workbench.compare_state import Entry, figure_named, id_ranges
from workbench.history import HistoryError
from workbench.history.series import LayerSeries
from workbench.plots import format_number
from workbench.plots.figure import Figure
from workbench.plots.smoothing import WEIGHTS, next_weight
from workbench.tui.compared_findings import found_lines
from workbench.tui.comparison import about
from workbench.tui.messages import LayersRead, ReadingFailed
from workbench.tui.reading import read_layers
from workbench.tui.screens.marking import Marking
from workbench.tui.widgets.compare_picture import ComparePicture
from workbench.tui.widgets.compare_table import CompareTable
from workbench.tui.widgets.heat_map import HeatMap, HeatPicture
from workbench.tui.widgets.live_view import LOW

NOTHING = "Nothing to compare yet: press h for the History, mark runs with space, then press c."
VIEWS = ("curves", "heat", "parallel")
FOUND_MOST, FOUND_LOW = 8, 3
"""Lines of what is wrong with the runs, and where there are few lines."""


class CompareScreen(Marking):
    """The picture above, the table of runs below; the current run is drawn over all others."""

    MODE = "compare"
    FOOT = ("hide", "view", "measure", "align", "toggle_log", "smooth", "toggle_groups")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "view(1)", "View"),
        Binding("V,shift+v", "view(-1)", "Previous view", show=False, key_display="V"),
        Binding("m,n", "measure(1)", "Metric", key_display="m"),
        Binding("M,N,shift+m,shift+n", "measure(-1)", "Previous metric", show=False, key_display="M"),
        Binding("i", "align", "Axis"),
        Binding("y", "toggle_log", "Log"),
        Binding("w", "smooth(1)", "Smooth"),
        Binding("W,shift+w", "smooth(-1)", "Less smooth", show=False, key_display="W"),
        Binding("g", "toggle_groups", "Seeds"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._layers: dict[tuple[int, Statistic], tuple[RunCurves, LayerSeries]] = {}  # with the run as it was then

    def compose_body(self) -> ComposeResult:
        with Vertical(id="compare"):
            yield Static(NOTHING, id="nothing")
            yield ComparePicture()
            yield HeatMap()
            yield CompareTable()
            yield Static(id="about")
            yield Static(id="found")

    def shape(self) -> dict[str, bool]:
        return {**super().shape(), "-nothing": not self.session.marked}  # before anything is read

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        if not self.session.marked:
            self.add_class("-nothing")

    # --- drawing ------------------------------------------------------------------

    def draw(self) -> None:
        """Bring the picture and the lines below the table up to date."""
        picture, heat = self.query_one(ComparePicture), self.query_one(HeatMap)
        picture.display, heat.display = self._view != "heat", self._view == "heat"
        if self._view == "heat":
            heat.show(self._heat())
        elif self._view == "parallel":
            picture.show(partial(parallel_picture, self.comparison, self.preferred.figure))
        else:
            picture.show(partial(curve_rows, self.comparison, self._look))
        width = self.size.width - 2
        self.query_one("#about", Static).update(about(self.comparison, len(self.session.marked), width))
        most = FOUND_MOST if self.size.height >= LOW else FOUND_LOW
        self.query_one("#found", Static).update(found_lines(self.comparison, width, most))

    @property
    def current_run(self) -> RunCurves | None:
        """The run under the cursor of the table, the first of those that are taken together."""
        current = self.query_one(CompareTable).current
        return next((first_of(entry) for entry in self.comparison.entries if entry.key == current), None)

    def figure(self) -> Figure | None:
        """The curves for a file; None while something else is shown."""
        return compare_figure(self.comparison, self._look) if self._view == "curves" and self.comparison.entries else None

    @property
    def _view(self) -> str:
        return self.preferred.view if self.preferred.view in VIEWS else VIEWS[0]

    @property
    def _look(self) -> Look:
        metric = _named(Metric, self.preferred.metric, Metric.LOSS)
        alignment = _named(Alignment, self.preferred.alignment, Alignment.STEP)
        there = metrics_of(self.runs)
        smoothing = min(max(self.preferred.smoothing, 0.0), WEIGHTS[-1])
        return Look(metric if metric in there else there[0], alignment, self.preferred.logarithmic, smoothing)

    @property
    def _statistic(self) -> Statistic:
        text = self.preferred.statistic
        return Statistic(text) if text in STATISTICS else Statistic.GRADIENT_STD

    def _heat(self) -> HeatPicture:
        """The layers of the current run, or a word instead of them while they are read."""
        found = self._layer_map()
        if found is None:
            return HeatPicture(title=f"{statistic_title(self._statistic)}: reading …")
        label = self._look.alignment.value
        text = _times if found.log and found.diverging else format_number
        title = found.title + self._one_of_several()
        return HeatPicture(found.values, found.names, found.x, title, label, found.log, found.diverging, text=text)

    def _one_of_several(self) -> str:
        """Of a group: the layers of which of its runs are shown, and which are those of the baseline."""
        entry, base = self.comparison.entry(self.comparison.current), self.comparison.base
        shown = [("run", entry), *([("baseline", base)] if base is not entry else [])]
        told = [
            f"{what} {first_of(of).record.id} of {id_ranges([each.id for each in of.records])}"
            for what, of in shown
            if of is not None and len(of.runs) > 1
        ]
        return f"   ({', '.join(told)})" if told else ""

    def _layer_map(self) -> LayerMap | None:
        """The statistic of the current run, against the baseline where there is another; None while it is being read."""
        entry, base = self.comparison.entry(self.comparison.current), self.comparison.base
        if entry is None:
            return None
        statistic, alignment = self._statistic, self._look.alignment
        run = first_of(entry)
        other = first_of(base) if base is not None and base is not entry else None
        wanted = [each for each in (run, other) if each is not None]
        found = [self._layers.get((each.record.id, statistic)) for each in wanted]
        series = [each[1] for each, of in zip(found, wanted, strict=True) if each is not None and each[0].steps is of.steps]
        if len(series) < len(wanted):
            self.read_layers(wanted, statistic)
            return None
        if other is None:
            return layer_map(run, series[0], statistic, alignment)
        return difference_map(run, series[0], other, series[1], statistic, alignment)

    @work(thread=True, exclusive=True, group="layers")
    def read_layers(self, runs: Sequence[RunCurves], statistic: Statistic) -> None:
        """Read a statistic of the layers; it comes as a message."""
        try:
            series = read_layers(self.session.db, [run.record.id for run in runs], statistic)
            self.post_message(LayersRead(statistic, [(run, series[run.record.id]) for run in runs]))
        except HistoryError as error:
            self.post_message(ReadingFailed(str(error)))

    def on_layers_read(self, message: LayersRead) -> None:
        self._layers |= {(run.record.id, message.statistic): (run, series) for run, series in message.series}
        self.draw()

    # --- what the keys do ---------------------------------------------------------

    def _prefer(self, **changes: object) -> None:
        self.workbench.prefer(compare=self.preferred.model_copy(update=changes))
        self.show()

    def action_view(self, step: int) -> None:
        """Show curves, layers over time (of the run, or against the baseline), or settings against a figure."""
        self._prefer(view=_next(VIEWS, self._view, step))

    def action_measure(self, step: int) -> None:
        """Show the next metric of the curves, statistic of the layers, or figure of the last axis."""
        if self._view == "heat":
            self._prefer(statistic=str(_next(STATISTICS, self._statistic, step)))
        elif self._view == "parallel":
            there = self.comparison.figures
            if there:
                self._prefer(figure=_next(there, figure_named(self.preferred.figure, self.comparison), step).field)
        else:
            self._prefer(metric=_next(metrics_of(self.runs), self._look.metric, step).key)

    def action_align(self) -> None:
        """Align runs by step, by epoch or by time of training."""
        self._prefer(alignment=_next(tuple(Alignment), self._look.alignment, 1).key)

    def action_toggle_log(self) -> None:
        """Logarithmic or linear cost."""
        self._prefer(logarithmic=not self.preferred.logarithmic)

    def action_smooth(self, step: int) -> None:
        """Smooth curves more or less: an exponential moving average, with what was measured faint behind it."""
        self._prefer(smoothing=next_weight(self._look.smoothing, step))

    def action_toggle_groups(self) -> None:
        """Put runs together that differ in their seed alone: mean and standard deviation, median and range."""
        self._prefer(by_seed=not self.preferred.by_seed)


def first_of(entry: Entry) -> RunCurves:
    """Its run with the lowest number, however it was marked."""
    return min(entry.runs, key=lambda run: run.record.id)


def _times(ratio: float) -> str:
    """A ratio in words."""
    return f"{format_number(ratio)} times"


_Item = TypeVar("_Item")
_Choice = TypeVar("_Choice", Metric, Alignment)


def _next(items: Sequence[_Item], item: _Item, step: int) -> _Item:
    """The item after another one, going around; the first where that is not among them."""
    return items[(items.index(item) + step) % len(items)] if item in items else items[0]


def _named(kind: type[_Choice], key: str, default: _Choice) -> _Choice:
    """The member with this key."""
    return next((each for each in kind if each.key == key), default)
