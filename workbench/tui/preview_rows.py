"""What the preview of an experiment shows: its network, its numbers, a sample of its data."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.data_outline import known
from engine.errors import ConfigurationError
from engine.outline import Outline, outline
from workbench.plots.network import MUTED, network_rows, number_rows

if TYPE_CHECKING:
    from engine.experiment import Experiment
    from engine.parts import Data
    from workbench.plots.lines import Row
    from workbench.samples import Sample
    from workbench.tui.draft import Checked

TITLE, BAD = "net--title", "net--bad"
MOST_LINES = 16
"""Of the forecast; of more layers some are left out."""
_READING = "reading the data …"


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """An experiment that was described."""

    experiments: tuple[Experiment, ...] = ()
    problem: str = ""
    """What is wrong with the description, if something is; the network cannot be drawn then."""
    data: Data | None = None
    """The data of which there is a sample, or why there is none."""
    sample: Sample | None = None
    no_sample: str = ""

    @classmethod
    def of(cls, checked: Checked) -> Described:
        """The preview of what the form means."""
        problems = [*checked.general, *checked.problems.values()]
        return cls(checked.experiments, problems[0] if problems else "")

    @property
    def wanted(self) -> Data | None:
        """The data of which a sample is to be shown."""
        return self.experiments[0].data if self.experiments else None

    def outline(self) -> Outline | str:
        """What the experiment comes to, or why that is not known."""
        if not self.experiments:
            return self.problem
        lead = self.experiments[0]
        data = known(lead.data)
        if data is None and self.sample is not None and self.data == lead.data:
            data = self.sample.outline
        if data is None:
            return "The network is drawn when the data are there: their shape is known then."
        try:
            return outline(lead, data, len(self.experiments))
        except ConfigurationError as error:
            return error.problems[0].message


def preview_rows(described: Described, width: int, *, colour: bool, keys: Row | None = None) -> tuple[Row, ...]:
    """The lines of a preview; `keys` stand above them."""
    rows: list[Row] = [keys, ()] if keys is not None else []
    found = described.outline()
    rows += [(("Network", TITLE),), ()]
    if isinstance(found, str):
        style = BAD if not described.experiments else MUTED
        rows += [((line, style),) for line in _wrapped(found, width)]
    else:
        rows += [*network_rows(found, width), (), *number_rows(found, width)]
        rows += _forecast_rows(described, found, width)
    rows += [(), *_data_rows(described, width, colour=colour)]
    return tuple(rows)


def _forecast_rows(described: Described, found: Outline, width: int) -> Sequence[Row]:
    """How signal and gradient should pass the layers, and what that means; from when a sample was read, with which the theory is loaded."""
    if described.data is None:
        return []
    from workbench.expected import expected
    from workbench.plots.profile import Profile, profile_rows

    sample = described.sample if described.data == described.wanted else None
    told = expected(described.experiments[0], found.data, sample.scale if sample is not None else None)
    if not told.names:
        return []
    activation, gradient = told.of(told.names)
    profiles = [Profile("gradient std", gradient, heading="forecast"), Profile("activation std", activation, heading="forecast")]
    lines = profile_rows(told.names, profiles, width, min(len(told.names), MOST_LINES) + 3)
    known = any(value == value for value in (*activation.tolist(), *gradient.tolist()))  # one that is a number
    words = [((line, MUTED),) for sentence in told.words for line in _wrapped(sentence, width)]
    return [(), (("Forecast", TITLE), ("  before the first step", MUTED)), *words, *([(), *lines] if known else [])]


def _data_rows(described: Described, width: int, *, colour: bool) -> Sequence[Row]:
    if described.wanted is None and described.data is None:
        return []
    data = described.wanted or described.data
    assert data is not None
    title: Row = (("Data  ", TITLE), (data.name, MUTED))
    if data != described.data:
        return [title, (), ((_READING, MUTED),)]
    if described.sample is None:
        return [title, (), *(((line, MUTED),) for line in _wrapped(described.no_sample or _READING, width))]
    from workbench.plots.samples import sample_rows, sizes_text

    notes = [((line, MUTED),) for note in described.sample.notes for line in _wrapped(note, width)]
    sizes = _wrapped(sizes_text(described.sample), width)
    return [title, *(((line, MUTED),) for line in sizes), *notes, (), *sample_rows(described.sample, width, colour=colour)]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 10)) or [""]
