"""Who may have a session drafted, and which run gets to do it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from therapyflows.core.chart import Client, DocumentKind, Role
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.drafts.taking_over import LEASE
from therapyflows.core.errors import Conflict, ConsentMissing, Invalid, Refused
from therapyflows.core.session_note import steps
from therapyflows.core.session_note.steps.opening import SESSION_FIELDS
from therapyflows.governance.audit.model import Action

GRANTED: dict[str, Any] = {"recording": {}, "ai_processing": {}}


async def opened(practice: Any, run: str = "run-1", document_id: str | None = "d-1") -> DraftRecord | None:
    return await steps.open_draft(practice.ports(run), "a-1", document_id)


async def test_the_same_run_opens_the_same_draft_again(practice: Any) -> None:
    first = await opened(practice)
    assert first is not None
    assert first.state is DraftState.PREPARING
    assert await opened(practice) == first


async def test_of_two_runs_for_one_session_one_works(practice: Any) -> None:
    first = await opened(practice, "run-1")
    assert await opened(practice, "run-2") is None
    assert first is not None
    assert practice.store.drafts.get(first.id).flow_run_id == "run-1"


async def test_a_live_run_keeps_its_draft_and_a_dead_one_loses_it(practice: Any) -> None:
    first = await opened(practice, "run-1")
    assert first is not None
    practice.forward(seconds=LEASE.total_seconds() - 1)
    practice.store.drafts.update(first.id)  # the heartbeat of the first run
    practice.forward(seconds=LEASE.total_seconds())
    assert await opened(practice, "run-2") is None
    practice.forward(seconds=1)
    taken = await opened(practice, "run-2")
    assert taken is not None
    assert (taken.id, taken.flow_run_id) == (first.id, "run-2")


async def test_of_two_runs_after_a_dead_one_one_works(practice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened(practice, "run-1")
    practice.forward(seconds=2 * LEASE.total_seconds())
    real = type(practice.store.drafts).claim

    def overtaken(drafts: Any, record: DraftRecord) -> DraftRecord:
        found = real(drafts, record)
        drafts.update(found.id, version=found.version, flow_run_id="run-3")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(type(practice.store.drafts), "claim", overtaken)
        assert await opened(practice, "run-2") is None


@pytest.mark.parametrize("state", [DraftState.IN_REVIEW, *(s for s in DraftState if s.is_final)])
async def test_a_draft_that_waits_or_is_finished_is_left_alone(practice: Any, state: DraftState) -> None:
    first = await opened(practice)
    assert first is not None
    practice.store.drafts.move(first.id, expected=[DraftState.PREPARING], to=state)
    practice.forward(days=1)
    assert await opened(practice, "run-2") is None
    assert practice.store.drafts.get(first.id).flow_run_id == "run-1"


async def test_an_event_about_a_finished_session_disturbs_nobody(practice: Any) -> None:
    first = await opened(practice)
    assert first is not None
    practice.store.drafts.move(first.id, expected=[DraftState.PREPARING], to=DraftState.POSTED)
    practice.withdraw()
    assert await opened(practice, "run-2") is None
    assert practice.tasks() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"client_id": "c-2"}, "document_of_another_session"),
        ({"appointment_id": "a-2"}, "document_of_another_session"),
        ({"appointment_id": None}, "document_of_another_session"),
        ({"kind": DocumentKind.LETTER}, "not_a_session_source"),
    ],
)
async def test_only_a_source_of_this_session_is_taken(practice: Any, changed: dict[str, Any], code: str) -> None:
    practice.document("d-2", **changed)
    with pytest.raises(Invalid, match=code):
        await opened(practice, document_id="d-2")
    assert practice.store.drafts.for_appointment("a-1") == []


async def test_without_document_and_session_fields_there_is_no_source(practice: Any) -> None:
    with pytest.raises(Invalid, match="no_source"):
        await opened(practice, document_id=None)


def expired(practice: Any) -> None:
    practice.client(consents=GRANTED | {"recording": {"expires_at": practice.at - timedelta(days=1)}})


REFUSALS: dict[str, Callable[[Any], None]] = {
    "recording_consent_missing": lambda p: p.client(consents={"ai_processing": {}}),
    "ai_processing_consent_missing": lambda p: p.client(consents={"recording": {}}),
    "recording_consent_withdrawn": lambda p: p.withdraw(),
    "ai_processing_consent_withdrawn": lambda p: p.withdraw("ai_processing"),
    "recording_consent_declined": lambda p: p.client(consents=GRANTED | {"recording": {"status": "declined"}}),
    "recording_consent_expired": expired,
    "client_opted_out": lambda p: p.client(ai_opt_out=True),
    "person_opted_out_of_ai": lambda p: p.clinician(ai_opt_out=True),
    "role_not_permitted": lambda p: p.clinician(roles=(Role.SCHEDULER,)),
    "client_not_assigned": lambda p: p.clinician(caseload=("c-9",)),
    "person_inactive": lambda p: p.clinician(active=False),
}


@pytest.mark.parametrize("code", REFUSALS)
async def test_what_policy_forbids_becomes_one_task_and_no_draft(practice: Any, code: str) -> None:
    REFUSALS[code](practice)
    for run in ("run-1", "run-2"):  # the webhook and the sync
        with pytest.raises(ConsentMissing if "consent" in code else Refused, match=code):
            await opened(practice, run)
    assert practice.store.drafts.for_client("c-1") == []
    [task] = practice.tasks()
    assert (task.assignee_id, task.client_id) == ("u-1", "c-1")
    assert code.replace("_", " ") in task.text
    assert [entry.outcome for entry in practice.entries(Action.CONSENT_CHECKED)] == [code, code]
    assert {entry.outcome for entry in practice.entries(Action.TASK_CREATED)} == {code}


async def test_dictation_and_session_fields_need_no_recording_consent(practice: Any) -> None:
    practice.client(consents={"ai_processing": {}})
    practice.session(fields="Slept better.")
    practice.document("d-2", kind=DocumentKind.DICTATION)
    assert await opened(practice, document_id=None) is not None
    assert await opened(practice, "run-2", "d-2") is not None


async def test_material_of_a_part_2_program_leaves_the_machine_only_with_its_own_consent(practice: Any) -> None:
    practice.client(part2_program=True)
    assert await opened(practice) is not None
    practice.session("a-2")
    practice.document("d-2", appointment_id="a-2")
    abroad = practice.ports(policy=steps.NotePolicy(model_leaves_machine=True))
    with pytest.raises(ConsentMissing, match="part2_tpo_consent_missing"):
        await steps.open_draft(abroad, "a-2", "d-2")


async def test_a_recording_replaces_the_undecided_draft_from_session_fields(practice: Any) -> None:
    practice.session(fields="Slept better.")
    from_fields = await practice.prepare(document_id=None)
    assert from_fields.source_ref == SESSION_FIELDS
    for _ in range(2):
        assert await opened(practice, "run-2") is not None
    superseded = practice.store.drafts.get(from_fields.id)
    assert (superseded.state, superseded.failure_code) == (DraftState.CANCELLED, "superseded_by_recording")
    [entry] = practice.entries(Action.DRAFT_CANCELLED)
    assert entry.resource == f"draft/{from_fields.id}"


async def test_session_fields_do_not_replace_the_draft_from_a_recording(practice: Any) -> None:
    practice.session(fields="Slept better.")
    recorded = await practice.prepare()
    await opened(practice, "run-2", None)
    assert practice.store.drafts.get(recorded.id).state is DraftState.IN_REVIEW


async def test_a_draft_that_is_approved_already_stays_beside_the_recording(practice: Any) -> None:
    practice.session(fields="Slept better.")
    from_fields = await practice.prepare(document_id=None)
    practice.decide(from_fields.id)
    assert await opened(practice, "run-2") is not None
    assert practice.store.drafts.get(from_fields.id).state is DraftState.APPROVED


async def test_a_draft_approved_at_this_moment_is_no_trouble_for_the_recording(
    practice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.session(fields="Slept better.")
    from_fields = await practice.prepare(document_id=None)
    real = type(practice.store.drafts).move

    def decided_first(drafts: Any, draft_id: str, **how: Any) -> DraftRecord:
        if how["to"] is DraftState.CANCELLED:
            real(drafts, draft_id, expected=[DraftState.IN_REVIEW], to=DraftState.APPROVED)
        return real(drafts, draft_id, **how)

    with monkeypatch.context() as patch:
        patch.setattr(type(practice.store.drafts), "move", decided_first)
        assert await opened(practice, "run-2") is not None
    assert practice.store.drafts.get(from_fields.id).state is DraftState.APPROVED
    with pytest.raises(Conflict):
        practice.store.drafts.move(from_fields.id, expected=[DraftState.CANCELLED], to=DraftState.CANCELLED)


async def test_the_clients_own_name_is_in_no_task(practice: Any) -> None:
    practice.withdraw()
    with pytest.raises(ConsentMissing):
        await opened(practice)
    [task] = practice.tasks()
    client: Client = await practice.ehr.get_client("c-1")
    assert client.last_name not in task.title + task.text
