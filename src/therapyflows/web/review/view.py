"""What the draft page shows, as values: sections with their lines, codes with their ticks, notices in plain words."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from therapyflows.core.chart import Client
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.drafts.sending_back import APPROVER_NOT_AUTHORIZED
from therapyflows.core.errors import Invalid
from therapyflows.core.notices import Notice
from therapyflows.core.ports import DraftChange
from therapyflows.core.queue.facts import URGENT as URGENT
from therapyflows.core.session_note.model import CodeProposal, Draft, Statement, StatementKind, Transcript
from therapyflows.core.session_note.review import (
    find,
    grade_counts,
    needs_decision,
    open_statements,
    removed_statements,
    sections_of,
)
from therapyflows.core.session_note.rewriting import may_be_rewritten
from therapyflows.core.session_note.steps.redrafting import NOT_REDRAFTED, REDRAFTED
from therapyflows.core.session_note.steps.sending_back import CONTRADICTS_CHART
from therapyflows.core.session_note.templates import load_template
from therapyflows.core.session_note.word_diff import Piece, word_diff
from therapyflows.governance.evidence.model import Grade
from therapyflows.governance.evidence.whole.model import NoteFinding
from therapyflows.web.review.desk import OpenDraft
from therapyflows.web.review.findings import FindingLine, finding_lines
from therapyflows.web.review.pages import clock_time, evidence_json

_SEGMENT_ID = re.compile(r"\b(s\d{1,6})\b")
SENT_BACK = (
    "This note was approved before, but whoever approved it may no longer decide for this client, so it was not filed. "
    "Please read it and decide."
)
MADE_ANEW = "This is another draft, made with your guidance. What you had written yourself was carried over."
NOT_MADE_ANEW = "It could not be drafted anew, because its source is no longer kept. Please edit it, or reject it."
CONTRADICTED = (
    "This note was approved before, but it contradicts the chart, so it was not filed. What disagrees stands below: "
    "correct the note or the chart and approve again, or say why it may stand."
)

BADGES = {
    "supported": "Supported",
    "partly": "Partly supported",
    "unsupported": "Not supported",
    "contradicted": "Contradicted",
    "not_assessed": "Not assessed",
    "clinician": "Your words",
}
_SHORT = {"partly": "Partly", "clinician": "Yours"}
_KINDS = {
    StatementKind.RISK: "Risk",
    StatementKind.MENTAL_STATUS: "Mental status",
    StatementKind.HISTORY: "History",
    StatementKind.CONSENT: "Copied from the consent record",
    StatementKind.ADMINISTRATIVE: "From the appointment",
    StatementKind.NOT_ASSESSED: "Question for you",
}


_STEPS = {
    "statement_added": "adding a line",
    "statement_edit": "an edit",
    "statement_keep": "keeping a line",
    "statement_unkeep": "taking back a “keep”",
    "statement_remove": "removing a line",
    "statement_restore": "putting a line back",
    "finding_add": "adding what was left out",
    "finding_excuse": "a reason",
    "finding_unexcuse": "taking back a reason",
    "codes_chosen": "the choice of codes",
    "speakers_swapped": "swapping the speakers",
    "speakers_corrected": "correcting who spoke",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of the note as the page shows it."""

    statement: Statement
    badge: str
    """Key of :data:`BADGES`, also the CSS class."""
    badge_text: str
    kind_text: str | None
    evidence_json: str
    needs_decision: bool
    drafted_text: str | None
    """What the machine wrote, when the reviewer changed it."""
    asks: bool
    reasons: tuple[tuple[tuple[str, str | None], ...], ...]
    """Each reason as pieces of text; a piece that names a turn of the transcript carries its segment id."""
    mark: str
    """Of the statement as it is shown: whether somebody changed it meanwhile."""
    changes: tuple[Piece, ...]
    """From what the machine wrote to what stands there now."""
    rewordable: bool
    """Whether other words may be proposed for it."""
    disagreement: str | None
    """``checker: supported, judge: contradicted``, and why, where a second opinion differs."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A statement that somebody else changed while this person was typing."""

    statement_id: str
    theirs: str | None
    """None: it was removed."""
    yours: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class CodeLine:
    code: CodeProposal
    key: str
    ticked: bool
    evidence_json: str


@dataclass(frozen=True, slots=True)
class NoteView:
    sections: tuple[Section, ...]
    removed: tuple[Statement, ...]
    codes: tuple[CodeLine, ...]
    open_count: int
    unanswered: int
    counts: tuple[tuple[str, str, int], ...]
    """(badge key, words, how many)."""
    version: int
    draft_id: str
    undo: str | None
    """What one's last change was, in words; None when there is none to take back."""
    redo: str | None
    changed: bool
    """Whether anything differs from what the machine wrote."""
    findings: tuple[FindingLine, ...]
    stop_count: int


def note_view(opened: OpenDraft, against_the_chart: Sequence[NoteFinding], reader: str) -> NoteView:
    """``reader``: the user id of whoever looks; only their own last change is theirs to take back."""
    working, machine = opened.working, opened.machine
    titles, times = section_titles(working.format), names_of_turns(opened.transcript)
    sections = tuple(
        Section(key, titles.get(key, key.replace("_", " ").title()), _lines(working, machine, key, times))
        for key in sections_of(working, list(titles))
    )
    findings = finding_lines(opened, against_the_chart, times)
    return NoteView(
        findings=findings,
        stop_count=sum(line.stops for line in findings),
        sections=sections,
        removed=removed_statements(working, machine),
        codes=_codes(working, machine),
        open_count=len(open_statements(working)),
        unanswered=sum(line.asks for section in sections for line in section.lines),
        counts=counts_view(working),
        version=opened.record.version,
        draft_id=opened.record.id,
        undo=_step_words(opened.undoable, reader),
        redo=_step_words(opened.redoable, reader),
        changed=working.statements != machine.statements,
    )


