"""Consent is asked before every step that uses material: a run between two steps notices that it is gone."""

import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from therapyflows.core.drafts.consent import require_before_call
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import ConsentMissing, Refused
from therapyflows.core.prompt import Prompt
from therapyflows.core.session_note import content_ids, steps
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.model import Draft, SessionContext, Template, Transcript
from therapyflows.core.session_note.model_drafter import Patience, draft_with_model
from therapyflows.governance.audit.model import Action
from therapyflows.integrations.llm.consented import ConsentedModel
from therapyflows.integrations.llm.scripted import ScriptedModel

STEPS = ["fetch", "transcribe", "draft"]


async def take(practice: Any, step: str, record: DraftRecord, **changes: Any) -> None:
    ports = practice.ports(**changes)
    if step == "fetch":
        await steps.fetch_recording(ports, record.id)
    elif step == "transcribe":
        await steps.transcribe(ports, record.id, lambda done: None)
    else:
        await steps.draft_note(ports, record.id)


async def before(practice: Any, step: str) -> DraftRecord:
    """A draft for which this step is the next."""
    record = await steps.open_draft(practice.ports(), "a-1", "d-1")
    for earlier in STEPS[: STEPS.index(step)]:
        await take(practice, earlier, record)
    return practice.store.drafts.get(record.id)


def withdraw(practice: Any) -> None:
    practice.withdraw("ai_processing")


def expire(practice: Any) -> None:
    practice.client(consents={"recording": {}, "ai_processing": {"expires_at": practice.at}})


def client_opts_out(practice: Any) -> None:
    practice.client(ai_opt_out_workflows=("session-note",))


def clinician_opts_out(practice: Any) -> None:
    practice.clinician(ai_opt_out_workflows=("session-note",))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("lose", "code"),
    [
        (withdraw, "ai_processing_consent_withdrawn"),
        (expire, "ai_processing_consent_expired"),
        (client_opts_out, "client_opted_out"),
        (clinician_opts_out, "clinician_opted_out"),
    ],
)
async def test_a_step_without_consent_does_nothing_and_the_draft_ends_with_proof(
    practice: Any, step: str, lose: Any, code: str
) -> None:
    record = await before(practice, step)
    lose(practice)
    with pytest.raises(ConsentMissing, match=code):
        await take(practice, step, record)
    ended = practice.store.drafts.get(record.id)
    assert (ended.state, ended.failure_code) == (DraftState.CANCELLED, code)
    assert all(item.is_settled for item in practice.store.contents.of_client("c-1"))
    assert all(item.is_settled for item in practice.store.recordings.of_client("c-1"))
    assert len(practice.entries(Action.CONTENT_DELETED)) == STEPS.index(step)
    assert len(practice.entries(Action.DRAFT_CANCELLED)) == 1
    assert len(practice.tasks("not permitted")) == 1
    assert practice.drafted == 0
    with pytest.raises(Refused):
        await take(practice, step, record)
    assert len(practice.entries(Action.CONTENT_DELETED)) == STEPS.index(step)


async def test_an_opt_out_of_another_workflow_stops_nothing(practice: Any) -> None:
    practice.client(ai_opt_out_workflows=("intake",))
    practice.clinician(ai_opt_out_workflows=("intake",))
    assert (await practice.prepare()).state is DraftState.IN_REVIEW


ANSWER = json.dumps(
    {
        "statements": [
            {
                "section": "subjective",
                "kind": "reported",
                "text": "Client sleeps four hours a night.",
                "segments": ["s2"],
                "quote": "maybe four hours a night",
            }
        ]
    }
)


def drafting_with(practice: Any, model: ScriptedModel, record: DraftRecord, *, leaves_machine: bool) -> Any:
    """A drafter that asks a model, with the consent asked before each call and each call kept."""
    require = partial(
        require_before_call, practice.ehr, practice.store.drafts, record.id,
        leaves_machine=leaves_machine, clock=practice.clock,
    )  # fmt: skip

    async def draft(transcript: Transcript, context: SessionContext, template: Template) -> Draft:
        return await draft_with_model(
            ConsentedModel(model, require),
            transcript,
            context,
            template,
            fallback=lambda: draft_from_evidence(transcript, context, template),
            patience=Patience(attempts=1),
        )

    return draft


async def test_a_model_is_not_asked_a_second_time_after_the_withdrawal_and_what_it_was_sent_goes(practice: Any) -> None:
    record = await before(practice, "draft")

    def useless_answer_while_the_client_withdraws(prompt: Prompt) -> str:
        practice.store.contents.put("c-1", "prompt", prompt.user.encode(), content_id="cnt_sent", draft_id=record.id)
        practice.withdraw("ai_processing")
        return '{"statements": []}'

    model = ScriptedModel([useless_answer_while_the_client_withdraws, ANSWER])
    drafter = drafting_with(practice, model, record, leaves_machine=False)
    with pytest.raises(ConsentMissing, match="ai_processing_consent_withdrawn"):
        await take(practice, "draft", record, drafter=drafter)
    assert len(model.history) == 1
    assert practice.store.drafts.get(record.id).state is DraftState.CANCELLED
    assert not practice.exists(practice.store.contents.get, "cnt_sent")
    assert not practice.exists(practice.store.contents.get, content_ids.transcript_id(record.id))


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({}, None),
        ({"recipients": ("health_plans",)}, "part2_tpo_consent_other_recipient"),
        ({"purposes": ("payment",)}, "part2_tpo_consent_other_purpose"),
        ({"expires_at": "2026-11-02T09:00:00Z"}, "part2_tpo_consent_expired"),
    ],
)
async def test_part_2_material_goes_to_a_model_off_the_machine_only_within_the_scope_at_every_call(
    practice: Any, scope: dict[str, Any], code: str | None
) -> None:
    consents = {"recording": {}, "ai_processing": {}, "part2_tpo": {}}
    practice.client(part2_program=True, consents=consents)
    record = await before(practice, "draft")
    practice.client(part2_program=True, consents=consents | {"part2_tpo": scope})
    model = ScriptedModel([ANSWER])
    policy = replace(practice.policy, model_leaves_machine=True)
    drafter = drafting_with(practice, model, record, leaves_machine=True)
    if code is None:
        await take(practice, "draft", record, drafter=drafter, policy=policy)
        assert len(model.history) == 1
        return
    with pytest.raises(ConsentMissing, match=code):
        await require_before_call(
            practice.ehr, practice.store.drafts, record.id, leaves_machine=True, clock=practice.clock
        )
    with pytest.raises(ConsentMissing, match=code):
        await take(practice, "draft", record, drafter=drafter, policy=policy)
    assert model.history == []


async def test_a_closed_draft_asks_no_model(practice: Any) -> None:
    record = await before(practice, "draft")
    practice.store.drafts.move(record.id, expected=[DraftState.PREPARING], to=DraftState.CANCELLED)
    with pytest.raises(Refused, match="draft_closed"):
        await require_before_call(
            practice.ehr, practice.store.drafts, record.id, leaves_machine=False, clock=practice.clock
        )


async def test_what_was_made_in_a_part_2_program_stays_part_2_material_after_the_client_left_it(practice: Any) -> None:
    practice.client(part2_program=True, consents={"recording": {}, "ai_processing": {}, "part2_tpo": {}})
    record = await before(practice, "draft")
    assert record.part2
    practice.client()  # no longer of the program, and the Part 2 consent is gone with it
    with pytest.raises(ConsentMissing, match="part2_tpo_consent_missing"):
        await require_before_call(
            practice.ehr, practice.store.drafts, record.id, leaves_machine=True, clock=practice.clock
        )
