"""A chart as a JSON file: the Client of the EHR contract, or any object whose keys name what they hold.

What keys mean stands in ``chart_keys.yaml``.  A key may name whom it is about, what it says, or both ("motherPhone");
people in lists are people of their own.  What cannot be read as an identifier is passed over.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from therapyflows.core.errors import Invalid
from therapyflows.governance.phi import ChartIdentifiers, Identifier, IdentifierType
from therapyflows.governance.phi.dates import read_date
from therapyflows.governance.phi.relationships import relationship_label
from therapyflows.integrations.documents.chart_keys import NOBODY, THINGS, Key, read_key

_DEEPEST = 24
_SHORTEST_CODE = 4
"""Shorter numbers identify nobody, and every count would be one."""
_TYPE_KEYS = ("type", "kind", "system", "identifierType", "identifier_type", "label")


@dataclass(frozen=True, slots=True)
class ChartFile:
    """What a chart file knows."""

    identifiers: ChartIdentifiers
    session_date: date | None = None


@dataclass(frozen=True, slots=True)
class _Person:
    """Whom a part of the file is about."""

    type: IdentifierType
    entity: str
    relationship: str = ""


_CLIENT = _Person(IdentifierType.CLIENT, "client")


def read_chart_file(content: bytes) -> ChartFile:
    """The chart in the file.  Raises Invalid: ``chart_unreadable``, ``chart_empty``."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise Invalid("chart_unreadable", "The chart is not valid JSON; see docs/integrators.md") from None
    return read_chart(data)


def read_chart(data: object) -> ChartFile:
    """The chart in a parsed JSON value.  Raises Invalid: ``chart_unreadable``, ``chart_empty``."""
    if not isinstance(data, Mapping | list):
        raise Invalid("chart_unreadable", "The chart is not a JSON object; see docs/integrators.md")
    reader = _Reader()
    found = ChartIdentifiers(tuple(dict.fromkeys(reader.read(data, _CLIENT, None, 0))))
    if not found.of():
        raise Invalid("chart_empty", "The chart holds nothing that names or locates anybody; see docs/integrators.md")
    return ChartFile(found, reader.session_date)


class _Reader:
    def __init__(self) -> None:
        self.session_date: date | None = None

    def read(self, value: object, person: _Person, kind: str | None, depth: int) -> Iterator[Identifier]:
        """Identifiers in a value that is about ``person`` and says ``kind`` (None: nothing yet)."""
        if depth > _DEEPEST:
            return
        if isinstance(value, Mapping):
            yield from self._object(value, person, kind, depth + 1)
        elif isinstance(value, list):
            for entry in value:
                yield from self.read(entry, person, kind, depth + 1)
        elif kind is not None and isinstance(value, str | int) and not isinstance(value, bool):
            yield from _identifiers(str(value).strip(), person, kind)

    def _object(self, value: Mapping[Any, Any], person: _Person, kind: str | None, depth: int) -> Iterator[Identifier]:
        keys = {str(name): read_key(str(name)) for name in value}
        related = {key.place: said for name, key in keys.items() if (said := _said(key, value[name]))}
        person = _as_related(person, related.get(""))
        typed = _type_of(value)
        if typed is not None:
            yield from self._about(_within(read_key(typed), kind, typed=True), value["value"], person, related, depth)
            return
        for name, key in keys.items():
            if key.says_session and self.session_date is None:
                self.session_date = read_date(str(value[name]))
            if not key.says_relationship:
                yield from self._about(_within(key, kind), value[name], person, related, depth)

    def _about(
        self, key: Key, value: object, person: _Person, related: Mapping[str, str], depth: int
    ) -> Iterator[Identifier]:
        if key.either:
            key = replace(key, kind=None) if _is_people(value) else replace(key, owner=None)
        if key.owner is None:
            yield from self.read(value, person, key.kind, depth)
            return
        owner = _as_related(_owner(key, person), related.get(key.place))
        if key.kind is not None:
            yield from self.read(value, owner, key.kind, depth)
        elif isinstance(value, list):
            for number, entry in enumerate(value, start=1):
                another = owner if owner is _CLIENT else replace(owner, entity=f"{owner.entity}/{number}")
                yield from self.read(entry, another, "NAME" if isinstance(entry, str) else None, depth)
        else:
            yield from self.read(value, owner, "NAME" if isinstance(value, str) else None, depth)


