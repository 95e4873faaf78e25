"""Looking at a token's neighbours."""

from collections.abc import Sequence

from therapyflows.core.session_note.evidence_drafter.speech import Kind, Token


def norms(tokens: Sequence[Token], start: int, count: int) -> tuple[str, ...]:
    return tuple(token.norm for token in tokens[start : start + count] if token.kind is Kind.WORD)


def at(tokens: Sequence[Token], index: int) -> str:
    """The word at the index, or an empty string."""
    return tokens[index].norm if 0 <= index < len(tokens) and tokens[index].kind is Kind.WORD else ""


def is_comma(tokens: Sequence[Token], index: int) -> bool:
    return 0 <= index < len(tokens) and tokens[index].kind is Kind.COMMA


def commas_around(tokens: Sequence[Token], index: int, length: int) -> bool:
    return is_comma(tokens, index - 1) and is_comma(tokens, index + length)
