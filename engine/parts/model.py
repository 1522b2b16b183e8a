"""The network of an experiment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.catalog import BlockPick, Pick
from engine.parts.base import ActivationPick, Blocks, InitializerPick, OutputPick, Part

Width = Annotated[int, Field(ge=1, le=1_000_000)]


class Model(Part):
    """The network: hidden layers of units, or blocks of any kind, then the output layer."""

    depth: int = Field(3, ge=0, le=1000, title="Depth", description="hidden layers; 0 is softmax, logistic or linear regression")
    width: Width = Field(64, title="Width", description="units in each hidden layer")
    widths: tuple[Width, ...] = Field(
        (), max_length=1000, title="Widths", description="units of each hidden layer, if they differ; sets depth"
    )
    blocks: Blocks = Field(
        (), title="Blocks", description="any blocks instead of depth and width, such as conv(16), max_pool, flatten, dense(64)"
    )
    activation: ActivationPick = Field(
        Pick("relu"), validate_default=True, title="Activation", description="non-linearity of the hidden layers"
    )
    output: OutputPick = Field(Pick("auto"), validate_default=True, title="Output", description="activation of the output layer")
    init: InitializerPick = Field(
        Pick("he_normal"), validate_default=True, title="Initializer", description="first values of the weights"
    )
    bias_init: float = Field(0.0, ge=-100, le=100, title="Bias", description="first value of the biases")
    bias_std: float = Field(
        0.0,
        ge=0,
        le=100,
        title="Bias std",
        description="the first biases are drawn around that value with this standard deviation",
    )
    dropout: float = Field(
        0.0, ge=0, lt=1, title="Dropout", description="share of hidden units switched off in each training step"
    )
    batch_norm: bool = Field(False, title="Batch norm", description="normalize between the affine map and the activation")
    batch_norm_eps: float = Field(
        1e-5, ge=1e-12, le=10, title="Batch norm eps", description="added to the variance that batch norm divides by"
    )

    @model_validator(mode="before")
    @classmethod
    def _one_form(cls, values: object) -> object:
        """Equal widths are written as depth and width, so that equal networks have one form."""
        if not isinstance(values, Mapping) or not isinstance(values.get("widths"), list | tuple) or not values["widths"]:
            return values
        widths = list(values["widths"])
        if "depth" in values and values["depth"] != len(widths):
            raise ValueError(f"widths names {len(widths)} layers, but depth is {values['depth']}; give one of them")
        if "width" in values and values["width"] != widths[0]:
            raise ValueError(f"widths begins with {widths[0]}, but width is {values['width']}; give one of them")
        equal = all(width == widths[0] for width in widths)
        return {**values, "depth": len(widths), "width": widths[0], "widths": () if equal else widths}

    @model_validator(mode="after")
    def _blocks_or_depth(self) -> Self:
        if self.blocks:
            for name in ("depth", "width", "widths"):
                if getattr(self, name) != type(self).model_fields[name].default:
                    raise ValueError(f"blocks describe the whole network; leave {name} out")
            for name in ("dropout", "batch_norm"):
                if getattr(self, name) and not any(block.values.get(name, "") in (None, "model") for block in _walk(self.blocks)):
                    raise ValueError(f"no block has the {name} of the model; leave it out, or give it to a dense or conv block")
        return self

    @property
    def normalizes_units(self) -> bool:
        """Whether a dense layer has batch norm, which finds no spread in one example; in other blocks the shape decides."""
        if not self.blocks:
            return self.batch_norm and bool(self.hidden)
        return any(block.kind == "dense" and self.normed(block) for block in _walk(self.blocks))

    def normed(self, block: BlockPick) -> bool:
        """Whether a block is batch norm, or has it; those that it holds do not count."""
        own = block.values.get("batch_norm")
        return block.kind == "batch_norm" or own == "on" or (own == "model" and self.batch_norm)

    @property
    def hidden(self) -> tuple[int, ...]:
        """Units of each hidden layer, from the input to the output, where the network is given by depth and width."""
        return () if self.blocks else self.widths or (self.width,) * self.depth


def _walk(blocks: Sequence[BlockPick]) -> Iterator[BlockPick]:
    """All blocks, however deep."""
    for block in blocks:
        yield block
        for chain in block.chains:
            yield from _walk(chain)
