"""A draft that was sent back with guidance: made anew in the same row, with nothing of the reviewer's lost."""

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from therapyflows.core.drafts.deciding import record_decision
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.drafts.redrafting import AT_MOST, send_back
from therapyflows.core.drafts.wake import wake_decided
from therapyflows.core.errors import ConsentMissing, Invalid, Refused
from therapyflows.core.session_note import steps
from therapyflows.core.session_note.guidance import wish_of
from therapyflows.core.session_note.model import DRAFT, Draft
from therapyflows.core.session_note.review import add_statement, edit_statement
from therapyflows.governance.audit.model import Action, Actor

BY = Actor("person", "u-1", "Clinician")


def sent_back(practice: Any, record: DraftRecord, guidance: str = "as DAP please") -> None:
    store = practice.store
    decision = send_back(
        store.drafts.get(record.id), guidance=guidance, by=BY, now=practice.at, contents=store.contents,
        decisions=store.decisions, periods=practice.policy.retention,
    )  # fmt: skip
    record_decision(decision, drafts=store.drafts, decisions=store.decisions, audit=store.audit)


def drafts(practice: Any, record: DraftRecord) -> tuple[Draft, Draft]:
    """The machine's draft and the working copy."""
    row, contents = practice.store.drafts.get(record.id), practice.store.contents
    machine = DRAFT.validate_json(contents.get(row.draft_content_id))
    return machine, DRAFT.validate_json(contents.get(row.edited_content_id)) if row.edited_content_id else machine


def edited(practice: Any, record: DraftRecord, *changes: Any) -> None:
    machine, working = drafts(practice, record)
    for change in changes:
        working = change(working, machine)
    practice.store.contents.put("c-1", "edited_draft", DRAFT.dump_json(working), content_id="cnt_e", draft_id=record.id)
    practice.store.drafts.update(record.id, edited_content_id="cnt_e")


async def test_it_is_drafted_anew_and_waits_again(practice: Any) -> None:
    record = await practice.prepare()
    before, _ = drafts(practice, record)
    sent_back(practice, record)
    assert practice.store.drafts.get(record.id).state is DraftState.PREPARING
    practice.forward(hours=1)
    await steps.redraft_note(practice.ports(), record.id)
    row = practice.store.drafts.get(record.id)
    assert (row.state, row.failure_code, row.format) == (DraftState.IN_REVIEW, "redrafted", "dap")
    assert row.deadline == practice.at + practice.policy.review_within
    machine, _ = drafts(practice, record)
    assert (before.format, machine.format) == ("soap", "dap")
    assert "guidance_followed" in {notice.code for notice in machine.warnings}
    assert practice.store.decisions.for_draft(record.id) is None
    assert len(practice.entries(Action.REDRAFT_ASKED)) == len(practice.entries(Action.REDRAFTED)) == 1


async def test_the_reviewers_own_words_are_carried_over(practice: Any) -> None:
    record = await practice.prepare()
    machine, _ = drafts(practice, record)
    first = machine.statements[0]
    edited(
        practice,
        record,
        lambda working, m: edit_statement(working, m, first.id, "Client sleeps four hours a night."),
        lambda working, _: add_statement(working, "plan", "Bring the sleep diary.", known=["plan"]),
    )
    sent_back(practice, record, "shorter")
    await steps.redraft_note(practice.ports(), record.id)
    machine, working = drafts(practice, record)
    texts = [s.text for s in working.statements]
    assert {"Client sleeps four hours a night.", "Bring the sleep diary."} <= set(texts)
    assert first.text not in texts
    assert "Bring the sleep diary." not in [s.text for s in machine.statements]
    assert len({s.id for s in working.statements}) == len(working.statements)


async def test_guidance_that_rules_cannot_follow_is_said_to_be_not_followed(practice: Any) -> None:
    record = await practice.prepare()
    sent_back(practice, record, "Stress the alliance and the grief work.")
    await steps.redraft_note(practice.ports(), record.id)
    assert "guidance_not_followed" in {notice.code for notice in drafts(practice, record)[0].warnings}


