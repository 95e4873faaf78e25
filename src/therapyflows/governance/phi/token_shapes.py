"""What a token looks like, and what a token looks like that a model has altered.

A token is ``[CLIENT]``, ``[CLIENT_MOTHER]``, ``[PERSON_2]``, ``[DATE+3d]``, or for another spelling of the same thing
``[PERSON_2.3]``.  Models change case, spacing and brackets, break lines, escape and inflect; what they do not change
makes its key.  Everything that could be taken for a token is *like* one, in a source (where it gets a token of its own,
so that nobody can plant one) as in an answer (where it is restored, or refused).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from therapyflows.governance.phi.model import IdentifierType
from therapyflows.governance.phi.relationships import relationship_words
from therapyflows.governance.phi.word_lists import word_list

_LONGEST = 80
"""Characters between brackets that can still be a token."""
_MOST_WORDS = 4
_OPENING, _CLOSING = r"\[［【〔⟦{｛<＜", r"\]］】〕⟧}｝>＞"
_SQUARE = "[［【〔⟦"
_SQUARE_IN_CLASS = r"\[［【〔⟦"
MASK = "\N{NEGATIVE CIRCLED LATIN CAPITAL LETTER A}"
"""Stands in for what was found: no letter of a word, yet upper case, because lines with capitals are read otherwise."""
_BRACKETED = re.compile(
    rf"\\?([{_OPENING}])[{_OPENING}]?([^{_OPENING}{_CLOSING}{MASK}]{{1,{_LONGEST}}})[{_CLOSING}](?:\\?[{_CLOSING}])?"
)
BRACKETS = frozenset("[［【〔⟦{｛<＜]］】〕⟧}｝>＞\\_'’")
"""Characters beside which a text reads otherwise once a neighbour is gone."""
_IN_TOKENS = r"[\s_\\*`\u00ad\u200b-\u200d\u2060]"
"""What may come between the letters of a token without being part of it."""
_JUNK = re.compile(rf"{_IN_TOKENS}|[\"'’]\s*\+\s*[\"'’]")
_SHAPE = re.compile(
    r"(?P<label>AGEOVER89|[A-Z]+)(?P<number>\d*)(?P<days>[+-]\d+D?)?(?P<spelling>\.\d+)?(?P<ending>'?S)?"
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−﹣－", "-") | {"’": "'", "‘": "'", "＋": "+"})
_CAPITALS = re.compile(r"[A-Z][A-Z_ -]*[\d.]*")


@dataclass(frozen=True, slots=True)
class Likeness:
    """Something like a token at [start, end)."""

    start: int
    end: int
    key: str | None
    """What it says once everything is taken off that models change; None when that cannot be told."""
    ending: str = ""
    """``'s`` or ``s``, when it was put inside the brackets."""


def key_of(token: str) -> str:
    """The key of a token that was given out."""
    key, _ = _read(token.strip("[]"))
    assert key is not None
    return key


def token_likes(text: str) -> list[Likeness]:
    """Everything in the text that is a token or could be taken for one; disjoint, in order."""
    found = sorted((*_bracketed(text), *_bare(text)), key=lambda like: (like.start, -like.end))
    kept: list[Likeness] = []
    for like in found:
        if not kept or like.start >= kept[-1].end:
            kept.append(like)
    return kept


def _bracketed(text: str) -> Iterator[Likeness]:
    for match in _BRACKETED.finditer(text):
        body = match[2]
        key, ending = _read(body)
        label = label_of(key) if key else None
        if match[1] in _SQUARE:
            is_like = label is not None or _reads_like_one(body)
        else:
            is_like = label is not None and body.upper() == re.sub(r"(?<=\d)d", "D", body)
        if is_like:
            yield Likeness(match.start(), match.end(), key, ending)


def _bare(text: str) -> Iterator[Likeness]:
    for match in _bare_pattern().finditer(text):
        key, ending = _read(match["body"])
        yield Likeness(match.start(), match.end(), key, ending)


