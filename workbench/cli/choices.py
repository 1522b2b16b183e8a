"""The command that shows everything that can be chosen."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from engine.catalog import (
    ACTIVATIONS,
    BLOCKS,
    COSTS,
    DATASETS,
    INITIALIZERS,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    PRETRAINING,
    SCHEDULES,
    Choice,
    Parameter,
)
from engine.catalog.blocks import BlockParameter, Number, Picked, Word


class Choosable(StrEnum):
    """What there is to choose."""

    ACTIVATIONS = "activations"
    OUTPUTS = "outputs"
    INITIALIZERS = "initializers"
    PRETRAINING = "pretraining"
    OPTIMIZERS = "optimizers"
    SCHEDULES = "schedules"
    COSTS = "costs"
    DATASETS = "datasets"
    BLOCKS = "blocks"
    SETTINGS = "settings"


REGISTRIES = {
    Choosable.ACTIVATIONS: ACTIVATIONS,
    Choosable.OUTPUTS: OUTPUT_ACTIVATIONS,
    Choosable.INITIALIZERS: INITIALIZERS,
    Choosable.PRETRAINING: PRETRAINING,
    Choosable.OPTIMIZERS: OPTIMIZERS,
    Choosable.SCHEDULES: SCHEDULES,
    Choosable.COSTS: COSTS,
    Choosable.DATASETS: DATASETS,
}

LABEL = 18
"""Characters in a line of a choice's label."""


def choices(
    kind: Annotated[Choosable | None, typer.Argument(help="what to show; everything if not given", show_default=False)] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """Show what can be chosen, with formulas and sources.

    `settings` are the paths that `workbench run --set PATH=VALUE` knows.
    """
    for wanted in [kind] if kind else list(Choosable):
        if wanted is Choosable.SETTINGS:
            _show_settings(as_json)
        elif wanted is Choosable.BLOCKS:
            _show_blocks(as_json)
        elif as_json:
            _print_json(wanted)
        else:
            _print_table(wanted)


def _print_table(kind: Choosable) -> None:
    from rich.text import Text

    from workbench.cli.output import make_table, print_table

    table = make_table([str(kind), "formula", "what it does"])
    table.columns[0].width = max(LABEL, *map(len, REGISTRIES[kind]))  # a key is never broken
    for key, choice in REGISTRIES[kind].items():
        words = [choice.help, *(_parameter(p) for p in choice.parameters)]
        if choice.learning_rate is not None:
            words.append(f"usual learning rate: {choice.learning_rate:g}")
        about = Text("\n".join([*words, choice.citation]) + "\n")
        table.add_row(Text.assemble((key, "bold"), f"\n{choice.label}"), Text(choice.formula), about)
    print_table(table, most=120)


def _show_blocks(as_json: bool) -> None:
    from rich.text import Text

    from workbench.cli.output import make_table, print_json, print_table

    table = make_table(["blocks", "formula", "what it does"])
    table.columns[0].width = max(LABEL, *map(len, BLOCKS))
    for key, block in BLOCKS.items():
        parameters = {parameter.name: _block_parameter(parameter) for parameter in block.parameters}
        if as_json:
            facts = {"label": block.label, "formula": block.formula, "help": block.help, "citation": block.citation}
            print_json({"kind": "blocks", "key": key, **facts, "parameters": parameters})
        words = [block.help, *(f"{name}: {text}" for name, text in parameters.items()), block.citation]
        table.add_row(Text.assemble((key, "bold"), f"\n{block.label}"), Text(block.formula), Text("\n".join(words) + "\n"))
    if not as_json:
        print_table(table, most=120)


def _block_parameter(parameter: BlockParameter) -> str:
    """What a parameter of a block may be, and what it means."""
    match parameter:
        case Word():
            return f"{' or '.join(parameter.words)} ({parameter.help})"
        case Picked():
            return parameter.help
        case Number():
            default = "" if parameter.default is None else f", {parameter.default:g} if not given"
            return f"{parameter.help} ({parameter.check.range}{default})"


def _parameter(parameter: Parameter) -> str:
    return f"{parameter.name} = {parameter.default:g} ({parameter.range}): {parameter.help}"


def _print_json(kind: Choosable) -> None:
    from workbench.cli.output import print_json

    for choice in REGISTRIES[kind].values():
        print_json({"kind": str(kind), **_fields(choice)})


def _fields(choice: Choice) -> dict[str, object]:
    parameters = [
        {"name": p.name, "default": p.default, "help": p.help, "range": p.range, "low": p.low, "high": p.high}
        for p in choice.parameters
    ]
    return {
        "key": choice.key,
        "label": choice.label,
        "formula": choice.formula,
        "help": choice.help,
        "citation": choice.citation,
        "parameters": parameters,
        "learning_rate": choice.learning_rate,
    }


def _show_settings(as_json: bool) -> None:
    from engine.experiment import SETTINGS, Experiment
    from workbench.cli.flags import FLAGS
    from workbench.cli.output import make_table, print_json, print_table
    from workbench.compare import flat_settings

    options = {flag.path: flag.option for flag in FLAGS}
    defaults = flat_settings(Experiment())
    table = make_table(["setting", "option", "default", "what it is"])
    table.columns[0].width = max(map(len, SETTINGS))  # a path is never broken
    table.columns[1].width = max(map(len, options.values()))
    for path in SETTINGS:
        description = _description(path)
        fields = {
            "setting": path,
            "option": options.get(path, ""),
            "default": defaults.get(path, ""),
            "description": description,
        }
        if as_json:
            print_json({"kind": "settings", **fields})
        table.add_row(*fields.values())
    if not as_json:
        print_table(table)


def _description(path: str) -> str:
    """What the experiment's model says of a setting."""
    from engine.experiment import Experiment
    from engine.parts import Part

    part: type[Part] = Experiment
    *parents, name = path.split(".")
    for parent in parents:
        kind = part.model_fields[parent].annotation
        assert isinstance(kind, type)
        part = kind
    return part.model_fields[name].description or ""
