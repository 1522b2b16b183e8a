"""The commands on data: what a dataset holds, before anything is learned from it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.destination import Png, ReplacePng
from workbench.cli.errors import CommandError, guarded
from workbench.cli.flags import FLAGS, Group, Setting, experiment_flags
from workbench.cli.help import GroupedCommand

if TYPE_CHECKING:
    from engine.data import Dataset, Examples, Progress
    from engine.parts import Data
    from workbench.cli.pictures import Drawing

COLUMNS_SHOWN = 6
"""Of a table so many inputs are printed at the most."""
CLASSES_SHOWN = 24
CURVE = 24
"""Characters of a sequence."""

data_app = typer.Typer(
    help="Look at data before anything is learned from them.",
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


class Part(StrEnum):
    """The parts of a dataset."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


def _data_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of the data's settings; the name is an argument, and --seed means the seed of the data here."""
    return experiment_flags(command, [flag for flag in FLAGS if flag.group is Group.DATA and flag.path != "data.name"])


@data_app.command(cls=GroupedCommand)
@guarded
@_data_flags
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="a dataset's name, or the path of a CSV or NPZ file", show_default=False)
    ],
    settings: Mapping[str, Setting] = {},
    *,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="data seed: of made-up data and of the split", show_default=False)
    ] = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="data.PATH=VALUE", help="any setting of the data; repeatable")
    ] = None,
    part: Annotated[Part, typer.Option(help="the part from which examples are shown")] = Part.TRAIN,
    count: Annotated[int, typer.Option(metavar="N", min=1, max=10_000, help="examples to show")] = 10,
    png: Png = None,
    force: ReplacePng = False,
    as_json: Annotated[bool, typer.Option("--json", help="the facts as one JSON object instead")] = False,
) -> None:
    """Show what a dataset holds: sizes, classes, some examples.

    Examples are taken at equal distances from all of a part. Numbers are printed as the network gets them. Pictures are drawn in
    half blocks, or without colour in characters.
    """
    from engine.data import load_dataset
    from engine.parts import is_file
    from workbench.cli.destination import check_destination
    from workbench.cli.output import print_json

    asked = {**settings, "data.name": name, **({} if seed is None else {"data.seed": seed})}
    if is_file(name) and not Path(name).expanduser().exists():
        raise CommandError(f"{name}: there is no such file")
    wanted = _wanted(asked, assignments or [])
    check_destination(png, replace=force)
    with reading() as progress:
        dataset = load_dataset(wanted, progress)
    examples = _some(getattr(dataset, part), count)
    if png is not None:  # first: who reads what is printed may have enough of it early
        _write_png(png, dataset, examples, replace=force)
    if as_json:
        print_json(_facts(dataset))
    else:
        _print_facts(dataset)
        _print_examples(dataset, examples, part)


def _some(examples: Examples, count: int) -> Examples:
    """So many examples at equal distances, as neighbours can be of one class; all if there are fewer."""
    import numpy as np

    from engine.data import Examples

    rows = np.linspace(0, max(len(examples) - 1, 0), min(count, len(examples))).round().astype(np.intp)
    return Examples(examples.inputs[rows], examples.targets[rows])


def _wanted(settings: Mapping[str, Setting], assignments: Sequence[str]) -> Data:
    """The settings of the data that were asked for."""
    from engine.experiment import Experiment
    from workbench.cli.experiments import Request, with_request

    foreign = [text for text in assignments if not text.strip().startswith("data.")]
    if foreign:
        raise CommandError(f"--set {foreign[0]}: only settings of the data matter here, such as --set data.validation=0.2")
    return with_request(Experiment(), Request(settings, assignments)).data


