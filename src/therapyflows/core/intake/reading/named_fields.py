"""Fields of a fillable PDF, or of a web form, by the names that their makers gave them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from therapyflows.core.intake.model import Extracted, Medication
from therapyflows.core.intake.page import Field, Toggle
from therapyflows.core.intake.reading.answers import Answer
from therapyflows.core.intake.reading.meaning import YES_NO, field_of
from therapyflows.core.intake.reading.medicines import typed_value, written_out
from therapyflows.core.intake.reading.page_reading import Label, Reading
from therapyflows.core.intake.reading.vocabulary import plain, vocabulary

_SECTION_WORDS = (
    ("emergency", r"emerg\w*|\bice\b|\bec\b"),
    ("guardian", r"guardian|parent"),
    ("insurance_secondary", r"secondary|\bsec\b|ins2|insurance2|insurance_2"),
    ("insurance_primary", r"insur\w*|primary|\bins\b|ins1|policy|subscriber"),
    ("other", r"\bpcp\b|physician|doctor|pharmacy|spouse|provider"),
)
_OF_THE_CLIENT = frozenset(
    {"demographics", "contact", "personal", "info", "information", "details", "data", "intake", "about", "you", "your",
     "my", "general", "registration", "section", "main", "current", "home", "mailing"}
)  # fmt: skip
"""Words of a name that say nothing of whom it is about but the client."""
_MEDICATION = re.compile(r"med(ication|icine)?s?$|drugs?$|rx$|prescriptions?$")
_OF_SOMEBODY = ("emergency_contact.", "guardian.", "insurance.")
_ITEM = re.compile(r"(phq|gad)\W*[97]?\W*(?:item|q|question|_)?\W*0?([1-9])$")
_NOISE = re.compile(
    r"^(form1?|topmostsubform|page\d*|client|patient|txt|text|field|fld|chk|cb|rb|radio|grp|tf|f\d*|\d+)$"
)


def named_fields(reading: Reading, today: date) -> Iterator[tuple[str, Extracted[Any]]]:
    """What the names of the filled fields say, for those that a printed label may not explain."""
    page = reading.sheet.page
    for field in page.fields:
        path = path_of_name(field.tooltip) or path_of_name(field.name)
        if _of_a_medication(field.tooltip) or _of_a_medication(field.name):
            continue
        if path and field.value.strip() and id(field) not in reading.used:
            yield path, _read(path, Answer(fields=(field,), area=field.at), reading, today)
    for toggles in _groups(page.toggles):
        yield from _toggled(toggles, reading)


def named_medications(reading: Reading) -> list[Medication]:
    """The medications of fields such as ``Medication1``, ``Dose1`` or ``medications_0_name``, in their order."""
    rows: dict[int, dict[str, Extracted[str]]] = {}
    page = reading.sheet.page
    for field in page.fields:
        place = _of_a_medication(field.tooltip) or _of_a_medication(field.name)
        value = typed_value(field, page)
        if place is not None and value is not None and id(field) not in reading.used:
            rows.setdefault(place[0], {}).setdefault(place[1], value)
    found: list[Medication] = []
    for _, parts in sorted(rows.items()):
        told = {column: value for column, value in parts.items() if column != "ignored"}
        if told.keys() == {"name"}:
            found.extend(written_out(told["name"]))  # all of it in one field
        elif "name" in told:
            found.append(Medication(**told))
    return found


def _of_a_medication(name: str) -> tuple[int, str] | None:
    """The number of the medication and its column."""
    words = re.sub(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", " ", spaced(name)).split()
    numbers = [int(word) for word in words if word.isdigit()]
    said = [word for word in words if not word.isdigit() and not _NOISE.match(word)]
    if len(numbers) != 1 or not said:
        return None
    of_medications = any(_MEDICATION.match(word) for word in said)
    ends = (" ".join(said[at:]) for at in range(len(said) if of_medications else 1))
    column = next((column for end in ends if (column := vocabulary().medication_column(end))), None)
    return (numbers[0], column) if column and (of_medications or column != "name") else None


def belongs_to(field: Field, path: str) -> bool:
    """Whether a field may answer a label of that path: its own name does not say that it is about somebody else.

    A printed label is what the person saw, but on a form of running sentences it is easily taken for another.
    """
    named = path_of_name(field.tooltip) or path_of_name(field.name)
    return named is None or not named.startswith(_OF_SOMEBODY) or named.split(".")[0] == path.split(".")[0]


def path_of_name(name: str) -> str | None:
    """The field that a name such as ``emergency_contact_phone`` or ``insurance.primary.memberId`` means."""
    words = spaced(name)
    item = _ITEM.search(words.replace(" ", ""))
    if item:
        return f"{item[1]}{9 if item[1] == 'phq' else 7}.items.{int(item[2]) - 1}"
    section = next((section for section, pattern in _SECTION_WORDS if re.search(pattern, words)), None)
    known = vocabulary()
    parts = [part for part in words.split() if not _NOISE.match(part)]
    for at in range(len(parts)):
        found = known.meaning(" ".join(parts[at:]), section)
        if found is None or found.path is None or found.path.startswith("consents."):
            continue
        if found.path.startswith("contact.") and not all(part in _OF_THE_CLIENT for part in parts[:at]):
            continue  # "Pediatrician's phone", "school_address": whose, the first words say
        return found.path
    asked = known.question(words)
    return asked if len(parts) > 3 or (asked in YES_NO and len(parts) > 1) else None


def spaced(name: str) -> str:
    """``memberIdNumber_2[0]`` as words."""
    name = re.sub(r"\[\d+\]", " ", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[^A-Za-z0-9]+", " ", name).lower().split())


def _read(path: str, answer: Answer, reading: Reading, today: date) -> Extracted[Any]:
    if path.startswith(("phq9.items", "gad7.items")):
        text = answer.text.strip()
        value = int(text[0]) if re.match(r"[0-3](?!\d)", text) else None
        page = reading.sheet.page
        box = page.box(answer.at) if answer.at else None
        return Extracted(value, value is None, 1.0, page.method, text, page.number, box)
    return field_of(path, Label(path, answer.at or answer.fields[0].at, (), None), answer, reading, today)


def _groups(toggles: Sequence[Toggle]) -> Iterator[list[Toggle]]:
    """Buttons of one name."""
    found: dict[str, list[Toggle]] = {}
    for toggle in toggles:
        found.setdefault(toggle.name, []).append(toggle)
    yield from found.values()


def _toggled(toggles: Sequence[Toggle], reading: Reading) -> Iterator[tuple[str, Extracted[Any]]]:
    """Radio buttons by the name of the group: yes/no questions and items of a measure."""
    path = path_of_name(toggles[0].tooltip) or path_of_name(toggles[0].name)
    taken = [toggle for toggle in toggles if toggle.checked]
    if path is None or len(taken) != 1 or len({toggle.option for toggle in toggles}) < 2:
        return  # a box that stands alone is called "Yes" whatever it says
    page = reading.sheet.page
    found: Extracted[Any] = Extracted(
        None, False, 0.97, page.method, taken[0].option, page.number, page.box(taken[0].at)
    )
    option = plain(taken[0].option)
    if path.startswith(("phq9.items", "gad7.items")) and re.fullmatch("[0-3]", option):
        yield path, replace(found, value=int(option))
    elif path in YES_NO and _yes_or_no(option) is not None:
        yield path, replace(found, value=_yes_or_no(option))


def _yes_or_no(option: str) -> bool | None:
    """Also of buttons that complete a sentence: "I have", "I do not"."""
    said = vocabulary().yes_or_no(option)
    if said is None and re.fullmatch(r"(i )?(have|am|do|did|was)( ?not)?", option):
        return not option.endswith("not")
    return said