def _read(body: str) -> tuple[str | None, str]:
    """Key and ending of what stands between brackets; no key where digits were torn apart."""
    plain = unicodedata.normalize("NFKC", body).translate(_DASHES)
    if re.search(rf"\d(?:{_IN_TOKENS})+\d", plain):
        return None, ""
    joined = _JUNK.sub("", plain)
    joined = re.sub(r"-(?!\d)", "", joined)  # a hyphen between words, or before a line break
    if not re.match(r"(?i)date", joined):
        joined = joined.replace("-", "")
    upper = re.sub(r"(?<=\d)DAYS?\b", "D", joined.upper())
    match = _SHAPE.fullmatch(upper)
    if match is None:
        return None, ""
    label, ending = match["label"], match["ending"] or ""
    if not match["number"] and not match["days"] and not match["spelling"]:
        label, ending = _without_ending(label, ending)
    days = match["days"] or ""
    if days and not days.endswith("D"):
        if days.startswith("-"):  # "[DATE-1]" may be an altered "[DATE_1]"
            return None, ""
        days += "D"
    return f"{label}{match['number']}{days}{match['spelling'] or ''}", _as_written(ending, body)


def _without_ending(label: str, ending: str) -> tuple[str, str]:
    """ "CLIENTS" is the plural of a label, "ADDRESS" is one."""
    if not ending and label not in labels() and label.endswith("S") and label[:-1] in labels():
        return label[:-1], "S"
    return label, ending


def _as_written(ending: str, body: str) -> str:
    if not ending:
        return ""
    written = re.search(r"['’]?\s*[sS]\W*$", body)
    mark = written[0][0] if written and written[0][0] in "'’" else ""
    return f"{mark}s"


def label_of(key: str) -> str | None:
    """The label that the key begins with, if there is such a label."""
    match = re.match(r"AGEOVER89|[A-Z]+", key)
    return match[0] if match and match[0] in labels() else None


def _reads_like_one(body: str) -> bool:
    words = re.findall(r"[^\W_]+", body)
    if not words or len(words) > _MOST_WORDS or " ".join(words).casefold() in word_list("annotations"):
        return False
    first = words[0].upper().rstrip("0123456789")
    return first in first_words() or _CAPITALS.fullmatch(body.strip()) is not None


@lru_cache(maxsize=1)
def labels() -> frozenset[str]:
    """Every label there is, without separators."""
    of_relatives = {f"CLIENT{label.replace('_', '')}" for label in relationship_words().values()}
    return frozenset({type_.value.replace("_", "") for type_ in IdentifierType} | of_relatives | {"AGEOVER89"})


@lru_cache(maxsize=1)
def first_words() -> frozenset[str]:
    """The first word of every label, also in the plural."""
    return frozenset(
        form for type_ in IdentifierType for word in [type_.value.split("_")[0]] for form in (word, f"{word}S")
    )


@lru_cache(maxsize=1)
def _bare_pattern() -> re.Pattern[str]:
    """A token that lost a bracket or both: with a number in any case, with words joined by ``_`` in capitals."""
    join = r"(?:\\?_)"
    types = "|".join(sorted((t.value.replace("_", join) for t in IdentifierType), key=len, reverse=True))
    number = rf"{join}\d+(?:[+\-−–]\d+[dD])?(?:\.\d+)?"
    days = r"\\?[+\-−–]\d+[dD](?:\.\d+)?"
    capitals = rf"(?:CLIENT|AGE)(?:{join}[A-Z]+)+(?:{join}\d+)?(?:\.\d+)?"
    half = rf"(?<=[{_SQUARE_IN_CLASS}])(?:{types})|(?:{types})(?=\\?[\]］】〕⟧])"
    one = rf"(?:(?i:{types}){number}|(?i:DATE){days}|{capitals}|{half})"
    return re.compile(rf"(?:\\?[{_OPENING}])?(?<![^\W_])(?P<body>{one}(?:['’]?s)?)(?![^\W_])(?:\\?[{_CLOSING}])?")
