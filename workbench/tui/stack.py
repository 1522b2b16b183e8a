"""Blocks as they are put together by hand: adding, removing, moving, repeating. Every change makes a new stack.

A place is a tuple of numbers from the outside in: `(2,)` is the third block, `(2, 0)` the first chain of blocks that it holds, and
`(2, 0, 1)` the second block of that chain. Blocks have places of odd length, chains of even length; `()` is the whole stack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, groupby
from types import MappingProxyType

from engine.catalog import BLOCKS, BlockPick, parse_blocks
from engine.catalog.blocks import BlockValue

Place = tuple[int, ...]
Chain = tuple["Brick", ...]

MOST_REPEATS = 999
_FIRST: Mapping[str, str] = {
    "residual": "residual(dense(64), dense(64))",
    "split": "split(dense(32) | dense(32))",
    "dense": "dense(64)",
    "conv": "conv(16)",
    "rnn": "rnn(64)",
    "gru": "gru(64)",
    "lstm": "lstm(64)",
    "dropout": "dropout(0.5)",
}
"""How a block is written when it is added."""


class StackError(ValueError):
    """A change that makes no sense; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Brick:
    """A block, how often it follows itself, and what it holds."""

    kind: str
    values: Mapping[str, BlockValue] = field(default_factory=lambda: MappingProxyType({}))
    chains: tuple[Chain, ...] = ()
    count: int = 1

    @property
    def own_text(self) -> str:
        """The block without those that it holds."""
        text = str(BlockPick(self.kind, self.values))
        return f"{self.count} × {text}" if self.count > 1 else text

    @property
    def text(self) -> str:
        """The block as it is written."""
        inside = " | ".join(chain_text(chain) for chain in self.chains)
        own = str(BlockPick(self.kind, self.values)).partition("(")[2].removesuffix(")")
        arguments = ", ".join(filter(None, [inside, own]))
        text = f"{self.kind}({arguments})" if arguments else self.kind
        return f"{self.count}*{text}" if self.count > 1 else text


def bricks(picks: Sequence[BlockPick]) -> Chain:
    """The stack that blocks make; equal neighbours are one that is repeated."""
    found = []
    for pick, alike in groupby(picks):
        chains = tuple(bricks(chain) for chain in pick.chains)
        found.append(Brick(pick.kind, pick.values, chains, len(list(alike))))
    return tuple(found)


def new_brick(kind: str) -> Brick:
    """A block as it is added."""
    (brick,) = bricks(parse_blocks(_FIRST.get(kind, kind)))
    return brick


def chain_text(chain: Chain) -> str:
    """Blocks as they are written."""
    return ", ".join(brick.text for brick in chain)


# --- looking --------------------------------------------------------------------------


def brick_at(stack: Chain, place: Place) -> Brick:
    """The block at a place of odd length."""
    return chain_at(stack, place[:-1])[place[-1]]


def chain_at(stack: Chain, place: Place) -> Chain:
    """The chain at a place of even length."""
    chain = stack
    for block, number in zip(place[::2], place[1::2], strict=True):
        chain = chain[block].chains[number]
    return chain


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the list: a block, or the head of a branch of a split."""

    place: Place
    depth: int
    brick: Brick | None
    """None: the head of a branch."""
    name: str = ""
    """The last of so many blocks in the network, as its layers are named: `2.1`."""

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self.brick.own_text if self.brick is not None else f"branch {self.place[-1] + 1}"


def lines(stack: Chain, place: Place = (), depth: int = 0, prefix: str = "") -> Iterator[Shown]:
    """All blocks in their order, what a block holds below it."""
    number = 0
    for position, brick in enumerate(stack):
        here = (*place, position)
        first, number = number + 1, number + brick.count
        yield Shown(here, depth, brick, f"{prefix}{number}")
        inner = f"{prefix}{first}"
        for branch, chain in enumerate(brick.chains):
            if brick.kind == "split":
                yield Shown((*here, branch), depth + 1, None)
                yield from lines(chain, (*here, branch), depth + 2, f"{inner}.{branch + 1}.")
            else:
                yield from lines(chain, (*here, branch), depth + 1, f"{inner}.")


def place_of(stack: Chain, name: str) -> Place:
    """The place of a block of the network, by what its layer's name begins with: `2.1`."""
    place: Place = ()
    chain, numbers = stack, [int(number) for number in name.split(".")]
    while numbers:
        number = numbers.pop(0)
        position = next(at for at, end in enumerate(accumulate(brick.count for brick in chain)) if number <= end)
        place = (*place, position)
        if numbers:
            branch = numbers.pop(0) - 1 if chain[position].kind == "split" else 0
            place, chain = (*place, branch), chain[position].chains[branch]
    return place


def size(stack: Chain) -> int:
    """Blocks in the network, those that others hold among them."""
    return sum(brick.count * (1 + sum(map(size, brick.chains))) for brick in stack)


# --- changing -------------------------------------------------------------------------


def _with_chain(stack: Chain, place: Place, chain: Chain) -> Chain:
    """The stack with another chain at a place of even length."""
    if not place:
        return chain
    block, number, *rest = place
    brick = stack[block]
    chains = list(brick.chains)
    chains[number] = _with_chain(chains[number], tuple(rest), chain)
    return (*stack[:block], replace(brick, chains=tuple(chains)), *stack[block + 1 :])