def _step_words(step: DraftChange | None, reader: str) -> str | None:
    if step is None or step.changed_by != reader:
        return None
    return _STEPS.get(step.change, "the last change")


def counts_view(draft: Draft) -> tuple[tuple[str, str, int], ...]:
    return badge_words(grade_counts(draft))


def badge_words(counts: Mapping[str, int]) -> tuple[tuple[str, str, int], ...]:
    """Each badge there is, in order: key, words, how many."""
    return tuple((key, _SHORT.get(key, words), counts[key]) for key, words in BADGES.items() if counts.get(key))


def section_titles(format_key: str) -> dict[str, str]:
    """Section keys and titles of the note format, in order; empty for a format that is no longer installed."""
    try:
        template = load_template(format_key)
    except Invalid:
        return {}
    return {section.key: section.title for section in template.sections}


def notices(opened: OpenDraft) -> tuple[Notice, ...]:
    """What the reviewer should know about this draft; a disclosed risk comes first."""
    found = list(_how_drafted(opened.machine)) + list(opened.machine.warnings)
    if opened.record.failure_code == APPROVER_NOT_AUTHORIZED:
        found.insert(0, Notice("sent_back", SENT_BACK))
    if opened.record.failure_code in (REDRAFTED, NOT_REDRAFTED):
        words = MADE_ANEW if opened.record.failure_code == REDRAFTED else NOT_MADE_ANEW
        found.insert(0, Notice(opened.record.failure_code, words))
    if opened.record.failure_code == CONTRADICTS_CHART:
        found.insert(0, Notice("contradicts_chart", CONTRADICTED))
    if opened.transcript is None:
        found.append(Notice("transcript_deleted", "The transcript is no longer kept; only the draft is shown."))
    else:
        found += opened.transcript.warnings
    return tuple(sorted(dict.fromkeys(found), key=lambda notice: notice.code not in URGENT))


def display_name(client: Client) -> str:
    return f"{client.preferred_name or client.first_name} {client.last_name}"


def _how_drafted(draft: Draft) -> list[Notice]:
    if any(notice.code.startswith("model_") for notice in draft.warnings):
        return []  # the drafter says itself what became of the language model
    if draft.fallback_from:
        words = f"The language model ({draft.fallback_from}) failed, so this was drafted without one."
        return [Notice("fallback", words)]
    if draft.drafter == "evidence":
        return [Notice("no_model", "Drafted without a language model: statements are filed from what was said.")]
    return []


def _lines(working: Draft, machine: Draft, section: str, times: Mapping[str, str]) -> tuple[Line, ...]:
    return tuple(_line(s, find(machine, s.id), times) for s in working.statements if s.section == section)


def _line(statement: Statement, drafted: Statement | None, times: Mapping[str, str]) -> Line:
    badge = "clinician" if statement.kind == StatementKind.CLINICIAN else statement.grade.value
    asks = statement.kind == StatementKind.NOT_ASSESSED or badge == Grade.NOT_ASSESSED
    return Line(
        statement=statement,
        badge=badge,
        badge_text=BADGES[badge],
        kind_text=_KINDS.get(statement.kind),
        evidence_json=evidence_json(statement.evidence),
        needs_decision=needs_decision(statement),
        drafted_text=drafted.text if drafted is not None and drafted.text != statement.text else None,
        asks=asks,
        reasons=tuple(_pieces(reason, times) for reason in statement.reasons),
        rewordable=bool(statement.evidence) and may_be_rewritten(statement),
        disagreement=_disagreement(statement),
        mark=mark_of(statement),
        changes=word_diff(drafted.text, statement.text) if drafted is not None else (),
    )


def mark_of(statement: Statement | None) -> str:
    if statement is None:
        return ""
    seen = (statement.text, statement.kind.value, statement.grade.value, str(statement.kept))
    return hashlib.sha256("\x1f".join(seen).encode()).hexdigest()[:16]


def clash_of(working: Draft, statement_id: str, yours: str) -> Clash:
    now = find(working, statement_id)
    theirs = now.text if now is not None else None
    return Clash(statement_id, theirs, yours, word_diff(theirs or "", yours))


def _disagreement(statement: Statement) -> str | None:
    judged = statement.judged
    if judged is None or not judged.disagrees_with(statement.grade):
        return None
    words = f"checker: {statement.grade.value}, judge: {judged.grade.value}"
    return f"{words} ({judged.reason})" if judged.reason else words


def _pieces(reason: str, times: Mapping[str, str]) -> tuple[tuple[str, str | None], ...]:
    """``the words may stand in s17`` with the turn's time in place of its id."""
    parts = _SEGMENT_ID.split(reason)
    return tuple((times[part], part) if part in times else (part, None) for part in parts if part)


def names_of_turns(transcript: Transcript | None) -> dict[str, str]:
    """How a turn is called on the page: its time, or its number in a source without times."""
    if transcript is None:
        return {}
    return {
        s.id: clock_time(s.start_s) if s.end_s > 0 else f"line {number}"
        for number, s in enumerate(transcript.segments, 1)
    }


def _codes(working: Draft, machine: Draft) -> tuple[CodeLine, ...]:
    ticked = {(c.system, c.code) for c in working.codes}
    every = {(c.system, c.code): c for c in (*machine.codes, *working.codes)}
    return tuple(
        CodeLine(code, f"{system}:{number}", (system, number) in ticked, evidence_json(code.evidence))
        for (system, number), code in every.items()
    )


def page_of(record: DraftRecord) -> str:
    """Where the draft of this workflow is reviewed."""
    return f"/intakes/{record.id}" if record.workflow == "intake" else f"/drafts/{record.id}"
