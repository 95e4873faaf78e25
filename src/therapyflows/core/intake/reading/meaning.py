"""An answer to the typed field that its label asks for."""

from collections.abc import Callable
from datetime import date
from typing import Any

from therapyflows.core.intake.model import Extracted, Method
from therapyflows.core.intake.reading import values
from therapyflows.core.intake.reading.answers import LONG, Answer
from therapyflows.core.intake.reading.choices import (
    between_arcs,
    chosen,
    circled,
    options_of,
    remaining_words,
    yes_or_no,
)
from therapyflows.core.intake.reading.medicines import lines_of_medications
from therapyflows.core.intake.reading.page_reading import Label, Reading
from therapyflows.core.intake.reading.vocabulary import plain, vocabulary

YES_NO = {
    "history.prior_counseling",
    "history.prior_hospitalization",
    "risk.suicidal_thoughts",
    "risk.suicide_plan",
    "risk.suicide_attempt",
    "risk.self_harm",
    "risk.harm_to_others",
    "risk.abuse",
    "risk.weapons_access",
    "risk.safe_at_home",
    "takes_no_medications",
}
SEVERAL = {"presenting.symptoms", "history.medical", "history.psychiatric", "history.family", "history.substance",
           "history.trauma", "demographics.race_ethnicity", "contact.preferred_contact", "allergies"}  # fmt: skip
"""Fields where several boxes may be ticked."""
GUESSED = 0.6
"""Of the confidence, where what the label asks for was guessed: a person looks at it first."""
LEAST_INK = 6.0
"""Points of width: a letter."""
_PHONES = {"phone", "mobile_phone", "home_phone", "work_phone"}


def field_of(path: str, label: Label, answer: Answer, reading: Reading, today: date) -> Extracted[Any]:
    """The field, absent where nothing was answered, unreadable where the answer cannot be understood."""
    if path in YES_NO:
        return _yes_no(answer, reading)
    if answer.marks or _offers_circles(path, answer):
        text, doubtful = _chosen_text(path, answer, reading)
    else:
        text = values.tidy(_joined(path, answer))
        text = text if answer.fields or path in LONG else _without_its_label(path, text)
        doubtful = len(_offered(path) & set(plain(text).split())) > 1
    if doubtful or (not answer.marks and ink_left(answer, reading)) or _lost_in_its_ring(path, answer, reading):
        return _unreadable(answer, reading, text)
    if values.is_absent(text):
        return Extracted()
    value = _reader(path, today)(_spoken(path, text))
    if value is None or _is_torn(text, answer):
        return _unreadable(answer, reading, text)
    return _found(value, answer, reading, text)


def ink_left(answer: Answer, reading: Reading) -> bool:
    """Whether a scan shows more written there than was read, which then may mean something else."""
    if reading.sheet.page.method is not Method.OCR:
        return False
    return sum(stroke.at.width for stroke in answer.strokes if not stroke.ring) >= LEAST_INK


_SECTIONS = {
    "emergency_contact": "emergency",
    "guardian": "guardian",
    "insurance.primary": "insurance_primary",
    "insurance.secondary": "insurance_secondary",
}


def _without_its_label(path: str, text: str) -> str:
    """The answer without the label that stands before it once more, as in another language: "Ocupación Chef"."""
    words = text.split()
    section = _SECTIONS.get(path.rpartition(".")[0], "client")
    for count in range(len(words), 0, -1):
        label = vocabulary().meaning(" ".join(words[:count]), section)
        if label is not None and label.path == path:
            return " ".join(words[count:])
    return text


def _is_torn(text: str, answer: Answer) -> bool:
    """Whether it closes a bracket that it never opened: the end of something printed."""
    return not answer.fields and text.count(")") > text.count("(")


def _lost_in_its_ring(path: str, answer: Answer, reading: Reading) -> bool:
    """Whether a ring goes round an option that was not read: then what was read is an option that was not taken."""
    rings = [stroke for stroke in answer.strokes if stroke.ring]
    return bool(rings and answer.words and _offered(path)) and not circled(answer.words, reading)


def _offered(path: str) -> set[str]:
    """Words of the options of such a field: two of them are boxes that were not seen, and no answer."""
    name = path.rsplit(".", 1)[-1]
    return vocabulary().offered.get(name, set()) | vocabulary().spoken.get(name, {}).keys()


