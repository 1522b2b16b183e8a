"""Make the examples of `workbench explain` by training them: `python docs/make_explanations.py [KEY…]`.

Each becomes a text beside workbench/explanations/pages.toml: the command that trains it, what was found, the remedies that it was given,
then a picture of its measurements.
"""

from __future__ import annotations

import sys
from pathlib import Path

import workbench.explanations
from engine.experiment import Experiment
from engine.insight.rules import RULES
from engine.training import train
from engine.vocabulary import Statistic
from workbench.cli.reproducing import command
from workbench.curves import Shown, run_curves
from workbench.diagnosing import new_diagnosis
from workbench.live import LiveRun
from workbench.measures import MEASURES, over_time
from workbench.plots.chart import line_chart
from workbench.plots.heat import heat_map, heat_text
from workbench.view import RunView

FOLDER = Path(workbench.explanations.__file__).parent
WIDTH, HEIGHT, LEAST = 90, 14, 9


def make(key: str) -> str:
    """The text of one example.

    Raises:
        SystemExit: what it is an example of is not found in it.
    """
    page = workbench.explanations.pages()[key]
    experiment = Experiment().with_settings(page["run"])
    live, diagnosis = LiveRun(), new_diagnosis()
    for event in train([experiment]):
        live.apply(event)
        diagnosis.apply(event)
    found = [each for each in diagnosis.findings() if each.rule == key]
    if not found:
        others = ", ".join(each.rule for each in diagnosis.findings())
        raise SystemExit(f"{key} is not found in its example, but {others or 'nothing'}: change it in pages.toml")
    remedies = [f"{each.title} ({', '.join('='.join(change) for change in each.changes)})" for each in found[0].remedies]
    head = [command([experiment]), found[0].words, *remedies]
    return "\n".join([*head, "", *picture(live.view(), page["picture"]), ""])


def picture(view: RunView, kind: str) -> list[str]:
    """What is drawn of a run: `heat` and a statistic, or `curves` and what they show, perhaps `log`."""
    what, name, *log = kind.split(" ")
    if what == "heat":
        statistic, names = Statistic(name), [layer.name for layer in view.layers]
        measure = MEASURES[statistic]
        heat = heat_map(
            over_time(view, statistic),
            names,
            view.layer_steps.astype(float),
            WIDTH,
            max(LEAST, len(names) + 3),
            log=measure.log,
            title=measure.title,
            ends=(0.0, 1.0) if measure.share else None,
        )
        drawn = heat_text(heat.rows)
    else:
        curves = run_curves(view, Shown(name))
        title = f"{curves.title} (log)" if log else curves.title
        drawn = line_chart(curves.lines, WIDTH, HEIGHT, log=bool(log), share=curves.share, title=title, x_label=curves.x_label)
    return [line.rstrip() for line in drawn.plain.splitlines()]


def main() -> None:
    """Make those that are named, or all."""
    for key in sys.argv[1:] or [key for key in RULES if "run" in workbench.explanations.pages()[key]]:
        (FOLDER / f"{key}.txt").write_text(make(key), encoding="utf-8")
        print(key)


if __name__ == "__main__":
    main()
