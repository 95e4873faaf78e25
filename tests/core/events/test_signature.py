"""Signatures, with the ``standardwebhooks`` package as the oracle."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from therapyflows.core.errors import Invalid, Refused
from therapyflows.core.events.signature import decode_secret, verify

OLD = "whsec_" + base64.b64encode(b"the secret that is being rotated").decode()
NEW = "whsec_" + base64.b64encode(b"the secret that is valid already").decode()
BODY = b'{"type": "document.created"}'


def headers(
    secret: str = NEW, at: datetime | None = None, message_id: str = "msg_1", body: bytes = BODY
) -> dict[str, str]:
    at = at or datetime.now(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode()),
    }


def check(
    sent: dict[str, str], *, secrets: tuple[str, ...] = (NEW,), body: bytes = BODY, now: datetime | None = None
) -> str:
    return verify([decode_secret(secret) for secret in secrets], sent, body, now or datetime.now(UTC))


def code_of(sent: dict[str, str], **other: object) -> str:
    with pytest.raises(Refused) as refused:
        check(sent, **other)  # type: ignore[arg-type]
    return refused.value.code


def test_what_the_package_signs_is_genuine() -> None:
    assert check(headers()) == "msg_1"


def test_both_secrets_are_good_while_one_is_rotated_out() -> None:
    for secret in (OLD, NEW):
        assert check(headers(secret), secrets=(NEW, OLD)) == "msg_1"
    assert code_of(headers(OLD)) == "signature_wrong"


def test_a_sender_may_sign_with_both_secrets() -> None:
    sent = headers(OLD)
    sent["webhook-signature"] += " " + headers(NEW)["webhook-signature"]
    assert check(sent) == "msg_1"


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_a_delivery_outside_of_five_minutes_is_stale(seconds: int) -> None:
    now = datetime(2026, 11, 2, tzinfo=UTC)
    assert code_of(headers(at=now + timedelta(seconds=seconds)), now=now) == "signature_stale"


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_are_still_fresh(seconds: int) -> None:
    now = datetime(2026, 11, 2, tzinfo=UTC)
    assert check(headers(at=now + timedelta(seconds=seconds)), now=now) == "msg_1"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_changed_or_missing_header_is_refused(name: str) -> None:
    sent = headers()
    assert code_of(sent | {name: ""}) == "signature_missing"
    middle = len(sent[name]) // 2  # the last letter of a signature has bits that say nothing
    other = "x" if sent[name][middle] != "x" else "y"
    changed = sent | {name: sent[name][:middle] + other + sent[name][middle + 1 :]}
    assert code_of(changed) in ("signature_wrong", "signature_malformed", "signature_stale")


@pytest.mark.parametrize("message_id", ["msg.1", "a b", "x" * 129, "mäßig"])
def test_an_id_that_could_be_read_in_two_ways_is_refused(message_id: str) -> None:
    assert code_of(headers(message_id=message_id)) == "signature_malformed"


def test_a_changed_body_is_refused() -> None:
    assert code_of(headers(), body=BODY + b" ") == "signature_wrong"


@pytest.mark.parametrize("secret", ["whsec_", "whsec_???", "c2hvcnQ="])
def test_a_mistyped_secret_is_told_at_the_start(secret: str) -> None:
    with pytest.raises(Invalid):
        decode_secret(secret)


@given(
    body=st.text(max_size=60),
    signature=st.one_of(st.none(), st.text(max_size=40), st.just("v1,"), st.just("v1a,AAAA v1,AAAA")),
    timestamp=st.one_of(st.none(), st.text(alphabet="0123456789.-e x", max_size=12)),
    secret=st.sampled_from([OLD, NEW]),
)
def test_we_accept_what_the_package_accepts_and_never_more(
    body: str, signature: str | None, timestamp: str | None, secret: str
) -> None:
    sent = headers(secret, body=body.encode())
    sent["webhook-signature"] = sent["webhook-signature"] if signature is None else signature
    sent["webhook-timestamp"] = sent["webhook-timestamp"] if timestamp is None else timestamp
    try:
        Webhook(NEW).verify(body, sent, json_parse=False)
        genuine = True
    except (WebhookVerificationError, ValueError):
        genuine = False
    try:
        check(sent, body=body.encode())
        accepted = True
    except Refused:
        accepted = False
    assert accepted == genuine
