"""The language of filters, read into a tree.

```
activation=tanh depth>=5 test_error<2 tag:paper "free text"
(mnist OR cifar10) NOT archived started>=yesterday lr~e-0
```
Conditions side by side must all hold, as with AND; OR, NOT and brackets do what they say and are written in capitals. `=` `!=`
`<` `<=` `>` `>=` compare, `~` asks for a part of the text, `:` is `~` for names, notes and data sets and `=` for all else.
`finding:vanishing` asks for what is wrong with a run and was not gone by its end: for the key of a rule or its beginning; `finding:any`
and `finding:none` for whichever and for nothing; `severity=serious` for the worst of them, `findings>=2` for how many. `finding:none` and
`finding!=dead-units` hold only of runs that were diagnosed to their end (`diagnosed=yes`): not while a run goes on, after its process was
killed or its diagnosis broke off, or where an older version recorded it; `NOT finding:any` holds of these, too. A word without a
comparison, or words in quotes, may occur anywhere in what a list shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.history.errors import HistoryError

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*)(?:\s*(!=|<=|>=|=|<|>|~)|(:))")
_WORD = re.compile(r"[^\s()\"](?:[^\s()\"]|\([^)]*\)?)*")
"""Up to a blank or a bracket that was not opened in it: `adam(beta1=0.9, beta2=0.99)` is one word."""
_VALUE = re.compile(r"[^\s()](?:[^\s()]|\([^)]*\)?)*")
_MOST = 100
"""Conditions in a filter; SQLite takes a few hundred."""
_DEEPEST = 8
"""Brackets within each other; SQLite's parser takes a few more."""
FLAGS = ("archived",)
"""Words that are conditions by themselves."""


class FilterError(HistoryError):
    """A filter cannot be understood; exit code 2.

    Attributes:
        problem: What is wrong, in short.
        start: Where it begins in the text.
        end: Where it ends.
        unfinished: Whether what is missing may still be typed at the end of the text.
        before: The text in front of the condition that is wrong.
    """

    def __init__(
        self, problem: str, text: str, start: int, end: int, *, more: str = "", unfinished: bool = False, begun: int | None = None
    ) -> None:
        self.problem, self.start, self.end, self.unfinished = problem, start, max(end, start + 1), unfinished
        self.before = text[: start if begun is None else begun]
        line = text.replace("\n", " ")
        super().__init__(f"{more or problem}\n  {line}\n  {' ' * start}{'^' * (self.end - start)}", exit_code=2)


@dataclass(frozen=True, slots=True)
class Words:
    """Text that occurs somewhere in a run."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Flag:
    """One of `FLAGS`."""

    name: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field, an operator, a value, and where in the text they stand."""

    field: str
    operator: str
    value: str
    start: int
    value_start: int
    end: int


@dataclass(frozen=True, slots=True)
class Not:
    """What does not hold."""

    node: Node


@dataclass(frozen=True, slots=True)
class All:
    """What holds all together."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Of which one holds at least."""

    nodes: tuple[Node, ...]


Node = Words | Flag | Comparison | Not | All | Any


def parse(text: str) -> Node | None:
    """The tree of a filter; None of an empty one.

    Raises:
        FilterError: a bracket or a value is missing, or one too many is there.
    """
    reader = _Reader(text)
    if reader.at_end:
        return None
    node = reader.alternatives()
    reader.expect_end()
    return node


def nodes(node: Node | None) -> Iterator[Node]:
    """A tree and all that is in it."""
    if node is None:
        return
    yield node
    inner = node.nodes if isinstance(node, All | Any) else (node.node,) if isinstance(node, Not) else ()
    for each in inner:
        yield from nodes(each)


class _Reader:
    """Goes through the text once, from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._read = 0
        self._depth = 0
        self._skip()

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._text)

    def error(self, problem: str, length: int = 1, *, unfinished: bool = False, begun: int | None = None) -> FilterError:
        return FilterError(problem, self._text, self._at, self._at + length, unfinished=unfinished, begun=begun)

    def expect_end(self) -> None:
        """Raise a FilterError if there is more."""
        if not self.at_end:
            raise self.error("this bracket was never opened")

    def alternatives(self) -> Node:
        """Conditions with OR between them."""
        found = [self._together()]
        while self._took("OR"):
            found.append(self._together())
        return found[0] if len(found) == 1 else Any(tuple(found))

    def _together(self) -> Node:
        """Conditions side by side, or with AND between them."""
        found = [self._single()]
        while not self.at_end and self._text[self._at] != ")" and not self._stands("OR"):
            self._took("AND")
            found.append(self._single())
        return found[0] if len(found) == 1 else All(tuple(found))

    def _single(self) -> Node:
        self._read += 1
        if self._read > _MOST:
            raise self.error(f"a filter has at most {_MOST} conditions; take some out")
        if self._took("NOT"):
            denied = self._single()
            return denied.node if isinstance(denied, Not) else Not(denied)
        if self.at_end:
            raise self.error("a condition is missing at the end", unfinished=True)
        character = self._text[self._at]
        for word in ("AND", "OR"):
            if self._stands(word):
                raise self.error(f"a condition is missing before {word}", len(word))
        if character == "(":
            return self._bracket()
        if character == ")":
            raise self.error("a condition is missing before this bracket")
        if character == '"':
            start = self._at
            return Words(self._quoted(), start)
        return self._comparison() or self._word()

    def _bracket(self) -> Node:
        opened = self._at
        if self._depth == _DEEPEST:
            raise self.error(f"brackets stand at most {_DEEPEST} deep within each other; take some out")
        self._advance(1)
        self._depth += 1
        inner = self.alternatives()
        self._depth -= 1
        if self.at_end:
            problem = "this bracket is not closed"
            raise FilterError(problem, self._text, opened, opened + 1, unfinished=True)
        self._advance(1)
        return inner

    def _comparison(self) -> Node | None:
        """`field=value`; None if it is something else."""
        found = _FIELD.match(self._text, self._at)
        if found is None:
            return None
        start, name, operator = self._at, found[1], found[2] or found[3]
        self._advance(found.end() - found.start())
        at = self._at
        if not self.at_end and self._text[at] == '"':
            return Comparison(name, operator, self._quoted(), start, at, self._at)
        value = _VALUE.match(self._text, self._at)
        if value is None:
            raise self.error(f"a value is missing after {name}{operator}", unfinished=self.at_end, begun=start)
        self._advance(value.end() - at)
        return Comparison(name, operator, value[0], start, at, value.end())

    def _word(self) -> Node:
        found = _WORD.match(self._text, self._at)
        assert found is not None, "what is no blank, bracket or quote is a word"
        start = self._at
        self._advance(found.end() - start)
        return Flag(found[0]) if found[0] in FLAGS else Words(found[0], start)

    def _quoted(self) -> str:
        """What stands in quotes; up to the end where they are not closed yet."""
        end = self._text.find('"', self._at + 1)
        end = len(self._text) if end < 0 else end
        inner = self._text[self._at + 1 : end]
        self._advance(end + 1 - self._at)
        return inner

    def _stands(self, word: str) -> bool:
        """Whether this word of the language is next."""
        end = self._at + len(word)
        return self._text.startswith(word, self._at) and (end >= len(self._text) or self._text[end] in ' \t\n()"')

    def _took(self, word: str) -> bool:
        if not self._stands(word):
            return False
        self._advance(len(word))
        return True

    def _advance(self, count: int) -> None:
        self._at += count
        self._skip()

    def _skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
