"""The draft beside what the chart holds: contradictions, and which of them stop the filing."""

from collections.abc import Sequence

from therapyflows.core.consistency import Artifacts, FiledNote, check_consistency
from therapyflows.core.consistency.identity import SAME_SESSION
from therapyflows.core.consistency.model import FiledLine
from therapyflows.core.session_note.model import Draft, SessionContext, StatementKind
from therapyflows.governance.evidence.whole.model import NoteFinding, Severity


def contradictions(draft: Draft, context: SessionContext) -> tuple[NoteFinding, ...]:
    """Where the draft and the chart disagree, stopping ones first."""
    found = check_consistency(artifacts_of(draft, context))
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.STOP))


def artifacts_of(draft: Draft, context: SessionContext) -> Artifacts:
    """What is compared."""
    note = FiledNote(
        client_id=context.client.id,
        clinician_id=context.clinician.id,
        appointment_id=context.appointment.id,
        lines=tuple(
            FiledLine(
                s.id,
                s.text,
                administrative=s.kind is StatementKind.ADMINISTRATIVE,
                reported=s.kind is StatementKind.REPORTED,
            )
            for s in draft.statements
            if s.kind not in (StatementKind.CONSENT, StatementKind.NOT_ASSESSED)
        ),
        cpt=tuple(c.code for c in draft.codes if c.system == "cpt"),
        icd10=tuple(c.code for c in draft.codes if c.system == "icd10"),
    )
    return Artifacts(note, context.appointment, context.plan, context.assessments)


def stops(draft: Draft, found: Sequence[NoteFinding]) -> tuple[NoteFinding, ...]:
    """Those that stop the filing: of severity stop, and not excused by the reviewer."""
    excused = {excuse.finding for excuse in draft.excused}
    return tuple(f for f in found if f.severity is Severity.STOP and not (is_excusable(f) and f.key in excused))


def is_excusable(finding: NoteFinding) -> bool:
    """Whether a reason can stand against it; never when the note is another session's."""
    return finding.severity is Severity.STOP and finding.code != SAME_SESSION
