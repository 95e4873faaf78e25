"""What the checks found, as the draft page shows it, and the deeds on one finding: add, file anyway, take that back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from therapyflows.core.errors import NotFound, TherapyFlowsError
from therapyflows.core.session_note import review
from therapyflows.core.session_note.beside_the_chart import contradictions, is_excusable, stops
from therapyflows.core.session_note.model import Draft, Statement
from therapyflows.core.session_note.whole import is_omission, standing
from therapyflows.governance.evidence.whole import BY_COMPARISON
from therapyflows.governance.evidence.whole.model import NoteFinding, Severity
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.desk import Change, OpenDraft
from therapyflows.web.review.pages import evidence_json

log = structlog.get_logger()
_FIRST_WORDS = 60


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding on the page."""

    finding: NoteFinding
    quotes: tuple[tuple[str, str | None, str], ...]
    """(how the turn is called, its segment id if it is one, the words)."""
    statements: tuple[tuple[str, str], ...]
    """(id, first words) of the statements concerned that still stand."""
    evidence_json: str
    """Of the spans that can be shown and played; empty without any."""
    can_add: bool
    can_excuse: bool
    excused: str | None
    """The reviewer's reason for filing it all the same."""
    stops: bool


async def beside_the_chart(deps: ReviewDeps, opened: OpenDraft) -> tuple[NoteFinding, ...]:
    """How the working copy contradicts the chart as it is now.

    When the EHR does not answer, what was found at drafting is shown; before filing it is compared again anyhow.
    """
    try:
        context = await deps.chart(opened.record)
    except TherapyFlowsError as error:
        log.warning("draft_not_compared", draft_id=opened.record.id, code=error.code)
        return tuple(f for f in standing(opened.working, opened.machine) if f.code.startswith(BY_COMPARISON))
    return contradictions(opened.working, context)


def finding_lines(
    opened: OpenDraft, against_the_chart: Sequence[NoteFinding], called: Mapping[str, str]
) -> tuple[FindingLine, ...]:
    """Everything that is not settled, what stops the filing first.  ``called``: names of turns by segment id."""
    open_ = [f for f in standing(opened.working, opened.machine) if not f.code.startswith(BY_COMPARISON)]
    stopping = {finding.key for finding in stops(opened.working, against_the_chart)}
    lines = [_line(opened.working, f, called, f.key in stopping) for f in (*against_the_chart, *open_)]
    return tuple(sorted(lines, key=_rank))


def _rank(line: FindingLine) -> int:
    if line.stops:
        return 0
    return {Severity.STOP: 1, Severity.WARNING: 2, Severity.NOTICE: 3}[line.finding.severity]


def _line(draft: Draft, finding: NoteFinding, called: Mapping[str, str], stopping: bool) -> FindingLine:
    reasons = {excuse.finding: excuse.reason for excuse in draft.excused}
    here = [span for span in finding.spans if span.segment_id in called]
    return FindingLine(
        finding=finding,
        quotes=tuple(
            (called.get(s.segment_id, "previous note"), s.segment_id if s.segment_id in called else None, s.quote)
            for s in finding.spans
        ),
        statements=tuple(_named(s) for s in draft.statements if s.id in finding.statement_ids),
        evidence_json=evidence_json(here) if here else "",
        can_add=is_omission(finding),
        can_excuse=is_excusable(finding),
        excused=reasons.get(finding.key) if is_excusable(finding) else None,
        stops=stopping,
    )


def _named(statement: Statement) -> tuple[str, str]:
    words = statement.text
    return statement.id, words if len(words) <= _FIRST_WORDS else words[:_FIRST_WORDS].rsplit(" ", 1)[0] + " …"


def deed_on_finding(deed: str, key: str, text: str, against_the_chart: Sequence[NoteFinding]) -> Change:
    """The change of the working copy.  Raises NotFound for a finding that is settled meanwhile."""

    def change(working: Draft, machine: Draft) -> Draft:
        if deed == "unexcuse":
            return review.take_back_excuse(working, key)
        if deed == "excuse":
            return review.excuse(working, _find(key, against_the_chart), text)
        return review.add_omission(working, _find(key, [f for f in working.findings if is_omission(f)]))

    return change


def _find(key: str, findings: Sequence[NoteFinding]) -> NoteFinding:
    found = next((finding for finding in findings if finding.key == key), None)
    if found is None:
        raise NotFound("finding_settled", "This was settled meanwhile; open the draft again.")
    return found
