"""What a label asks for, put together from whom and what: "Their telephone number", "Name of person insured".

For labels that the table of synonyms does not know word for word.  Every word must have its part in the meaning, or be
one that says nothing ("please", "the"): else it is another label, or no label at all.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

CLIENT, THIS_PERSON, INSURED, INSURANCE, SOMEBODY_ELSE = "client", "this_person", "insured", "insurance", "other"
_SHORTEST_FUZZY, _FUZZY = 5, 84.0
_MOST_WORDS = 12
_PERSONS = ("emergency", "guardian")
_OF_PERSONS = {"name", "first_name", "last_name", "relationship", "phone"}
_OF_INSURED = {
    "name": "subscriber_name",
    "birth_date": "subscriber_birth_date",
    "relationship": "subscriber_relationship",
}
_OF_A_PLAN = re.compile(r"plan|carrier|insur|pay[eo]r")
_WHERE_TO_REACH = {
    "phone", "work_phone", "home_phone", "mobile_phone", "email",
    "address", "city", "state", "postal_code", "city_state_zip",
}  # fmt: skip
_OTHERS_SECTIONS = ("emergency", "guardian", "insurance_primary", "insurance_secondary")
_OF_PLAN = {"payer", "member_id", "group_number"}


@dataclass(frozen=True, slots=True)
class Composed:
    """``path`` None: an answer about somebody whose data are not taken."""

    path: str | None
    section: str | None


class Composer:
    def __init__(self, data: Mapping[str, Any]) -> None:
        self._people = {word: person for person, words in data["people"].items() for word in words}
        self._fillers = set(data["fillers"])
        self._things = [(thing, re.compile(pattern)) for thing, pattern in data["things"].items()]
        self._client = dict(data["client_fields"])
        self._known = [*self._people, *(word for word in self._fillers if len(word) >= _SHORTEST_FUZZY)]
        self._known += re.findall(r"[a-z]{5,}", " ".join(data["things"].values()))

    def compose(self, words: Sequence[str], section: str | None) -> Composed | None:
        """The meaning of the words of a label, in the section that it stands in; None when they are none."""
        if not words or len(words) > _MOST_WORDS:
            return None
        read = [self._read(word) for word in words]
        if "provider" in read and INSURANCE in (self._people.get(word) for word in read):
            read = ["company" if word == "provider" else word for word in read]  # who insures, and not who treats
        people = {self._people[word] for word in read if word in self._people}
        rest = " ".join(word for word in read if word not in self._people and word not in self._fillers)
        thing = self._thing(rest) if rest else _understood(read, people, section)
        if thing == "payer" and not (_OF_A_PLAN.search(rest) or _speaks_of_insurance(people, section)):
            return None  # "Company" may be where somebody works
        if thing == "number":
            thing = "member_id" if _speaks_of_insurance(people, section) else "phone"
        return None if thing is None else self._of(thing, people, section)

    def _read(self, word: str) -> str:
        """The word, or the one that it was before a letter was misread."""
        if word in self._people or word in self._fillers or len(word) < _SHORTEST_FUZZY:
            return word
        match = process.extractOne(word, self._known, scorer=fuzz.ratio, score_cutoff=_FUZZY)
        return str(match[0]) if match else word

    def _thing(self, rest: str) -> str | None:
        return next((thing for thing, pattern in self._things if pattern.fullmatch(rest)), None)

    def _of(self, thing: str, people: set[str], section: str | None) -> Composed | None:
        which = "secondary" if section == "insurance_secondary" or "secondary" in people else "primary"
        if SOMEBODY_ELSE in people or (section == "other" and not people):
            return Composed(None, "other")
        if thing in _OF_PLAN:
            insured = people <= {CLIENT, INSURED, INSURANCE, "secondary"}
            return Composed(f"insurance.{which}.{thing}", f"insurance_{which}") if insured else None
        if INSURED in people or (section in ("insurance_primary", "insurance_secondary") and THIS_PERSON in people):
            field = _OF_INSURED.get(thing)
            return Composed(f"insurance.{which}.{field}" if field else None, f"insurance_{which}")
        if thing == "birth_date" and section in ("insurance_primary", "insurance_secondary") and "guardian" in people:
            return Composed(f"insurance.{which}.subscriber_birth_date", section)  # of the parent who is insured
        person = next((name for name in _PERSONS if name in people), None)
        if person is None and section in _PERSONS:
            of_them = people <= {THIS_PERSON} or (thing == "relationship" and people <= {CLIENT, THIS_PERSON})
            person = section if of_them else None
        if person is not None:
            return _of_person(thing, person)
        if thing == "name" and people & {INSURANCE, "secondary"}:
            return Composed(f"insurance.{which}.payer", f"insurance_{which}")
        if THIS_PERSON in people or (not people and section not in (None, CLIENT) and thing in _OF_PERSONS):
            return None
        if INSURANCE in people and thing in _WHERE_TO_REACH:
            return Composed(None, f"insurance_{which}")  # of the insurer: its telephone, its address
        if section in _OTHERS_SECTIONS and CLIENT not in people and thing in _WHERE_TO_REACH - {"email"}:
            return Composed(None, section)  # where that person lives
        path = self._client.get(thing)
        return Composed(path, None) if path else None


def _speaks_of_insurance(people: set[str], section: str | None) -> bool:
    return bool(people & {INSURANCE, "secondary"}) or section in ("insurance_primary", "insurance_secondary")


def _understood(words: Sequence[str], people: set[str], section: str | None) -> str | None:
    """What is asked for without a word for it: "Client is the subscriber's", "Who are they to you?"."""
    if {CLIENT, INSURED} <= people or (section in _PERSONS and {CLIENT, THIS_PERSON} <= people):
        return "relationship"
    if people == {INSURED}:
        return "name"
    if "emergency" in people or {"guardian", "guardians"} & set(words):
        return "name"
    return "name" if INSURANCE in people and {"who", "what", "which", "with"} & set(words) else None


def _of_person(thing: str, person: str) -> Composed:
    whole = "emergency_contact" if person == "emergency" else person
    return Composed(f"{whole}.{thing}" if thing in _OF_PERSONS else None, person)
