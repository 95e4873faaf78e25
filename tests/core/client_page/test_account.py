"""The account of one client: consents, drafts, what is kept, what was deleted, who looked; no word of any session."""

from typing import Any

import pytest

from therapyflows.core.chart import ConsentKind
from therapyflows.core.client_page.account import Account, account_of
from therapyflows.core.consent_change.steps import apply_consent
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.session_note import steps
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.consent.states import Status
from therapyflows.governance.retention.kinds import rule_of


async def account(practice: Any) -> Account:
    return account_of(await practice.ehr.get_client("c-1"), practice.store, practice.at)


async def test_a_client_of_whom_nothing_is_known_has_an_empty_account(practice: Any) -> None:
    practice.client(consents={})
    found = await account(practice)
    assert (found.consents, found.drafts, found.kept, found.deleted, found.looks) == ((), (), (), (), ())


async def test_consents_stand_where_the_last_word_put_them_with_their_dates(practice: Any) -> None:
    practice.withdraw("recording")
    found = {line.kind: line for line in (await account(practice)).consents}
    assert found[ConsentKind.RECORDING].status is Status.WITHDRAWN
    assert found[ConsentKind.AI_PROCESSING].status is Status.GRANTED
    assert found[ConsentKind.RECORDING].said[0].withdrawn_at == practice.at


async def test_a_waiting_draft_is_in_work_and_what_was_made_for_it_is_kept_until_its_days(practice: Any) -> None:
    record = await practice.prepare()
    found = await account(practice)
    assert [line.record.id for line in found.open_runs] == [record.id]
    assert found.drafts[0].drafter == "evidence"
    kept = {line.item.kind: line for line in found.kept}
    assert set(kept) == {"recording", "transcript", "draft"}
    assert all(line.draft is not None and line.draft.id == record.id for line in found.kept)
    assert next(line.item.kind for line in found.kept) == "recording", "it ends first"


async def test_model_calls_are_counted_by_session_and_those_that_left_the_machine_are_named(practice: Any) -> None:
    await practice.prepare()
    practice.session("a-2")
    practice.document("d-2", appointment_id="a-2")
    await practice.prepare("a-2", "d-2", practice.ports("run-2"))
    for appointment, provider in (("a-1", "local"), ("a-2", "openai"), ("a-2", "openai")):
        details = {"appointment_id": appointment, "provider": provider}
        entry = AuditEntry(Action.MODEL_CALLED, Actor("service", "worker"), "model_calls/1", "c-1", details=details)
        practice.store.audit.append(entry)
    found = {line.record.appointment_id: line for line in (await account(practice)).drafts}
    assert (found["a-1"].model_calls, found["a-1"].model_left_machine) == (1, False)
    assert (found["a-2"].model_calls, found["a-2"].model_left_machine) == (2, True)


async def test_after_a_withdrawal_the_deletions_stand_there_with_reason_and_digest(practice: Any) -> None:
    await practice.prepare()
    practice.withdraw()
    await apply_consent(practice.consents(), "c-1")
    found = await account(practice)
    assert found.kept == ()
    assert found.open_runs == ()
    assert [line.record.state for line in found.drafts] == [DraftState.CANCELLED]
    assert {line.what for line in found.deleted} == {
        rule_of(kind).what for kind in ("recording", "transcript", "draft")
    }  # fmt: skip
    assert {line.reason for line in found.deleted} == {"recording_consent_withdrawn"}
    assert all(line.digest.startswith("sha256:") for line in found.deleted)


async def test_of_a_filed_note_the_evidence_stays_without_an_end(practice: Any) -> None:
    record = await practice.prepare()
    practice.decide(record.id)
    await steps.post_note(practice.ports(), record.id)
    await steps.verify_note(practice.ports(), record.id)
    found = await account(practice)
    assert found.drafts[0].record.ehr_note_id is not None
    assert found.drafts[0].decision is not None
    last = found.kept[-1]
    assert (last.item.kind, last.item.retain_until) == ("evidence", None)


async def test_people_who_looked_are_counted_and_services_are_not_people(practice: Any) -> None:
    record = await practice.prepare()
    for actor in (Actor("person", "u-1", "Clinician"), Actor("person", "u-1", "Clinician"), Actor("service", "worker")):
        practice.forward(minutes=1)
        practice.store.audit.append(AuditEntry(Action.DRAFT_VIEWED, actor, f"draft/{record.id}", "c-1"))
    [look] = (await account(practice)).looks
    assert (look.who, look.role, look.what, look.times) == ("u-1", "Clinician", "read a draft", 2)
    assert look.first < look.last


async def test_nothing_of_another_client_is_in_it(practice: Any) -> None:
    practice.client("c-2")
    practice.session("a-2", "c-2")
    practice.document("d-2", appointment_id="a-2", client_id="c-2")
    await practice.prepare("a-2", "d-2")
    found = await account(practice)
    assert (found.drafts, found.kept, found.deleted, found.looks) == ((), (), (), ())


@pytest.mark.parametrize("word", ["sleeping", "killing", "breathing"])
async def test_no_word_of_the_session_is_in_it(practice: Any, word: str) -> None:
    await practice.prepare()
    assert word not in repr(await account(practice))
