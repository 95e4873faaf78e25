"""From a filed note to the style of the next draft, through the real store; and what a withdrawal leaves of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from therapyflows.core.consent_change.steps import apply_consent
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import Conflict, Transient
from therapyflows.core.session_note import steps
from therapyflows.core.session_note.model import DRAFT, Draft, StatementKind
from therapyflows.core.style import keeping
from therapyflows.core.style.model import Choices, HabitKind, Learned, Wording
from therapyflows.governance.audit.model import Action

CT = Wording("client", "Ct.", HabitKind.ABBREVIATION)


def machine_draft(practice: Any, record: DraftRecord) -> Draft:
    row = practice.store.drafts.get(record.id)
    return DRAFT.validate_json(practice.store.contents.get(row.draft_content_id))


async def file_note(practice: Any, record: DraftRecord) -> None:
    practice.decide(record.id, corrected=abbreviated)
    await steps.post_note(practice.ports(), record.id)
    assert await steps.verify_note(practice.ports(), record.id)


def abbreviated(draft: Draft) -> Draft:
    return replace(
        draft,
        statements=tuple(
            replace(s, text=s.text.replace("Client ", "Ct. ").replace("client ", "ct. "), kind=StatementKind.CLINICIAN)
            if s.kind in (StatementKind.REPORTED, StatementKind.PLAN)
            else s
            for s in draft.statements
        ),
    )


async def two_clients_notes(practice: Any) -> None:
    """Two filed notes of each of two clients, "Ct." in every line."""
    practice.client("c-2")
    for number, client in enumerate(("c-1", "c-1", "c-2", "c-2"), 11):
        practice.session(f"a-{number}", client)
        practice.document(f"d-{number}", appointment_id=f"a-{number}", client_id=client)
        await file_note(practice, await practice.prepare(f"a-{number}", f"d-{number}"))


async def test_the_style_in_force_words_the_draft_and_is_named(practice: Any) -> None:
    keeping.keep_choices(practice.store.contents, "u-1", Choices(version=1, own=(CT,)))
    draft = machine_draft(practice, await practice.prepare())
    assert any("ct. " in s.text.lower() for s in draft.statements)
    assert keeping.profile_by(practice.store.contents, "u-1", draft.style or "").wordings == (CT,)
    [entry] = practice.entries(Action.DRAFT_STORED)
    assert entry.details["style"] == draft.style


async def test_another_clinicians_style_is_not_used(practice: Any) -> None:
    keeping.keep_choices(practice.store.contents, "u-2", Choices(version=1, own=(CT,)))
    assert machine_draft(practice, await practice.prepare()).style is None


async def test_lines_that_are_left_out_can_be_put_back(practice: Any) -> None:
    keeping.keep_choices(practice.store.contents, "u-1", Choices(version=1, taken_out=("question_and_answer",)))
    record = await practice.prepare()
    machine = machine_draft(practice, record)
    working = DRAFT.validate_json(practice.store.contents.get(record.edited_content_id or ""))
    gone = {s.id for s in machine.statements} - {s.id for s in working.statements}
    assert gone
    assert "left_out_by_style" in {notice.code for notice in machine.warnings}


async def test_a_filed_note_leaves_its_differences_with_the_client(practice: Any) -> None:
    record = await practice.prepare()
    await file_note(practice, record)
    [item] = [i for i in practice.store.contents.of_client("c-1") if i.kind == "style_pairs"]
    assert (item.draft_id, item.retain_until) == (record.id, practice.at + timedelta(days=180))
    [pairs] = keeping.pairs_by(practice.store.contents, "u-1", ["c-1"])
    assert (pairs.author, pairs.client_id) == ("u-1", "c-1")
    assert any(pair.drafted for pair in pairs.pairs)
    assert list(keeping.pairs_by(practice.store.contents, "u-9", ["c-1"])) == []


async def test_material_of_a_part_2_program_is_not_learned_from(practice: Any) -> None:
    record = await practice.prepare()
    practice.store.drafts.update(record.id, part2=True)
    await file_note(practice, record)
    assert list(keeping.pairs_by(practice.store.contents, "u-1", ["c-1"])) == []


async def test_what_was_learned_is_used_next_and_told_in_numbers(practice: Any) -> None:
    await two_clients_notes(practice)
    learned = keeping.learned_of(practice.store.contents, "u-1")
    assert [(w.instead, w.clients) for w in learned.wordings] == [("ct.", 2)]
    entry = practice.entries(Action.STYLE_LEARNED)[-1]
    assert entry.details == {"notes": 4, "clients": 2, "wordings": 1}
    assert any("ct. " in s.text.lower() for s in machine_draft(practice, await practice.prepare()).statements)


async def test_a_withdrawal_takes_the_pairs_and_what_was_learned_from_them(practice: Any) -> None:
    await two_clients_notes(practice)
    practice.withdraw("ai_processing", "c-2")
    await apply_consent(practice.consents(), "c-2")
    assert [i for i in practice.store.contents.of_client("c-2") if i.kind == "style_pairs" and not i.deleted_at] == []
    learned = keeping.learned_of(practice.store.contents, "u-1")
    assert (learned.wordings, learned.clients) == ((), 1)


async def test_learning_never_keeps_a_note_from_being_filed(practice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    record = await practice.prepare()
    practice.decide(record.id)
    await steps.post_note(practice.ports(), record.id)

    async def away(user_id: str) -> None:
        raise Transient("ehr_unavailable")

    monkeypatch.setattr(practice.ehr, "get_user", away)
    assert await steps.verify_note(practice.ports(), record.id)
    assert keeping.learned_of(practice.store.contents, "u-1") == Learned()


def test_two_windows_do_not_overwrite_each_others_choices(practice: Any) -> None:
    contents = practice.store.contents
    keeping.keep_choices(contents, "u-1", Choices(version=1, own=(CT,)))
    with pytest.raises(Conflict, match="another window"):
        keeping.keep_choices(contents, "u-1", Choices(version=1, on=False))
    assert keeping.choices_of(contents, "u-1").own == (CT,)
