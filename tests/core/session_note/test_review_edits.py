"""A reviewer's corrections, as pure functions."""

from dataclasses import replace

import pytest

from therapyflows.core.errors import Invalid, NotFound
from therapyflows.core.session_note import review
from therapyflows.core.session_note.model import CodeProposal, Draft, Statement, StatementKind
from therapyflows.governance.evidence.model import Grade, Span

SPAN = Span("s1", 0.0, 2.0, "two nights")


def statement(number: int, grade: Grade = Grade.SUPPORTED, **more: object) -> Statement:
    values = {"section": "subjective", "text": f"Statement {number}.", "kind": StatementKind.REPORTED} | more
    return Statement(id=f"st{number}", evidence=(SPAN,), grade=grade, **values)


@pytest.fixture
def machine() -> Draft:
    codes = (CodeProposal("cpt", "90834", "", ""), CodeProposal("icd10", "F41.1", "", ""))
    return Draft("soap", "evidence", (statement(1), statement(2, Grade.UNSUPPORTED), statement(3)), codes)


def test_an_edited_statement_is_the_clinicians_and_keeps_its_evidence(machine: Draft) -> None:
    edited = review.find(review.edit_statement(machine, machine, "st1", "  Other\n words. "), "st1")
    assert edited is not None
    assert (edited.text, edited.kind, edited.evidence) == ("Other words.", StatementKind.CLINICIAN, (SPAN,))


def test_unchanged_text_changes_nothing(machine: Draft) -> None:
    assert review.edit_statement(machine, machine, "st1", " Statement 1. ") == machine


def test_typing_the_machines_words_back_makes_it_the_machines_again(machine: Draft) -> None:
    edited = review.edit_statement(machine, machine, "st2", "Other words.")
    assert review.edit_statement(edited, machine, "st2", "Statement 2.") == machine


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001])
def test_a_text_that_cannot_stand_in_a_note_is_refused(machine: Draft, text: str) -> None:
    with pytest.raises(Invalid):
        review.edit_statement(machine, machine, "st1", text)


@pytest.mark.parametrize(
    ("grade", "more", "needed"),
    [
        (Grade.SUPPORTED, {}, False),
        (Grade.PARTLY, {}, False),
        (Grade.UNSUPPORTED, {}, True),
        (Grade.CONTRADICTED, {}, True),
        (Grade.CONTRADICTED, {"kept": True}, False),
        (Grade.UNSUPPORTED, {"kind": StatementKind.CLINICIAN}, False),
        (Grade.UNSUPPORTED, {"kind": StatementKind.NOT_ASSESSED}, False),
        (Grade.NOT_ASSESSED, {}, False),
    ],
)
def test_approval_waits_for_doubtful_statements_only(grade: Grade, more: dict[str, object], needed: bool) -> None:
    assert review.needs_decision(statement(1, grade, **more)) is needed


def test_a_statement_edited_after_it_was_kept_is_no_longer_kept(machine: Draft) -> None:
    kept = review.keep_statement(machine, "st2")
    edited = review.find(review.edit_statement(kept, machine, "st2", "Other."), "st2")
    assert edited is not None
    assert not edited.kept


def test_a_removed_statement_comes_back_at_its_place(machine: Draft) -> None:
    removed = review.remove_statement(machine, "st2")
    assert [s.id for s in review.removed_statements(removed, machine)] == ["st2"]
    assert review.restore_statement(removed, machine, "st2") == machine


def test_removing_what_is_gone_is_an_error(machine: Draft) -> None:
    with pytest.raises(NotFound):
        review.remove_statement(machine, "st99")


def test_an_added_statement_stands_at_the_end_of_its_section(machine: Draft) -> None:
    with_plan = replace(machine, statements=(*machine.statements, statement(4, section="plan")))
    added = review.add_statement(with_plan, "subjective", "Mine.", known=())
    assert [s.text for s in added.statements][3] == "Mine."
    assert added.statements[3].kind == StatementKind.CLINICIAN


def test_exactly_the_ticked_codes_stay_and_can_come_back(machine: Draft) -> None:
    fewer = review.choose_codes(machine, machine, {"icd10:F41.1"})
    assert [c.code for c in fewer.codes] == ["F41.1"]
    assert review.choose_codes(fewer, machine, {"cpt:90834", "icd10:F41.1"}) == machine


def test_a_code_that_nobody_proposed_cannot_be_ticked(machine: Draft) -> None:
    with pytest.raises(Invalid):
        review.choose_codes(machine, machine, {"cpt:99999"})


def test_a_new_check_leaves_the_clinicians_words_and_asks_again_about_kept_ones_that_moved(machine: Draft) -> None:
    before = review.keep_statement(review.edit_statement(machine, machine, "st1", "Mine."), "st2")
    checked = replace(before, statements=tuple(replace(s, grade=Grade.CONTRADICTED) for s in before.statements))
    own, moved, other = review.after_recheck(before, checked).statements
    assert own == before.statements[0]
    assert (moved.grade, moved.kept) == (Grade.CONTRADICTED, False)
    assert other.grade == Grade.CONTRADICTED
