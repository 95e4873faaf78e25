"""The checks of the whole note, given what the session note knows: the source, the chart, the previous note."""

from collections.abc import Sequence
from dataclasses import replace

from therapyflows.core.people import age_on
from therapyflows.core.session_note.against_previous import sentences_of_note
from therapyflows.core.session_note.beside_the_chart import contradictions
from therapyflows.core.session_note.model import Draft, SessionContext, Statement, StatementKind, Transcript
from therapyflows.core.session_note.not_assessed import disclosures
from therapyflows.governance.evidence.model import overlaps
from therapyflows.governance.evidence.whole import BY_CHART, check_whole
from therapyflows.governance.evidence.whole.model import Line, NoteFinding, People, WholeNote

_COPIED = (StatementKind.ADMINISTRATIVE, StatementKind.CONSENT, StatementKind.NOT_ASSESSED)


def with_findings(draft: Draft, transcript: Transcript, context: SessionContext | None) -> Draft:
    """The draft with what the checks find.  Without a chart at hand, what an earlier check found by it stays."""
    found = check_whole(whole_note(draft, transcript, context))
    by_chart = (
        contradictions(draft, context) if context else tuple(f for f in draft.findings if f.code.startswith(BY_CHART))
    )
    return replace(draft, findings=tuple(dict.fromkeys((*by_chart, *found))))


def whole_note(draft: Draft, transcript: Transcript, context: SessionContext | None) -> WholeNote:
    """The draft as the checks look at it."""
    lines = tuple(Line(s.id, s.text, s.section, s.evidence, s.kind in _COPIED) for s in draft.statements)
    return WholeNote(
        lines=lines,
        segments=transcript.segments,
        previous=tuple(sentences_of_note(context.previous_note)) if context and context.previous_note else (),
        people=people_of(context) if context else None,
        disclosed=tuple(disclosures(transcript)),
    )


def people_of(context: SessionContext) -> People:
    """Who the chart says the note is about."""
    client = context.client
    names = (client.first_name, client.last_name, client.preferred_name)
    return People(
        client_names=tuple(name for name in names if name),
        other_names=(context.clinician.name, *(contact.name for contact in client.contacts)),
        pronouns=client.pronouns,
        age=age_on(client.birth_date, context.appointment.start.date()) if client.birth_date else None,
        birth_date=client.birth_date.isoformat() if client.birth_date else None,
        numbers=tuple(n for n in (client.mrn, *(policy.member_id for policy in client.insurance)) if n),
    )


def standing(draft: Draft, machine: Draft) -> tuple[NoteFinding, ...]:
    """The findings that the reviewer's work has not settled.

    An omission is settled when a statement cites its words; a finding about statements, when all of them were edited
    or removed.
    """
    texts = {s.id: s.text for s in draft.statements}
    drafted = {s.id: s.text for s in machine.statements}
    return tuple(f for f in draft.findings if _stands(f, draft.statements, texts, drafted))


def _stands(
    finding: NoteFinding, statements: Sequence[Statement], texts: dict[str, str], drafted: dict[str, str]
) -> bool:
    if is_omission(finding):
        cited = [span for s in statements for span in s.evidence]
        return not any(overlaps(span, other) for span in finding.spans for other in cited)
    if not finding.statement_ids:
        return True
    return any(id_ in texts and texts[id_] == drafted.get(id_) for id_ in finding.statement_ids)


def is_omission(finding: NoteFinding) -> bool:
    """Whether it is material of the source that the note leaves out."""
    return finding.code.startswith("omitted_")
