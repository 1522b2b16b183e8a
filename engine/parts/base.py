"""What the parts of an experiment have in common: frozen models, and choices that are written as text."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from engine.catalog import (
    ACTIVATIONS,
    COSTS,
    INITIALIZERS,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    PRETRAINING,
    SCHEDULES,
    BlockPick,
    Pick,
    Registry,
    parse_blocks,
    parse_pick,
)

MOST = 2**63 - 1
"""Of anything that is counted: what the 64 bits of the history can hold."""
MOST_EPOCHS = 10**12
"""So that their steps can be counted as well."""
Count = Annotated[int, Field(ge=1, le=MOST)]


class Part(BaseModel):
    """What all parts of an experiment have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True)


def _pick_from(registry: Registry) -> Any:
    """The pydantic machinery that reads a `Pick` from its text and writes it back."""

    def read(value: object) -> Pick:
        if isinstance(value, Pick | str):
            return parse_pick(str(value), registry)
        raise ValueError(f"must be text such as {next(iter(registry))!r}, not {type(value).__name__}")

    return BeforeValidator(read)


def _read_blocks(value: object) -> tuple[BlockPick, ...]:
    """Blocks from one text with commas between them, or from a list of such texts."""
    texts = [value] if isinstance(value, str) else value
    if isinstance(texts, list | tuple) and all(isinstance(text, str | BlockPick) for text in texts):
        blocks = parse_blocks(", ".join(map(str, texts)))
        if texts and not blocks and any(str(text).strip() for text in texts):
            raise ValueError("there is no block in it; write for example 'dense(64), dense(64)'")
        return blocks
    raise ValueError("must be text such as 'dense(64), dropout(0.5)', or a list of such texts")


_AsText = PlainSerializer(str, return_type=str)
ActivationPick = Annotated[Pick, _pick_from(ACTIVATIONS), _AsText]
OutputPick = Annotated[Pick, _pick_from(OUTPUT_ACTIVATIONS), _AsText]
InitializerPick = Annotated[Pick, _pick_from(INITIALIZERS), _AsText]
CostPick = Annotated[Pick, _pick_from(COSTS), _AsText]
OptimizerPick = Annotated[Pick, _pick_from(OPTIMIZERS), _AsText]
SchedulePick = Annotated[Pick, _pick_from(SCHEDULES), _AsText]
PretrainingPick = Annotated[Pick, _pick_from(PRETRAINING), _AsText]
Blocks = Annotated[
    tuple[BlockPick, ...],
    BeforeValidator(_read_blocks),
    PlainSerializer(lambda blocks: [str(block) for block in blocks], return_type=list[str]),
]
