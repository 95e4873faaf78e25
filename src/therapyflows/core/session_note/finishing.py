"""What every draft gets, whoever drafted it: proposed codes, grades, the notices of its source."""

from collections import Counter
from dataclasses import replace

from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.codes import propose_cpt, propose_icd10
from therapyflows.core.session_note.model import Draft, SessionContext, Transcript
from therapyflows.core.session_note.whole import with_findings


def finish_draft(draft: Draft, transcript: Transcript, context: SessionContext | None) -> Draft:
    """Add proposed codes, grades and what the checks of the whole note find to a drafter's statements."""
    cpt, cpt_notices = propose_cpt(context.appointment if context else None)
    icd10, icd10_notices = propose_icd10(transcript, context)
    coded = replace(
        draft, codes=(*cpt, *icd10), warnings=(*transcript.warnings, *draft.warnings, *cpt_notices, *icd10_notices)
    )
    return with_findings(check_draft(coded, transcript, context), transcript, context)


def finding_counts(draft: Draft) -> dict[str, int]:
    """Findings per code, e.g. ``{"omitted_homework": 2}``."""
    return dict(Counter(finding.code for finding in draft.findings))


def grade_counts(draft: Draft) -> dict[str, int]:
    """Statements per grade, e.g. ``{"supported": 11, "not_assessed": 2}``."""
    return dict(Counter(statement.grade.value for statement in draft.statements))
