"""A style changes how a draft says things, and never what."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.web.review.practice import session_draft, session_transcript

from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.model import Draft, Statement, StatementKind
from therapyflows.core.session_note.styling import left_out, pairs_of, plain, styled_again, with_style
from therapyflows.core.style.model import HabitKind, Profile, Wording
from therapyflows.governance.evidence.model import Grade

CT = Wording("client", "Ct.", HabitKind.ABBREVIATION)
DENIES = Wording("reports", "denies", HabitKind.PHRASE)


def checked() -> Draft:
    return check_draft(session_draft(), session_transcript(), None)


def styled(*wordings: Wording, **more: object) -> Draft:
    return with_style(checked(), session_transcript(), None, Profile(wordings=wordings, **more))  # type: ignore[arg-type]


def test_lines_are_reworded_and_remember_what_they_said() -> None:
    draft = styled(CT)
    changed = [s for s in draft.statements if s.unstyled is not None]
    assert changed
    assert all("Ct." in s.text and "Ct." not in (s.unstyled or "") for s in changed)
    assert (draft.style or "").startswith("style@")
    assert plain(draft).statements == checked().statements


def test_grades_reasons_and_evidence_stay() -> None:
    before, after = checked(), styled(CT)
    assert [(s.id, s.grade, s.reasons, s.evidence) for s in before.statements] == [
        (s.id, s.grade, s.reasons, s.evidence) for s in after.statements
    ]


def test_a_wording_that_turns_a_fact_around_is_not_used() -> None:
    """It cannot be learned or saved; should one come through all the same, the checks keep the plain line."""
    assert [s.text for s in styled(DENIES).statements] == [s.text for s in checked().statements]


def test_lines_on_risk_and_what_was_copied_keep_the_products_words() -> None:
    kinds = {s.kind for s in styled(CT).statements if s.unstyled is not None}
    assert kinds <= {StatementKind.REPORTED, StatementKind.OBSERVED, StatementKind.PLAN, StatementKind.HISTORY}


def test_a_recheck_works_on_the_plain_lines() -> None:
    draft = styled(CT)
    assert styled_again(check_draft(plain(draft), session_transcript(), None), draft).statements == draft.statements


def test_lines_of_a_form_are_left_out_only_when_supported_and_asked_for() -> None:
    line = Statement("q1", "subjective", 'Client said, "no".', StatementKind.REPORTED, grade=Grade.SUPPORTED)
    doubtful = replace(line, id="q2", grade=Grade.PARTLY)
    risk = replace(line, id="q3", kind=StatementKind.RISK)
    draft = replace(checked(), statements=(*checked().statements, line, doubtful, risk))
    ids = [s.id for s in left_out(draft, Profile(left_out=("quotation",))).statements]
    assert "q1" not in ids
    assert {"q2", "q3"} <= set(ids)
    assert left_out(draft, Profile()) == draft


def test_pairs_hold_the_plain_line_whatever_style_was_shown() -> None:
    machine = styled(CT)
    first = next(s for s in machine.statements if s.unstyled)
    approved = replace(machine, statements=tuple(s for s in machine.statements if s is not first))
    pair = next(p for p in pairs_of(machine, approved) if p.drafted == first.unstyled)
    assert pair.approved is None
    kept = next(p for p in pairs_of(machine, machine) if p.drafted == first.unstyled)
    assert kept.approved == first.text


@given(st.text(st.characters(categories=("L", "P", "Zs")), max_size=80))
def test_any_words_are_reworded_once_and_for_all(text: str) -> None:
    from therapyflows.core.style.wording import reworded

    once = reworded(text, [CT])
    assert reworded(once, [CT]) == once
