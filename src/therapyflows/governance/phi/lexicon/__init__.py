"""Names, towns and words: what a word may be when the chart does not know it.

The lists are written by ``benchmarks/extract_names.py``, which names their sources; ``cues.yaml`` is by hand.
"""

import re
from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from importlib.resources import files

import yaml


class Weight(IntEnum):
    """How much a listed name says by itself."""

    NONE = 0
    RARELY = 1
    """Mostly another word; a name only where something else says so."""
    SOMETIMES = 2
    """Mostly another word, yet a common surname."""
    NAME = 3


_MARKS = {"!": Weight.RARELY, "~": Weight.SOMETIMES}


def _lines(name: str) -> list[str]:
    text = (files(__package__) / name).read_text("utf-8")
    return [line for line in text.split("\n") if line and line[0] != "#"]


def _weighted(name: str) -> Mapping[str, Weight]:
    return {line.rstrip("!~"): _MARKS.get(line[-1], Weight.NAME) for line in _lines(name)}


@lru_cache(maxsize=1)
def first_names() -> Mapping[str, Weight]:
    return _weighted("first_names.txt")


@lru_cache(maxsize=1)
def surnames() -> Mapping[str, Weight]:
    return _weighted("surnames.txt")


@lru_cache(maxsize=1)
def towns() -> Mapping[str, Weight]:
    """Also of several words ("san diego")."""
    return _weighted("towns.txt")


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """But for the United States.  A country says more about somebody the fewer come from there."""
    return frozenset((*_lines("countries.txt"), "netherlands", "czech republic", "great britain"))


def states() -> Mapping[str, str]:
    """The states of the United States and their abbreviations, in lower case."""
    return _STATES


def state_codes() -> frozenset[str]:
    return frozenset(_STATES.values())


@lru_cache(maxsize=1)
def eponyms() -> frozenset[str]:
    """Names that own a disease."""
    return frozenset(_lines("eponyms.txt"))


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    return frozenset((*_lines("words.txt"), *_lines("clinical.txt"), *_lines("proper_nouns.txt")))


@lru_cache(maxsize=1)
def clinical_words() -> frozenset[str]:
    """Medicines, and words of diagnoses that no dictionary has."""
    return frozenset(_lines("clinical.txt"))


@lru_cache(maxsize=1)
def cues() -> Mapping[str, frozenset[str]]:
    """The lists of ``cues.yaml``."""
    data = yaml.safe_load((files(__package__) / "cues.yaml").read_text("utf-8"))
    return {name: frozenset(words) for name, words in data.items()}


_STATES = {
    "alabama": "al", "alaska": "ak", "arizona": "az", "arkansas": "ar", "california": "ca", "colorado": "co",
    "connecticut": "ct", "delaware": "de", "florida": "fl", "georgia": "ga", "hawaii": "hi", "idaho": "id",
    "illinois": "il", "indiana": "in", "iowa": "ia", "kansas": "ks", "kentucky": "ky", "louisiana": "la",
    "maine": "me", "maryland": "md", "massachusetts": "ma", "michigan": "mi", "minnesota": "mn",
    "mississippi": "ms", "missouri": "mo", "montana": "mt", "nebraska": "ne", "nevada": "nv", "ohio": "oh",
    "oklahoma": "ok", "oregon": "or", "pennsylvania": "pa", "tennessee": "tn", "texas": "tx", "utah": "ut",
    "vermont": "vt", "virginia": "va", "washington": "wa", "wisconsin": "wi", "wyoming": "wy",
    "new hampshire": "nh", "new jersey": "nj", "new mexico": "nm", "new york": "ny", "north carolina": "nc",
    "north dakota": "nd", "rhode island": "ri", "south carolina": "sc", "south dakota": "sd", "west virginia": "wv",
    "district of columbia": "dc",
}  # fmt: skip
_ENDINGS = (
    ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ied", "y"), ("d", ""), ("ing", ""), ("ing", "e"),
    ("ings", ""), ("ly", ""), ("ily", "y"), ("er", ""), ("er", "e"), ("ers", ""), ("est", ""), ("ier", "y"),
    ("iest", "y"), ("ness", ""), ("able", ""), ("ation", "e"), ("ization", "ize"), ("n't", ""), ("n't", "n"),
    ("'s", ""), ("'re", ""), ("'ve", ""), ("'ll", ""), ("'d", ""), ("'m", ""), ("ment", ""), ("less", ""), ("ful", ""),
    ("in", "ing"),
)  # fmt: skip
_MEDICAL = re.compile(
    r"\w{3}(?:gram|graphy|itis|osis|osing|a?emia|uria|algia|(?:ec|o|os)tomy|plasty|scopy|path(?:y|ic)|megaly|cyt(?:e|es|ic)|"
    r"genic|lysis|lytic|penia|rrhea|rrhage|troph(?:y|ic)|inine|idine|cillin|mycin|olol|pril|sartan|statin|azole|zepam|"
    r"zolam|xetine|mentary|utism|urism|oidism|neural|active|ation|olog(?:y|ist|ic|ical)|therapy|metry|meter|plegia|phagia|"
    r"phasia|pnea|cardia|cardial|vascular|muscular|skeletal|dermal|cutaneous)s?$"
)
"""Endings of words of medicine, of which no list has all."""
_DOUBLED = ("ed", "ing", "er", "ers", "est")
_PREFIXES = ("un", "re", "non", "over", "under", "pre", "mis", "dis", "anti", "co", "out", "self")


@lru_cache(maxsize=65536)
def is_word(key: str) -> bool:
    """Whether a (folded) word is English, medical or a proper noun that is neither person nor town."""
    if _is_stem(key) or _MEDICAL.search(key):
        return True
    return any(key.startswith(prefix) and _is_stem(key[len(prefix) :]) for prefix in _PREFIXES)


def _is_stem(key: str) -> bool:
    known = _vocabulary()
    if key in known:
        return True
    for ending, instead in _ENDINGS:
        shortest = 0 if "'" in ending else 1
        if key.endswith(ending) and len(key) - len(ending) > shortest and key[: -len(ending)] + instead in known:
            return True
    return any(
        key.endswith(ending) and len(stem := key[: -len(ending)]) > 2 and stem[-1] == stem[-2] and stem[:-1] in known
        for ending in _DOUBLED
    )
