"""A portal's web form: answers by name, flat or nested, or a list of questions with answers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from therapyflows.core.errors import NotFound, UnusableSource
from therapyflows.core.intake.fields import field_at
from therapyflows.core.intake.model import (
    ConsentTopic,
    Extracted,
    FormSource,
    IntakeForm,
    Medication,
    Method,
    SignedConsent,
)
from therapyflows.core.intake.page import Field, Page, Rect
from therapyflows.core.intake.reading.answers import Answer
from therapyflows.core.intake.reading.assembling import FEWEST_LABELS, with_found
from therapyflows.core.intake.reading.meaning import YES_NO, field_of
from therapyflows.core.intake.reading.named_fields import path_of_name
from therapyflows.core.intake.reading.page_reading import Label, Reading
from therapyflows.core.intake.reading.sheet import Sheet
from therapyflows.core.intake.reading.values import day, is_absent, tidy
from therapyflows.core.intake.reading.vocabulary import plain, vocabulary

_QUESTION, _ANSWER = ("label", "question", "name", "key", "field", "title"), ("value", "answer", "response")
DEEPEST = 8
MOST_ANSWERS = 2000
_NOWHERE = Rect(0, 0, 1, 1)


def read_web_form(content: object, *, today: date) -> IntakeForm:
    """The form of a JSON document.  Raises UnusableSource (``form_not_intake``, ``form_too_large``)."""
    form = IntakeForm(FormSource.WEB_FORM)
    known = 0
    medications = tuple(_medications(content))
    consents = tuple(_consents(content))
    for count, (name, value) in enumerate(_answers(content, "", 0)):
        if count >= MOST_ANSWERS:
            raise UnusableSource(
                "form_too_large", "the web form has more answers than any intake form", remedy="Export one form."
            )
        path = _path(form, name)
        if path is None:
            continue
        known += 1
        form = with_found(form, path, _read(path, value, today))
    if known + len(medications) < FEWEST_LABELS:
        raise UnusableSource(
            "form_not_intake",
            "this is not an intake form: hardly any of its answers is one",
            remedy="Check that the right document was sent; file this one where it belongs.",
        )
    return replace(form, medications=medications or form.medications, consents=consents)


def _answers(value: object, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Every answer with the path of its names."""
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        pair = _pair(value)
        if pair is not None:
            yield f"{name} {pair[0]}".strip(), pair[1]
            return
        for key, part in value.items():
            yield from _answers(part, f"{name}.{key}" if name else str(key), depth + 1)
    elif isinstance(value, list):
        if all(isinstance(part, str) for part in value) and value:
            yield name, ", ".join(value)
            return
        for at, part in enumerate(value):
            yield from _answers(part, f"{name}.{at}" if not isinstance(part, Mapping) else name, depth + 1)
    else:
        yield name, value


def _pair(value: Mapping[str, Any]) -> tuple[str, Any] | None:
    question = next((value[key] for key in _QUESTION if isinstance(value.get(key), str)), None)
    answers = [value[key] for key in _ANSWER if key in value]
    return (question, answers[0]) if question is not None and answers else None


def _path(form: IntakeForm, name: str) -> str | None:
    """Our own path, or what the names mean."""
    own = re.sub(r"^(form|intake)\.", "", re.sub(r"\.value$", "", name))
    measure = re.fullmatch(r"(?:.*\.)?(phq|gad)[-_ ]?[97](?:\.(?:items|answers))?\.(\d)", own.lower())
    if measure:
        return f"{measure[1]}{9 if measure[1] == 'phq' else 7}.items.{measure[2]}"
    total = re.fullmatch(r"(?:.*[._])?(phq|gad)[-_ ]?[97][._](?:total|score|total_?score|stated_?total)", own.lower())
    if total:
        return f"{total[1]}{9 if total[1] == 'phq' else 7}.stated_total"
    if re.match(r"(medications|consents)\b", own):
        return own if own == "medications" else None
    try:
        field_at(form, own)
    except NotFound:
        return path_of_name(name) or vocabulary().question(plain(name))
    return own


def _read(path: str, value: object, today: date) -> Extracted[Any]:
    if value is None or value == "":
        return Extracted()
    if isinstance(value, bool):
        return _found(value, str(value)) if path in YES_NO else Extracted()
    if path.startswith(("phq9.", "gad7.")):
        number = re.fullmatch(r"\s*(\d{1,2})\s*", str(value))
        highest = 3 if "items" in path or "difficulty" in path else 27
        fits = number is not None and int(number[1]) <= highest
        return _found(int(str(value)), str(value)) if fits else Extracted(None, True, 0.5, Method.WEB_FORM, str(value))
    text = str(value)
    blank = Page(1, 612, 792, Method.FORM_FIELD)
    label = Label(path, _NOWHERE, (), None)
    found = field_of(path, label, Answer(fields=(Field(_NOWHERE, text),)), Reading(Sheet.of(blank)), today)
    return replace(found, method=None if found.absent else Method.WEB_FORM, page=None, box=None)


def _found(value: Any, raw: str) -> Extracted[Any]:
    return Extracted(value, False, 1.0, Method.WEB_FORM, raw)


def _text(value: object) -> Extracted[str]:
    text = tidy(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    return Extracted() if is_absent(text) else _found(text, text)


def _listed(content: object, name: str) -> Iterator[Mapping[str, Any]]:
    """The entries of a list of that name, wherever it stands."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            if plain(str(key)).endswith(name) and isinstance(value, list):
                yield from (entry for entry in value if isinstance(entry, Mapping))
            elif isinstance(value, Mapping):
                yield from _listed(value, name)


def _medications(content: object) -> Iterator[Medication]:
    columns = vocabulary().medication_columns
    for entry in _listed(content, "medications"):
        parts = {columns[plain(str(key))]: _text(value) for key, value in entry.items() if plain(str(key)) in columns}
        parts.pop("ignored", None)
        if "name" in parts and not parts["name"].absent:
            yield Medication(**parts)


def _consents(content: object) -> Iterator[SignedConsent]:
    for entry in _listed(content, "consents"):
        words = " ".join(str(entry.get(key, "")) for key in ("topic", "type", "kind", "title", "name", "text"))
        topics = vocabulary().topics_of(words) or [t for t in ConsentTopic if t.replace("_", " ") in plain(words)]
        signed = next((entry[k] for k in ("signature", "signedBy", "signed_by", "signer") if k in entry), None)
        agreed = next((entry[k] for k in ("agreed", "accepted", "granted", "value") if k in entry), None)
        on = next((day(str(entry[k])) for k in ("signedOn", "signed_on", "date", "signedAt") if entry.get(k)), None)
        yield SignedConsent(
            tuple(ConsentTopic(topic) for topic in topics) or (ConsentTopic.OTHER,),
            agreed=_found(agreed, str(agreed)) if isinstance(agreed, bool) else Extracted(),
            signature=_text(signed),
            signed_on=_found(on, on.isoformat()) if on else Extracted(),
        )