def _within(key: Key, kind: str | None, *, typed: bool = False) -> Key:
    """What a key means inside a value of a kind: the name of an employer is no person's name."""
    if kind in THINGS and (key.kind == "NAME" or key.owner):
        return Key(kind)
    if key.kind or key.owner:
        return key
    return Key("OTHER_ID" if typed and kind is None else kind)


def _owner(key: Key, person: _Person) -> _Person:
    match key.owner:
        case "client":
            return _CLIENT
        case "clinician":
            return _Person(IdentifierType.CLINICIAN, key.place)
        case relationship:
            label = "" if relationship in ("contact", None) else relationship.lower().replace("_", " ")
            return _Person(IdentifierType.CLIENT_CONTACT, f"{person.entity}/{key.place}", label)


def _as_related(person: _Person, said: str | None) -> _Person:
    """The person, as a list says who it is ("relationship": "mother", "role": "therapist")."""
    if said is None or person is _CLIENT:
        return person
    match read_key(said).owner:
        case "client":
            return _CLIENT
        case "clinician":
            return replace(person, type=IdentifierType.CLINICIAN)
        case _:
            return replace(person, relationship=said) if person.type is IdentifierType.CLIENT_CONTACT else person


def _said(key: Key, value: object) -> str | None:
    if not key.says_relationship:
        return None
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, Mapping):
        value = value.get("text") or value.get("display")
    return value if isinstance(value, str) else None


def _type_of(value: Mapping[Any, Any]) -> str | None:
    """What ``{"type": ..., "value": ...}`` is a value of; a type of FHIR says so in its text or coding."""
    if not isinstance(value.get("value"), str | int):
        return None
    said: object = next((value[name] for name in _TYPE_KEYS if name in value), None)
    if isinstance(said, Mapping):
        codings = said.get("coding")
        first = codings[0] if isinstance(codings, list) and codings else {}
        said = said.get("text") or (first.get("code") if isinstance(first, Mapping) else None)
    return said if isinstance(said, str) else None


def _is_people(value: object) -> bool:
    entries: Sequence[object] = value if isinstance(value, list) else [value]
    return any(isinstance(entry, Mapping) for entry in entries)


def _identifiers(value: str, person: _Person, kind: str) -> Iterator[Identifier]:
    if not any(char.isalnum() for char in value) or kind == NOBODY:
        return
    match kind:
        case "NAME":
            yield from _name(value, person)
        case "ADDRESS":
            yield from _address(value)
        case "DATE":
            day = read_date(value)
            yield Identifier(IdentifierType.DATE, day.isoformat() if day else value)
        case _:
            type_ = IdentifierType(kind)
            if not kind.endswith(("_NUMBER", "_ID")) or len(re.findall(r"[^\W_]", value)) >= _SHORTEST_CODE:
                yield Identifier(type_, value)


def _name(value: str, person: _Person) -> Iterator[Identifier]:
    relationship = person.relationship
    if person.type is IdentifierType.CLIENT_CONTACT and (match := re.search(r"\(([^)]*)\)\s*$", value)):
        # "Anna (mother)"
        relationship = relationship or (match[1] if relationship_label(match[1]) else "")
        value = value[: match.start()].strip() or value
    yield Identifier(person.type, value, person.entity, relationship)


def _address(value: str) -> Iterator[Identifier]:
    """An address whole, and its street, town and ZIP by themselves."""
    yield Identifier(IdentifierType.ADDRESS, value)
    parts = [part.strip() for part in re.split(r"[,\n]", value) if part.strip()]
    if len(parts) < 2:
        return
    yield Identifier(IdentifierType.ADDRESS, parts[0])
    for part in parts[1:]:
        if match := re.search(r"\b\d{5}(?:-\d{4})?\b", part):
            yield Identifier(IdentifierType.ZIP, match[0])
        words = part.split()
        town = [word for word in words if word.isalpha() and not (word.isupper() and len(word) == 2)]
        if town and len(town) + 2 >= len(words):
            yield Identifier(IdentifierType.LOCATION, " ".join(town))
