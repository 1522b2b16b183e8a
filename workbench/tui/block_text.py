"""What is being typed in a text of blocks, and how it may go on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.catalog import BLOCKS
from engine.catalog.blocks import BlockChoice, BlockParameter, Number, Picked, Word


@dataclass(frozen=True, slots=True)
class Typed:
    """The place of the caret: the innermost block around it or before it, its parameter, and the word that is begun."""

    block: BlockChoice | None
    parameter: BlockParameter | None
    word: str
    blocks_fit: bool
    """Whether a block may stand here."""


@dataclass(slots=True)
class _Open:
    """A bracket that was opened: of a block, or of something else, such as an activation with parameters."""

    block: BlockChoice | None
    start: int  # where the present argument begins
    number: int = 0  # of that argument


def typed(text: str, caret: int) -> Typed:
    """What stands at a place of a text of blocks, right or wrong. Within a word it is the whole word."""
    while caret < len(text) and (text[caret].isalnum() or text[caret] == "_"):
        caret += 1
    opened = [_Open(None, 0)]
    for position, character in enumerate(text[:caret]):
        if character == "(":
            opened.append(_Open(BLOCKS.get(_key(text[opened[-1].start : position])), position + 1))
        elif character == ")" and len(opened) > 1:
            opened.pop()
        elif character in ",|":
            opened[-1].start, opened[-1].number = position + 1, opened[-1].number + 1
    inner = opened[-1]
    word = text[inner.start : caret].lstrip()
    own = BLOCKS.get(_key(word)) if _blocks_fit(opened) and "=" not in word.partition("(")[0] else None
    around = next((each for each in reversed(opened) if each.block is not None), None)
    if own is not None or around is None or around.block is None:
        return Typed(own, None, word, blocks_fit=_blocks_fit(opened))
    argument = text[around.start : caret].lstrip()
    return Typed(around.block, _parameter(around.block, argument, around.number), word, blocks_fit=_blocks_fit(opened))


def _key(text: str) -> str:
    """The key of a block in `3*max-pool`, `conv(16)` or `dense`."""
    return text.partition("(")[0].rpartition("*")[2].strip().replace("-", "_")


def _blocks_fit(opened: list[_Open]) -> bool:
    inner = opened[-1]
    return len(opened) == 1 or (inner.block is not None and inner.block.chains[1] > 0)


def _parameter(block: BlockChoice, argument: str, number: int) -> BlockParameter | None:
    """The parameter that an argument gives or begins to name; else the one whose turn it is."""
    name, equals, _ = argument.partition("(")[0].partition("=")
    if equals:
        return block.parameter(name.strip())
    begun = next((each for each in block.parameters if name and each.name.startswith(name)), None)
    if begun is not None or block.chains[1] or number >= len(block.parameters):
        return begun
    return block.parameters[number]


def completion(text: str) -> str | None:
    """The text with the word at its end written out, or None where there is nothing to write out."""
    here = typed(text, len(text))
    name, equals, value = here.word.rpartition("=")
    if equals:
        return _completed(text, value.lstrip(), _values(here.parameter))
    keys = BLOCKS if here.blocks_fit else ()
    names = [f"{each.name}=" for each in here.block.parameters] if here.block is not None else []
    return _completed(text, _key(name or here.word), [*keys, *names])


def _completed(text: str, begun: str, words: Iterable[str]) -> str | None:
    found = next((word for word in words if begun and word.startswith(begun) and word != begun), None)
    return text + found[len(begun) :] if found is not None else None


def _values(parameter: BlockParameter | None) -> tuple[str, ...]:
    match parameter:
        case Word():
            return parameter.words
        case Picked():
            return tuple(parameter.registry)
        case _:
            return ()


def signature(block: BlockChoice) -> str:
    """How a block is written: `conv(channels, kernel=3, …, padding=same|valid, activation, …)`."""
    inside = {0: [], 1: ["blocks"]}.get(block.chains[1], ["blocks | blocks"])
    arguments = ", ".join([*inside, *map(_argument, block.parameters)])
    return f"{block.key}({arguments})" if arguments else block.key


def _argument(parameter: BlockParameter) -> str:
    match parameter:
        case Word():
            return f"{parameter.name}={'|'.join(parameter.words)}"
        case Number() if parameter.default is not None:
            return f"{parameter.name}={parameter.default:g}"
        case _:
            return parameter.name


def parameter_text(parameter: BlockParameter) -> str:
    """What a parameter means, and what it may be."""
    match parameter:
        case Number():
            return f"{parameter.name}: {parameter.help}; {parameter.check.range}"
        case Picked():
            return f"{parameter.name}: {parameter.help}. {', '.join(parameter.registry)}"
        case Word():
            return f"{parameter.name}: {parameter.help}"
