"""The tokens of one conversation: which one stands for what.

``[CLIENT]``, ``[CLIENT_MOTHER]``, ``[PERSON_2]``; days as ``[DATE+3d]``, counted from the session; ``[ZIP_021]``;
``[AGE_OVER_89]``.  Another spelling of the same thing has a token of the same family, ``[PERSON_2.3]``, so that every
text can be restored to the letter.  Within one conversation the same spelling always gets the same token: a second call
can speak of what the first one said.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from therapyflows.governance.phi.dates import read_date
from therapyflows.governance.phi.model import NAMES, SINGULAR, ChartIdentifiers, IdentifierType
from therapyflows.governance.phi.relationships import relationship_label
from therapyflows.governance.phi.safe_harbor import OVER_OLDEST_AGE, tells_old_age, zip3
from therapyflows.governance.phi.strangers import Strangers


@dataclass(frozen=True, slots=True)
class Given:
    """A token that was given out."""

    token: str
    type: IdentifierType
    entity: str = field(repr=False)
    """Who or what it is: spellings of one entity are a family."""
    spelling: str = field(repr=False)


class TokenBook:
    """The tokens of one conversation about one client.

    Days count from ``anchor``, the day of the session; without one, from the first certain date: ``[DATE_1]``, then
    ``[DATE_1+8d]``.
    """

    def __init__(self, identifiers: ChartIdentifiers | None = None, anchor: date | None = None) -> None:
        self._anchor, self._counted_from = anchor, "DATE" if anchor else ""
        self._given: list[Given] = []
        self._originals: dict[str, str] = {}
        self._families: dict[tuple[IdentifierType, str], str] = {}
        """The name of each family, ``PERSON_2``."""
        self._tokens: dict[tuple[IdentifierType, str, str], str] = {}
        self._by_spelling: dict[tuple[IdentifierType, str], str] = {}
        """Of what the chart does not know: as it was read when it was first said."""
        self._spellings: Counter[str] = Counter()
        """Spellings so far by family name."""
        self._numbers: Counter[IdentifierType] = Counter()
        self._strangers = Strangers()
        self._relations = _relations(identifiers or ChartIdentifiers())
        self._reserved = {re.sub(r"_\d+$", "", family) for family in self._relations.values()}

    @property
    def token_map(self) -> Mapping[str, str]:
        """What each token stands for: a view that goes with the conversation."""
        return MappingProxyType(self._originals)

    def given(self, since: int = 0) -> tuple[Given, ...]:
        """The tokens in the order they were given out, from that number on: what ``take_back`` goes on with."""
        return tuple(self._given[since:])

    def take_back(self, given: Iterable[Given]) -> None:
        """Go on where a book with these tokens ended."""
        for one in given:
            family = one.token.strip("[]").split(".")[0]
            if one.type is IdentifierType.PERSON:
                self._strangers.know(one.entity, one.spelling)
            if match := re.fullmatch(rf"{one.type}(?:_(\d+))?", family):
                self._numbers[one.type] = max(self._numbers[one.type], int(match[1] or 1))
                if one.type is IdentifierType.DATE and self._anchor is None and (day := read_date(one.entity)):
                    self._anchor, self._counted_from = day, family
            self._families.setdefault((one.type, one.entity), family)
            self._enter(one)

    def introduce(self, spelling: str, relationship: str) -> None:
        """The text says what a person outside the chart is to the client ("my mother Anna").

        Where somebody has that name already, the person stays a person: one of two sisters would need a number, and a
        token that loses its number must not become somebody else.
        """
        family = f"CLIENT_{relationship}"
        owner = (IdentifierType.PERSON, self._strangers.entity_of(spelling))
        if owner not in self._families and family not in self._reserved:
            self._families[owner] = family
            self._reserved.add(family)

    def token_for(self, type_: IdentifierType, entity: str, spelling: str) -> str:
        """The token of this spelling of this person or thing.  ``entity``: who it is, when the chart says so."""
        known = self._tokens.get((type_, entity, spelling)) if entity else self._by_spelling.get((type_, spelling))
        return known or self._new_token(type_, entity, spelling)

    def _new_token(self, type_: IdentifierType, entity: str, spelling: str) -> str:
        day = self._day(entity, spelling) if type_ is IdentifierType.DATE else None
        if day is not None:
            entity = day.isoformat()
        elif not entity:
            entity = self._strangers.entity_of(spelling) if type_ is IdentifierType.PERSON else spelling.casefold()
        owner = (type_, entity)
        if owner not in self._families:
            self._families[owner] = self._family_of(type_, entity, spelling, day)
        known = self._tokens.get((type_, entity, spelling))
        if known is not None:
            return known
        family = self._families[owner]
        number = self._spellings[family] + 1
        token = f"[{family}.{number}]" if number > 1 else f"[{family}]"
        self._enter(Given(token, type_, entity, spelling))
        return token

    def _enter(self, one: Given) -> None:
        self._given.append(one)
        self._originals[one.token] = one.spelling
        self._tokens[one.type, one.entity, one.spelling] = one.token
        self._by_spelling.setdefault((one.type, one.spelling), one.token)
        self._spellings[self._families[one.type, one.entity]] += 1

    def _family_of(self, type_: IdentifierType, entity: str, spelling: str, day: date | None) -> str:
        if day is not None:
            return self._family_of_day(day)
        if type_ is IdentifierType.ZIP:
            return f"ZIP_{zip3(entity) if zip3(entity) != '000' else zip3(spelling)}"
        if type_ is IdentifierType.AGE:
            return OVER_OLDEST_AGE
        if entity in self._relations:
            return self._relations[entity]
        return self._numbered(type_)

    def _numbered(self, type_: IdentifierType) -> str:
        self._numbers[type_] += 1
        number = self._numbers[type_]
        return type_.value if type_ in SINGULAR and number == 1 else f"{type_.value}_{number}"

    def _day(self, entity: str, spelling: str) -> date | None:
        return read_date(spelling, self._anchor) or read_date(entity)

    def _family_of_day(self, day: date) -> str:
        if self._anchor is None:
            self._counted_from = self._numbered(IdentifierType.DATE)
            self._anchor = day
            return self._counted_from
        if tells_old_age(day, self._anchor):
            return self._numbered(IdentifierType.DATE)
        return f"{self._counted_from}{(day - self._anchor).days:+d}d"


def _relations(identifiers: ChartIdentifiers) -> dict[str, str]:
    """Names of the families of the chart's people whose relationship is known, by entity.

    Where two have the same one, both get a number: a token that lost its number must not become somebody else.
    """
    labels: dict[str, str] = {}
    for identifier in identifiers.of(IdentifierType.CLIENT_CONTACT):
        label = relationship_label(identifier.relationship)
        if label and identifier.key not in labels:
            labels[identifier.key] = f"CLIENT_{label}"
    often = Counter(labels.values())
    numbers: Counter[str] = Counter()
    for entity, label in labels.items():
        if often[label] > 1:
            numbers[label] += 1
            labels[entity] = f"{label}_{numbers[label]}"
    return labels


def tokens_of_people(identifiers: ChartIdentifiers) -> Mapping[str, str]:
    """What the tokens of the chart's people stand for, where the chart alone tells: by name.

    Whose number depends on who is spoken of first (``[CLIENT_CONTACT_2]``) is left out.
    """
    names: dict[tuple[IdentifierType, str], list[str]] = {}
    for identifier in identifiers.of(*NAMES):
        names.setdefault((identifier.type, identifier.key), []).append(identifier.value.strip())
    relations, alike = _relations(identifiers), Counter(type_ for type_, _ in names)
    unrelated = sum(1 for type_, entity in names if type_ is IdentifierType.CLIENT_CONTACT and entity not in relations)
    found: dict[str, str] = {}
    for (type_, entity), parts in names.items():
        if entity in relations:
            found[f"[{relations[entity]}]"] = _full_name(parts)
        elif type_ in SINGULAR and alike[type_] == 1:
            found[f"[{type_}]"] = _full_name(parts)
        elif type_ is IdentifierType.CLIENT_CONTACT and unrelated == 1:
            found[f"[{type_}_1]"] = _full_name(parts)
    return found


def _full_name(parts: list[str]) -> str:
    """The first value that is a whole name; else first and last name, as charts hold them, in this order."""
    return next((part for part in parts if " " in part), " ".join(parts[:2]))
