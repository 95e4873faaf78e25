"""The adapter against the simulator's faults, over a real socket and with a real clock."""

import asyncio
import io
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey, RSAKey
from tests.integrations.ehr.fakes import ACTOR, AuditFake
from tests.integrations.ehr.live import LiveSimulator, simulator

from therapyflows.core.chart import Appointment, NewProgressNote, NoteSection
from therapyflows.core.errors import Refused, Transient, UnknownOutcome
from therapyflows.core.ids import new_id
from therapyflows.integrations.ehr.therapynotes import TherapyNotes
from therapyflows.integrations.oidc import OidcSettings, OidcSignIn

FAST = {"backoff_first_s": 0.05, "timeout_s": 1.5}
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
POSTS = {"path": "/v1/progressnotes", "method": "POST"}


@pytest.fixture
async def appointment(live: LiveSimulator) -> Appointment:
    async with live.adapter() as chart:
        return await _first_appointment(chart)


async def _first_appointment(chart: TherapyNotes) -> Appointment:
    async for change in chart.changes_since(LONG_AGO):
        if change.resource == "appointment":
            return await chart.get_appointment(change.id)
    raise AssertionError("the practice has no appointment")


def note_for(appointment: Appointment) -> NewProgressNote:
    return NewProgressNote(
        client_id=appointment.client_id,
        appointment_id=appointment.id,
        clinician_id=appointment.clinician_id,
        format="soap",
        draft_content=(NoteSection(name="Subjective", text="Client reports sleeping better."),),
        external_id=new_id("drf"),
    )


async def notes_under(live: LiveSimulator, note: NewProgressNote) -> list[str]:
    async with live.adapter() as chart:
        return [n.id async for n in chart.list_notes(note.client_id) if n.external_id == note.external_id]


@pytest.mark.parametrize("mode", ["close", "hang"])
@pytest.mark.parametrize("forgetful", [False, True], ids=["keys", "no keys"])
async def test_a_time_out_after_the_commit_leaves_one_note(
    live: LiveSimulator, appointment: Appointment, mode: str, forgetful: bool
) -> None:
    if forgetful:
        live.fault("ignore_idempotency", count=50)
    live.fault("timeout_after_commit", mode=mode, **POSTS)
    note = note_for(appointment)
    async with live.adapter(**FAST) as chart:
        created = await chart.create_progress_note(note)
        assert await chart.get_note(created.id) == created
    assert await notes_under(live, note) == [created.id]


async def test_a_storm_on_writes_ends_in_an_unknown_outcome_and_then_in_one_note(
    live: LiveSimulator, appointment: Appointment
) -> None:
    live.fault("error_5xx", status=503, count=3, **POSTS)
    note = note_for(appointment)
    async with live.adapter(settle_s=0.3, **FAST) as chart:
        for _ in range(3):
            with pytest.raises(UnknownOutcome):
                await chart.create_progress_note(note)
        created = await chart.create_progress_note(note)
    assert await notes_under(live, note) == [created.id]


async def test_many_at_once_under_fire_leave_one_note_each(live: LiveSimulator, appointment: Appointment) -> None:
    for kind, count in (("rate_limit", 10), ("error_5xx", 6), ("timeout_after_commit", 6)):
        live.fault(kind, count=count, path="/v1/", **({"mode": "close"} if kind == "timeout_after_commit" else {}))
    notes = [note_for(appointment) for _ in range(20)]

    async def until_posted(note: NewProgressNote) -> str:
        async with live.adapter(settle_s=0.5, max_attempts=12, **FAST) as chart:
            while True:
                try:
                    return (await chart.create_progress_note(note)).id
                except Transient:
                    continue

    ids = await asyncio.gather(*(until_posted(note) for note in notes))
    live.clear_faults()
    assert [await notes_under(live, note) for note in notes] == [[note_id] for note_id in ids]


async def test_expired_tokens_are_renewed_in_passing(live: LiveSimulator, appointment: Appointment) -> None:
    audit = AuditFake()
    async with live.adapter(audit) as chart:
        await chart.get_client(appointment.client_id)
        live.fault("expired_tokens")
        await chart.get_client(appointment.client_id)
    assert audit.outcomes(f"clients/{appointment.client_id}") == ["ok", "ehr_credentials_refused", "ok"]