def insert(stack: Chain, place: Place, brick: Brick, *, after: bool = True) -> tuple[Chain, Place]:
    """Put a block behind (or before) the one at a place, or as the first one into the branch whose head it is."""
    if not place:
        return (*stack, brick), (len(stack),)
    if len(place) % 2 == 0:  # the head of a branch
        chain, position = chain_at(stack, place), 0
        home = place
    else:
        home, position = place[:-1], place[-1] + after
        chain = chain_at(stack, home)
    return _with_chain(stack, home, (*chain[:position], brick, *chain[position:])), (*home, position)


def remove(stack: Chain, place: Place) -> tuple[Chain, Place]:
    """Take out a block with all that it holds, or a branch.

    Raises:
        StackError: the block around it would hold too little.
    """
    if len(place) % 2 == 0:
        return _without_branch(stack, place)
    home, position = place[:-1], place[-1]
    chain = chain_at(stack, home)
    if home and len(chain) == 1:
        around = brick_at(stack, home[:-1])
        if around.kind == "split" and len(around.chains) > BLOCKS["split"].chains[0]:
            return _without_branch(stack, home)
        raise StackError(f"{around.kind} needs a block there; remove the {around.kind} itself, or add another block first")
    left = (*chain[:position], *chain[position + 1 :])
    return _with_chain(stack, home, left), (*home, max(0, min(position, len(left) - 1))) if left else ()


def _without_branch(stack: Chain, place: Place) -> tuple[Chain, Place]:
    split, number = brick_at(stack, place[:-1]), place[-1]
    if len(split.chains) <= BLOCKS[split.kind].chains[0]:
        raise StackError(f"{split.kind} needs {BLOCKS[split.kind].chains[0]} branches; remove the {split.kind} itself")
    left = (*split.chains[:number], *split.chains[number + 1 :])
    return put(stack, place[:-1], replace(split, chains=left)), place[:-1]


def put(stack: Chain, place: Place, brick: Brick) -> Chain:
    """The stack with another block at a place."""
    home, position = place[:-1], place[-1]
    chain = chain_at(stack, home)
    return _with_chain(stack, home, (*chain[:position], brick, *chain[position + 1 :]))


def copy(stack: Chain, place: Place) -> tuple[Chain, Place]:
    """Put a copy of a block behind it, or of a branch behind that."""
    if len(place) % 2:
        return insert(stack, place, brick_at(stack, place))
    split, number = brick_at(stack, place[:-1]), place[-1]
    chains = (*split.chains[: number + 1], split.chains[number], *split.chains[number + 1 :])
    if len(chains) > BLOCKS[split.kind].chains[1]:
        raise StackError(f"{split.kind} has as many branches as it can have")
    return put(stack, place[:-1], replace(split, chains=chains)), (*place[:-1], number + 1)


def repeat(stack: Chain, place: Place, by: int) -> Chain:
    """The stack with a block repeated more or less often."""
    if len(place) % 2 == 0:
        raise StackError("a branch cannot be repeated; c copies it")
    brick = brick_at(stack, place)
    return put(stack, place, replace(brick, count=min(max(1, brick.count + by), MOST_REPEATS)))


def move(stack: Chain, place: Place, by: int) -> tuple[Chain, Place]:
    """Move a block up (-1) or down (1) among its neighbours; from the end of a chain within another block out of that."""
    if len(place) % 2 == 0:
        raise StackError("a branch stays where it is; move its blocks")
    home, position = place[:-1], place[-1]
    chain, brick = chain_at(stack, home), brick_at(stack, place)
    other = position + by
    if 0 <= other < len(chain):
        rest = [*chain[:position], *chain[position + 1 :]]
        rest.insert(other, brick)
        return _with_chain(stack, home, tuple(rest)), (*home, other)
    if not home:
        return stack, place
    return move_out(stack, place, after=by > 0)


def move_out(stack: Chain, place: Place, *, after: bool = True) -> tuple[Chain, Place]:
    """Move a block out of the one that holds it, behind or before that."""
    if len(place) < 3 or len(place) % 2 == 0:
        raise StackError("this block is in no other")
    brick = brick_at(stack, place)
    left, _ = remove(stack, place)
    return insert(left, place[:-2], brick, after=after)


def move_in(stack: Chain, place: Place) -> tuple[Chain, Place]:
    """Move a block to the end of what the block above it holds."""
    home, position = place[:-1], place[-1] if place else 0
    above = chain_at(stack, home)[position - 1] if len(place) % 2 and position else None
    if above is None or not above.chains:
        raise StackError("there is no block above that could hold this one: put it below a residual or split")
    inner = (*home, position - 1, len(above.chains) - 1)
    brick = brick_at(stack, place)
    chain = chain_at(stack, home)
    out = _with_chain(stack, home, (*chain[:position], *chain[position + 1 :]))
    into = chain_at(out, inner)
    return _with_chain(out, inner, (*into, brick)), (*inner, len(into))
