"""The text of a check as tokens, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from workbench.claims.errors import ClaimError


class TokenKind(Enum):
    """What a token is."""

    NUMBER = "number"
    WORD = "word"
    QUOTED = "quoted"  # a name in quotes
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a check."""

    kind: TokenKind
    text: str
    """Of a quoted name what is between the quotes."""
    at: int
    """The place of its first character."""

    @property
    def shown(self) -> str:
        """As messages speak of it."""
        return "the end" if self.kind is TokenKind.END else repr(self.text)


_NUMBER = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w|-[^\W\d])"
_WORD = r"\w+(?:-\w+)*"
_PATTERN = re.compile(
    rf'(?P<blank>\s+)|(?P<number>{_NUMBER})|(?P<word>{_WORD})|"(?P<quoted>[^"\n]*)"|(?P<sign><=|>=|\.\.|[-+*/<>=(),:%])',
)
_OWN_WORDS = ("layer", "layers")


def tokens(check: str) -> tuple[Token, ...]:
    """The tokens of a check, the last of which is its end.

    Raises:
        ClaimError: there is a character that means nothing here.
    """
    found: list[Token] = []
    place = 0
    while place < len(check):
        match = _PATTERN.match(check, place)
        if match is None:
            if check[place] == '"':
                raise ClaimError("a name in quotes is not closed on its line", check, place)
            raise ClaimError(f"{check[place]!r} means nothing here", check, place)
        kind = match.lastgroup
        if kind is not None and kind != "blank":
            found.append(Token(TokenKind(kind), match.group(kind), place))
        place = match.end()
    return (*found, Token(TokenKind.END, "", len(check)))


def name_text(name: str) -> str:
    """A name of an axis or a variation as a check writes it: in quotes where it would be read as something else."""
    return name if _is_bare(name.removeprefix("-"), signed=name.startswith("-")) else f'"{name}"'


def _is_bare(name: str, *, signed: bool) -> bool:
    match = _PATTERN.match(name)
    if match is None or match.end() < len(name) or name in _OWN_WORDS:
        return False
    return match.lastgroup == "number" or (match.lastgroup == "word" and not signed)
