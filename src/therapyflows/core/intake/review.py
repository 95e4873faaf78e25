"""What a reviewer does to an intake draft, and what must be done before it can be approved.  Pure.

A field is accepted as read, corrected, or confirmed as unreadable.  A blocking finding goes away when the form is
corrected, or stays with the reviewer's reason.  Nothing is approved while something is open.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from therapyflows.core.errors import Invalid, NotFound
from therapyflows.core.intake.draft import IntakeDraft, SamePerson, Settled, WelcomeMessage
from therapyflows.core.intake.duplicates import DuplicateCandidate
from therapyflows.core.intake.examining import Examined
from therapyflows.core.intake.fields import field_at, walk, with_field
from therapyflows.core.intake.model import Extracted, IntakeForm, Method
from therapyflows.core.intake.welcome import greeted_name

Kind = Literal["text", "day", "yes_no", "number"]
SURE = 0.8
"""Confidence below which a value is shown to the reviewer first."""
MAX_TEXT = 4000
MAX_REASON = 500
WELCOME = "welcome"
"""Where on the page the message stands."""


Recheck = Callable[[IntakeForm], Examined]
"""What a corrected form comes to; synchronous, called in a thread."""


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Something that keeps the draft from being approved: a constant code, words, and where it is."""

    code: str
    message: str
    path: str = ""


def open_points(draft: IntakeDraft) -> tuple[OpenPoint, ...]:
    """Everything that is still open, in the order in which a reviewer meets it."""
    settled = {entry.key for entry in draft.settled}
    points = [
        OpenPoint(finding.key, finding.message, finding.fields[0] if finding.fields else "")
        for finding in draft.findings
        if finding.blocks and finding.key not in settled
    ]
    points += [
        OpenPoint("unreadable", "Type in what stands there, or confirm that it cannot be read.", path)
        for path, found in walk(draft.form)
        if found.unreadable and path not in draft.accepted
    ]
    points += [
        OpenPoint("found_by_model", "A language model found this: compare it with the page.", path)
        for path, found in walk(draft.form)
        if found.method is Method.MODEL and path not in draft.accepted
    ]
    points += [
        OpenPoint("risk_not_seen", "Confirm that you have read this answer.", flag.path)
        for flag in draft.risks
        if flag.path not in draft.accepted
    ]
    if draft.welcome_outdated and draft.welcome.body:
        points.append(
            OpenPoint(
                "welcome_outdated", "The name was corrected: check whom your message greets, and save it.", WELCOME
            )
        )
    if draft.duplicates and draft.same_person == "unanswered":
        points.append(OpenPoint("duplicate_unanswered", "Say whether this person is a client already."))
    if draft.prospective and draft.same_person_as is None:
        points += [
            OpenPoint("name_needed", "A client cannot be registered without this name.", path)
            for path in ("demographics.first_name", "demographics.last_name")
            if not field_at(draft.form, path).value
        ]
    if draft.same_person == "same_person" and draft.same_person_as is None:
        points.append(OpenPoint("duplicate", "One person must not have two records: reject this form as a duplicate."))
    return tuple(dict.fromkeys(points))


def unusual_first(draft: IntakeDraft, paths: Sequence[str]) -> list[str]:
    """The paths in the order of reading: risk, failed checks, unreadable, unsure, then as on the form."""
    risky = {flag.path for flag in draft.risks}
    failing = tuple(name for finding in draft.findings for name in finding.fields)
    found = dict(walk(draft.form))

    def rank(path: str) -> int:
        value = found[path]
        if path in risky:
            return 0
        if any(path == name or path.startswith(f"{name}.") for name in failing):
            return 1
        if value.unreadable:
            return 2
        return 3 if not value.absent and value.confidence < SURE and value.method is not Method.PERSON else 4

    return sorted(paths, key=rank)


def count_edits(draft: IntakeDraft, machine: IntakeDraft) -> int:
    """By how many edits the draft differs from what was read: fields with another value, and the welcome message."""
    ours, theirs = ({path: (f.value, f.unreadable) for path, f in walk(made.form)} for made in (draft, machine))
    fields_changed = sum(ours.get(path) != theirs.get(path) for path in ours.keys() | theirs.keys())
    return fields_changed + (draft.welcome != machine.welcome)


# --- what a reviewer does ---


def accept_field(draft: IntakeDraft, path: str) -> IntakeDraft:
    """The field is right as read, or cannot be read by a person either.  Raises NotFound."""
    field_at(draft.form, path)
    return draft if path in draft.accepted else replace(draft, accepted=(*draft.accepted, path))


def correct_field(draft: IntakeDraft, path: str, typed: str, recheck: Recheck) -> IntakeDraft:
    """Set the field to what the reviewer typed; nothing typed means that nothing stands there.

    Raises NotFound, or Invalid (``value_malformed``) for what is no date, number or yes/no where one is needed.
    """
    found = field_at(draft.form, path)
    value = parse_typed(kind_of(path), typed)
    corrected = replace(found, value=value, unreadable=False, confidence=1.0, method=Method.PERSON)
    form = with_field(draft.form, path, Extracted() if value is None else corrected)
    return accept_field(_rechecked(draft, form, recheck), path)