async def test_a_drafter_gets_the_guidance_and_the_trail_does_not(practice: Any) -> None:
    heard: list[str] = []
    record = await practice.prepare()
    ports = practice.ports()

    async def drafter(transcript: Any, context: Any, template: Any) -> Draft:
        heard.append(context.guidance)
        return replace(await ports.drafter(transcript, context, template), drafter="local:invented")

    sent_back(practice, record, "Name the grief Quillfeather spoke of.")
    await steps.redraft_note(practice.ports(drafter=drafter), record.id)
    assert heard == ["Name the grief Quillfeather spoke of."]
    assert "Quillfeather" not in str([e.entry for e in practice.store.audit.search()])


async def test_three_times_and_no_more(practice: Any) -> None:
    record = await practice.prepare()
    for _ in range(AT_MOST):
        sent_back(practice, record, "shorter")
        await steps.redraft_note(practice.ports(), record.id)
    with pytest.raises(Invalid, match="three times"):
        sent_back(practice, record, "shorter")


async def test_without_consent_it_ends(practice: Any) -> None:
    record = await practice.prepare()
    sent_back(practice, record)
    practice.withdraw("ai_processing")
    with pytest.raises(ConsentMissing):
        await steps.redraft_note(practice.ports(), record.id)
    assert practice.store.drafts.get(record.id).state is DraftState.CANCELLED


async def test_closed_while_it_is_made_anew_nothing_of_it_stays(practice: Any) -> None:
    record = await practice.prepare()
    ports = practice.ports()

    async def drafter(transcript: Any, context: Any, template: Any) -> Draft:
        practice.store.drafts.move(record.id, expected=[DraftState.PREPARING], to=DraftState.CANCELLED)
        return await ports.drafter(transcript, context, template)

    sent_back(practice, record)
    with pytest.raises(Refused, match="draft_closed"):
        await steps.redraft_note(practice.ports(drafter=drafter), record.id)
    assert all(item.is_settled for item in practice.store.contents.of_client("c-1"))


async def test_without_its_transcript_the_old_draft_waits_again(practice: Any) -> None:
    record = await practice.prepare()
    sent_back(practice, record)
    practice.store.contents.delete(practice.store.drafts.get(record.id).transcript_id)
    old = practice.store.drafts.get(record.id).draft_content_id
    await steps.redraft_note(practice.ports(), record.id)
    row = practice.store.drafts.get(record.id)
    assert (row.state, row.failure_code, row.draft_content_id) == (DraftState.IN_REVIEW, "not_redrafted", old)


async def test_killed_anywhere_it_is_made_once(practice: Any, mortal: Any, killed: Any) -> None:
    record = await practice.prepare()
    sent_back(practice, record)
    store = practice.store
    for dies_at in range(1, 40):
        life = count(1)
        parts = {n: mortal(getattr(store, n), life, dies_at) for n in ("contents", "audit", "drafts", "decisions")}
        try:
            await steps.redraft_note(practice.ports(**parts), record.id)
        except killed:
            assert store.drafts.get(record.id).state in (DraftState.PREPARING, DraftState.IN_REVIEW)
        else:
            break
    assert store.drafts.get(record.id).state is DraftState.IN_REVIEW
    assert store.decisions.redrafts(record.id) == 1
    assert len(practice.entries(Action.REDRAFTED)) == 1


async def test_its_run_is_woken(practice: Any) -> None:
    record = await practice.prepare()
    sent_back(practice, record)
    woken: list[str] = []

    class Runs:
        async def state_of(self, run: str) -> str:
            return "PAUSED"

        async def resume(self, run: str, decision_id: str) -> None:
            woken.append(run)

    await wake_decided(practice.store.decisions, Runs(), now=practice.at)  # type: ignore[arg-type]
    assert woken == ["run-1"]


@pytest.mark.parametrize(
    ("said", "share", "note_format", "forms"),
    [
        ("Much shorter, please", 0.6, None, ()),
        ("Write it as a BIRP note with more detail", 1.5, "birp", ()),
        ("Leave out the quotes and the themes", 1.0, None, ("quotation", "themes")),
        ("shorter and longer", 1.0, None, ()),
        ("SOAP or DAP, whatever", 1.0, None, ()),
        ("quote more", 1.0, None, ()),
    ],
)
def test_what_is_understood_without_a_model(said: str, share: float, note_format: str | None, forms: Any) -> None:
    wish = wish_of(said)
    assert (wish.share, wish.format, wish.left_out) == (share, note_format, forms)
