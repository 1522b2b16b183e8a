"""The results of the labelled set: rates for each rule, as JSON and as the document on findings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.calibration.kinds import Half
from benchmarks.calibration.running import Labelled
from engine.insight.brought import BRINGS
from engine.insight.rules import RULES
from engine.insight.rules.rule import Rule

RESULTS = Path(__file__).with_name("results.json")
DOCUMENT = Path(__file__).parents[2] / "docs" / "findings.md"
MOST_MISSES, MOST_FALSE = 0.10, 0.03
"""What is aimed at."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often a rule was right in one half."""

    faulty: int  # runs in which it must be found
    missed: int
    sound: int  # runs in which it must not be found
    false: int  # of these, those in which it was found at any time
    lasting: int  # and those in which it was still open at the end

    @property
    def misses(self) -> float:
        """Share of the faulty runs."""
        return self.missed / max(self.faulty, 1)

    @property
    def false_alarms(self) -> float:
        """Share of the sound runs."""
        return self.false / max(self.sound, 1)


def rates_of(rule: str, runs: Sequence[dict[str, Any]], half: Half) -> Rates:
    """Count the runs of one half; those in which the rule may be found count for nothing."""
    runs = [run for run in runs if run["half"] == half]
    faulty = [run for run in runs if rule in run["must"]]
    sound = [run for run in runs if rule not in run["must"] and rule not in run["may"]]
    return Rates(
        len(faulty),
        sum(rule not in run["found"] for run in faulty),
        len(sound),
        sum(rule in run["found"] for run in sound),
        sum(rule in run["open"] for run in sound),
    )


def as_json(run: Labelled) -> dict[str, Any]:
    """One run, as the results keep it."""
    is_open = {finding.rule for finding in run.found if finding.closed is None}
    return {
        "kind": run.kind,
        "half": run.half.value,
        "run": run.variant,
        "must": sorted(run.must),
        "may": sorted(run.may),
        "found": sorted(run.rules),
        "open": sorted(is_open),
    }


def write_results(runs: Sequence[Labelled]) -> None:
    """One run in a line, so that changes can be read."""
    lines = ",\n".join(json.dumps(as_json(run)) for run in runs)
    RESULTS.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def read_results() -> list[dict[str, Any]]:
    """The runs as they were published."""
    found: list[dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def document(runs: Sequence[dict[str, Any]]) -> str:
    """The whole document."""
    parts = [_INTRODUCTION.format(**_counts(runs)), _table(runs), _errors(runs), _causes()]
    return "\n".join([*parts, "## The rules\n", *map(_definition, RULES.values())])


def _counts(runs: Sequence[dict[str, Any]]) -> dict[str, int]:
    return {
        "runs": len(runs),
        "healthy": sum(not run["must"] for run in runs),
        "kinds": len({run["kind"] for run in runs}),
        "reporting": sum(run["half"] == Half.REPORTING for run in runs),
        "setting": sum(run["half"] == Half.SETTING for run in runs),
        "silent": sum(not run["must"] and run["half"] == Half.REPORTING and not run["found"] for run in runs),
        "reporting_healthy": sum(not run["must"] and run["half"] == Half.REPORTING for run in runs),
    }


def _table(runs: Sequence[dict[str, Any]]) -> str:
    lines = [
        "| finding | runs with it | missed | runs without it | false alarms | still open at the end | setting: missed | false |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for rule in RULES:
        seen, set_by = rates_of(rule, runs, Half.REPORTING), rates_of(rule, runs, Half.SETTING)
        lines.append(
            f"| {rule} | {seen.faulty} | {seen.missed} ({seen.misses:.0%}) | {seen.sound} | "
            f"{seen.false} ({seen.false_alarms:.1%}) | {seen.lasting} | {set_by.missed} of {set_by.faulty} | {set_by.false} of {set_by.sound} |"
        )
    return "\n".join([*lines, ""])


def _errors(runs: Sequence[dict[str, Any]]) -> str:
    """Every mistake of the reporting half."""
    lines = ["Every mistake of the reporting half:\n"]
    for run in runs:
        if run["half"] != Half.REPORTING:
            continue
        missed = sorted(set(run["must"]) - set(run["found"]))
        false = sorted(set(run["found"]) - set(run["must"]) - set(run["may"]))
        told = [f"missed {', '.join(missed)}"] * bool(missed) + [f"false {', '.join(false)}"] * bool(false)
        if told:
            lines.append(f"- {run['kind']} ({run['run']}): {'; '.join(told)}")
    return "\n".join([*lines, ""])


def _causes() -> str:
    """What brings what about."""
    rows = [f"| {cause} | {', '.join(sorted(BRINGS[cause]))} |" for cause in RULES if cause in BRINGS]
    return "\n".join([_CAUSES, "| finding | may bring about |", "| --- | --- |", *rows, ""])


def _definition(rule: Rule) -> str:
    return "\n".join(
        [
            f"### {rule.title}\n",
            f"`{rule.key}`, {rule.severity}\n",
            f"{rule.explanation}\n",
            f"**Definition.** {rule.definition} It closes after {rule.closes_after} in a row within a laxer bound."
            if rule.shows
            else f"**Definition.** {rule.definition}",
            "",
            f"**From** {'; '.join(rule.sources)}.\n",
        ]
    )


_CAUSES = """## Causes first

One fault often shows as several findings. They are listed with the most serious first; but where a finding may have brought
others about, it comes before them, even if it is milder or was seen later: it is the one to mend. What the first weights have
(found at step 1) is not put down to anything found later, and a signal or gradient that explodes or dies, and units that
saturate, bring others about only if they do so from step 1 on.
"""
_INTRODUCTION = """# Findings

Rules look at what is recorded of a training and name what goes wrong, with the numbers that say so. This document says what
each of them measures and how often it is wrong. It is written by `make calibrate`, which trains {runs} small runs of
{kinds} kinds on one core, without a network: {healthy} with which nothing is wrong, the others with a fault made on
purpose, at several strengths.

## How often they are right

Each run is labelled before it is trained: what *must* be found in it (the fault, and what it leads to without fail), and
what *may* be (consequences). Anything else is a false alarm, at whatever severity and however briefly it was open. All
thresholds (`engine/insight/thresholds.py`) were set by {setting} runs of the kinds in
`benchmarks/calibration/setting.toml`. The table counts the {reporting} runs of the kinds in `reporting.toml`, which set
none. Aimed at: at most 10 % missed, at most 3 % false alarms. With few runs a rate is rough: none of 8 missed still allows
that one in three would be (at 95 %).

Of the {reporting_healthy} healthy runs of the reporting half {silent} had no finding at all.

A kind whose results were looked at while something was changed counts as setting from then on: a first reporting half of
more than a hundred kinds was used up so, and of the present one seven kinds were moved. What is left set no threshold.
Faults were made by recipe, not by result: a run whose recipe did not bring its fault about counts as missed. The networks
are small and trained for seconds; larger ones, and data of another nature, may have other rates.
"""
