"""The command that lets a trained network answer."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from workbench.cli.history import Db, Run

if TYPE_CHECKING:
    from engine.encoding import Examples
    from engine.loading import TrainedNetwork
    from engine.prediction import Metrics, Predictions

Fields = dict[str, object]


class Part(StrEnum):
    """The parts of a run's own data."""

    TEST = "test"
    VALIDATION = "validation"
    TRAIN = "train"


class Weights(StrEnum):
    """Which weights answer."""

    LAST = "last"
    BEST = "best"


def predict(
    ref: Run,
    *,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|NAME",
            help="a CSV or NPZ file, or a dataset, with the same inputs; without it the run's own data",
            show_default=False,
        ),
    ] = None,
    data_dir: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="with --data NAME: folder of the dataset's files", show_default=False)
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="with --data FILE.csv: the column with the truth, if it is called otherwise than in the training data",
            show_default=False,
        ),
    ] = None,
    part: Annotated[
        Part | None,
        typer.Option(help="the part of the data that is answered; without it test, of a CSV file all rows", show_default=False),
    ] = None,
    kind: Annotated[
        Weights, typer.Option(help="the last weights, or those of the best epoch (kept with --keep-best)")
    ] = Weights.LAST,
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="all networks that were trained together: by mean output, and by vote")
    ] = False,
    proba: Annotated[bool, typer.Option("--proba", help="the probability of each class as well")] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="file to write; without it, or -, stdout", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace the file of --output if it is there already")] = False,
    db: Db = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line instead of CSV")] = False,
) -> None:
    """Let the network of a stored run answer, as CSV.

    Where the truth is known it stands beside the answer, and how good the answers are is said on stderr. The run's own training
    data are read again, as they say how inputs are encoded and scaled; it is an error if they have changed.
    """
    from engine.data.load import learn
    from engine.encoding import of_other_data, of_part
    from engine.prediction import metrics, predictions
    from engine.training.prepare import fingerprint
    from workbench.cli.data import reading
    from workbench.cli.destination import check_destination, destination
    from workbench.cli.errors import CommandError

    if data is None and (data_dir or target):
        raise CommandError("--data-dir and --target belong to other data; name them with --data")
    to = None if output == Path("-") else output
    check_destination(to, replace=force)
    networks = _networks(ref, db, kind.value, ensemble=ensemble)
    lead = networks[0]
    if proba and not lead.classes:
        raise CommandError(f"run {ref} predicts a number, and numbers have no probabilities; leave out --proba")
    with reading() as progress:
        learned = learn(lead.experiment.data, progress)
        _check_unchanged(lead, fingerprint(learned.dataset()))
        if data is None:
            examples = of_part(learned, part.value if part else "test")
        else:
            examples = of_other_data(learned, data, part.value if part else None, progress, folder=data_dir, target=target)
    for note in examples.notes:
        print(f"workbench: {note}", file=sys.stderr)
    given = predictions(networks, examples, learned.target_mean, learned.target_std)
    found = metrics(given, examples)
    with destination(to, replace=force) as file:
        if as_json:
            _write_json(_rows(given, examples, proba=proba), found, file)
        else:
            _write_csv(_rows(given, examples, proba=proba), file)
    print(_words(found, len(examples), len(networks)), file=sys.stderr)


def _networks(ref: str, db: Path | None, kind: str, *, ensemble: bool) -> tuple[TrainedNetwork, ...]:
    """The network of a run, or all that were trained with it, save for those that diverged."""
    from engine.loading import load_network, load_networks
    from workbench.cli.errors import CommandError
    from workbench.cli.history import opened
    from workbench.stored import checkpoint_of

    with opened(db) as history:
        run = history.run(ref)
        found = checkpoint_of(history, run, "best" if kind == "best" else "last")
        together = len(history.population(run))
    if not ensemble:
        return (load_network(found.path, found.member),)
    if together == 1:
        raise CommandError(f"run {run.id} was trained alone; --ensemble needs networks that were trained together")
    return load_networks(found.path)


def _check_unchanged(network: TrainedNetwork, fingerprint: str) -> None:
    from engine.errors import DataError

    if fingerprint != network.data.fingerprint:
        raise DataError(
            f"{network.experiment.data.name}: the data have changed since the network was trained on them, so that its inputs "
            "cannot be scaled as they were; put the data back as they were"
        )


def _write_csv(rows: Iterator[Fields], file: TextIO) -> None:
    first = next(rows)
    writer = csv.DictWriter(file, list(first), lineterminator="\n")
    writer.writeheader()
    writer.writerow(first)
    writer.writerows(rows)


def _write_json(rows: Iterator[Fields], found: Metrics | None, file: TextIO) -> None:
    """The answers, then how good they are if that is known."""
    from dataclasses import asdict

    from workbench.cli.output import json_text

    file.writelines(f"{json_text({'kind': 'answer', **row})}\n" for row in rows)
    if found is not None:
        file.write(f"{json_text({'kind': 'score', **asdict(found)})}\n")


def _rows(given: Predictions, examples: Examples, *, proba: bool) -> Iterator[Fields]:
    """One row for each example."""
    names = given.classes
    head = "p" if given.probabilities else "output"
    for example in range(len(examples)):
        row: Fields = {"example": example + 1}
        if given.numbers is not None:
            row["prediction"] = float(given.numbers[example])
        if given.chosen is not None:
            row["prediction"] = names[given.chosen[example]]
        if given.voted is not None:
            row["vote"] = names[given.voted[example]]
        if examples.classes is not None:
            row["truth"] = examples.classes[example] or None
        if examples.numbers is not None:
            truth = float(examples.numbers[example])
            row["truth"] = truth if truth == truth else None
        if proba and given.shares is not None:
            row |= {f"{head}({name})": float(share) for name, share in zip(names, given.shares[example], strict=True)}
        yield row


def _words(found: Metrics | None, count: int, networks: int) -> str:
    """How many examples were answered, and how well."""
    from workbench.cli.output import percent
    from workbench.plots import format_number

    who = f" by {networks} networks" if networks > 1 else ""
    begin = f"{count:,} example{'s' * (count != 1)} answered{who}"
    if found is None:
        return begin
    known = "" if found.examples == count else f" on the {found.examples:,} whose truth is known"
    if found.accuracy is None:
        return f"{begin}; R² {format_number(found.r2)}, mean absolute error {format_number(found.mae)}{known}"
    voted = "" if found.vote_accuracy is None else f" by the mean of their outputs, {percent(found.vote_accuracy)} by vote"
    return f"{begin}; accuracy {percent(found.accuracy)}{voted}{known}"
