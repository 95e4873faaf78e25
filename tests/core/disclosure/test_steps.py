"""A client's record is disclosed: accounted for first, with the notice, without what may never leave."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.stores import open_test_store

from therapyflows.core.chart import Client, Consent, ConsentKind, Role, User
from therapyflows.core.disclosure.accounting import accounting_of, content_id_of
from therapyflows.core.disclosure.model import Accounting, DisclosureRequest
from therapyflows.core.disclosure.steps import DisclosurePorts, disclose_client_record, handing_over_failed
from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState, Verdict
from therapyflows.core.errors import ConsentMissing, Invalid, NotFound, Refused
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.disclosure.policy import part2_notice
from therapyflows.integrations.ehr.memory import MemoryEhr
from therapyflows.integrations.store import Store

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
ACTOR = Actor("service", "command-line")
ASKED = DisclosureRequest("c-1", "Dr. Vesper Lindqvist, 4 Elm Row", "treatment", None, "u-1")
SECRET = "the client said this in the session"


def client(**changes: Any) -> Client:
    return Client(id="c-1", first_name="Marigold", last_name="Fernweh", assigned_clinicians=("u-1",), **changes)


def part2(**changes: Any) -> Client:
    consent = Consent(
        id="k-1",
        kind=ConsentKind.PART2_TPO,
        status="granted",
        statement="I agree.",
        granted_at=NOW - timedelta(days=9),
        **changes,
    )
    return client(part2_program=True, consents=(consent,))


@dataclass
class World:
    store: Store
    ports: DisclosurePorts

    def with_client(self, other: Client) -> "World":
        ehr = MemoryEhr([other, *USERS])
        return World(self.store, replace(self.ports, ehr=ehr))

    async def disclose(self, **changes: Any) -> dict[str, Any]:
        made = await disclose_client_record(self.ports, replace(ASKED, **changes))
        found: dict[str, Any] = json.loads(made.document)
        return found

    def accounting(self, since: datetime = NOW - timedelta(days=365)) -> Accounting:
        until = NOW + timedelta(days=1)
        audit, contents = self.store.audit, self.store.contents
        return accounting_of(audit, contents, "c-1", since=since, until=until, viewer=ACTOR)

    def actions(self, action: Action) -> list[str]:
        return [found.entry.outcome for found in self.store.audit.search(action=action)]


USERS = (
    User(id="u-1", name="Wren Tamarack", roles=(Role.CLINICIAN,), caseload=("c-1",)),
    User(id="u-2", name="Basil Nocturne", roles=(Role.CLINICIAN,)),
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = open_test_store(tmp_path, now=lambda: NOW)
    ports = DisclosurePorts(
        ehr=MemoryEhr([client(), *USERS]),
        drafts=store.drafts,
        decisions=store.decisions,
        contents=store.contents,
        audit=store.audit,
        actor=ACTOR,
        clock=lambda: NOW,
    )
    yield World(store, ports)
    store.close()


def seed_note(store: Store, draft_id: str, verdict: Verdict, note_id: str | None) -> None:
    """A decided draft with everything that the store may hold of it."""
    record = DraftRecord(
        id=draft_id,
        workflow="session-note",
        client_id="c-1",
        clinician_id="u-1",
        appointment_id=f"a-{draft_id}",
        source_ref="doc-1",
        format="soap",
        state=DraftState.PREPARING,
        version=1,
        created_at=NOW,
        updated_at=NOW,
        flow_run_id="run-1",
        ehr_note_id=note_id,
    )
    store.drafts.claim(record)
    store.drafts.update(draft_id, ehr_note_id=note_id)
    store.decisions.record(Decision(f"dec_{draft_id}", draft_id, verdict, "u-1", "Clinician", NOW, None))
    for kind in ("transcript", "draft", "edited_draft", "approved_draft", "reason", "prompt", "completion"):
        store.contents.put("c-1", kind, SECRET.encode(), content_id=f"cnt_{kind}_{draft_id}", draft_id=draft_id)
    evidence = json.dumps({"statements": [{"id": "st1", "evidence": [{"quote": f"quote of {draft_id}"}]}]})
    store.contents.put("c-1", "evidence", evidence.encode(), content_id=f"cnt_e_{draft_id}", draft_id=draft_id)
    store.audit.append(AuditEntry(Action.DRAFT_STORED, ACTOR, f"draft/{draft_id}", "c-1", "run-1"))


async def test_what_leaves_is_the_evidence_of_approved_notes_the_consents_and_the_ai_s_actions(world: World) -> None:
    seed_note(world.store, "drf_1", Verdict.APPROVE, "n-1")
    seed_note(world.store, "drf_2", Verdict.REJECT, None)
    found = await world.disclose()
    assert [note["draft"] for note in found["approved_notes"]] == ["drf_1"]
    assert found["approved_notes"][0]["evidence"]["statements"][0]["evidence"][0]["quote"] == "quote of drf_1"
    assert [entry["action"] for entry in found["ai_actions"]] == ["draft.stored", "draft.stored"]
    assert found["client"]["last_name"] == "Fernweh"


async def test_nothing_else_that_the_store_holds_leaves(world: World) -> None:
    seed_note(world.store, "drf_1", Verdict.APPROVE, "n-1")
    seed_note(world.store, "drf_2", Verdict.REJECT, None)
    text = json.dumps(await world.disclose())
    assert SECRET not in text
    assert "quote of drf_2" not in text


async def test_the_accounting_lists_it_with_recipient_purpose_and_what(world: World) -> None:
    await world.disclose()
    await world.disclose(purpose="judicial", authority="Order of 3 May", recipient="County Court")
    first, second = world.accounting().disclosures
    assert (first.record.recipient, first.record.purpose, first.accountable) == (ASKED.recipient, "treatment", False)
    assert (second.record.recipient, second.record.authority, second.accountable) == (
        "County Court",
        "Order of 3 May",
        True,
    )
    assert "Evidence of approved notes" in first.record.what
    assert world.actions(Action.DISCLOSURES_VIEWED) == ["ok"]


async def test_the_trail_holds_no_name_and_no_words(world: World) -> None:
    await world.disclose(purpose="judicial", authority="Order of 3 May", recipient="County Court")
    lines = b"".join(world.store.audit.lines())
    for word in (b"County Court", b"Order of", b"Fernweh"):
        assert word not in lines


async def test_it_is_accounted_for_before_anything_is_handed_over(world: World) -> None:
    """The step returns what to hand over; by then the entry stands."""
    made = await disclose_client_record(world.ports, ASKED)
    assert world.store.audit.search(action=Action.DISCLOSURE_MADE)[0].entry.resource == f"disclosures/{made.record.id}"


async def test_what_could_not_be_handed_over_is_marked(world: World) -> None:
    made = await disclose_client_record(world.ports, ASKED)
    handing_over_failed(world.ports, made.record)
    assert [line.delivered for line in world.accounting().disclosures] == [False]


async def test_shredding_the_client_leaves_the_accounting(world: World) -> None:
    await world.disclose()
    world.store.keys.shred("c-1")
    assert len(world.accounting().disclosures) == 1


async def test_a_record_that_was_exchanged_is_told(world: World) -> None:
    made = await disclose_client_record(world.ports, ASKED)
    content_id = content_id_of(made.record.id)
    other = world.store.contents.get(content_id).replace(b"Lindqvist", b"Nightshade")
    world.store.contents.put("accounting/c-1", "disclosure", other, content_id=content_id)
    found = world.accounting()
    assert (len(found.disclosures), len(found.unreadable)) == (0, 1)


async def test_the_accounting_looks_no_further_back_than_asked(world: World) -> None:
    await world.disclose()
    assert world.accounting(since=NOW + timedelta(hours=1)).disclosures == ()


async def test_models_away_from_this_machine_are_listed_apart(world: World) -> None:
    calls = [("azure", True, "covered_by_baa"), ("azure", False, "covered_by_baa"), ("local", False, "on_device")]
    for provider, redacted, where in calls:
        covered = where == "covered_by_baa"
        details = {
            "provider": provider,
            "model": "m",
            "redacted": redacted,
            "place": where,
            "covered_by_baa": covered,
        }
        world.store.audit.append(AuditEntry(Action.MODEL_CALLED, ACTOR, "model_calls/1", "c-1", details=details))
    found = world.accounting()
    assert found.disclosures == ()
    [use] = found.associates
    assert (use.provider, use.calls, use.redacted_calls, use.covered_by_baa) == ("azure", 2, 1, True)


# --- 42 CFR Part 2 ------------------------------------------------------------------------------------------------


async def test_a_part_2_record_carries_the_notice_and_the_scope_of_the_consent(world: World) -> None:
    found = await world.with_client(part2()).disclose()
    assert (found["notice"], found["notice_short"]) == (part2_notice().long, part2_notice().short)
    assert found["consent_scope"]["granted_at"].startswith("2026-10-24")
    assert found["disclosure"]["consent_ids"] == ["k-1"]
    assert list(found)[2] == "notice", "where nobody can miss it"


async def test_a_record_of_another_client_carries_no_notice(world: World) -> None:
    assert "notice" not in await world.disclose()


@pytest.mark.parametrize(
    "who", [client(part2_program=True), part2(purposes=("payment",)), part2(recipients=("health_plans",))]
)
async def test_a_part_2_record_without_a_consent_in_scope_does_not_leave(world: World, who: Client) -> None:
    other = world.with_client(who)
    with pytest.raises(ConsentMissing) as refused:
        await other.disclose()
    assert refused.value.code == "part2_consent_missing"
    assert other.actions(Action.DISCLOSURE_MADE) == []
    assert other.actions(Action.DISCLOSURE_REFUSED)[0].startswith("part2_tpo_consent_")
    assert other.accounting().disclosures == ()


async def test_what_was_made_in_a_part_2_program_does_not_leave_without_a_consent_after_the_client_left_it(
    world: World,
) -> None:
    seed_note(world.store, "drf_1", Verdict.APPROVE, "n-1")
    world.store.drafts.update("drf_1", part2=True)
    with pytest.raises(ConsentMissing, match="part2_consent_missing"):
        await world.disclose()


async def test_a_part_2_record_goes_to_no_court_on_a_treatment_consent(world: World) -> None:
    with pytest.raises(ConsentMissing):
        await world.with_client(part2()).disclose(purpose="judicial", authority="Subpoena 7")


# --- who may, and what is missing ---------------------------------------------------------------------------------


async def test_who_may_not_see_the_client_discloses_nothing(world: World) -> None:
    with pytest.raises(Refused):
        await world.disclose(requested_by="u-2")
    assert world.actions(Action.DISCLOSURE_REFUSED) == ["client_not_assigned"]


@pytest.mark.parametrize("unknown", [{"requested_by": "u-9"}, {"client_id": "c-9"}])
async def test_nobody_discloses_for_or_about_somebody_unknown(world: World, unknown: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        await world.disclose(**unknown)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"recipient": "  "}, "disclosure_incomplete"),
        ({"recipient": "x" * 501}, "disclosure_incomplete"),
        ({"purpose": "curiosity"}, "purpose_unknown"),
        ({"purpose": "judicial"}, "authority_missing"),
    ],
)
async def test_what_is_incomplete_is_told_and_does_not_leave(world: World, changes: dict[str, str], code: str) -> None:
    with pytest.raises(Invalid) as told:
        await world.disclose(**changes)
    assert told.value.code == code
    assert world.actions(Action.DISCLOSURE_MADE) == []
