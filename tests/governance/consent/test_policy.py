from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.governance.consent.policy import (
    WORKFLOWS,
    ConsentCheck,
    ConsentRecord,
    OptOut,
    Use,
    check,
    use_allowed,
)

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KINDS = ["recording", "ai_processing", "telehealth", "part2_tpo"]


def granted(kind: str = "recording", days_ago: float = 30, **other: datetime) -> ConsentRecord:
    return ConsentRecord(kind, "granted", granted_at=NOW - days_ago * DAY, **other)


def withdrawn(kind: str = "recording", days_ago: float = 5) -> ConsentRecord:
    return ConsentRecord(kind, "withdrawn", granted_at=NOW - 30 * DAY, withdrawn_at=NOW - days_ago * DAY)


def declined(kind: str = "recording", days_ago: float = 5) -> ConsentRecord:
    return ConsentRecord(kind, "declined", granted_at=NOW - days_ago * DAY)


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([], "recording_consent_missing"),
        ([granted("ai_processing")], "recording_consent_missing"),
        ([granted()], "allowed"),
        ([granted(expires_at=NOW + DAY)], "allowed"),
        ([granted(expires_at=NOW)], "recording_consent_expired"),
        ([granted(withdrawn_at=NOW - DAY)], "recording_consent_withdrawn"),
        ([granted(days_ago=-1)], "recording_consent_not_yet_valid"),
        ([ConsentRecord("recording", "granted")], "recording_consent_undated"),
        ([ConsentRecord("recording", "declined")], "recording_consent_declined"),
        ([granted(), withdrawn(days_ago=5)], "recording_consent_withdrawn"),
        ([withdrawn(days_ago=5), granted(days_ago=2)], "allowed"),
        ([granted(days_ago=2), withdrawn(days_ago=5)], "allowed"),
        ([declined(days_ago=5), granted(days_ago=2)], "allowed"),
        ([granted(days_ago=9), declined(days_ago=5)], "recording_consent_declined"),
        ([granted(days_ago=5), declined(days_ago=5)], "recording_consent_declined"),
        ([withdrawn(days_ago=5), granted(days_ago=-1)], "recording_consent_withdrawn"),
        ([granted(days_ago=9, expires_at=NOW - DAY), granted(days_ago=20)], "recording_consent_expired"),
    ],
)
def test_the_state_of_a_consent(records: list[ConsentRecord], reason: str) -> None:
    found = check("recording", records, NOW)
    assert (found.allowed, found.reason) == (reason == "allowed", reason)


moments = st.none() | st.integers(-40, 40).map(lambda days: NOW + days * DAY)
any_record = st.builds(
    ConsentRecord,
    kind=st.sampled_from(KINDS),
    status=st.sampled_from(["offered", "granted", "declined", "withdrawn", "expired"]),
    offered_at=moments,
    granted_at=moments,
    expires_at=moments,
    withdrawn_at=moments,
)


@given(st.lists(any_record, max_size=6))
def test_allowed_only_by_a_dated_grant_that_is_neither_withdrawn_nor_expired(records: list[ConsentRecord]) -> None:
    if check("recording", records, NOW).allowed:
        assert any(
            r.kind == "recording"
            and r.status == "granted"
            and r.granted_at is not None
            and r.granted_at <= NOW
            and r.withdrawn_at is None
            and (r.expires_at is None or r.expires_at > NOW)
            for r in records
        )


@given(st.lists(any_record, max_size=6), st.randoms())
def test_the_order_of_the_records_does_not_matter(records: list[ConsentRecord], random: Random) -> None:
    shuffled = list(records)
    random.shuffle(shuffled)
    assert check("recording", shuffled, NOW).allowed == check("recording", records, NOW).allowed


any_grant = any_record.map(lambda record: replace(record, status="granted"))


@given(st.lists(any_grant, max_size=4), st.sampled_from(["withdrawn", "declined"]))
def test_a_refusal_after_every_grant_is_never_overruled(records: list[ConsentRecord], status: str) -> None:
    last = ConsentRecord("recording", status, granted_at=NOW, withdrawn_at=NOW if status == "withdrawn" else None)
    assert not check("recording", [*records, last], NOW).allowed


@given(st.lists(any_record, max_size=6))
def test_consents_of_other_kinds_change_nothing(records: list[ConsentRecord]) -> None:
    ours = [record for record in records if record.kind == "recording"]
    assert check("recording", records, NOW) == check("recording", ours, NOW)


def note_allowed(*records: ConsentRecord, **facts: bool) -> str:
    use = Use("session-note", **{"source_is_recording": True} | facts)
    return use_allowed(use, records, now=NOW).reason


BOTH = (granted("recording"), granted("ai_processing"))
TPO = granted("part2_tpo")
OFF_MACHINE = {"part2": True, "leaves_machine": True}