def mark_unreadable(draft: IntakeDraft, path: str, recheck: Recheck) -> IntakeDraft:
    """What was read is wrong and what stands there cannot be made out."""
    found = field_at(draft.form, path)
    form = with_field(draft.form, path, replace(found, value=None, unreadable=True, method=Method.PERSON))
    return accept_field(_rechecked(draft, form, recheck), path)


def settle_finding(draft: IntakeDraft, key: str, reason: str) -> IntakeDraft:
    """Let a blocking finding stand, with a reason.  Raises NotFound, Invalid (``reason_missing``)."""
    if key not in {finding.key for finding in draft.findings if finding.blocks}:
        raise NotFound("finding_unknown", "the form has no such open check")
    words = reason.strip()[:MAX_REASON]
    if not words:
        raise Invalid("reason_missing", "Please say why this may stand.")
    others = tuple(entry for entry in draft.settled if entry.key != key)
    return replace(draft, settled=(*others, Settled(key, words)))


def answer_duplicate(draft: IntakeDraft, answer: SamePerson, client_id: str | None = None) -> IntakeDraft:
    """``client_id``: whom the person is, where they stand in no chart of their own yet.

    Raises NotFound for a client who was not among those asked about.
    """
    named = client_id if draft.prospective and answer == "same_person" else None
    if named is not None and named not in {candidate.client_id for candidate in draft.duplicates}:
        raise candidate_unknown()
    return replace(draft, same_person=answer, same_person_as=named)


def candidate_unknown() -> NotFound:
    return NotFound("candidate_unknown", "This client is not among those asked about.")


def change_welcome(draft: IntakeDraft, subject: str, body: str) -> IntakeDraft:
    """The reviewer's own words for the welcome message; an empty body sends none."""
    words = WelcomeMessage(subject.strip()[:200], body.strip()[:MAX_TEXT])
    own = draft.welcome_is_own or words != draft.welcome
    return replace(draft, welcome=words, welcome_is_own=own, welcome_outdated=False)


def _rechecked(draft: IntakeDraft, form: IntakeForm, recheck: Recheck) -> IntakeDraft:
    found = recheck(form)
    standing = {finding.key for finding in found.findings}
    settled = tuple(entry for entry in draft.settled if entry.key in standing)
    holds = _still_answered(draft.duplicates, found.duplicates)
    return replace(
        _greeting_anew(draft, form, found.welcome),
        form=form,
        findings=found.findings,
        checks_version=found.checks_version,
        risks=found.risks,
        duplicates=found.duplicates,
        same_person=draft.same_person if holds else "unanswered",
        same_person_as=draft.same_person_as if holds else None,
        settled=settled,
    )


def _still_answered(asked: Sequence[DuplicateCandidate], now: Sequence[DuplicateCandidate]) -> bool:
    """Whether the answer was given about these clients, and on no weaker likeness than there is now."""
    before = {candidate.client_id: candidate.bits for candidate in asked}
    return {c.client_id for c in now} == set(before) and all(c.bits <= before[c.client_id] for c in now)


def _greeting_anew(draft: IntakeDraft, form: IntakeForm, welcome: WelcomeMessage) -> IntakeDraft:
    """The template's words follow the name; the reviewer's own words are theirs, and are asked about."""
    if not draft.welcome_is_own:
        return replace(draft, welcome=welcome)
    renamed = greeted_name(form) != greeted_name(draft.form)
    return replace(draft, welcome_outdated=draft.welcome_outdated or renamed)


# --- typed values ---


def kind_of(path: str) -> Kind:
    """What kind of value the field of this path holds.  Raises NotFound."""
    kind: Any = IntakeForm
    for step in path.split("."):
        kind = _step(kind, step)
    if get_origin(kind) is not Extracted:
        raise NotFound("intake_field_unknown", "the intake form has no such field")
    (held,) = get_args(kind)
    kinds: dict[Any, Kind] = {date: "day", bool: "yes_no", int: "number"}
    return kinds.get(held, "text")


def _step(kind: Any, step: str) -> Any:
    if get_origin(kind) is tuple and step.isdecimal():
        return get_args(kind)[0]
    if is_dataclass(kind) and step in {part.name for part in fields(kind)}:
        hint = get_type_hints(kind)[step]
        return hint if get_origin(hint) not in (Union, UnionType) else get_args(hint)[0]
    raise NotFound("intake_field_unknown", "the intake form has no such field")


def parse_typed(kind: Kind, typed: str) -> date | bool | int | str | None:
    """The value of what a reviewer typed; None for nothing.  Raises Invalid (``value_malformed``)."""
    text = typed.strip()[:MAX_TEXT]
    if not text:
        return None
    try:
        if kind == "day":
            return date.fromisoformat(text)
        if kind == "number":
            return int(text)
        if kind == "yes_no":
            return {"yes": True, "no": False}[text.casefold()]
    except (ValueError, KeyError):
        wanted = {"day": "a date such as 1984-03-09", "number": "a whole number", "yes_no": "yes or no"}[kind]
        raise Invalid("value_malformed", f"Please type {wanted}, or nothing.") from None
    return text
