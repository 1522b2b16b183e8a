"""Which shapes pass through the blocks of a model, worked out and checked before anything is made. Needs no torch.

A shape is that of one example: `(n,)` flat numbers, `(steps, n)` a sequence, `(channels, height, width)` a picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

from engine.catalog import BlockPick, Pick, parse_blocks
from engine.errors import ConfigurationError
from engine.parts import Model

Shape = tuple[int, ...]

RECURRENT_GATES = {"rnn": 1, "gru": 3, "lstm": 4}


@dataclass(frozen=True, slots=True)
class Planned:
    """A block in its place."""

    pick: BlockPick
    name: str
    inputs: Shape
    outputs: Shape
    weights: int
    """Of one member, biases left out, those of inner blocks included."""
    products: int
    """Multiplications in the forward pass of one example: weights, as often as they are used."""
    widest: int
    """Numbers of one example in the widest place within."""
    chains: tuple[tuple[Planned, ...], ...] = ()
    projected: bool = False
    """A residual whose input has another shape than what is added to it."""


def plan(model: Model, shape: Shape) -> tuple[Planned, ...]:
    """The blocks of a model on examples of a shape.

    Raises:
        ConfigurationError: a block does not fit what comes in. The message names the block.
    """
    if model.blocks:
        return _chain(model, model.blocks, shape, "")
    picks = parse_blocks(", ".join(f"dense({width})" for width in model.hidden))
    planned: list[Planned] = []
    flat: Shape = (prod(shape),)
    for number, pick in enumerate(picks, start=1):
        planned.append(_block(model, pick, flat, f"hidden {number}", str(number)))
        flat = planned[-1].outputs
    return tuple(planned)


def leaving(planned: Sequence[Planned], shape: Shape) -> Shape:
    """The shape that leaves the last of some blocks; `shape` itself if there are none."""
    return planned[-1].outputs if planned else shape


def walk_planned(planned: Iterable[Planned]) -> Iterable[Planned]:
    """All blocks, however deep, each before those that it holds."""
    for block in planned:
        yield block
        for chain in block.chains:
            yield from walk_planned(chain)


def measured_values(planned: Iterable[Planned]) -> int:
    """The numbers of one example that are looked at when all layers are measured."""
    total = 0
    for block in walk_planned(planned):
        if block.pick.kind in RECURRENT_GATES:
            steps, _ = _sequence(block.inputs)
            total += steps * block.pick.whole("width") * RECURRENT_GATES[block.pick.kind]
        elif block.pick.kind != "flatten":
            total += prod(block.outputs)
    return total


def normalizes_alone(model: Model, planned: Iterable[Planned]) -> bool:
    """Whether batch norm is given one number of each unit by an example, so that one example has no spread.

    Of a sequence it is given those of all steps, of a picture those of all places.
    """
    return any(
        model.normed(block.pick) and _spread_of(block.inputs if block.pick.kind == "batch_norm" else block.outputs) == 1
        for block in walk_planned(planned)
    )


def _spread_of(shape: Shape) -> int:
    """The numbers of one unit or channel in one example."""
    match shape:
        case (_,):
            return 1
        case (steps, _):
            return steps
        case _:
            return prod(shape[1:])


def words(shape: Shape) -> str:
    """A shape as a user reads it."""
    match shape:
        case (numbers,):
            return f"{numbers:,} flat number{'s' * (numbers != 1)}"
        case (steps, numbers):
            return f"a sequence of {steps:,} steps of {numbers:,}"
        case _:
            channels, height, width = shape
            return f"a picture of {height}x{width} with {channels:,} channel{'s' * (channels != 1)}"


def _chain(model: Model, picks: Sequence[BlockPick], shape: Shape, prefix: str) -> tuple[Planned, ...]:
    planned = []
    for number, pick in enumerate(picks, start=1):
        place = f"{prefix}{number}"
        planned.append(_block(model, pick, shape, f"{place} {pick.kind}", place))
        shape = planned[-1].outputs
    return tuple(planned)


def _block(model: Model, pick: BlockPick, shape: Shape, name: str, place: str) -> Planned:
    match pick.kind:
        case "dense":
            n_in, width = prod(shape), pick.whole("width")
            pieces = _pieces(pick.pick("activation", model.activation))
            weights = n_in * width * pieces
            return Planned(pick, name, shape, (width,), weights, weights, max(n_in, width * pieces))
        case "conv":
            return _conv(model, pick, shape, name)
        case "max_pool" | "average_pool":
            return _pool(pick, shape, name)
        case "rnn" | "gru" | "lstm":
            steps, n_in = _sequence(shape)
            width, gates = pick.whole("width"), RECURRENT_GATES[pick.kind]
            outputs = (width,) if pick.word("states") == "last" else (steps, width)
            weights = (n_in + width) * width * gates
            return Planned(pick, name, shape, outputs, weights, steps * weights, steps * max(n_in, width * gates))
        case "residual":
            return _residual(model, pick, shape, name, place)
        case "split":
            return _split(model, pick, shape, name, place)
        case "flatten":
            return Planned(pick, name, shape, (prod(shape),), 0, 0, prod(shape))
        case "activation" if _pieces(pick.pick("kind", model.activation)) > 1:
            raise _misfit(pick, name, "maxout takes several affine maps for each unit", "give it to a dense block")
        case _:
            return Planned(pick, name, shape, shape, 0, 0, prod(shape))


def _conv(model: Model, pick: BlockPick, shape: Shape, name: str) -> Planned:
    channels, height, width = _picture(pick, shape, name)
    if _pieces(pick.pick("activation", model.activation)) > 1:
        raise _misfit(pick, name, "maxout units are for dense blocks", "choose another activation")
    kernel, stride, maps = pick.whole("kernel"), pick.whole("stride"), pick.whole("channels")
    if pick.word("padding") == "same" and kernel % 2 == 0:
        raise _misfit(
            pick, name, f"a kernel of {kernel} has no middle, so no padding keeps the size", "take an odd kernel or padding=valid"
        )
    padding = conv_padding(pick)
    out = tuple((side + 2 * padding - kernel) // stride + 1 for side in (height, width))
    if min(out) < 1:
        raise _misfit(
            pick, name, f"a kernel of {kernel} does not fit on {words(shape)}", "take a smaller kernel, or fewer poolings"
        )
    outputs = (maps, *out)
    weights = maps * channels * kernel**2
    return Planned(pick, name, shape, outputs, weights, weights * prod(out), max(prod(shape), prod(outputs)))


def conv_padding(pick: BlockPick) -> int:
    """Zeros on each side of the picture."""
    return pick.whole("kernel") // 2 if pick.word("padding") == "same" else 0


def _pool(pick: BlockPick, shape: Shape, name: str) -> Planned:
    channels, height, width = _picture(pick, shape, name)
    size = pick.whole("size")
    stride = pool_stride(pick)
    out = tuple((side - size) // stride + 1 for side in (height, width))
    if min(out) < 1:
        raise _misfit(pick, name, f"squares of {size} do not fit on {words(shape)}", "take a smaller size, or fewer poolings")
    return Planned(pick, name, shape, (channels, *out), 0, 0, prod(shape))


def pool_stride(pick: BlockPick) -> int:
    """Pixels from one square to the next."""
    return pick.whole("stride") or pick.whole("size")


def _residual(model: Model, pick: BlockPick, shape: Shape, name: str, place: str) -> Planned:
    chain = _chain(model, pick.chains[0], shape, f"{place}.")
    outputs = leaving(chain, shape)
    plain = pick.word("form") == "plain"
    affected = [pick.chains[0][-1]] if plain else pick.chains[0]
    if any(_pieces(_activation_of(model, block)) > 1 for block in affected):
        place = "follow the sum" if plain else "stand before an affine map"
        raise _misfit(
            pick, name, f"maxout cannot {place}, for it takes several affine maps for each unit", "choose another activation"
        )
    weights, products = sum(block.weights for block in chain), sum(block.products for block in chain)
    projected = outputs != shape
    if projected:
        projection = _projection(pick, name, shape, outputs)
        weights += projection
        products += projection * prod(outputs[1:] if len(outputs) == 3 else outputs[:-1])
    widest = max(prod(shape), *(block.widest for block in chain))
    return Planned(pick, name, shape, outputs, weights, products, widest, (chain,), projected)


def _activation_of(model: Model, pick: BlockPick) -> Pick:
    return pick.pick("activation", model.activation) if pick.kind in ("dense", "conv") else model.activation


def _projection(pick: BlockPick, name: str, shape: Shape, outputs: Shape) -> int:
    """The number of weights that bring the input of a residual to the shape of what is added to it."""
    if len(shape) == len(outputs) == 3 and projection_stride(shape, outputs):
        return shape[0] * outputs[0]
    if len(shape) == len(outputs) == 2 and shape[0] == outputs[0]:
        return shape[1] * outputs[1]
    if len(outputs) == 1:
        return prod(shape) * outputs[0]
    problem = f"{words(shape)} cannot be added to {words(outputs)}"
    raise _misfit(pick, name, problem, "let the blocks inside keep the kind of shape, or put what changes it outside")


def projection_stride(shape: Shape, outputs: Shape) -> int:
    """The stride with which a convolution of 1x1 makes one picture size of another; 0 if there is none."""
    (_, height, width), (_, new_height, new_width) = shape, outputs
    for stride in range(1, height + 1):
        if ((height - 1) // stride + 1, (width - 1) // stride + 1) == (new_height, new_width):
            return stride
    return 0


def _split(model: Model, pick: BlockPick, shape: Shape, name: str, place: str) -> Planned:
    chains = tuple(_chain(model, chain, shape, f"{place}.{n}.") for n, chain in enumerate(pick.chains, start=1))
    shapes = [leaving(chain, shape) for chain in chains]
    found = " and ".join(dict.fromkeys(map(words, shapes)))
    if pick.word("join") == "sum":
        if len(set(shapes)) > 1:
            raise _misfit(
                pick, name, f"its branches end in {found}, which cannot be added", "make them equal, or take join=concat"
            )
        outputs = shapes[0]
    else:
        outputs = _concatenated(pick, name, shapes, found)
    blocks = [block for chain in chains for block in chain]
    widest = max(prod(shape), prod(outputs), *(block.widest for block in blocks))
    weights, products = sum(block.weights for block in blocks), sum(block.products for block in blocks)
    return Planned(pick, name, shape, outputs, weights, products, widest, chains)


def _concatenated(pick: BlockPick, name: str, shapes: list[Shape], found: str) -> Shape:
    """Flat numbers, the numbers of each step, or channels are put side by side; all else must agree."""
    axis = 1 if len(shapes[0]) == 2 else 0
    rest = {(len(shape), shape[:axis], shape[axis + 1 :]) for shape in shapes}
    if len(rest) > 1:
        raise _misfit(
            pick, name, f"its branches end in {found}, which cannot stand side by side", "end them in flat numbers: flatten"
        )
    joined = list(shapes[0])
    joined[axis] = sum(shape[axis] for shape in shapes)
    return tuple(joined)


def _sequence(shape: Shape) -> tuple[int, int]:
    """Steps, and numbers in each: a picture's rows, a sequence's steps, or flat numbers one by one."""
    match shape:
        case (numbers,):
            return numbers, 1
        case (steps, numbers):
            return steps, numbers
        case _:
            channels, height, width = shape
            return height, channels * width


def _picture(pick: BlockPick, shape: Shape, name: str) -> tuple[int, int, int]:
    if len(shape) != 3:
        remedy = "put it before flatten, dense and recurrent blocks, on data that are pictures"
        raise _misfit(pick, name, f"a picture is needed, but {words(shape)} come in", remedy)
    channels, height, width = shape
    return channels, height, width


def _pieces(activation: Pick) -> int:
    return int(activation.parameters.get("pieces", 1))


def _misfit(pick: BlockPick, name: str, problem: str, remedy: str) -> ConfigurationError:
    place = name.partition(" ")[0]
    return ConfigurationError.at("model.blocks", f"block {place}, {pick}: {problem}; {remedy}")
