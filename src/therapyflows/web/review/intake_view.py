"""What the page of an intake shows: a row per field beside its place on the page, what is unusual first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from therapyflows.core.intake.draft import IntakeDraft, RiskLevel
from therapyflows.core.intake.fields import walk
from therapyflows.core.intake.model import Box, Extracted, IntakeForm, Method
from therapyflows.core.intake.record import narrative_of, scores_of
from therapyflows.core.intake.review import SURE, Kind, OpenPoint, kind_of, open_points, unusual_first
from therapyflows.core.measures.catalogue import measure_named

SECTIONS = {
    "demographics": "Client",
    "contact": "Address and contact",
    "guardian": "Parent or guardian",
    "emergency_contact": "Emergency contact",
    "insurance": "Insurance",
    "presenting": "Presenting problem",
    "history": "History",
    "medications": "Medications",
    "takes_no_medications": "Medications",
    "allergies": "Medications",
    "risk": "Answers about risk",
    "phq9": "PHQ-9",
    "gad7": "GAD-7",
    "consents": "Consents and signatures",
    "completed_on": "Consents and signatures",
}
NEW_CLIENT = "New client"
METHODS = {
    Method.WEB_FORM: "web form",
    Method.FORM_FIELD: "form field",
    Method.LAYOUT_RULE: "text of the page",
    Method.OCR: "image of the page",
    Method.MODEL: "language model",
    Method.PERSON: "set by a person",
}


@dataclass(frozen=True, slots=True)
class FieldRow:
    path: str
    label: str
    kind: Kind
    shown: str
    """The value in words; empty for an absent field."""
    typed: str
    """What the input holds when the reviewer corrects it."""
    state: str
    """``read``, ``unsure``, ``unreadable``, ``absent``, ``corrected``."""
    method: str
    percent: int
    page: int | None
    box: Box | None
    reasons: tuple[str, ...]
    """Why it is unusual, in words."""
    urgent: bool
    confirmable: bool
    """Whether the reviewer can accept it as it stands: it holds something, or it is about risk."""
    accepted: bool
    open: bool


@dataclass(frozen=True, slots=True)
class IntakeView:
    unusual: tuple[FieldRow, ...]
    sections: tuple[tuple[str, tuple[FieldRow, ...]], ...]
    open_points: tuple[OpenPoint, ...]
    scores: tuple[str, ...]
    boxes: dict[int, tuple[FieldRow, ...]]
    """Rows with a place, by page."""


def intake_view(draft: IntakeDraft) -> IntakeView:
    points = open_points(draft)
    rows = {row.path: row for row in _rows(draft, points)}
    unusual = [rows[path] for path in unusual_first(draft, [p for p, row in rows.items() if _is_unusual(row)])]
    sections: dict[str, list[FieldRow]] = {}
    for row in rows.values():
        sections.setdefault(SECTIONS[row.path.partition(".")[0]], []).append(row)
    boxes: dict[int, list[FieldRow]] = {}
    for row in rows.values():
        if row.page is not None and row.box is not None:
            boxes.setdefault(row.page, []).append(row)
    return IntakeView(
        unusual=tuple(unusual),
        sections=tuple((title, tuple(found)) for title, found in sections.items()),
        open_points=points,
        scores=tuple(narrative_of(score) for _, score in scores_of(draft.form)),
        boxes={page: tuple(found) for page, found in boxes.items()},
    )


def name_on(form: IntakeForm) -> str:
    """How somebody is called who stands in no chart yet."""
    who = form.demographics
    return " ".join(name for name in (who.first_name.value, who.last_name.value) if name) or NEW_CLIENT


def _is_unusual(row: FieldRow) -> bool:
    return bool(row.reasons) or row.state in ("unsure", "unreadable")


def _rows(draft: IntakeDraft, points: tuple[OpenPoint, ...]) -> Iterator[FieldRow]:
    reasons = _reasons(draft)
    urgent = {flag.path for flag in draft.risks if flag.level is RiskLevel.URGENT}
    still_open = {point.path for point in points}
    for path, found in walk(draft.form):
        why = tuple(words for name, words in reasons if path == name or path.startswith(f"{name}."))
        yield FieldRow(
            path=path,
            label=label_of(path),
            kind=kind_of(path),
            shown=in_words(found),
            typed=_typed(found),
            state=_state(found),
            method=METHODS[found.method] if found.method else "",
            percent=round(100 * found.confidence),
            page=found.page,
            box=found.box,
            reasons=tuple(dict.fromkeys(why)),
            urgent=path in urgent,
            confirmable=not found.absent or path in {flag.path for flag in draft.risks},
            accepted=path in draft.accepted,
            open=path in still_open,
        )


RISK_WORDS = {
    RiskLevel.URGENT: "speaks of a current risk; the people responsible were told at once",
    RiskLevel.ATTENTION: "about risk: please read it",
}


def _reasons(draft: IntakeDraft) -> list[tuple[str, str]]:
    """(path or its beginning, words) of everything that makes a field unusual."""
    risks = [(flag.path, RISK_WORDS[flag.level]) for flag in draft.risks]
    checks = [(name, finding.message) for finding in draft.findings for name in finding.fields if name]
    return [*risks, *checks]


def _state(found: Extracted[object]) -> str:
    if found.unreadable:
        return "unreadable"
    if found.value is None:
        return "absent"
    if found.method is Method.PERSON:
        return "corrected"
    return "unsure" if found.confidence < SURE else "read"


def in_words(found: Extracted[object]) -> str:
    value = found.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:%-d %B %Y}" if isinstance(value, date) else str(value)


def _typed(found: Extracted[object]) -> str:
    if found.unreadable or found.value is None:
        return ""
    if isinstance(found.value, date):
        return found.value.isoformat()
    return in_words(found)


def label_of(path: str) -> str:
    """``phq9.items.8`` as ``Item 9``, with its text where that may be shown; ``risk.self_harm`` as ``Self harm``."""
    parts = path.split(".")
    if parts[0] in ("phq9", "gad7") and parts[1] == "items":
        number = int(parts[2]) + 1
        texts = measure_named(parts[0]).texts
        return f"Item {number}: {texts[number - 1]}" if texts else f"Item {number}"
    words = [f"{int(part) + 1}." if part.isdecimal() else part.replace("_", " ") for part in parts[1:] or parts]
    return " ".join(words)[:1].upper() + " ".join(words)[1:]
