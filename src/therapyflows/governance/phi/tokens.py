"""Tokens that stand for identifiers, and the way back.

A token is ``[CLIENT]``, ``[PERSON_2]`` or, for another spelling of the same person, ``[PERSON_2.3]``.  Within one
conversation the same spelling always gets the same token, so that a second call can speak of what the first one said.
"""

import re
from collections.abc import Mapping

from therapyflows.governance.phi.model import SINGULAR, IdentifierType

_TYPES = "|".join(sorted((t.value.replace("_", r"[\s_-]?") for t in IdentifierType), key=len, reverse=True))
TOKEN_LIKE = re.compile(
    rf"\[\s*(?i:{_TYPES})(?:[\s_-]*\d+)?(?:\.\d+)?\s*\]"  # a token, or one that was altered
    rf"|\b(?i:{_TYPES})_\d+(?:\.\d+)?\b"  # one that lost its brackets
    r"|\[[A-Z][A-Z_ -]*[\d.]*\]"  # one of a type that does not exist
)
"""Everything that is a token or could be taken for one."""


class UnknownToken(ValueError):
    """A text holds something like a token that stands for nothing.  The message carries no text."""

    def __init__(self) -> None:
        super().__init__("the text holds a token that was never given out")


def restore(text: str, token_map: Mapping[str, str]) -> str:
    """The text with every token replaced by what it stands for.  Raises UnknownToken."""

    def original(match: re.Match[str]) -> str:
        if match.group() not in token_map:
            raise UnknownToken
        return token_map[match.group()]

    return TOKEN_LIKE.sub(original, text)


class TokenBook:
    """The tokens of one conversation about one client."""

    def __init__(self) -> None:
        self._originals: dict[str, str] = {}
        self._spellings: dict[tuple[IdentifierType, str], dict[str, str]] = {}

    @property
    def token_map(self) -> Mapping[str, str]:
        """What each token stands for."""
        return dict(self._originals)

    def token_for(self, type_: IdentifierType, entity: str, spelling: str) -> str:
        """The token of this spelling of this person or thing."""
        known = self._spellings.setdefault((type_, entity or self._stranger(type_, spelling)), {})
        if spelling not in known:
            known[spelling] = self._new_token(type_, known)
            self._originals[known[spelling]] = spelling
        return known[spelling]

    def _stranger(self, type_: IdentifierType, spelling: str) -> str:
        """Who a name outside the chart belongs to: somebody whose full name was said already, or a new person."""
        folded = spelling.casefold()
        if type_ is not IdentifierType.PERSON:
            return folded
        words = set(folded.split())
        heard = (key for other, key in self._spellings if other is type_)
        return next((key for key in heard if words <= set(key.split()) or words >= set(key.split())), folded)

    def _new_token(self, type_: IdentifierType, known: dict[str, str]) -> str:
        if known:
            return f"{next(iter(known.values()))[:-1]}.{len(known) + 1}]"
        number = sum(1 for other, _ in self._spellings if other is type_)
        return f"[{type_}]" if type_ in SINGULAR and number == 1 else f"[{type_}_{number}]"
