"""Numbers said digit by digit: "six one seven five five five oh one nine nine", "x q z one two three four"."""

import re
from collections.abc import Iterator

from therapyflows.governance.phi.model import Detection, IdentifierType
from therapyflows.governance.phi.number_words import DIGIT_WORDS, digits_said

_DIGIT = "|".join(word for words in DIGIT_WORDS.values() for word in words)
_TEENS = "ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
_TENS = "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
_PIECE = rf"(?:double|triple|(?:{_DIGIT})\b(?:\shundred|\sthousand)?|(?:{_TEENS}|{_TENS})\b|\d{{1,4}}\b)"
_GAP = r"(?:[\s,.-]{1,3}|\s(?:dash|hyphen|dot|and|then|space|area\scode)\s)"
_RUN = re.compile(
    rf"(?<![\w$])(?:(?:[a-z]|plus|dash)[\s.-]{{1,2}}){{0,5}}{_PIECE}(?:{_GAP}(?:{_PIECE}|[a-z]\b)){{1,24}}",
    re.IGNORECASE,
)
_NEXT_CLAUSE = re.compile(r"(?:[\s,.-]+i|,\s*a)$", re.IGNORECASE)
"""The next clause's first word, taken for a letter of the number: "... four two, i live"."""
_LONG = 7
"""Digits from which on a number said digit by digit counts nothing."""
_CUES = (
    (re.compile(r"\b(?:born|birth\w*|d\so\sb|dob)\b", re.IGNORECASE), IdentifierType.DATE, 4),
    (re.compile(r"\bfax", re.IGNORECASE), IdentifierType.FAX, 7),
    (re.compile(r"\b(?:social|ssn|s\ss\sn)\b", re.IGNORECASE), IdentifierType.SSN, 4),
    (re.compile(r"\b(?:mrn|m\sr\sn|medical\srecord|(?:record|chart|patient)\s(?:id|number))\b", re.IGNORECASE),
     IdentifierType.RECORD_NUMBER, 3),
    (re.compile(r"\b(?:member|policy|subscriber|insurance|group|medicaid|medicare|plan)\b", re.IGNORECASE),
     IdentifierType.MEMBER_NUMBER, 3),
    (re.compile(r"\b(?:zip|postal)", re.IGNORECASE), IdentifierType.ZIP, 3),
    (re.compile(r"\b(?:plate|tag)s?\b", re.IGNORECASE), IdentifierType.VEHICLE_ID, 2),
    (re.compile(r"\blicen[cs]e|\bpassport|\bcertificate", re.IGNORECASE), IdentifierType.LICENSE_NUMBER, 3),
    (re.compile(r"\b(?:serial|device|pacemaker|implant)", re.IGNORECASE), IdentifierType.DEVICE_ID, 3),
    (re.compile(r"\b(?:account|card|routing)\b", re.IGNORECASE), IdentifierType.ACCOUNT_NUMBER, 3),
    (re.compile(r"\b(?:case|claim|docket|reference)\s(?:number|id)", re.IGNORECASE), IdentifierType.OTHER_ID, 3),
    (re.compile(r"\b(?:phone|cell|call|text|reach|number)\b", re.IGNORECASE), IdentifierType.PHONE, 7),
)  # fmt: skip
_LOOK_BACK = 45
"""Characters before a number in which its cue is looked for."""


class SpokenNumbers:
    """A Detector of long numbers in words, and of shorter ones after a word that says whose they are."""

    def detect(self, text: str) -> Iterator[Detection]:
        for match in _RUN.finditer(text):
            said = match.group()
            if text[match.end() : match.end() + 1] == " ":
                said = _NEXT_CLAUSE.sub("", said)
            if said.replace(" ", "").isdigit():
                continue
            digits, single = digits_said(said)
            type_ = _type(text[max(0, match.start() - _LOOK_BACK) : match.start()], digits)
            if type_ is None and digits >= _LONG and single:
                type_ = IdentifierType.PHONE if digits in (7, 10, 11) else IdentifierType.OTHER_ID
            if type_ is not None:
                yield Detection(match.start(), match.start() + len(said), type_)


def _type(before: str, digits: int) -> IdentifierType | None:
    """The type that the last cue before a number gives it."""
    found = [(list(cue.finditer(before)), type_) for cue, type_, least in _CUES if digits >= least]
    last = max(((matches[-1].start(), type_) for matches, type_ in found if matches), default=None, key=lambda f: f[0])
    return last[1] if last else None
