"""Postal addresses of any country in text with capitals: from a house or flat number to the end of the place.

An address is found at an anchor (a flat, "12 Something 3", a word that ends streets, "lives at ...") and followed to
both sides as long as numbers and capitalized words go on.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.lexicon import Weight, clinical_words, cues, is_word, surnames, towns
from therapyflows.governance.phi.model import Detection, IdentifierType

_TOKEN = re.compile(r"\d+[\w/-]*|[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_GAP = re.compile(r"[ \t]{0,4}[,.#()/]{0,2}[ \t]{0,4}(?:\r?\n[>?*, \t\n]{0,6})?")
_UNITS = frozenset({"apt", "apartment", "suite", "ste", "unit", "box", "psc", "flat", "lot", "bldg", "building"})
_MILITARY = frozenset({"apo", "fpo", "dpo"})
_STREET_ENDS = (
    "strasse",
    "straße",
    "gasse",
    "gatan",
    "gata",
    "gate",
    "vagen",
    "veien",
    "vej",
    "vegen",
    "tie",
    "katu",
    "laan",
    "straat",
    "utca",
    "ulica",
    "weg",
    "platz",
    "stien",
    "brekka",
    "gotu",
    "plads",
    "allee",
)
_STREET_WORDS = frozenset(
    {
        "rue",
        "via",
        "calle",
        "avenida",
        "av",
        "rua",
        "ulica",
        "ul",
        "ulice",
        "plaza",
        "paseo",
        "viale",
        "piazza",
        "chemin",
        "corso",
        "boulevard",
        "bd",
        "impasse",
        "quai",
        "carrer",
        "camino",
        "avenue",
        "ave",
        "street",
        "st",
        "road",
        "rd",
        "drive",
        "dr",
        "lane",
        "ln",
        "court",
        "ct",
        "place",
        "pl",
        "terrace",
        "close",
        "crescent",
        "square",
        "way",
        "route",
        "squares",
        "streets",
        "path",
        "parkway",
        "highway",
        "blvd",
        "circle",
        "trail",
        "str",
        "utca",
        "ut",
        "rkp",
    }
)
_STREET_PREFIXES = frozenset(
    {
        "rue",
        "via",
        "calle",
        "avenida",
        "rua",
        "ulica",
        "viale",
        "piazza",
        "chemin",
        "corso",
        "paseo",
        "carrer",
        "avenue",
        "boulevard",
        "rúa",
        "impasse",
    }
)
_PARTICLES = frozenset(
    {
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "del",
        "di",
        "da",
        "do",
        "dos",
        "van",
        "der",
        "den",
        "von",
        "nad",
        "and",
        "of",
        "the",
        "nan",
        "og",
        "al",
        "el",
        "pod",
        "ul",
    }
)
_LABELS = frozenset(
    {"phone", "mobile", "desk", "fax", "email", "mail", "website", "tel", "cell", "office", "name", "dob"}
)
_CUE = re.compile(
    r"\b(?:address(?:\sof\s[^\n.]{1,40}?)?(?:\sis|:)|liv(?:e|es|ed|ing)\sat|resid(?:e|es|ing|ent)\s(?:at|of)|located\sat|"
    r"(?:return|deliver|ship|mail|send|taxi|moved)\s(?:\w+\s){0,2}to|office\sis\s(?:at|on)|(?:meet|find|drops?|pick)\s"
    r"(?:\w+\s){1,3}at|(?:it['’]?s|is|are)\s(?:in|at|on)|corner\sof|here\sthey\sare:|following\?|linked\sto\s(?:\w+\s){1,4}to)\s+",
    re.IGNORECASE,
)
_CORNER = re.compile(r"(?:the\s)?corner\sof\s+$", re.IGNORECASE)
_LONGEST = 14


@dataclass(slots=True)
class _Token:
    start: int
    end: int
    key: str
    number: bool
    capital: bool


class Addresses:
    """A Detector of postal addresses."""

    def detect(self, text: str) -> Iterator[Detection]:
        tokens = _tokens(text)
        if not any(token.number for token in tokens):
            return
        reached = -1
        for first, last in _anchors(text, tokens):
            if last <= reached:
                continue
            first, last = max(_leftwards(text, tokens, first), reached + 1), _rightwards(text, tokens, last)
            corner = _CORNER.search(text, max(0, tokens[first].start - 20), tokens[first].start)
            start = corner.start() if corner else tokens[first].start
            yield Detection(start, tokens[last].end, IdentifierType.ADDRESS)
            yield from _letterhead(text, start)
            reached = last


def _letterhead(text: str, start: int) -> Iterator[Detection]:
    """The firm in the line above an address that begins its own line."""
    line = text.rfind("\n", 0, start) + 1
    if line == 0 or text[line:start].strip("> ?*\t"):
        return
    above = text.rfind("\n", 0, line - 1) + 1
    written = text[above : line - 1]
    words = _TOKEN.findall(written)
    if 0 < len(words) < 7 and ":" not in written and all(w[0].isupper() or w.lower() in _PARTICLES for w in words):
        first = _TOKEN.search(written)
        assert first is not None
        yield Detection(above + first.start(), above + len(written.rstrip()), IdentifierType.ORGANIZATION)


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(
            m.start(),
            m.end(),
            fold(m.group()),
            m.group()[0].isdigit(),
            m.group()[0].isupper() or not m.group()[0].isascii(),
        )
        for m in _TOKEN.finditer(text)
    ]


def _adjacent(text: str, tokens: list[_Token], at: int) -> bool:
    """Whether the token after ``at`` belongs to the same run of words and numbers."""
    return at + 1 < len(tokens) and _GAP.fullmatch(text, tokens[at].end, tokens[at + 1].start) is not None


def _anchors(text: str, tokens: list[_Token]) -> Iterator[tuple[int, int]]:
    starts = [token.start for token in tokens]
    cued = {bisect_left(starts, match.end()) for match in _CUE.finditer(text)}
    for at, token in enumerate(tokens):
        if at in cued and (last := _cued_end(text, tokens, at)) is not None:
            yield at, last
        elif not _adjacent(text, tokens, at):
            continue
        elif ((token.key in _UNITS and token.capital) or token.key in ("apt", "ste")) and tokens[at + 1].number:
            yield at, at + 1
        elif token.key in _MILITARY and at + 2 < len(tokens) and tokens[at + 2].number:
            yield at, at + 2
        elif token.number and (last := _between_numbers(text, tokens, at)) is not None:
            yield at, last
        elif token.capital and tokens[at + 1].number and _ends_street(token.key) and len(tokens[at + 1].key) < 5:
            yield at, at + 1
        elif token.capital and (last := _named_street(text, tokens, at)) is not None:
            yield at, last


def _named_street(text: str, tokens: list[_Token], at: int) -> int | None:
    """ "Via Tasso 129", "Hoge Wei 32 St.": the last token of a street whose number comes after its name."""
    first = tokens[at].key in _STREET_PREFIXES
    for following in range(at + 1, min(at + 6, len(tokens))):
        token = tokens[following]
        if not re.fullmatch(r"\.?[ \t]+", text[tokens[following - 1].end : token.start]):
            return None
        if token.number:
            if following == at + 1 or len(token.key) > 5:
                return None
            after = tokens[following + 1].key if _adjacent(text, tokens, following) else ""
            return following if first or after in ("st", "street") else None
        if not token.capital and token.key not in _PARTICLES:
            return None
    return None


def _ends_street(key: str) -> bool:
    return len(key) > 6 and key.endswith(_STREET_ENDS) and not is_word(key)


def _between_numbers(text: str, tokens: list[_Token], at: int) -> int | None:
    """ "5850 Jana Nerudy 894", "12 Rue Gafsa": the last token of a street between or after numbers, all in one line."""
    street = False
    for following in range(at + 1, min(at + 6, len(tokens))):
        token = tokens[following]
        gap = text[tokens[following - 1].end : token.start]
        if not re.fullmatch(r"\.?[ \t]+", gap):
            return None
        if token.number:
            if following > at + 1:
                return following if street else None
            continue
        if not token.capital and token.key not in _PARTICLES and token.key not in _STREET_WORDS:
            return None
        if token.key in _STREET_WORDS and token.capital and following > at + 1:
            return following
        known = towns().get(token.key, 0) or surnames().get(token.key, 0) >= Weight.SOMETIMES
        street = (
            street or _ends_street(token.key) or token.key in _STREET_WORDS or bool(known) or not is_word(token.key)
        )
    return None


def _cued_end(text: str, tokens: list[_Token], at: int) -> int | None:
    """The first number of the run after a cue; None when the run has none, or is a dose ("on Prozac 20 mg")."""
    if tokens[at].key in clinical_words():
        return None
    for following in range(at, min(at + _LONGEST, len(tokens))):
        token = tokens[following]
        if following > at and not _adjacent(text, tokens, following - 1):
            return None
        if token.number:
            ends = not _adjacent(text, tokens, following)
            goes_on = not ends and (tokens[following + 1].capital or tokens[following + 1].number)
            return following if goes_on or following > at else None
        if not token.capital and token.key not in _PARTICLES and token.key not in _STREET_WORDS:
            return None
    return None


def _leftwards(text: str, tokens: list[_Token], at: int) -> int:
    """From an anchor back to the number or street that begins the address."""
    first = begins = at
    for before in range(at - 1, max(at - _LONGEST, -1), -1):
        token = tokens[before]
        if not _adjacent(text, tokens, before) or token.key in _LABELS or token.key in cues()["never_alone"]:
            break
        if not (token.number or token.capital or token.key in (*_PARTICLES, *_STREET_WORDS, *_UNITS)):
            break
        first = before
        if token.number or token.key in _UNITS:
            begins = before
        elif "\n" in text[token.end : tokens[before + 1].start] and begins <= before + 1:
            break
    if begins == at and first < at and tokens[at - 1].number is False:
        # "Puruntie Apt. 5": a street without a number, in the same line.
        begins = at
    return begins


def _rightwards(text: str, tokens: list[_Token], at: int) -> int:
    """From an anchor on to the end of the place: further numbers, the town, the country, the ZIP code."""
    last = at
    for following in range(at + 1, min(at + _LONGEST, len(tokens))):
        token = tokens[following]
        if not _adjacent(text, tokens, following - 1) or token.key in _LABELS or token.key in cues()["never_alone"]:
            break
        gap = text[tokens[following - 1].end : token.start]
        if re.search(r"\.\s", gap) and len(tokens[following - 1].key) > 4:
            break
        if token.number or token.capital or token.key in _UNITS:
            if "\n" in gap and text[token.end : token.end + 1] == ":":
                break
            last = following
        elif token.key not in _PARTICLES:
            break
    return last