async def test_a_busy_ehr_is_waited_for(live: LiveSimulator, appointment: Appointment) -> None:
    live.fault("rate_limit", retryAfter=0.2, path="/v1/clients")
    live.fault("rate_limit", path="/v1/clients")
    async with live.adapter(**FAST) as chart:
        assert (await chart.get_client(appointment.client_id)).id == appointment.client_id


async def test_a_truncated_recording_is_never_taken_for_whole(live: LiveSimulator) -> None:
    live.fault("recording_truncated", count=50, path="/v1/documents")
    async with live.adapter(**FAST) as chart:
        document = await _some_recording(chart)
        with pytest.raises(Transient):
            await chart.download_document(document, io.BytesIO())


async def _some_recording(chart: TherapyNotes) -> Any:
    async for change in chart.changes_since(LONG_AGO):
        if change.resource == "document":
            return await chart.get_document(change.id)
    raise AssertionError("the practice has no document")


async def test_pages_of_any_size_give_the_same_list(live: LiveSimulator) -> None:
    async with live.adapter(page_size=1) as small, live.adapter(page_size=100) as large:
        one_by_one = [user async for user in small.list_users()]
        assert one_by_one == [user async for user in large.list_users()]
    assert len(one_by_one) >= 6


async def test_a_wrong_secret_and_a_scope_too_many_are_refused(live: LiveSimulator) -> None:
    for wrong in ({"client_secret": "wrong"}, {"scopes": ("notes.sign",)}):
        async with live.adapter(**wrong) as chart:
            with pytest.raises(Refused, match="ehr_client_refused"):
                await chart.get_client("c-1")


async def test_a_missing_scope_is_refused(live: LiveSimulator, appointment: Appointment) -> None:
    async with live.adapter(scopes=("users.read",)) as chart:
        with pytest.raises(Refused, match="status=403"):
            await chart.get_client(appointment.client_id)


def test_adapters_work_in_one_event_loop_after_another(live: LiveSimulator) -> None:
    async def count() -> int:
        async with live.adapter() as chart:
            return len([user async for user in chart.list_users()])

    assert asyncio.run(count()) == asyncio.run(count())


@pytest.mark.parametrize("kind", ["rsa", "ec"])
async def test_a_private_key_signs_in_the_service(tmp_path: Any, kind: str) -> None:
    key: RSAKey | ECKey = (
        RSAKey.generate_key(2048, private=True, auto_kid=True)
        if kind == "rsa"
        else ECKey.generate_key("P-384", private=True, auto_kid=True)
    )
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    with simulator(tmp_path, "--service-jwks", str(tmp_path / "jwks.json")) as running:
        pem = key.as_pem(private=True).decode()
        settings = running.settings(client_secret=None, private_key=pem, private_key_id=key.kid)
        async with TherapyNotes(settings, AuditFake(), ACTOR) as chart:
            assert [user async for user in chart.list_users()]


async def test_a_person_signs_in_on_the_ehrs_page(live: LiveSimulator) -> None:
    back = "http://127.0.0.1:4280/auth/callback"
    desk = OidcSignIn(OidcSettings(issuer=live.url, client_id="therapyflows-review"))
    start = await desk.begin(back)
    query = {name: values[0] for name, values in parse_qs(urlsplit(start.url).query).items()}
    async with httpx.AsyncClient(base_url=live.url) as browser:
        assert (await browser.get(start.url)).status_code == 200
        form = {**query, "login": "leo.castellan", "password": "demo-leo"}
        sent_back = await browser.post("/oauth/login", data=form)
    answer = {name: values[0] for name, values in parse_qs(urlsplit(sent_back.headers["location"]).query).items()}
    assert start.matches(answer["state"])
    user_id = await desk.finish(code=answer["code"], start=start, redirect_uri=back)
    async with live.adapter() as chart:
        assert (await chart.get_user(user_id)).name.startswith("Leo")
    with pytest.raises(Refused):
        await desk.finish(code=answer["code"], start=start, redirect_uri=back)
    assert (desk.logout_url(back) or "").startswith(f"{live.url}/oauth/end_session?client_id=therapyflows-review&")