@pytest.mark.parametrize(
    ("records", "facts", "reason"),
    [
        (BOTH, {}, "allowed"),
        ((granted("ai_processing"),), {}, "recording_consent_missing"),
        ((granted("ai_processing"),), {"source_is_recording": False}, "allowed"),
        ((granted("recording"),), {}, "ai_processing_consent_missing"),
        ((granted("recording"),), {"source_is_recording": False}, "ai_processing_consent_missing"),
        ((withdrawn("recording"), granted("ai_processing")), {}, "recording_consent_withdrawn"),
        ((granted("recording"), ConsentRecord("ai_processing", "offered")), {}, "ai_processing_consent_offered"),
        (BOTH, {"part2": True}, "allowed"),
        (BOTH, {"leaves_machine": True}, "allowed"),
        (BOTH, OFF_MACHINE, "part2_tpo_consent_missing"),
        ((*BOTH, withdrawn("part2_tpo")), OFF_MACHINE, "part2_tpo_consent_withdrawn"),
        ((*BOTH, TPO), OFF_MACHINE, "allowed"),
        ((*BOTH, replace(TPO, recipients=frozenset({"health_plans"}))), OFF_MACHINE,
         "part2_tpo_consent_other_recipient"),
        ((*BOTH, replace(TPO, purposes=frozenset({"payment"}))), OFF_MACHINE, "part2_tpo_consent_other_purpose"),
    ],
)  # fmt: skip
def test_what_a_session_note_needs(records: tuple[ConsentRecord, ...], facts: dict[str, bool], reason: str) -> None:
    assert note_allowed(*records, **facts) == reason


NONE, ALL, NOTES, OTHER = (
    OptOut(),
    OptOut(True),
    OptOut(workflows=frozenset({"session-note"})),
    OptOut(workflows=frozenset({"intake"})),
)


@pytest.mark.parametrize(
    ("client", "clinician", "reason"),
    [
        (NONE, NONE, "allowed"),
        (ALL, NONE, "client_opted_out"),
        (NOTES, NONE, "client_opted_out"),
        (OTHER, NONE, "allowed"),
        (NONE, ALL, "clinician_opted_out"),
        (NONE, NOTES, "clinician_opted_out"),
        (NONE, OTHER, "allowed"),
        (ALL, ALL, "client_opted_out"),
    ],
)
def test_nothing_runs_for_whoever_opted_out_of_the_workflow(client: OptOut, clinician: OptOut, reason: str) -> None:
    found = use_allowed(Use("session-note"), BOTH, client=client, clinician=clinician, now=NOW)
    assert (found.allowed, found.reason) == (reason == "allowed", reason)


def test_a_workflow_that_nobody_wrote_a_rule_for_does_not_run() -> None:
    assert use_allowed(Use("palm-reading"), BOTH, now=NOW).reason == "workflow_unknown"


DRAFTED_BY_AI = ["session-note"]


@pytest.mark.parametrize("workflow", DRAFTED_BY_AI)
def test_every_workflow_that_drafts_needs_the_consent_to_ai(workflow: str) -> None:
    assert use_allowed(Use(workflow), (granted("recording"),), now=NOW).reason == "ai_processing_consent_missing"


def test_every_workflow_is_decided_here() -> None:
    assert set(WORKFLOWS) == {*DRAFTED_BY_AI, "intake"}


def test_a_form_is_read_before_anybody_could_consent_but_never_against_a_refusal() -> None:
    assert use_allowed(Use("intake"), (), now=NOW).allowed
    for status in ("declined", "withdrawn"):
        refused = ConsentRecord("ai_processing", status)
        assert use_allowed(Use("intake"), (refused,), now=NOW).reason == f"ai_processing_consent_{status}"


def test_a_model_off_the_machine_reads_a_form_with_consent_alone() -> None:
    assert not use_allowed(Use("intake", leaves_machine=True), (), now=NOW).allowed
    assert use_allowed(Use("intake", leaves_machine=True), (granted("ai_processing"),), now=NOW).allowed


@given(st.lists(any_record, max_size=6), st.booleans(), st.booleans(), st.booleans(), st.randoms())
def test_whatever_was_said_in_whatever_order_more_is_never_allowed_for_more(
    records: list[ConsentRecord], recording: bool, part2: bool, leaves: bool, random: Random
) -> None:
    use = Use("session-note", source_is_recording=recording, part2=part2, leaves_machine=leaves)
    found = use_allowed(use, records, now=NOW)
    random.shuffle(records)
    assert use_allowed(use, records, now=NOW) == found
    if found.allowed:
        assert use_allowed(Use("session-note"), records, now=NOW).allowed


@pytest.mark.parametrize(
    ("reason", "taken_back"),
    [("recording_consent_withdrawn", True), ("ai_processing_consent_declined", True),
     ("recording_consent_expired", False), ("recording_consent_missing", False), ("client_opted_out", False)],
)  # fmt: skip
def test_only_the_clients_own_no_takes_back_what_was_given(reason: str, taken_back: bool) -> None:
    assert ConsentCheck(False, reason).is_taken_back is taken_back
