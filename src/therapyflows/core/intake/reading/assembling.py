"""All pages to one form."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from therapyflows.core.errors import NotFound, UnusableSource
from therapyflows.core.intake.fields import field_at, walk, with_field
from therapyflows.core.intake.model import Extracted, FormSource, IntakeForm, MeasureAnswers
from therapyflows.core.intake.page import Page, Rect
from therapyflows.core.intake.reading import grids, medicines, values
from therapyflows.core.intake.reading.answers import Answer, answer_to
from therapyflows.core.intake.reading.choices import options_of, yes_or_no
from therapyflows.core.intake.reading.labels import last_section, read_labels
from therapyflows.core.intake.reading.legibility import with_doubts
from therapyflows.core.intake.reading.meaning import GUESSED, YES_NO, field_of, ink_left
from therapyflows.core.intake.reading.named_fields import belongs_to, named_fields, named_medications
from therapyflows.core.intake.reading.page_reading import Label, Reading
from therapyflows.core.intake.reading.sentences import told
from therapyflows.core.intake.reading.sheet import Sheet
from therapyflows.core.intake.reading.signatures import consents_of
from therapyflows.core.intake.reading.vocabulary import plain, vocabulary

FEWEST_LABELS = 6
"""A document on which fewer different fields are asked for is no intake form."""
_CLINICAL = (
    "emergency",
    "guardian",
    "insurance",
    "presenting",
    "history",
    "risk",
    "consents",
    "allergies",
    "medic",
    "phq",
    "gad",
)

_TOLD_IN_WORDS = {
    "history.prior_counseling": "history.psychiatric",
    "history.prior_hospitalization": "history.psychiatric",
    "risk.abuse": "history.trauma",
}
"""Questions that some forms want answered with what happened, where and when, and not with yes."""
_SECOND = "insurance.secondary.payer"


def read_form(pages: Sequence[Page], source: FormSource, *, today: date) -> IntakeForm:
    """Read the form that stands on these pages.

    ``today`` decides the century of a birth date with a year of two digits.  Raises UnusableSource
    (``form_not_intake``) when what is asked on the pages is not an intake form's.
    """
    readings: list[Reading] = []
    section: str | None = None
    for page in pages:
        reading = read_labels(Sheet.of(page), section)
        section = last_section(reading, section)
        readings.append(reading)
    _require_intake(readings)
    form = IntakeForm(source, page_count=len(pages))
    guessed: set[str] = set()
    for reading in readings:
        form = _with_page(form, reading, today, guessed)
    return _less_sure(with_doubts(form), guessed)


def _less_sure(form: IntakeForm, guessed: Iterable[str]) -> IntakeForm:
    """The form with a lower confidence where what a label asks for was guessed: a person looks there first."""
    for path, found in walk(form):
        if path in guessed:
            form = with_field(form, path, replace(found, confidence=round(found.confidence * GUESSED, 3)))
    return form


def _require_intake(readings: Iterable[Reading]) -> None:
    asked = {label.path for reading in readings for label in reading.labels if label.path is not None}
    fields = {f.name for reading in readings for f in reading.sheet.page.fields}
    measures = any(grids.find_grid(m, reading) for reading in readings for m in ("phq9", "gad7"))
    enough = len(asked) >= FEWEST_LABELS and any(path.startswith(_CLINICAL) for path in asked)
    if not enough and not measures and len(fields) < 12:
        raise UnusableSource(
            "form_not_intake",
            "this is not an intake form: hardly anything that one asks for stands on it",
            remedy="Check that the right document was sent; file this one where it belongs.",
        )


def _with_page(form: IntakeForm, reading: Reading, today: date, guessed: set[str]) -> IntakeForm:
    form, answered = _with_measures(form, reading)
    completed, sentences = told(reading, today)
    for asked, said in completed:
        form = with_found(form, asked, said)
    answered.extend(sentences)
    table = medicines.table_of(reading)
    if table is not None:
        form = replace(form, medications=(*form.medications, *table[0]))
        answered.append(table[1])
    named = named_medications(reading) if table is None else []
    form = replace(form, medications=(*form.medications, *named))
    last: Label | None = None
    asked_before: list[str] = []
    for label in reading.labels:
        if label.path is None or label.path.startswith("consents.") or _inside(label, answered):
            continue
        if (label.path == "medications_text" and (table is not None or named)) or _only_heads(label, reading):
            continue
        path = _path_of(label, last, asked_before)
        if path is not None:
            asked_before.append(path)
            before = form
            form = _with_answer(form, path, label, reading, today)
            if label.is_guessed and form is not before:
                guessed.add(path)
        last = label if label.path != "risk.details" else last
    for path, found in named_fields(reading, today):
        form = with_found(form, path, found)
    return replace(form, consents=(*form.consents, *consents_of(reading)))


def _inside(label: Label, areas: Sequence[Rect]) -> bool:
    return label.path not in ("phq9.stated_total", "gad7.stated_total") and any(
        area.holds(*label.at.center) for area in areas
    )


def _only_heads(label: Label, reading: Reading) -> bool:
    """Whether another label asks for what this heading speaks of."""
    return label.is_heading and any(other.path == label.path and not other.is_heading for other in reading.labels)


def _path_of(label: Label, last: Label | None, before: Sequence[str]) -> str | None:
    """What the label asks for, by what the page has asked ``before``.

    "If yes, explain" belongs to the question before it; what is asked again after "Secondary insurance:" to that one.
    """
    if label.path is not None and label.path.startswith("insurance.primary.") and _SECOND in before:
        again = label.path in before[: before.index(_SECOND)]
        return label.path.replace("primary", "secondary") if again else label.path
    if label.path != "risk.details" or last is None or last.path is None or last.path.startswith("risk."):
        return label.path
    text = {"history.prior_counseling": "history.psychiatric", "history.prior_hospitalization": "history.psychiatric"}
    path = text.get(last.path, last.path)
    return path if path.startswith("history.") else None


def _with_measures(form: IntakeForm, reading: Reading) -> tuple[IntakeForm, list[Rect]]:
    areas: list[Rect] = []
    for name in ("phq9", "gad7"):
        grid = grids.find_grid(name, reading)
        if grid is None:
            continue
        before: MeasureAnswers = getattr(form, name)
        found = grids.answers_of(grid, reading)
        items = tuple(found.get(at, item) if item.absent else item for at, item in enumerate(before.items, 1))
        difficulty = grids.difficulty_of(grid, reading) if before.difficulty.absent else before.difficulty
        form = replace(form, **{name: replace(before, items=items, difficulty=difficulty)})  # type: ignore[arg-type]
        areas.append(Rect(0, grid.rows[0].band.top, reading.sheet.page.width, grid.rows[-1].band.bottom))
    return form, areas


def _with_answer(form: IntakeForm, path: str, label: Label, reading: Reading, today: date) -> IntakeForm:
    answer = answer_to(label, reading)
    if any(not belongs_to(field, path) for field in answer.fields):
        return form
    reading.used.update(id(field) for field in answer.fields)
    if answer.empty and (path in YES_NO or not ink_left(answer, reading)):
        return form
    path = _by_what_is_ticked(path, answer, reading)
    found = field_of(path, label, answer, reading, today)
    chosen = answer.marks or any(vocabulary().yes_or_no(word.text) is not None for word in answer.words)
    if path in _TOLD_IN_WORDS and found.absent and not chosen and not any(stroke.ring for stroke in answer.strokes):
        path = _TOLD_IN_WORDS[path]
        found = field_of(path, label, answer, reading, today)
    return with_found(form, path, found)


def _by_what_is_ticked(path: str, answer: Answer, reading: Reading) -> str:
    """What is asked for: "Who is the policyholder?" over "Myself" and "My spouse" asks for a relationship, no name."""
    if path == "history.psychiatric" and answer.marks and yes_or_no(answer, reading)[0] is not None:
        return "history.prior_counseling"
    if not path.endswith("subscriber_name") or not answer.marks:
        return path
    relationship = path.replace("subscriber_name", "subscriber_relationship")
    known = vocabulary().spoken["subscriber_relationship"]
    offered = [plain(option.text) for option in options_of(answer, reading)]
    return relationship if sum(option in known for option in offered) > 1 else path


def with_found(form: IntakeForm, path: str, found: Extracted[Any]) -> IntakeForm:
    """The form with the value in its place; what stands there already stays."""
    if found.absent:
        return form
    if path == "medications_text":
        return _with_medications(form, found)
    if path in _JOINED:
        return _joined(form, path, found)
    if path == "takes_no_medications":
        return replace(form, takes_no_medications=found) if found.value else form
    for part, value in _parts(path, found):
        try:
            before = field_at(form, part)
        except NotFound:
            continue
        if value.absent or not (before.absent or (before.unreadable and value.value is not None)):
            continue
        form = with_field(form, part, value)
    return form


_JOINED = {
    "emergency_contact.first_name": ("emergency_contact.name", " ", False),
    "emergency_contact.last_name": ("emergency_contact.name", " ", True),
    "guardian.first_name": ("guardian.name", " ", False),
    "guardian.last_name": ("guardian.name", " ", True),
    "contact.address_line_2": ("contact.address_line", ", ", True),
}
"""Parts of one field that a form asks for apart: the field, what joins them, and whether the part comes last."""


def _joined(form: IntakeForm, path: str, found: Extracted[Any]) -> IntakeForm:
    whole, between, last = _JOINED[path]
    before = field_at(form, whole)
    if found.unreadable or before.value is None:
        return with_field(form, whole, found) if before.absent and not path.endswith("line_2") else form
    pair = (before.value, found.value) if last else (found.value, before.value)
    if path.endswith("line_2") and str(found.value).isalnum() and len(str(found.value)) <= 4:
        pair = (before.value, f"Apt {found.value}")
    joined = replace(
        before, value=between.join(str(part) for part in pair), confidence=min(before.confidence, found.confidence)
    )
    return with_field(form, whole, joined)


def _parts(path: str, found: Extracted[Any]) -> list[tuple[str, Extracted[Any]]]:
    """A composite answer as the fields it holds."""
    if found.unreadable:
        return [(path, found)] if not path.endswith(("full_name", "city_state_zip")) else []
    if path == "demographics.full_name":
        names = ("first_name", "middle_name", "last_name")
        texts = values.full_name(str(found.value))
        return [(f"demographics.{n}", replace(found, value=t or None)) for n, t in zip(names, texts, strict=True)]
    if path == "contact.city_state_zip":
        return _place_parts(str(found.value), found)
    if path == "contact.address_line":
        return _address_parts(found)
    return [(path, found)]


def _place_parts(text: str, found: Extracted[Any]) -> list[tuple[str, Extracted[Any]]]:
    names = ("city", "state", "postal_code")
    return [
        (f"contact.{name}", replace(found, value=part) if part else Extracted())
        for name, part in zip(names, values.city_state_zip(text), strict=True)
    ]


def _address_parts(found: Extracted[Any]) -> list[tuple[str, Extracted[Any]]]:
    """``12 Oak St, Springfield, IL 62704`` as street, city, state and ZIP; a street alone as it is."""
    street, comma, rest = str(found.value).partition(",")
    city, state, code = values.city_state_zip(rest) if comma else (None, None, None)
    if state is None and code is None:
        return [("contact.address_line", found)]
    if city and "," in city:
        more, _, city = city.rpartition(",")
        street = f"{street},{more}"
    return [
        ("contact.address_line", replace(found, value=street.strip())),
        *_place_parts(f"{city or ''}, {state or ''} {code or ''}", found),
    ]


def _with_medications(form: IntakeForm, found: Extracted[Any]) -> IntakeForm:
    if found.unreadable:
        return form
    if medicines.says_none(str(found.value)):
        return replace(form, takes_no_medications=replace(found, value=True))
    return form if form.medications else replace(form, medications=tuple(medicines.written_out(found)))
