"""A clinician's style on a checked draft: wording only, and only where no check finds that it says something else.

::

    checked draft ▸ reworded lines ▸ held against the plain line and the source ▸ it, or the plain line
"""

from collections.abc import Sequence
from dataclasses import replace

from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.model import Draft, SessionContext, Statement, StatementKind, Transcript
from therapyflows.core.session_note.whole import with_findings
from therapyflows.core.style.model import Pair, Profile
from therapyflows.core.style.terms import form_of
from therapyflows.core.style.wording import QUOTED, reworded
from therapyflows.governance.evidence.checker import grade
from therapyflows.governance.evidence.model import Grade, Segment, Span, Speaker

STYLED = (StatementKind.REPORTED, StatementKind.OBSERVED, StatementKind.PLAN, StatementKind.HISTORY)
"""Risk, mental status, consent and what was copied keep the product's words."""
_BETTER_FIRST = (Grade.SUPPORTED, Grade.PARTLY, Grade.UNSUPPORTED, Grade.CONTRADICTED)


def with_style(draft: Draft, transcript: Transcript, context: SessionContext | None, profile: Profile) -> Draft:
    """The checked draft in this style; grades and reasons stay those of the plain lines.

    A line that a check likes less once it is reworded stays plain; when the note as a whole does, all of it does.
    """
    if profile.is_empty:
        return draft
    worded = tuple(_worded(statement, profile) for statement in draft.statements)
    kept = _unharmed(draft, replace(draft, statements=worded), transcript, context)
    styled = replace(draft, statements=_ordered(kept, profile), style=profile.reference)
    before, after = with_findings(draft, transcript, context), with_findings(styled, transcript, context)
    if {finding.key for finding in after.findings} - {finding.key for finding in before.findings}:
        return replace(draft, style=profile.reference)
    return styled


def plain(draft: Draft) -> Draft:
    """The draft as it was before any style, for the checks."""
    return replace(draft, statements=tuple(_plain(s) for s in draft.statements))


def styled_again(checked: Draft, before: Draft) -> Draft:
    """After a check of the plain lines: those that are still there get their wording back."""
    worded = {s.id: s for s in before.statements if s.unstyled is not None}

    def again(statement: Statement) -> Statement:
        was = worded.get(statement.id)
        if was is None or was.unstyled != statement.text:
            return statement
        return replace(statement, text=was.text, unstyled=was.unstyled)

    return replace(checked, statements=tuple(again(s) for s in checked.statements))


def left_out(draft: Draft, profile: Profile) -> Draft:
    """The working copy without the lines whose form the clinician asked to leave out; they can be put back."""
    kept = tuple(s for s in draft.statements if not _is_left_out(s, profile))
    return replace(draft, statements=kept) if kept else draft


def pairs_of(machine: Draft, approved: Draft) -> tuple[Pair, ...]:
    """Line by line what became of the machine's draft; lines that were copied or ask for an answer are none."""
    kept = {s.id: s for s in approved.statements}
    known = {s.id for s in machine.statements}
    drafted = [s for s in machine.statements if s.kind in STYLED]
    changed = [_pair(s, kept.get(s.id)) for s in drafted]
    added = [
        Pair(s.section, s.kind.value, None, s.text)
        for s in approved.statements
        if s.id not in known and s.kind is StatementKind.CLINICIAN
    ]
    return (*changed, *added)


def _pair(drafted: Statement, approved: Statement | None) -> Pair:
    """An untouched line stands for what was shown: its wording was accepted as it is."""
    words = drafted.unstyled or drafted.text
    return Pair(drafted.section, drafted.kind.value, words, approved.text if approved else None)


def _worded(statement: Statement, profile: Profile) -> Statement:
    if statement.kind not in STYLED:
        return statement
    text = reworded(statement.text, profile.wordings)
    return statement if text == statement.text else replace(statement, text=text, unstyled=statement.text)


def _plain(statement: Statement) -> Statement:
    if statement.unstyled is None:
        return statement
    return replace(statement, text=statement.unstyled, unstyled=None)


def _unharmed(draft: Draft, worded: Draft, transcript: Transcript, context: SessionContext | None) -> list[Statement]:
    checked = {s.id: s for s in check_draft(worded, transcript, context).statements}
    return [
        new if new is old or _says_the_same(old, new, checked.get(old.id)) else old
        for old, new in zip(draft.statements, worded.statements, strict=True)
    ]


def _says_the_same(old: Statement, new: Statement, checked: Statement | None) -> bool:
    if checked is None or checked.kind is not old.kind or _rank(checked.grade) > _rank(old.grade):
        return False
    if QUOTED.findall(old.text) != QUOTED.findall(new.text):
        return False
    source = (Segment("line", Speaker.UNKNOWN, 0.0, 0.0, old.text),)
    held = grade(new.id, new.text, source, (Span("line", 0.0, 0.0, old.text),), None)
    return held.grade in (Grade.SUPPORTED, Grade.PARTLY)


def _rank(found: Grade) -> int:
    return _BETTER_FIRST.index(found) if found in _BETTER_FIRST else -1


def _ordered(statements: Sequence[Statement], profile: Profile) -> tuple[Statement, ...]:
    """Within each section; sections stay where they are."""
    if not profile.risk_first:
        return tuple(statements)
    sections = list(dict.fromkeys(s.section for s in statements))
    about_risk = (StatementKind.RISK,)
    return tuple(sorted(statements, key=lambda s: (sections.index(s.section), s.kind not in about_risk)))


def _is_left_out(statement: Statement, profile: Profile) -> bool:
    if statement.kind not in STYLED or statement.grade is not Grade.SUPPORTED:
        return False
    return form_of(statement.unstyled or statement.text) in profile.left_out
