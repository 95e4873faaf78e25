"""Events leave signed, are retried, survive a kill and never carry content."""

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from therapyflows.simulator.contract import Contract

from .conftest import CONTROL, Ehr, Received, Receiver, Start, key, progress_note, until

EVERY_TYPE = sorted(Contract().event_types)
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


def subscribe(ehr: Ehr, receiver: Receiver, **changes: Any) -> dict[str, Any]:
    body = {"url": receiver.url, "eventTypes": EVERY_TYPE, "secret": SECRET, **changes}
    with ehr.client() as api:
        answer = api.post("/webhooks", json=body, headers=key())
    assert answer.status_code == 201, answer.text
    return answer.json()


def emit(ehr: Ehr, count: int = 1, type_: str = "appointment.updated") -> list[str]:
    body = {"type": type_, "id": "ap-0001", "clientId": "cl-0001", "appointmentId": "ap-0001", "count": count}
    return ehr.control("/_control/emit", body)["events"]


def genuine(delivery: Received, secret: str = SECRET) -> bool:
    try:
        Webhook(secret).verify(delivery.body, delivery.headers)
    except WebhookVerificationError:
        return False
    return True


def counts(ehr: Ehr, hook: dict[str, Any]) -> dict[str, int]:
    return ehr.control(f"/_control/deliveries?subscription={hook['id']}")["counts"]


def settled(ehr: Ehr, hook: dict[str, Any]) -> dict[str, int]:
    """Counts once nothing waits any more."""
    return until(lambda: (found := counts(ehr, hook)) and "waiting" not in found and found)


@pytest.fixture(autouse=True)
def clean(ehr: Ehr) -> Iterator[None]:
    """No test hears the events or suffers the faults of another."""
    yield
    httpx.delete(f"{ehr.url}/_faults", headers=CONTROL)
    with ehr.client() as api:
        for hook in api.get("/webhooks").json()["items"]:
            api.delete(f"/webhooks/{hook['id']}")


def test_a_change_is_announced_with_ids_only_and_a_signature(ehr: Ehr, receiver: Receiver) -> None:
    subscribe(ehr, receiver)
    with ehr.client() as api:
        note = api.post("/progressnotes", json=progress_note(), headers=key()).json()
    delivery = until(lambda: receiver.received)[0]
    assert genuine(delivery)
    body = json.loads(delivery.body)
    schema = Contract().resolve(Contract().document["components"]["schemas"]["Event"])
    assert Contract().validator(schema).is_valid(body)
    assert body["type"] == "note.created"
    assert body["data"] == {"id": note["id"], "clientId": "cl-0001", "appointmentId": "ap-0001"}


def test_only_asked_for_types_arrive(ehr: Ehr, receiver: Receiver) -> None:
    hook = subscribe(ehr, receiver, eventTypes=["appointment.completed", "document.created"])
    recording = Path(__file__)
    ehr.control("/_control/withdraw_consent", {"clientId": "cl-0002", "kind": "recording"})
    ehr.control(
        "/_control/complete_session", {"appointmentId": "ap-0001", "recordingPath": str(recording), "actualMinutes": 53}
    )
    until(lambda: len(receiver.received) == 2)
    assert {json.loads(d.body)["type"] for d in receiver.received} == {"appointment.completed", "document.created"}
    assert settled(ehr, hook) == {"delivered": 2}


def test_refusals_are_retried_with_the_same_id_and_a_fresh_time(ehr: Ehr, receiver: Receiver) -> None:
    subscribe(ehr, receiver)
    receiver.answers = [500, 302]
    [event] = emit(ehr)
    until(lambda: len(receiver.received) == 3)
    assert {d.id for d in receiver.received} == {event}
    assert all(genuine(d) for d in receiver.received)
    times = [int(d.headers["webhook-timestamp"]) for d in receiver.received]
    assert times[-1] > times[0], "5 min scaled to 3 s lie between the second and the third attempt"


def test_410_ends_the_subscription(ehr: Ehr, receiver: Receiver) -> None:
    hook = subscribe(ehr, receiver)
    receiver.answers = [410]
    emit(ehr)
    settled(ehr, hook)
    emit(ehr)
    with ehr.client() as api:
        assert [h["status"] for h in api.get("/webhooks").json()["items"] if h["id"] == hook["id"]] == ["disabled"]
    assert len(receiver.received) == 1


def test_both_secrets_sign_during_a_rotation_and_only_the_new_one_after(ehr: Ehr, receiver: Receiver) -> None:
    hook = subscribe(ehr, receiver)
    new = "whsec_" + base64.b64encode(b"n" * 32).decode()
    with ehr.client() as api:
        rotated = api.post(f"/webhooks/{hook['id']}/secret", json={"secret": new, "overlapSeconds": 60}, headers=key())
        assert rotated.status_code == 201
        assert "secret" not in api.get("/webhooks").json()["items"][0]
        emit(ehr)
        both = until(lambda: receiver.received)[0]
        assert genuine(both, SECRET)
        assert genuine(both, new)
        newest = "whsec_" + base64.b64encode(b"x" * 32).decode()
        api.post(f"/webhooks/{hook['id']}/secret", json={"secret": newest, "overlapSeconds": 0}, headers=key())
    emit(ehr)
    after = until(lambda: len(receiver.received) == 2 and receiver.received[1])
    assert genuine(after, newest)
    assert not genuine(after, new)


