"""How blocks are written, and how that is read.

```
dense(64, activation=tanh), dropout(0.5)
conv(16, kernel=5), max_pool, flatten, dense(64)
3*residual(dense(64), dense(64), form=pre_activation)
split(dense(32) | dense(32), dense(16), join=concat)
lstm(128, states=all), lstm(128)
```
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from types import MappingProxyType

from engine.catalog.blocks import (
    BLOCKS,
    BlockChoice,
    BlockParameter,
    BlockPick,
    BlockValue,
    Number,
    Picked,
    Word,
    required,
)
from engine.catalog.choice import parse_pick, unknown_name

MOST_BLOCKS = 10_000
DEEPEST = 32
"""Blocks, and brackets, within each other."""


def parse_blocks(text: str) -> tuple[BlockPick, ...]:
    """Read blocks with commas between them; `3*` before a block repeats it.

    Raises:
        ValueError: a block or parameter is unknown, missing or out of range. The message names the block.
    """
    blocks: list[BlockPick] = []
    for item in split_outside(text, ","):
        times, star, rest = item.partition("*")
        if star and times.strip().isdecimal():
            item, count = rest.strip(), int(times)
        else:
            count = 1
        if len(blocks) + count > MOST_BLOCKS:
            raise ValueError(f"more than {MOST_BLOCKS:,} blocks")
        blocks += [_parse_block(item)] * count
    return tuple(blocks)


def blocks_text(blocks: Sequence[BlockPick]) -> str:
    """Blocks as `parse_blocks` reads them, equal neighbours as one that is repeated: `conv(16), 2*dense(64)`."""
    counted = ((block, len(list(alike))) for block, alike in groupby(blocks))
    return ", ".join(f"{count}*{block}" if count > 1 else str(block) for block, count in counted)


def split_outside(text: str, mark: str) -> list[str]:
    """The pieces between marks that stand outside of all brackets, without blanks around them; empty ones are left out.

    Raises:
        ValueError: brackets do not match, or too many stand within each other.
    """
    pieces, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            raise ValueError(f"a bracket is closed that was not opened in {text!r}")
        if depth > DEEPEST:
            raise ValueError(f"brackets stand more than {DEEPEST} deep within each other; take some out")
        if character == mark and depth == 0:
            pieces.append(text[start:position])
            start = position + 1
    if depth:
        raise ValueError(f"a closing bracket is missing in {text!r}")
    return [piece for part in [*pieces, text[start:]] if (piece := part.strip())]


def _parse_block(text: str) -> BlockPick:
    key, bracket, rest = text.partition("(")
    key = key.strip().replace("-", "_")
    if key not in BLOCKS:
        raise ValueError(unknown_name("block", key, BLOCKS))
    if bracket and not rest.endswith(")"):
        raise ValueError(f"{key}: unexpected text after the closing bracket in {text!r}")
    choice = BLOCKS[key]
    chains, given = _arguments(choice, rest[:-1])
    low, high = choice.chains
    if not low <= len(chains) <= high or not all(chains):
        raise ValueError(_wrong_chains(choice))
    return BlockPick(key, MappingProxyType(_values(choice, given)), tuple(chains))


def _wrong_chains(choice: BlockChoice) -> str:
    if choice.chains[1] == 0:
        return f"{choice.key} holds no other blocks"
    if choice.chains == (1, 1):
        return f"{choice.key} needs blocks inside, such as {choice.key}(dense(64), dense(64))"
    return f"{choice.key} needs at least {choice.chains[0]} branches, such as {choice.key}(dense(32) | dense(32))"


def _arguments(choice: BlockChoice, inside: str) -> tuple[list[tuple[BlockPick, ...]], list[str]]:
    """The chains of blocks and the parameters, as texts, between the brackets of a block."""
    branches = split_outside(inside, "|")
    if not choice.chains[1]:
        if len(branches) > 1:
            raise ValueError(_wrong_chains(choice))
        return [], split_outside(inside, ",")
    chains, given = [], []
    for branch in branches:
        items = split_outside(branch, ",")
        parameters = [item for item in items if _is_parameter(item)]
        given += parameters
        chains.append(parse_blocks(", ".join(item for item in items if item not in parameters)))
    return chains, given


def _is_parameter(item: str) -> bool:
    """Whether an argument is `name=value`, with the sign before any bracket."""
    return "=" in item.partition("(")[0]


def _values(choice: BlockChoice, given: list[str]) -> dict[str, BlockValue]:
    values: dict[str, BlockValue] = {p.name: p.default for p in choice.parameters}
    seen: set[str] = set()
    for position, item in enumerate(given):
        parameter, text = _named(choice, item, position)
        if parameter.name in seen:
            raise ValueError(f"{choice.key}: {parameter.name} is given twice")
        seen.add(parameter.name)
        values[parameter.name] = _read(choice, parameter, text)
    for parameter in choice.parameters:
        if required(parameter) and parameter.name not in seen:
            raise ValueError(f"{choice.key} needs its {parameter.name}: {parameter.help}")
    return values


def _named(choice: BlockChoice, item: str, position: int) -> tuple[BlockParameter, str]:
    name, value = "", item
    if _is_parameter(item):
        name, value = (part.strip() for part in item.split("=", 1))
        parameter = choice.parameter(name)
    else:
        parameter = choice.parameters[position] if position < len(choice.parameters) else None
    if parameter is None:
        known = ", ".join(p.name for p in choice.parameters) or "none"
        raise ValueError(f"{choice.key} has no parameter {name or value!r}; its parameters: {known}")
    return parameter, value


def _read(choice: BlockChoice, parameter: BlockParameter, text: str) -> BlockValue:
    match parameter:
        case Word():
            if text not in parameter.words:
                raise ValueError(f"{choice.key}: {unknown_name(parameter.name, text, parameter.words)}")
            return text
        case Picked():
            try:
                return parse_pick(text, parameter.registry)
            except ValueError as error:
                raise ValueError(f"{choice.key}: {error}") from None
        case Number():
            return _number(choice, parameter, text)


def _number(choice: BlockChoice, parameter: Number, text: str) -> float | int:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{choice.key}: {parameter.name} must be a number, not {text!r}") from None
    problem = parameter.check.check(value)
    if problem:
        raise ValueError(f"{choice.key}: {problem}")
    return int(value) if parameter.check.whole else value + 0.0