@contextmanager
def reading() -> Iterator[Progress | None]:
    """What is being read or downloaded, on stderr if that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from workbench.cli.output import console

    with console(stderr=True).status("getting the data") as status:

        def told(what: str, done: int, total: int | None) -> None:
            status.update(f"{what} {100 * done / total:.0f} %" if total else what)

        yield told


def _facts(dataset: Dataset) -> dict[str, object]:
    import numpy as np

    parts = {part: getattr(dataset, part) for part in Part}
    counts = {
        part: np.bincount(examples.targets, minlength=len(dataset.classes)).tolist() for part, examples in parts.items()
    } if dataset.classes else {}  # fmt: skip
    return {
        "data": dataset.name,
        "task": dataset.task,
        "shape": list(dataset.shape),
        "image_shape": list(dataset.image_shape) if dataset.image_shape else None,
        "features": list(dataset.features),
        "classes": list(dataset.classes),
        "parts": {part: len(examples) for part, examples in parts.items()},
        "counts": counts,
        "target_mean": dataset.target_mean,
        "target_std": dataset.target_std,
        "online": dataset.stream is not None,
        "notes": list(dataset.notes),
    }


def _print_facts(dataset: Dataset) -> None:
    sizes = " / ".join(f"{len(getattr(dataset, part)):,}" for part in Part)
    outputs = f"{len(dataset.classes):,} classes" if dataset.classes else "1 number"
    print(f"{dataset.name}: {_inputs(dataset)} -> {outputs}")
    print(f"{sizes} examples to train / validate / test")
    for note in dataset.notes:
        print(note)
    print()
    if dataset.classes:
        _print_classes(dataset)
    else:
        print(f"targets to train on: mean {dataset.target_mean:g}, standard deviation {dataset.target_std:g}\n")


def _inputs(dataset: Dataset) -> str:
    """The inputs in words."""
    if dataset.image_shape is not None:
        channels, height, width = dataset.shape
        kind = {1: "grey", 3: "colour"}.get(channels, f"{channels} channels")
        return f"pictures of {height}x{width} pixels, {kind}"
    if len(dataset.shape) == 2:
        steps, features = dataset.shape
        return f"sequences of {steps:,} steps with {features:,} number{'s' * (features != 1)} each"
    return f"{dataset.shape[0]:,} number{'s' * (dataset.shape[0] != 1)}"


def _print_classes(dataset: Dataset) -> None:
    """How many examples of each class there are in each part, and their share."""
    import numpy as np

    from workbench.cli.output import few, make_table, print_table

    counts = {part: np.bincount(getattr(dataset, part).targets, minlength=len(dataset.classes)) for part in Part}
    table = make_table(["class", *counts], numbers=list(counts))
    places = {name: place for place, name in enumerate(dataset.classes)}
    for name in few(dataset.classes, CLASSES_SHOWN):
        if name is None:
            table.add_row("…")
            continue
        cells = [f"{column[places[name]]:,} ({column[places[name]] / max(column.sum(), 1):.1%})" for column in counts.values()]
        table.add_row(name, *cells)
    print_table(table)
    print()


def _print_examples(dataset: Dataset, examples: Examples, part: Part) -> None:
    from workbench.cli.pictures import draw

    if len(examples) == 0:
        print(f"There are no {part} examples.")
    elif dataset.image_shape is not None:
        draw(_drawing(dataset, examples))
    elif len(dataset.shape) == 2:
        _print_sequences(dataset, examples)
    else:
        _print_rows(dataset, examples)


def _drawing(dataset: Dataset, examples: Examples) -> Drawing:
    from workbench.cli.pictures import Drawing

    pictures = examples.inputs.reshape(-1, *dataset.shape) if dataset.image_shape else None
    return Drawing("", pictures, _names(dataset, examples))


def _names(dataset: Dataset, examples: Examples) -> list[str]:
    """The class of each example, or its target in its own unit."""
    from workbench.plots import format_number

    if dataset.classes:
        return [dataset.classes[target] for target in examples.targets]
    return [format_number(target * dataset.target_std + dataset.target_mean) for target in examples.targets.tolist()]


def _print_rows(dataset: Dataset, examples: Examples) -> None:
    from workbench.cli.output import make_table, print_table
    from workbench.plots import format_number

    shown = list(dataset.features[:COLUMNS_SHOWN])
    more = len(dataset.features) - len(shown)
    head = "class" if dataset.classes else "target"
    table = make_table([head, *shown], numbers=[*shown, *([] if dataset.classes else [head])])
    for name, inputs in zip(_names(dataset, examples), examples.inputs.tolist(), strict=True):
        table.add_row(name, *(format_number(value) for value in inputs[:COLUMNS_SHOWN]))
    print_table(table)
    print(f"Inputs as the network gets them{f'; {more:,} more are not shown' if more else ''}.")


def _print_sequences(dataset: Dataset, examples: Examples) -> None:
    from workbench.cli.output import make_table, print_table
    from workbench.plots import sparkline

    _, features = dataset.shape
    shown = min(features, COLUMNS_SHOWN // 2)
    table = make_table(["class" if dataset.classes else "target", *(f"input {number} over the steps" for number in range(shown))])
    series = examples.inputs.reshape(-1, *dataset.shape)
    for name, steps in zip(_names(dataset, examples), series, strict=True):
        table.add_row(name, *(sparkline(steps[:, number], CURVE) for number in range(shown)))
    print_table(table)


def _write_png(path: Path, dataset: Dataset, examples: Examples, *, replace: bool) -> None:
    from workbench.cli.pictures import write_png

    if len(examples) == 0:
        raise CommandError("--png: this part has no examples; choose another --part")
    write_png(path, [_drawing(dataset, examples)], dataset.name, replace=replace)