def test_an_unsubscribed_address_hears_nothing(ehr: Ehr, receiver: Receiver) -> None:
    hook = subscribe(ehr, receiver)
    with ehr.client() as api:
        assert api.delete(f"/webhooks/{hook['id']}").status_code == 204
        assert api.delete(f"/webhooks/{hook['id']}").status_code == 404
    emit(ehr)
    assert counts(ehr, hook) == {}


def test_a_thousand_events_arrive_once_each(ehr: Ehr, receiver: Receiver) -> None:
    hook = subscribe(ehr, receiver)
    events = emit(ehr, 1000)
    until(lambda: len(receiver.received) >= 1000, seconds=60)
    assert settled(ehr, hook) == {"delivered": 1000}
    assert sorted(d.id for d in receiver.received) == sorted(events)


def test_what_was_committed_before_a_kill_is_delivered_after_it(
    start: Start, tmp_path: Path, receiver: Receiver
) -> None:
    """The receiver is down, the process is killed with its outbox full, the next one delivers."""
    ehr = start(tmp_path / "practice")
    hook = subscribe(ehr, receiver)
    receiver.answers = [503] * 40
    events = emit(ehr, 40)
    until(lambda: len(receiver.received) >= 5)
    ehr.kill()
    successor = start(tmp_path / "practice")
    assert settled(successor, hook) == {"delivered": 40}
    assert {d.id for d in receiver.received} == set(events)
    assert successor.control("/_control/deliveries")["events"] == 40


def test_kills_in_the_middle_of_sessions_lose_and_invent_nothing(
    start: Start, tmp_path: Path, receiver: Receiver
) -> None:
    """Ten sessions end while the process is killed again and again: each has one recording and both of its events."""
    data = tmp_path / "practice"
    running = start(data)
    hook = subscribe(running, receiver)
    recording = str(Path(__file__))
    for number in range(1, 11):
        body = {"appointmentId": f"ap-{number:04}", "recordingPath": recording, "actualMinutes": 50}
        running.control("/_control/complete_session", body)
        if number % 3 == 0:
            running.kill()
            running = start(data)
    settled(running, hook)
    heard = {(json.loads(d.body)["type"], json.loads(d.body)["data"]["appointmentId"]) for d in receiver.received}
    sessions = {f"ap-{number:04}" for number in range(1, 11)}
    assert heard == {(type_, s) for type_ in ("appointment.completed", "document.created") for s in sessions}
    with running.client() as api:
        recordings = api.get("/documents", params={"kind": "recording"}).json()["items"]
    assert {d["appointmentId"] for d in recordings} == sessions
    assert len(recordings) == 10


def test_the_schedule_is_that_of_the_contract() -> None:
    from therapyflows.simulator.delivery import RETRY_AFTER_S

    assert sum(RETRY_AFTER_S) / 3600 == pytest.approx(75.6, abs=0.05)


class TestFaults:
    def test_duplicate(self, ehr: Ehr, receiver: Receiver) -> None:
        subscribe(ehr, receiver)
        ehr.fault("webhook_duplicate")
        [event] = emit(ehr)
        until(lambda: len(receiver.received) == 2)
        assert [d.id for d in receiver.received] == [event, event]

    def test_forged_and_stale_beside_the_true_one(self, ehr: Ehr, receiver: Receiver) -> None:
        subscribe(ehr, receiver)
        ehr.fault("webhook_forged")
        ehr.fault("webhook_stale")
        emit(ehr)
        until(lambda: len(receiver.received) == 3)
        assert [genuine(d) for d in receiver.received] == [False, False, True]
        assert int(receiver.received[1].headers["webhook-timestamp"]) <= time.time() - 599

    def test_reordered(self, ehr: Ehr, receiver: Receiver) -> None:
        hook = subscribe(ehr, receiver)
        ehr.fault("webhook_reordered", count=4, ms=20_000)
        events = [emit(ehr)[0] for _ in range(4)]
        until(lambda: len(receiver.received) == 4)
        assert [d.id for d in receiver.received] != events
        assert sorted(d.id for d in receiver.received) == sorted(events)
        assert settled(ehr, hook) == {"delivered": 4}

    def test_a_reordering_that_waits_in_vain_lets_go(self, ehr: Ehr, receiver: Receiver) -> None:
        hook = subscribe(ehr, receiver)
        ehr.fault("webhook_reordered", count=3, ms=200)
        emit(ehr)
        assert settled(ehr, hook) == {"delivered": 1}

    def test_late(self, ehr: Ehr, receiver: Receiver) -> None:
        hook = subscribe(ehr, receiver)
        ehr.fault("webhook_late", ms=1500)
        late, *rest = emit(ehr, 4)
        until(lambda: len(receiver.received) == 4)
        assert receiver.received[-1].id in {late, *rest}
        assert settled(ehr, hook) == {"delivered": 4}


def test_a_message_of_a_client_is_announced(ehr: Ehr, receiver: Receiver) -> None:
    subscribe(ehr, receiver, eventTypes=["message.received"])
    ehr.control("/_control/receive_message", {"clientId": "cl-0005", "body": "Could we move Thursday?"})
    delivery = until(lambda: receiver.received)[0]
    assert b"Thursday" not in delivery.body
    with ehr.client() as api:
        message = api.get(f"/messages/{json.loads(delivery.body)['data']['id']}").json()
    assert message["body"] == "Could we move Thursday?"


def test_the_control_plane_needs_its_token(ehr: Ehr) -> None:
    for path in ("/_control/deliveries", "/_faults"):
        assert httpx.get(f"{ehr.url}{path}").status_code == 401