def _spoken(path: str, text: str) -> str:
    """The usual word for an option that a form calls otherwise ("F", "Girl")."""
    known = vocabulary().spoken.get(path.rsplit(".", 1)[-1], {})
    said = [known[plain(side)] for side in (text, *text.split("/")) if plain(side) in known]
    return str(said[0]) if said and len(set(said)) == 1 else text


def _joined(path: str, answer: Answer) -> str:
    """Split fields and boxes for single letters joined as the field is written."""
    if path == "medications_text":
        return lines_of_medications(answer)
    typed = [field.value.strip() for field in answer.fields if field.value.strip()]
    if len(typed) > 1:
        return ("/" if path.endswith(("birth_date", "_on")) else " ").join(typed)
    return answer.text


def _reader(path: str, today: date) -> Callable[[str], Any]:
    last = path.rsplit(".", 1)[-1]
    if last in _PHONES:
        return values.phone
    if last in ("birth_date", "subscriber_birth_date"):
        return lambda text: values.day(text, century_before=today)
    if last == "completed_on":
        return values.day
    if last == "email":
        return values.email
    if last == "state":
        return values.state
    if last == "postal_code":
        return values.postal_code
    if last in ("first_name", "middle_name", "last_name", "preferred_name", "full_name"):
        return values.name
    if last == "member_id":
        return values.member_id
    if last == "group_number":
        return lambda text: text
    if last == "stated_total":
        return lambda text: values.whole_number(text, 27 if path.startswith("phq9") else 21)
    return values.tidy


def _yes_no(answer: Answer, reading: Reading) -> Extracted[Any]:
    value, doubtful, words = yes_or_no(answer, reading)
    if doubtful:
        return _unreadable(answer, reading, words)
    return Extracted() if value is None else _found(value, answer, reading, words)


def _offers_circles(path: str, answer: Answer) -> bool:
    """Whether yes and no, or the options of the field, are printed to be circled, and one is."""
    known = {vocabulary().yes_or_no(word.text) for word in answer.words}
    if {True, False} <= known and len(answer.words) <= 4:
        return True
    offered = [word for word in answer.words if plain(word.text) in _offered(path)]
    return len(offered) > 1 and len(offered) >= 0.6 * sum(bool(plain(word.text)) for word in answer.words)


def _chosen_text(path: str, answer: Answer, reading: Reading) -> tuple[str, bool]:
    """The words of what is ticked, and whether that is contradictory."""
    if not answer.marks:
        offered = _offered(path)
        ringed = [w for w in circled(answer.words, reading) if not offered or plain(w.text) in offered]
        rings = any(stroke.ring for stroke in reading.sheet.page.strokes)
        rings = rings or any(between_arcs(word, reading) for word in ringed)
        rings = rings or (bool(ringed) and reading.sheet.page.method is not Method.OCR)  # no box is missed there
        unseen = path.rsplit(".", 1)[-1] in vocabulary().offered and not rings  # boxes that were not seen
        return " ".join(word.text for word in ringed), len(ringed) > 1 or unseen
    options = options_of(answer, reading)
    taken = chosen(options)
    if len(taken) > 1 and path not in SEVERAL:
        return ", ".join(option.text for option in taken), True
    if not taken and any(option.checked is None for option in options):
        return "", True
    texts = [_with_written(option.text, answer) for option in taken]
    rest = remaining_words(answer, options)
    if path in SEVERAL and rest and not values.is_absent(rest):
        if all(vocabulary().yes_or_no(text) is not None for text in texts):
            texts = []
        texts.append(values.tidy(rest))
    return ", ".join(texts), False


def _with_written(text: str, answer: Answer) -> str:
    """``Other: nonbinary`` is what was written; an option keeps its words."""
    head, colon, written = text.partition(":")
    return (
        values.tidy(written)
        if colon and plain(head).startswith("other") and values.tidy(written)
        else values.tidy(text)
    )


def _found(value: Any, answer: Answer, reading: Reading, raw: str) -> Extracted[Any]:
    page = reading.sheet.page
    box = page.box(answer.at) if answer.at is not None else None
    return Extracted(value, False, round(answer.confidence, 3), page.method, raw, page.number, box)


def _unreadable(answer: Answer, reading: Reading, raw: str) -> Extracted[Any]:
    page = reading.sheet.page
    box = page.box(answer.at) if answer.at is not None else None
    return Extracted(None, True, round(answer.confidence * 0.5, 3), page.method, raw, page.number, box)
