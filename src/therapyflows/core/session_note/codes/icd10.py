"""ICD-10-CM proposals: diagnoses that the chart already holds, and conditions that were named in the session.

Conservative on purpose.  A symptom word ("anxious", "sad") is no disorder; what is denied, supposed or said of
somebody else
leads to nothing; every proposal from words is "to consider" and shows the words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from therapyflows.core.notices import Notice
from therapyflows.core.session_note.codes.assertion import Mention, is_asserted, phrase_rules
from therapyflows.core.session_note.codes.icd10_table import (
    exclude_each_other,
    is_billable,
    is_unspecified,
    label_of,
    normalized,
    release,
)
from therapyflows.core.session_note.evidence_drafter.clauses import Clause, clauses_of
from therapyflows.core.session_note.evidence_drafter.dictated import is_clinicians, is_monologue
from therapyflows.core.session_note.evidence_drafter.speech import spans_of, turns_of
from therapyflows.core.session_note.model import CodeProposal, SessionContext, Transcript
from therapyflows.governance.evidence.model import Span

FROM_WORDS = 4
"""Proposals from words at most; more would be noise."""
SPANS = 2
_WHY = {
    "named": "consider: named in the session",
    "circumstance": "consider: a circumstance that was mentioned",
    "pattern": "consider: a pattern of use that was described; the words alone are no diagnosis",
}


@dataclass(frozen=True, slots=True)
class _Phrase:
    code: str
    strength: str
    pattern: re.Pattern[str]


@lru_cache(maxsize=1)
def _phrases() -> tuple[_Phrase, ...]:
    return tuple(
        _Phrase(rule["code"], rule["strength"], re.compile(rf"\b(?:{rule['match']})(?!\w)"))
        for rule in phrase_rules()["phrases"]
    )


def propose_icd10(
    transcript: Transcript, context: SessionContext | None
) -> tuple[tuple[CodeProposal, ...], tuple[Notice, ...]]:
    """Diagnosis codes to consider, the chart's own first, with notices on what was dropped or is out of date."""
    notices: list[Notice] = []
    accepted = _from_chart(context, notices)
    known = len(accepted)
    for proposal in _from_words(transcript):
        if len(accepted) - known >= FROM_WORDS:
            break
        if _fits(proposal, accepted, notices):
            accepted.append(proposal)
    if context and accepted and not release().covers(context.appointment.start.date()):
        notices.append(
            Notice(
                "icd10_release_outdated",
                "The session is outside the dates of the installed ICD-10-CM release; verify the codes.",
            )
        )
    return tuple(accepted), tuple(notices)


def _from_chart(context: SessionContext | None, notices: list[Notice]) -> list[CodeProposal]:
    """Diagnoses of the active plan, else of the previous note."""
    if context is None:
        return []
    plan, note = context.plan, context.previous_note
    origin, codes = ("the treatment plan", plan.diagnosis_codes) if plan and plan.diagnosis_codes else (
        ("the previous note", note.diagnosis_codes) if note else ("", ())
    )  # fmt: skip
    found: list[CodeProposal] = []
    for code in dict.fromkeys(normalized(code) for code in codes):
        if is_billable(code):
            found.append(CodeProposal("icd10", code, label_of(code) or "", f"diagnosis on {origin}"))
        else:
            notices.append(
                Notice(
                    "icd10_not_billable", "The chart holds a diagnosis code that is not in the table of billable codes."
                )
            )
    return found


def _fits(proposal: CodeProposal, accepted: Sequence[CodeProposal], notices: list[Notice]) -> bool:
    """Whether it adds something to what is accepted and conflicts with none of it."""
    for other in accepted:
        if proposal.code == other.code or _is_vaguer(proposal.code, other.code):
            return False
        if exclude_each_other(proposal.code, other.code):
            notices.append(
                Notice(
                    "icd10_excludes1",
                    f"{proposal.code} was not proposed: it may not stand beside {other.code} (Excludes1).",
                )
            )
            return False
    return True


def _is_vaguer(code: str, accepted: str) -> bool:
    """An unspecified code beside another of the same category says nothing more."""
    if accepted[:3] in phrase_rules()["vaguer_than"].get(code, ()):
        return True
    return code[:3] == accepted[:3] and (is_unspecified(code) or not is_unspecified(accepted))


def _from_words(transcript: Transcript) -> Iterator[CodeProposal]:
    """One proposal per code that an asserted phrase leads to, in the order of the rules."""
    dictated = is_monologue(transcript) and is_clinicians(transcript)
    clauses = [(clause, " ".join(clause.norms)) for clause in clauses_of(turns_of(transcript.segments))]
    for phrase in _phrases():
        spans = list(_mentions(phrase, clauses, dictated))
        if spans and is_billable(phrase.code):
            yield CodeProposal(
                "icd10", phrase.code, label_of(phrase.code) or "", _WHY[phrase.strength], tuple(spans[:SPANS])
            )


def _mentions(phrase: _Phrase, clauses: Sequence[tuple[Clause, str]], dictated: bool) -> Iterator[Span]:
    for clause, text in clauses:
        match = phrase.pattern.search(text)
        if match and is_asserted(Mention(clause, text, match.start(), match.end()), dictated=dictated):
            first = text[: match.start()].count(" ")
            last = text[: match.end()].count(" ")
            yield from spans_of(clause.words[first : last + 1])
